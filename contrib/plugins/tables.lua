-- Every table of a page as records: a row becomes an object under the names of the header cells.
--   [{"caption": …, "columns": […], "rows": [{…}, …]}]

local function cells(row)
	local out = {}
	for _, cell in ipairs(row:children()) do
		local tag = cell:tag()
		if tag == "td" or tag == "th" then
			-- A cell that spans columns fills them all, so that what follows stays under its header.
			for _ = 1, math.min(tonumber(cell:attr("colspan")) or 1, 100) do
				out[#out + 1] = cell
			end
		end
	end
	return out
end

-- Numbers as numbers; links keep their address beside the text.
local function value(cell)
	local text = cell:text():gsub("%s+", " ")
	local link = cell:first("a[href]")
	if link then
		return { text = text, url = url.resolve(link:attr("href")) or json.null }
	end
	return tonumber((text:gsub(",(%d%d%d)", "%1"))) or text
end

local function read(tbl)
	local rows = tbl:select("tr")
	if #rows < 2 then
		return nil
	end
	local columns = json.array {}
	for i, cell in ipairs(cells(rows[1])) do
		local name = cell:text()
		columns[i] = name ~= "" and name or "column " .. i
	end
	local records = json.array {}
	for i = 2, #rows do
		local record = {}
		for k, cell in ipairs(cells(rows[i])) do
			record[columns[k] or "column " .. k] = value(cell)
		end
		records[#records + 1] = record
	end
	local caption = tbl:first("caption")
	return { caption = caption and caption:text() or json.null, columns = columns, rows = records }
end

return function(doc)
	local out = json.array {}
	for _, tbl in ipairs(doc:select("table:not(table table)")) do
		out[#out + 1] = read(tbl)
	end
	return out
end
