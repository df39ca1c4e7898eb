"""The page on which a person decides: every doubtful place with its picture and a field, saved as the table that is read back."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from html import escape

from qbank.files.scans import COLUMNS, ReviewRow
from qbank.messages import Language, text

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
header { position: sticky; top: 0; background: Canvas; padding: .5rem 0; border-bottom: 1px solid #8888; z-index: 1; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; }
p { margin: .25rem 0; }
article { border: 1px solid #8886; border-radius: .5rem; margin: 1rem 0; padding: .75rem 1rem; }
article:focus-within { outline: 2px solid #2563eb; }
article.done { border-left: .5rem solid #15803d; }
img { max-width: 100%; background: #fff; image-rendering: auto; }
img.row { min-width: min(100%, 30rem); }
dl { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: 0; }
dl div { display: flex; gap: .4rem; }
dt { opacity: .7; } dd { margin: 0; }
label { display: inline-flex; gap: .5rem; align-items: center; margin: .5rem 1rem .25rem 0; font-weight: 600; }
input, button { font: inherit; padding: .25rem .5rem; }
input { width: 14rem; max-width: 60vw; }
button { cursor: pointer; }
"""
SCRIPT = """
const data = JSON.parse(document.getElementById('rows').textContent);
const fields = [...document.querySelectorAll('input[data-row]')];
const key = 'qbank-scan-' + data.digest;
let kept = {};
try { kept = JSON.parse(localStorage.getItem(key) || '{}'); } catch { kept = {}; }
const count = document.getElementById('count');
function mark() {
  let left = 0;
  for (const field of fields) {
    const done = field.value.trim() !== '';
    field.closest('article').classList.toggle('done', done);
    left += done ? 0 : 1;
  }
  count.textContent = String(left);
}
for (const field of fields) {
  const row = data.rows[Number(field.dataset.row)];
  const name = row[0] + '|' + row[5];
  if (field.value === '' && kept[name]) field.value = kept[name];
  field.addEventListener('input', () => {
    kept[name] = field.value;
    try { localStorage.setItem(key, JSON.stringify(kept)); } catch { /* the table is saved by hand */ }
    mark();
  });
  field.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const next = fields[fields.indexOf(field) + 1];
    if (next) { next.focus(); next.closest('article').scrollIntoView({ block: 'center' }); }
  });
}
for (const button of document.querySelectorAll('button[data-say]')) {
  button.addEventListener('click', () => {
    const field = button.closest('article').querySelector('input');
    field.value = button.dataset.say;
    field.dispatchEvent(new Event('input'));
    field.focus();
  });
}
function table() {
  const cell = text => {
    const safe = text !== '-' && /^[=+\\-@\\t\\r]/.test(text) ? "'" + text : text;
    return /[",\\r\\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  const lines = [data.columns.join(',')];
  data.rows.forEach((row, n) => {
    const field = fields.find(one => Number(one.dataset.row) === n);
    lines.push([...row.slice(0, -1), field ? field.value.trim() : row[row.length - 1]].map(cell).join(','));
  });
  return lines.join('\\r\\n') + '\\r\\n';
}
document.getElementById('save').addEventListener('click', () => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\\ufeff' + table()], { type: 'text/csv' }));
  link.download = 'review.csv';
  link.click();
});
mark();
"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def review_page(rows: Sequence[ReviewRow], digest: str, language: Language) -> str:
    """Return one self-contained page; what is typed is kept in the browser until the table is saved.

    digest : names the scans, so that two folders do not share what was typed
    """
    say = {name: text(language, f"cli.scan.page.{name}") for name in ("title", "how", "left", "save")}
    cells = [
        [row.scan, row.digest, row.form, row.page, row.person, row.place, row.why, row.read, "", row.decision]
        for row in rows
    ]
    data = json.dumps({"digest": digest, "columns": list(COLUMNS), "rows": cells}, ensure_ascii=False)
    safe = data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    cards = "\n".join(_card(n, row, language) for n, row in enumerate(rows))
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(say["title"])}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>{escape(say["title"])}</h1>
<p>{escape(say["how"])}</p>
<p>{escape(say["left"])} <strong id="count">{len(rows)}</strong> <button type="button" id="save">{escape(say["save"])}</button></p>
</header>
<main>
{cards}
</main>
<script type="application/json" id="rows">{safe}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _card(n: int, row: ReviewRow, language: Language) -> str:
    picture = ""
    if row.picture:
        source = base64.b64encode(row.picture).decode("ascii")
        kind = "whole" if row.place == "page" else "row"
        picture = f'<p><img class="{kind}" alt="{escape(row.why)}" src="data:image/jpeg;base64,{source}"></p>'
    facts = {"why": row.why, "read": row.read, "person": row.person, "form": row.form, "sheet_page": row.page, "scan": row.scan}
    told = "".join(
        f"<div><dt>{escape(text(language, f'cli.scan.page.{name}'))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts.items()
        if value
    )
    place = text(language, f"cli.scan.page.{row.place}") if row.place in ("page", "number") else text(
        language, "cli.scan.page.question", number=row.place
    )  # fmt: skip
    words = ("drop",) if row.place in ("page", "number") else ("-",)
    buttons = "".join(
        f'<button type="button" data-say="{word}">{escape(text(language, f"cli.scan.page.say_{name}"))}</button>'
        for word in words
        for name in ("drop" if word == "drop" else "blank",)
    )
    field = f'<label>{escape(place)} <input data-row="{n}" value="{escape(row.decision)}" autocomplete="off" spellcheck="false"></label>'
    return f"<article>{picture}<dl>{told}</dl>{field}{buttons}</article>"
