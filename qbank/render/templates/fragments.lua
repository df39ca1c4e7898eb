-- Reads a JSON array of {text, inline} and writes, for each target, one of {body, failures, pictures}: one pandoc run for a whole
-- paper, each text read by itself, so that no text can reach into the next one.
-- The input is {targets: [typst|html|docx], texts: [{text, inline}], pictures: {any, known: {path: true}, word}}; inline texts
-- are one line and never begin a list; where a picture belongs, the word and its number mark the place.
-- For docx a body is pandoc's own tree as a JSON array of blocks, its formulae as raw OMML.

local READ = { format = 'commonmark', extensions = { 'tex_math_dollars', 'pipe_tables', 'east_asian_line_breaks' } }
local MARK = '\u{2060}' -- in front of one-line texts, so that "1." or "-" does not begin a list
local MAX_DEPTH = 40
local ALONE = 'alone'

function Reader(sources)
  return pandoc.Pandoc({ pandoc.CodeBlock(tostring(sources)) })
end

local function typst_string(s)
  return '"' .. s:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"'
end

local function deepest(s)
  local depth, most = 0, 0
  for c in s:gmatch('[%(%)%[%]{}]') do
    depth = depth + ((c == '(' or c == '[' or c == '{') and 1 or -1)
    if depth > most then most = depth end
  end
  return most
end

local function is_break(e) return e.t == 'SoftBreak' or e.t == 'LineBreak' end

local function without_ends(inlines)
  while #inlines > 0 and (is_break(inlines[1]) or inlines[1].t == 'Space') do inlines:remove(1) end
  while #inlines > 0 and (is_break(inlines[#inlines]) or inlines[#inlines].t == 'Space') do inlines:remove() end
  return inlines
end

-- A picture on a line of its own, or at the end of a paragraph, becomes a paragraph of its own.
local function pictures_alone(blocks)
  local out = pandoc.Blocks({})
  for _, block in ipairs(blocks) do
    local inlines = (block.t == 'Para' or block.t == 'Plain') and block.content or pandoc.Inlines({})
    local rest, split = pandoc.Inlines({}), false
    for i, e in ipairs(inlines) do
      local function first() return #without_ends(rest:clone()) == 0 or is_break(rest[#rest]) end
      local after = inlines[i + 1]
      if e.t == 'Image' and (after == nil or (is_break(after) and first())) then
        without_ends(rest)
        if #rest > 0 then out:insert(pandoc.Para(rest)) end
        e.classes = { ALONE }
        out:insert(pandoc.Para({ e }))
        rest, split = pandoc.Inlines({}), true
      else
        rest:insert(e)
      end
    end
    if not split then
      out:insert(block)
    elseif #without_ends(rest) > 0 then
      out:insert(pandoc.Para(rest))
    end
  end
  return out
end

