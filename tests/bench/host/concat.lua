-- SPDX-License-Identifier: GPL-2.0-only
local n = 0
for i = 1, 30000 do
	local s = "item " .. i .. " of " .. 30000 .. ": " .. i * i
	n = n + #s
end
local long = ""
for i = 1, 2000 do
	long = long .. "0123456789"
end
print(n, #long)
