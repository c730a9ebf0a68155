-- SPDX-License-Identifier: GPL-2.0-only
local t = {}
for i = 1, 100000 do
	t[i] = i
end
print(#t)
