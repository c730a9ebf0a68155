-- SPDX-License-Identifier: GPL-2.0-only
local sum = 0
for i = 1, 1000 do
	for j = 1, 300 do
		sum = sum + i * j
	end
end
local n = 0
while n < 300000 do
	if n % 3 == 0 then
		sum = sum + 1
	end
	n = n + 1
end
print(sum)