-- What no paper may hold: raw code becomes the letters that were typed, links lose their target, attributes go.
local function plain_structure(failures, pictures, job)
  return {
    RawInline = function(e) return pandoc.Str(e.text) end,
    RawBlock = function(e) return pandoc.Para({ pandoc.Str(e.text) }) end,
    Link = function(e) return e.content end,
    Span = function(e) return e.content end,
    Div = function(e) return e.content end,
    Header = function(e) return pandoc.Para({ pandoc.Strong(e.content) }) end,
    HorizontalRule = function() return pandoc.Para({ pandoc.Str('＊＊＊') }) end,
    Note = function(e) return pandoc.Inlines({}) end,
    Code = function(e) return pandoc.Code(e.text) end,
    CodeBlock = function(e) return pandoc.CodeBlock(e.text) end,
    Image = function(e)
      local alt = pandoc.utils.stringify(e.caption):gsub(MARK, '')
      if not (job.pictures.any or job.pictures.known[e.src]) then
        failures:insert({ reason = 'image', detail = e.src })
        return pandoc.Inlines({})
      end
      if alt == '' then failures:insert({ reason = 'alt', detail = e.src }) end
      pictures:insert({ path = e.src, alt = alt })
      local place = e.classes:includes(ALONE) and 'alone' or 'inline'
      local marks = pandoc.Inlines({})
      for _, target in ipairs(job.targets) do marks:insert(pandoc.RawInline(target, job.pictures.word .. #pictures .. place)) end
      return marks
    end,
    Str = function(e)
      local macro = (' ' .. e.text):match('[^%w:\\](\\%a%a+)')
      if macro then failures:insert({ reason = 'macro', detail = macro }) end
    end,
  }
end

-- Answer brackets never break over a line; runs of underscores become a ruled blank; long runs may break.
local function typst_word(e)
  local out, rest = pandoc.Inlines({}), e.text
  while rest ~= '' do
    local b1, b2 = rest:find('（[\u{3000}\u{a0}]*）')
    if not b1 then b1, b2 = rest:find('%(\u{a0}[\u{a0}]*%)') end
    local u1, u2 = rest:find('____*')
    local first = math.min(b1 or math.huge, u1 or math.huge)
    if first == math.huge then break end
    if first > 1 then out:insert(pandoc.Str(rest:sub(1, first - 1))) end
    if first == b1 then
      out:insert(pandoc.RawInline('typst', '#slot(' .. typst_string(rest:sub(b1, b2)) .. ');'))
      rest = rest:sub(b2 + 1)
    else
      out:insert(pandoc.RawInline('typst', '#blank(' .. (u2 - u1 + 1) .. ');'))
      rest = rest:sub(u2 + 1)
    end
  end
  rest = rest:gsub(('[%w%p]'):rep(40), '%0\u{200b}')
  if rest ~= '' then out:insert(pandoc.Str(rest)) end
  return out
end

-- A charge at the end of a superscript is a mark, no operator that lacks its right side: some programs draw a hole there.
local CHARGES = { '+', '−' }
local UPRIGHT = '<m:r><m:rPr><m:nor /><m:sty m:val="p" /></m:rPr><m:t>%s</m:t></m:r>'

local function office_charges(xml)
  for _, sign in ipairs(CHARGES) do
    local run = '<m:r><m:rPr><m:sty m:val="p" /></m:rPr><m:t>' .. (sign == '+' and '%+' or sign) .. '</m:t></m:r>(</m:sup>)'
    xml = xml:gsub(run, UPRIGHT:format(sign) .. '%1')
  end
  return (xml:gsub('<m:r><m:t>\u{200b}</m:t></m:r>', (UPRIGHT:format('\u{200b}'))))
end

local function page_charges(html)
  for _, sign in ipairs(CHARGES) do
    local mark = sign == '+' and '%+' or sign
    for _, close in ipairs({ '</mrow></msup>', '</mrow></msubsup>', '</msup>', '</msubsup>' }) do
      html = html:gsub('<mo>' .. mark .. '</mo>' .. close, '<mo lspace="0" rspace="0">' .. sign .. '</mo>' .. close)
    end
  end
  return html
end

-- Typst sets blanks around words; a bond is a sign of one character between two atoms.
local function typst_bonds(body)
  for _, bond in ipairs({ '–', '=', '≡' }) do
    body = body:gsub('upright%("' .. bond .. '"%)', 'class("normal", ' .. bond .. ')')
  end
  return body
end

local WRITERS = {
  typst = { 'typst-smart', pandoc.WriterOptions({ wrap_text = 'none' }) },
  html = { 'html', pandoc.WriterOptions({ wrap_text = 'none', html_math_method = 'mathml' }) },
}

-- A word that stands in none of the texts.
local function absent_word(text)
  local n = 0
  while text:find('qbank-cut-' .. n .. '-', 1, true) do n = n + 1 end
  return 'qbank-cut-' .. n .. '-'
end

-- Write lists of blocks in one go (a writer costs 0.7 ms to start), and return their texts and pandoc's warnings.
local function write_all(parts, target, cut)
  local blocks = pandoc.Blocks({})
  for _, part in ipairs(parts) do
    blocks:extend(part)
    blocks:insert(pandoc.RawBlock(target, cut))
  end
  local format, options = table.unpack(WRITERS[target])
  local warnings, body = pandoc.log.silence(function() return pandoc.write(pandoc.Pandoc(blocks), format, options) end)
  local bodies, from = {}, 1
  for i = 1, #parts do
    local first, last = body:find(cut, from, true)
    bodies[i] = (body:sub(from, first - 1):gsub('^%s+', ''):gsub('%s+$', ''))
    from = last + 1
  end
  return bodies, warnings
end

-- Every formula that pandoc warns about → what it says.
local function formula_faults(warnings)
  local faults = {}
  for _, warning in ipairs(warnings) do
    local w = pandoc.json.decode(pandoc.json.encode(warning), false)
    -- a table: the mark of a picture for the other target, which this one leaves out
    if type(w.contents) ~= 'table' then
      local why = (w.message or ''):match('unexpected[^\n]*')
      faults[w.contents or ''] = (w.contents or w.pretty or w.type or '') .. (why and ' (' .. why .. ')' or '')
    end
  end
  return faults
end

-- Mark the formulae of one text that have a fault; return the text's formulae in order.
local function check_formulae(entry, faults)
  local function check(e)
    local fault = faults[e.text] or faults[e.text:match('^%s*(.-)%s*$')]
    if fault then entry.failures:insert({ reason = 'formula', detail = fault }) end
  end
  pandoc.Pandoc(entry.blocks):walk({ Math = check })
end

-- Typst formulae carry their source as alternative text, so they are written before the texts they stand in.
local function typst_formulae(entries, cut)
  local formulae, place = {}, {}
  local function collect(e)
    local key = e.mathtype .. e.text
    if not place[key] then
      formulae[#formulae + 1] = pandoc.Blocks({ pandoc.Plain({ e }) })
      place[key] = #formulae
    end
  end
  for _, entry in ipairs(entries) do pandoc.Pandoc(entry.blocks):walk({ Math = collect }) end
  local bodies, warnings = write_all(formulae, 'typst', cut)
  for _, entry in ipairs(entries) do
    local function call(e)
      local body = typst_bonds(bodies[place[e.mathtype .. e.text]])
      if deepest(body) > MAX_DEPTH then
        entry.failures:insert({ reason = 'nesting', detail = e.text:sub(1, 40) })
        return pandoc.Inlines({})
      end
      local inline = e.text:find('\\[dc]frac') and '#tall(' or '#formula('
      local name = e.mathtype == 'DisplayMath' and '#display(' or inline
      local over = e.text:find('\\overset', 1, true) and '#above;' or ''
      local under = e.text:find('\\underset', 1, true) and '#below;' or ''
      return pandoc.RawInline('typst', over .. under .. name .. typst_string(e.text) .. ', ' .. body .. ');')
    end
    entry.typst = pandoc.Pandoc(entry.blocks):walk({ Str = typst_word }):walk({ Math = call }).blocks
  end
  return warnings
end

-- Formulae as OMML, which only pandoc's writer of whole documents makes: one document of nothing but formulae.
local function office_formulae(entries, cut)
  local blocks, place, n = pandoc.Blocks({}), {}, 0
  local mark = '<w:p>' .. cut .. '</w:p>'
  local function collect(e)
    local key = e.mathtype .. e.text
    if not place[key] then
      n = n + 1
      place[key] = n
      blocks:extend({ pandoc.Plain({ e }), pandoc.RawBlock('openxml', mark) })
    end
  end
  for _, entry in ipairs(entries) do pandoc.Pandoc(entry.blocks):walk({ Math = collect }) end
  local bodies, warnings, xml = {}, {}, ''
  if n > 0 then
    local data
    warnings, data = pandoc.log.silence(function() return pandoc.write(pandoc.Pandoc(blocks), 'docx') end)
    for _, one in ipairs(pandoc.zip.Archive(data).entries) do
      if one.path == 'word/document.xml' then xml = one:contents() end
    end
  end
  local from = 1
  for i = 1, n do
    local first, last = xml:find(mark, from, true)
    bodies[i] = office_charges(xml:sub(from, first - 1):match('<m:oMath.*</m:oMath[Para]*>') or '')
    from = last + 1
  end
  for _, entry in ipairs(entries) do
    local function raw(e) return pandoc.RawInline('openxml', bodies[place[e.mathtype .. e.text]]) end
    entry.docx = pandoc.Pandoc(entry.blocks):walk({ Math = raw }).blocks
  end
  return warnings
end

-- Write lists of blocks as JSON in one go, and return each as an array.
local function json_all(parts, cut)
  local blocks = pandoc.Blocks({})
  for _, part in ipairs(parts) do
    blocks:extend(part)
    blocks:insert(pandoc.RawBlock('cut', cut))
  end
  local body = pandoc.write(pandoc.Pandoc(blocks), 'json')
  local mark = '{"t":"RawBlock","c":["cut","' .. cut .. '"]}'
  local bodies, from = {}, body:find('"blocks":[', 1, true) + #'"blocks":['
  for i = 1, #parts do
    local first, last = body:find(mark, from, true)
    bodies[i] = '[' .. body:sub(from, first - 1):gsub('^,', ''):gsub(',$', '') .. ']'
    from = last + 1
  end
  return bodies
end

-- How deep lists, quotations, emphasis and the like stand in each other.
local function depth_of(value, depth)
  if depth > MAX_DEPTH then return depth end
  local most = depth
  for _, name in ipairs({ 'content', 'blocks' }) do
    local ok, inner = pcall(function() return value[name] end)
    if ok and type(inner) ~= 'string' and inner ~= nil then
      for _, child in ipairs(inner) do
        if pandoc.utils.type(child) == 'Blocks' or pandoc.utils.type(child) == 'List' then
          for _, block in ipairs(child) do most = math.max(most, depth_of(block, depth + 1)) end
        else
          most = math.max(most, depth_of(child, depth + 1))
        end
      end
    end
  end
  return most
end

local function read(text, inline, job)
  local failures, pictures = pandoc.List({}), pandoc.List({})
  local doc = pandoc.read((inline and MARK or '') .. text .. '\n', READ) -- without a line end a table loses its last row
  if depth_of(doc, 0) > MAX_DEPTH then
    failures:insert({ reason = 'nesting', detail = text:sub(1, 40) })
    return { blocks = pandoc.Blocks({}), on_reading = failures, pictures = pictures }
  end
  if not inline then doc = doc:walk({ Blocks = pictures_alone }) end
  local blocks = doc:walk(plain_structure(failures, pictures, job)).blocks
  if #blocks == 1 and blocks[1].t == 'Para' then blocks[1] = pandoc.Plain(blocks[1].content) end
  return { blocks = blocks, on_reading = failures, pictures = pictures }
end

-- Every text as one target has it; what is wrong with it there is told there.
local function written(entries, target, cut)
  local parts, results = {}, {}
  for _, entry in ipairs(entries) do entry.failures = entry.on_reading:clone() end
  local faults, bodies, more = {}, {}, {}
  if target == 'docx' then
    faults = formula_faults(office_formulae(entries, cut))
    for i, entry in ipairs(entries) do parts[i] = entry.docx end
    bodies = json_all(parts, cut)
  else
    local warnings = target == 'typst' and typst_formulae(entries, cut) or {}
    for i, entry in ipairs(entries) do parts[i] = target == 'typst' and entry.typst or entry.blocks end
    bodies, more = write_all(parts, target, cut)
    faults = formula_faults(target == 'typst' and warnings or more)
  end
  for i, entry in ipairs(entries) do
    check_formulae(entry, faults)
    local body = bodies[i]:gsub(MARK, '')
    if target == 'html' then body = page_charges(body) end
    local first = entry.blocks[1] and entry.blocks[1].t
    local list = first == 'BulletList' or first == 'OrderedList'
    if target == 'typst' and not list and (body:match('^[=+/-]') or body:match('^%d+%.')) then body = '#none;' .. body end
    results[i] = { body = body, failures = entry.failures, pictures = entry.pictures }
  end
  return results
end

function Writer(doc, options)
  local text = doc.blocks[1].text
  local job, cut = pandoc.json.decode(text, false), absent_word(text)
  local entries, results = {}, {}
  for i, one in ipairs(job.texts) do entries[i] = read(one.text, one.inline, job) end
  for i, target in ipairs(job.targets) do results[i] = written(entries, target, cut) end
  return pandoc.json.encode(results)
end
