-- SPDX-License-Identifier: GPL-2.0-only
local t = {}
for i = 1, 1000 do
	t[i] = i
end
local sum = 0
for round = 1, 300 do
	for i = 1, 1000 do
		sum = sum + t[i]
	end
end
print(sum)
