-- SPDX-License-Identifier: GPL-2.0-only
local t = {}
for i = 1, 1000 do
	t[i] = 0
end
for round = 1, 300 do
	for i = 1, 1000 do
		t[i] = t[i] + i
	end
end
print(t[1000])
