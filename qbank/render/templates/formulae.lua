-- Reads a JSON array of formulae and writes of each that the reader of LaTeX does not know what it says, {formula, message}.

function Reader(sources)
  return pandoc.Pandoc({ pandoc.CodeBlock(tostring(sources)) })
end

function Writer(doc)
  local blocks, said = pandoc.Blocks({}), pandoc.List({})
  for _, formula in ipairs(pandoc.json.decode(doc.blocks[1].text, false)) do
    blocks:insert(pandoc.Plain({ pandoc.Math('InlineMath', formula) }))
  end
  local options = pandoc.WriterOptions({ html_math_method = 'mathml' })
  local warnings = pandoc.log.silence(function() return pandoc.write(pandoc.Pandoc(blocks), 'html', options) end)
  for _, warning in ipairs(warnings) do
    local w = pandoc.json.decode(pandoc.json.encode(warning), false)
    said:insert({ formula = w.contents or '', message = w.message or w.pretty or '' })
  end
  return #said > 0 and pandoc.json.encode(said) or '[]'
end
