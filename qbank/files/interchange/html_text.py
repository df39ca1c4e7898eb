"""Markdown with LaTeX ↔ the HTML of learning platforms: paragraphs, emphasis, tables, pictures, mathematics.

Platforms typeset ``\\(…\\)`` and ``$$…$$``; a single dollar is a dollar there. Whatever would not come back as it was
is not turned into HTML at all (see `html_of`).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

PICTURES = "@@PLUGINFILE@@/"
MAX_HTML = 100_000
_TOKEN = re.compile(
    r"(?P<display>\$\$[^$]+\$\$)|(?P<math>(?<![\\$])\$(?!\$)(?:\\.|[^$\\])+\$)|!\[(?P<alt>[^\]\[\n]{0,300})\]\((?P<src>[^)(\s]{1,300})\)"
    r"|\\(?P<escaped>[$*\\|])|\*\*(?P<strong>[^*\n]+)\*\*|\*(?P<em>[^*\s][^*\n]*)\*",
    re.DOTALL,
)
_TABLE = re.compile(r"\|.*\|\n\|[ :|-]+\|(?:\n\|.*\|)*")
_SIMPLE = re.compile(r"[^<>&$*_`\\\n\[\]|]*")


def is_simple(text: str) -> bool:
    """Return whether a text is the same in HTML, in Markdown and as plain text."""
    return _SIMPLE.fullmatch(text) is not None and text == text.strip()


def html_of(text: str) -> str | None:
    """Return Markdown as HTML, or None where the HTML would not read back as the same text.

    >>> html_of("碱度 $R<3$\\n\\n**注意** 5\\\\$"), html_of("<b>x</b> 与 ``")
    ('<p>碱度 \\\\(R&lt;3\\\\)</p>\\n<p><strong>注意</strong> 5$</p>', '<p>&lt;b&gt;x&lt;/b&gt; 与 ``</p>')
    """
    blocks = [_table(block) if _TABLE.fullmatch(block) else f"<p>{_inline(block)}</p>" for block in re.split(r"\n{2,}", text)]
    found = "\n".join(blocks)
    back = markdown_of(found)
    return found if not back.problems and _same(back.text, text) else None


def _same(one: str, other: str) -> bool:
    return [" ".join(line.split()) for line in one.strip().split("\n")] == [
        " ".join(line.split()) for line in other.strip().split("\n")
    ]


def _inline(text: str) -> str:
    parts, last = [], 0
    for match in _TOKEN.finditer(text):
        parts.append(_words(text[last : match.start()]))
        last = match.end()
        parts.append(_token(match))
    return "".join([*parts, _words(text[last:])])


def _words(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br />")


def _token(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    if kind == "display":
        return html.escape(match.group(), quote=False)
    if kind == "math":
        return "\\(" + html.escape(match.group()[1:-1], quote=False) + "\\)"
    if kind == "src":
        return f'<img src="{PICTURES}{html.escape(match.group("src"))}" alt="{html.escape(match.group("alt"))}" />'
    if kind == "escaped":
        return html.escape(match.group("escaped"), quote=False)
    return f"<{kind}>{_inline(match.group(kind))}</{kind}>"


def _table(block: str) -> str:
    lines = block.split("\n")
    rows = [re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in [lines[0], *lines[2:]]]
    cells = [
        "<tr>" + "".join(f"<{tag}>{_inline(cell.strip())}</{tag}>" for cell in row) + "</tr>"
        for tag, row in zip(["th"] + ["td"] * len(rows), rows, strict=False)
    ]
    return "<table>" + "".join(cells) + "</table>"


@dataclass(slots=True)
class Markdown:
    """text : the Markdown ; problems : reason words with what they are about ; dropped : tags without a counterpart"""

    text: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)


def markdown_of(source: str, pictures: dict[str, str] | None = None) -> Markdown:
    """Return HTML as Markdown with LaTeX.

    pictures : names of embedded files → their path below the bank's folder; None leaves paths as they are

    >>> markdown_of("<p>CO<sub>2</sub> &gt; 3\\\\(x\\\\)<br>5$</p><p>b</p>").text
    'CO$_{2}$ > 3$x$\\n5\\\\$\\n\\nb'
    """
    if len(source) > MAX_HTML:
        return Markdown(problems=[("too_long", str(len(source)))])
    builder = _Builder(pictures)
    builder.feed(source)
    return Markdown(builder.finished(), builder.problems, builder.dropped)


_TRANSPARENT = frozenset({"span", "font", "html", "body", "tbody", "thead", "section", "article", "center", "small", "a"})
_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre"})
_MATH = re.compile(r"\\\((?P<inline>(?:(?!\\[()]).)+)\\\)|\\\[(?P<bracket>(?:(?!\\[\[\]]).)+)\\\]|(?P<display>\$\$[^$]+\$\$)", re.DOTALL)
_BARE = re.compile(r"[$*]|\\(?=[$*\\|])")


_TAG = re.compile(r"<(?P<end>/?)(?P<tag>[A-Za-z][A-Za-z0-9]{0,20})(?P<attributes>[^<>]*)>|<[!?][^<>]*>")
_ATTRIBUTE = re.compile(r"""([a-z-]{1,20})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'=]+))""", re.IGNORECASE)


