local t = {}
for i = 1, 50000 do
	t["key" .. i] = i
end
print(t["key50000"])
