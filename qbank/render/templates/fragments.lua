-- Reads a JSON array of {text, inline} and writes a JSON array of {body, failures}: one pandoc run for a whole
-- paper, each text read by itself, so that no text can reach into the next one.
-- The input is {target: typst|html, texts: [{text, inline}]}; inline texts are one line and never begin a list.

local READ = 'commonmark+tex_math_dollars+pipe_tables+east_asian_line_breaks-smart-raw_html'
local MARK = '\u{2060}' -- in front of one-line texts, so that "1." or "-" does not begin a list
local MAX_DEPTH = 40

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

-- Write and add what pandoc warned about to the failures.
local function write_strictly(doc, format, options, failures)
  local warnings, body = pandoc.log.silence(function() return pandoc.write(doc, format, options) end)
  for _, warning in ipairs(warnings) do
    local w = pandoc.json.decode(pandoc.json.encode(warning), false)
    local why = (w.message or w.pretty or w.type or ''):match('unexpected[^\n]*') or ''
    failures:insert({ reason = 'formula', detail = (w.contents or w.pretty or w.type or '') .. (why ~= '' and ' (' .. why .. ')' or '') })
  end
  return body
end

-- What no paper may hold: raw code becomes the letters that were typed, links lose their target, attributes go.
local function plain_structure(failures)
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
      failures:insert({ reason = 'image', detail = e.src })
      return pandoc.Inlines({})
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
      out:insert(pandoc.RawInline('typst', '#box(' .. typst_string(rest:sub(b1, b2)) .. ');'))
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

local function typst_math(failures)
  return function(e)
    local body = write_strictly(pandoc.Pandoc({ pandoc.Plain({ e }) }), 'typst-smart', { wrap_text = 'none' }, failures)
    if deepest(body) > MAX_DEPTH then
      failures:insert({ reason = 'nesting', detail = e.text:sub(1, 40) })
      return pandoc.Inlines({})
    end
    local call = e.mathtype == 'DisplayMath' and '#display(' or '#formula('
    return pandoc.RawInline('typst', call .. typst_string(e.text) .. ', ' .. body:gsub('%s+$', '') .. ');')
  end
end

local TARGETS = {
  typst = function(doc, failures)
    doc = doc:walk({ Str = typst_word }):walk({ Math = typst_math(failures) })
    return write_strictly(doc, 'typst-smart', { wrap_text = 'none' }, failures)
  end,
  html = function(doc, failures)
    return write_strictly(doc, 'html', { wrap_text = 'none', html_math_method = 'mathml' }, failures)
  end,
}

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

local function fragment(entry, target)
  local failures = pandoc.List({})
  local doc = pandoc.read((entry.inline and MARK or '') .. entry.text, READ)
  if depth_of(doc, 0) > MAX_DEPTH then
    return { body = '', failures = { { reason = 'nesting', detail = entry.text:sub(1, 40) } } }
  end
  doc = doc:walk(plain_structure(failures))
  if #doc.blocks == 1 and doc.blocks[1].t == 'Para' then
    doc.blocks[1] = pandoc.Plain(doc.blocks[1].content)
  end
  local body = TARGETS[target](doc, failures):gsub(MARK, ''):gsub('%s+$', '')
  return { body = body, failures = failures }
end

function Writer(doc, options)
  local job = pandoc.json.decode(doc.blocks[1].text, false)
  local results = {}
  for i, entry in ipairs(job.texts) do results[i] = fragment(entry, job.target) end
  return pandoc.json.encode(results)
end