class _Builder:
    """Markdown while HTML is read from left to right; nothing here calls itself, however deep the tags are.

    The parser of the standard library takes minutes for some texts of 100 KB, so tags are found by one expression.
    """

    def __init__(self, pictures: dict[str, str] | None) -> None:
        self.pictures = pictures
        self.problems: list[tuple[str, str]] = []
        self.dropped: set[str] = set()
        self.out: list[str] = []
        self.words: list[str] = []
        self.rows: list[list[str]] | None = None
        self.script: str = ""
        self.shift: list[str] = []

    def feed(self, source: str) -> None:
        """Read the HTML from its beginning to its end."""
        source = _without_comments(source)
        last = 0
        for match in _TAG.finditer(source):
            self.handle_data(html.unescape(source[last : match.start()]))
            last = match.end()
            tag = (match.group("tag") or "").casefold()
            if tag and match.group("end"):
                self.handle_endtag(tag)
            elif tag and not self.script:
                self.handle_starttag(tag, match.group("attributes"))
        self.handle_data(html.unescape(source[last:]))

    def handle_starttag(self, tag: str, attributes: str) -> None:
        if tag in ("script", "style"):
            self.script = tag
            self.dropped.add(tag)
        elif tag == "br":
            self.flush()
            self.out.append("\n")
        elif tag == "li":
            self.flush()
            self.out.append("\n- ")
        elif tag in ("b", "strong"):
            self.flush()
            self.out.append("**")
        elif tag in ("i", "em"):
            self.flush()
            self.out.append("*")
        elif tag in ("sub", "sup"):
            self.flush()
            self.shift.append(tag)
        elif tag == "img":
            self.flush()
            self.picture(_attributes(attributes))
        elif tag == "table":
            self.flush()
            self.rows = []
        elif tag == "tr" and self.rows is not None:
            self.out_of_row()
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.out_of_row()
            self.rows[-1].append("")
        elif tag in _BLOCKS:
            self.flush()
            self.out.append("\n\n")
        elif tag not in _TRANSPARENT:
            self.dropped.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self.script:
            self.script = ""
        elif tag in ("b", "strong"):
            self.flush()
            self.out.append("**")
        elif tag in ("i", "em"):
            self.flush()
            self.out.append("*")
        elif tag in ("sub", "sup"):
            self.flush()
            if self.shift:
                self.shift.pop()
        elif tag in ("td", "th", "tr") and self.rows is not None:
            self.out_of_row()
        elif tag == "table" and self.rows is not None:
            self.out_of_row()
            self.end_table()
        elif tag in _BLOCKS:
            self.flush()
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.script:
            self.words.append(data)

    def flush(self) -> None:
        """Turn the text read since the last tag into Markdown."""
        text = re.sub(r"[ \t\r\n\f]+", " ", "".join(self.words).replace("\xa0", " "))
        self.words = []
        if not text:
            return
        if self.shift:
            mark = "_" if self.shift[-1] == "sub" else "^"
            plain = text.strip()
            inner = plain if re.fullmatch(r"[0-9+\-A-Z]|[0-9]+[+\-]?|[a-z]", plain) else f"\\mathrm{{{plain}}}"
            text = f"${mark}{{{inner}}}$" if re.fullmatch(r"[\w+\-.,()/ ]+", plain) else plain
            self.out.append(text)
            return
        parts, last = [], 0
        for match in _MATH.finditer(text):
            parts.append(_BARE.sub(r"\\\g<0>", text[last : match.start()]))
            last = match.end()
            inline = match.group("inline")
            parts.append(f"${inline.strip()}$" if inline else match.group("display") or f"$${match.group('bracket')}$$")
        self.out.append("".join([*parts, _BARE.sub(r"\\\g<0>", text[last:])]))

    def out_of_row(self) -> None:
        """Put what was written since the cell began into the table."""
        self.flush()
        text = re.sub(r"\s*\n\s*", " ", "".join(self.cell()).strip())
        if self.rows and self.rows[-1] and text:
            self.rows[-1][-1] += text

    def cell(self) -> list[str]:
        """Take away what was written since the table's last mark."""
        at = next((n + 1 for n in range(len(self.out) - 1, -1, -1) if self.out[n] == "\x00"), None)
        if at is None:
            self.out.append("\x00")
            return []
        found, self.out[at:] = self.out[at:], []
        return found

    def end_table(self) -> None:
        rows = [row for row in self.rows or [] if row]
        self.rows = None
        self.out = [part for part in self.out if part != "\x00"]
        if rows:
            width = max(map(len, rows))
            lines = ["| " + " | ".join(cell or " " for cell in row + [""] * (width - len(row))) + " |" for row in rows]
            lines.insert(1, "|" + "---|" * width)
            self.out.append("\n\n" + "\n".join(lines) + "\n\n")

    def picture(self, attrs: dict[str, str]) -> None:
        source, alt = attrs.get("src", ""), " ".join(attrs.get("alt", "").split())
        name = unquote(source.removeprefix(PICTURES)) if self.pictures is not None else source.removeprefix(PICTURES)
        path = name if self.pictures is None else self.pictures.get(name)
        if path is None or (self.pictures is None and not source.startswith(PICTURES)):
            self.problems.append(("picture", source[:120]))
            return
        self.out.append(f"![{alt.replace('[', '').replace(']', '')}]({path})")

    def finished(self) -> str:
        """Return the whole text, with one empty line between paragraphs."""
        self.flush()
        if self.rows is not None:
            self.end_table()
        text = "".join(part for part in self.out if part != "\x00")
        lines = [line.strip(" ") for line in text.split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_comments(source: str) -> str:
    parts, start = [], 0
    while (at := source.find("<!--", start)) >= 0 and (end := source.find("-->", at + 4)) >= 0:
        parts.append(source[start:at])
        start = end + 3
    return "".join([*parts, source[start:]])


def _attributes(text: str) -> dict[str, str]:
    """Return the attributes of a tag; of two with one name the first.

    >>> _attributes(' src="a.png" ALT=b')
    {'src': 'a.png', 'alt': 'b'}
    """
    found: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(text[:5000]):
        found.setdefault(name.casefold(), html.unescape("".join(values)))
    return found
