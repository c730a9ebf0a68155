-- SPDX-License-Identifier: GPL-2.0-only
local t = {}
for i = 1, 50000 do
	t["key" .. i] = i
end
print(t["key50000"])
