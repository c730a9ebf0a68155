-- SPDX-License-Identifier: GPL-2.0-only
local keys = {}
local t = {}
for i = 1, 1000 do
	keys[i] = "key" .. i
	t[keys[i]] = i
end
local sum = 0
for round = 1, 100 do
	for i = 1, 1000 do
		sum = sum + t[keys[i]]
	end
end
for i = 1, 100000 do
	sum = sum + t["key7"]
end
print(sum)
