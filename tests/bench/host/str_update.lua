-- SPDX-License-Identifier: GPL-2.0-only
local keys = {}
local t = {}
for i = 1, 1000 do
	keys[i] = "key" .. i
	t[keys[i]] = 0
end
for round = 1, 100 do
	for i = 1, 1000 do
		local k = keys[i]
		t[k] = t[k] + 1
	end
end
for i = 1, 100000 do
	t["key7"] = t["key7"] + 1
end
print(t["key7"])
