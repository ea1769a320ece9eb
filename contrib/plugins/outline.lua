-- The outline of a page: its headings as a tree, each with the number of links under it.
--   {"title": …, "headings": [{"level": 1, "text": …, "id": …, "links": 3, "children": […]}]}

local function level_of(el)
	return tonumber(el:tag():match("^h([1-6])$"))
end

return function(doc)
	local root = { children = json.array {} }
	local open = { root } -- open[i]: the heading that a deeper one would go under
	local levels = { 0 }
	local last

	for _, el in ipairs(doc:select("h1, h2, h3, h4, h5, h6, a[href]")) do
		local level = level_of(el)
		if not level then
			if last then last.links = last.links + 1 end
		else
			while levels[#levels] >= level do
				table.remove(levels)
				table.remove(open)
			end
			last = { level = level, text = el:text(), id = el:attr("id"), links = 0, children = json.array {} }
			table.insert(open[#open].children, last)
			table.insert(open, last)
			table.insert(levels, level)
		end
	end

	local title = doc:first("title")
	return { title = title and title:text() or json.null, headings = root.children }
end
