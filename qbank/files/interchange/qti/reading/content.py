"""What an item shows → Markdown with LaTeX: first HTML with the formulae as LaTeX, then as any platform's HTML."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qbank.core.picture import Fault, Picture, read_picture
from qbank.files.interchange.draft import clean
from qbank.files.interchange.html_text import markdown_of
from qbank.files.interchange.media_names import bank_path
from qbank.files.interchange.qti.reading.archive import Package
from qbank.files.interchange.qti.reading.mathml import latex_of
from qbank.files.interchange.qti.reading.vocabulary import SVG, local, words
from qbank.problem import Problem, Span

MAX_PICTURE = 5_000_000
SAME = frozenset({
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "li", "blockquote", "table", "tbody", "thead", "tr", "td", "th", "strong", "b",
    "em", "i", "sub", "sup", "pre",
})  # fmt: skip
"""Elements that mean the same in Markdown."""
MARKS = frozenset({"strong", "b", "em", "i"})
AS_BLOCK = frozenset({"prompt", "section", "article", "header", "footer", "aside", "address", "dl", "dt", "dd", "figure", "figcaption", "caption", "details"})
SEEN_THROUGH = frozenset({
    "span", "a", "content-body", "item-body", "stimulus-body", "simple-choice", "simple-associable-choice", "inline-choice", "gap-text", "label",
    "tfoot", "small", "big", "tt", "bdo", "bdi", "acronym", "abbr", "cite", "dfn", "time", "rubric-block", "modal-feedback",
    "feedback-inline", "feedback-block", "center", "font", "summary", "mattext", "hottext",
})  # fmt: skip
"""Elements whose content stands for itself."""
PASSED_OVER = frozenset({
    "rubric-block", "feedback-inline", "feedback-block", "stylesheet", "style", "script", "template-inline", "template-block", "info-control",
    "card", "catalog-info", "end-attempt-interaction", "modal-feedback",
})  # fmt: skip
"""Elements within a text that are no part of it."""
QUIET = frozenset({"rubric-block", "feedback-inline", "feedback-block", "modal-feedback", "stylesheet", "style"})
"""Those of them that are read elsewhere or are mere looks."""
PLAYED = frozenset({"audio", "video", "track", "source", "embed", "iframe", "picture"})
Shown = Callable[[Any], str | None]
"""element → the HTML that stands in its place, or None where it is to be shown as usual"""


def _problem(code: str, severity: Literal["error", "warning"], span: Span, facts: Mapping[str, object]) -> Problem:
    return Problem(code, severity, span, tuple((name, str(value)) for name, value in facts.items()))


@dataclass(slots=True)
class Reading:
    """A file of a package while it is read: what is wrong with it, what of it is lost, the pictures that it shows."""

    package: Package
    path: str
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    media: dict[str, bytes] = field(default_factory=dict)

    def span(self, node: Any) -> Span:
        """Return where an element stands."""
        line = getattr(node, "sourceline", None) or 1
        return Span(self.package.shown(self.path), line, 1)

    @property
    def failed(self) -> bool:
        """Return whether something keeps the item from being read."""
        return any(problem.severity == "error" for problem in self.problems)

    def wrong(self, code: str, node: Any, **facts: object) -> None:
        """Note what keeps the item from being read."""
        self.problems.append(_problem(code, "error", self.span(node), facts))

    def doubt(self, code: str, node: Any, **facts: object) -> None:
        """Note what somebody must look at."""
        self.problems.append(_problem(code, "warning", self.span(node), facts))

    def text(self, nodes: Any, shown: Shown | None = None) -> str:
        """Return an element's content, or some elements, as Markdown; ``shown`` says what stands for some elements."""
        pieces: Iterable[Any] = nodes if isinstance(nodes, list) else [nodes]
        kept = [node for node in pieces if node is not None]
        if not kept:
            return ""
        return self.markdown("".join(_whole(self, node, shown) for node in kept), kept[0])

    def markdown(self, source: str, node: Any) -> str:
        """Return HTML as Markdown, its pictures put aside."""
        source = _EQUATION.sub(_equation, source)
        pictures = {name: self.picture(name, node) for name in dict.fromkeys(map(html.unescape, _SOURCE.findall(source)))}
        from urllib.parse import unquote

        known = {unquote(name): path for name, path in pictures.items() if path}
        for name, path in pictures.items():
            if not path:
                source = source.replace(f'src="{html.escape(name)}"', 'src=""')
        found = markdown_of(_NOTHING.sub("", source), known)
        self.dropped |= found.dropped
        for reason, what in found.problems:
            if reason != "picture":
                self.wrong("I106", node, n=what, most=20_000)
            else:
                self.wrong("I142", node, picture=what[:100])
        return clean(_EMPTY.sub("", found.text))

    def picture(self, address: str, node: Any) -> str:
        """Return where in the bank the picture of an address goes, its bytes kept; empty where there is none."""
        if match := _DATA.fullmatch(address):
            try:
                data = base64.b64decode("".join(match[2].split()), validate=True)
            except (binascii.Error, ValueError):
                data = b""
            return self.keep(f"picture.{match[1].partition('+')[0]}", data, node)
        path = self.package.found(address, self.path)
        if not path:
            self.wrong("I142", node, picture=address[:100])
            return ""
        return self.keep(path, self.package.files[path], node)

    def keep(self, name: str, data: bytes, node: Any) -> str:
        """Return where in the bank a picture goes, or nothing, said why, where it is none that may be used."""
        found = read_picture(data) if 0 < len(data) <= MAX_PICTURE else Fault("type", f"{len(data)} B")
        if not isinstance(found, Picture):
            self.wrong("X423", node, picture=name[-100:], found=f"{found.reason}: {found.detail}"[:120])
            return ""
        path = bank_path(name, data)
        self.media[path] = data
        return path


_SOURCE = re.compile(r'<img\b[^<>]*?\bsrc\s*=\s*"([^"]*)"', re.IGNORECASE)
_NOTHING = re.compile(r'<img\b[^<>]*?\bsrc=""[^<>]*>', re.IGNORECASE)
_DATA = re.compile(r"data:image/(png|jpe?g|svg\+xml);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_EQUATION = re.compile(r"<img\b(?=[^<>]*\b(?:equation_image|data-equation-content)\b)[^<>]*>", re.IGNORECASE)
_EQUATION_SOURCE = re.compile(r"""\b(?:data-equation-content|title|alt)\s*=\s*(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE)
_EMPTY = re.compile(r"\*\*\*\*")


def _equation(match: re.Match[str]) -> str:
    """Return the LaTeX of a picture of a formula, as Canvas keeps it beside the picture."""
    if not (found := _EQUATION_SOURCE.search(match.group())):
        return match.group()
    return "\\(" + (found[1] or found[2]).removeprefix("LaTeX:").strip() + "\\)"


def _whole(reading: Reading, node: Any, shown: Shown | None) -> str:
    """Return one element as HTML."""
    if not isinstance(node.tag, str):
        return ""
    if shown is not None and (found := shown(node)) is not None:
        return found
    name = local(node)
    inside = _numbered if name == "ol" else inside_of
    if name in MARKS:
        return _marked(inside(reading, node, shown), name)
    if name == "table" and sum(local(one) in ("td", "th") for one in node.iter()) < 2:
        return f"<div>{''.join(inside_of(reading, one, shown) for one in node.iter() if local(one) in ('td', 'th'))}</div>"
    if name in SAME:
        return f"<{name}>{inside(reading, node, shown)}</{name}>"
    if name in _SPECIAL:
        return _SPECIAL[name](reading, node, shown)
    if name in AS_BLOCK:
        return f"<p>{inside(reading, node, shown)}</p>"
    if name == "ol":
        return f"<p>{inside(reading, node, shown)}</p>"
    if name not in SEEN_THROUGH:
        reading.dropped.add(name)
    return inside(reading, node, shown)


def inside_of(reading: Reading, node: Any, shown: Shown | None) -> str:
    """Return the content of an element as HTML; what is no part of a text is passed over."""
    parts = [html.escape(node.text or "", quote=False)]
    for child in node:
        name = local(child)
        if name in PASSED_OVER and (shown is None or shown(child) is None):
            if name not in QUIET:
                reading.lost.add(name)
        else:
            parts.append(_whole(reading, child, shown))
        parts.append(html.escape(child.tail or "", quote=False))
    return "".join(parts)


def _marked(inside: str, name: str) -> str:
    """Return words that are stressed, blanks at their ends outside the stress, as Markdown needs it.

    >>> _marked("not ", "b"), _marked(" ", "b")
    ('<b>not</b> ', ' ')
    """
    plain = inside.strip()
    if not plain or "<p>" in plain or "<br/>" in plain or "*" in plain:
        return inside
    start = inside.index(plain)
    return f"{inside[:start]}<{name}>{plain}</{name}>{inside[start + len(plain):]}"


def _numbered(reading: Reading, node: Any, shown: Shown | None) -> str:
    start = node.get("start", "1")
    first = int(start) if re.fullmatch(r"\d{1,4}", start) else 1
    entries = [child for child in node if local(child) == "li"]
    return "".join(f"<br/>{first + place}. {inside_of(reading, entry, shown)}" for place, entry in enumerate(entries))


def _formula(reading: Reading, node: Any, shown: Shown | None) -> str:
    source, unknown = latex_of(node)
    if unknown:
        reading.doubt("X424", node, elements=", ".join(sorted(unknown)))
    source = html.escape(source.replace("$", r"\$") if r"\$" not in source else source, quote=False)
    if not source.strip():
        return ""
    return f"$${source}$$" if node.get("display") == "block" and "$" not in source else f"\\({source}\\)"


def _image(reading: Reading, node: Any, shown: Shown | None) -> str:
    alt = html.escape(" ".join((node.get("alt") or node.get("title") or "").split()))
    return f'<img src="{html.escape(node.get("src") or "")}" alt="{alt}"/>'


def _object(reading: Reading, node: Any, shown: Shown | None) -> str:
    """Return a picture that is embedded as an object, with its words as what it shows; anything else is lost."""
    if (node.get("type") or "image/").startswith("image/") and node.get("data"):
        alt = html.escape(words(node))
        return f'<img src="{html.escape(node.get("data"))}" alt="{alt}"/>'
    return _played(reading, node, shown)


def _played(reading: Reading, node: Any, shown: Shown | None) -> str:
    if local(node) not in ("track", "source"):
        reading.doubt("X425", node, element=local(node), file=str(node.get("data") or node.get("src") or _first_source(node))[:100])
    return ""


def _first_source(node: Any) -> str:
    found = node.find("source")
    return "" if found is None else str(found.get("src") or "")


def _drawing(reading: Reading, node: Any, shown: Shown | None) -> str:
    """Return a drawing inside the text as a picture of its own."""
    from lxml import etree

    tail, node.tail = node.tail, None
    data = bytes(etree.tostring(node))
    node.tail = tail
    path = reading.keep("drawing.svg", data, node)
    if not path:
        return ""
    address = "data:image/svg+xml;base64," + base64.b64encode(data).decode()
    title = html.escape(words(node.find(f"{{{SVG}}}title")))
    return f'<img src="{address}" alt="{title}"/>'


def _quoted(reading: Reading, node: Any, shown: Shown | None) -> str:
    return f"“{inside_of(reading, node, shown)}”"


def _code(reading: Reading, node: Any, shown: Shown | None) -> str:
    text = words(node)
    return f"`{html.escape(text, quote=False)}`" if "`" not in text and "$" not in text and "*" not in text else html.escape(text)


def _break(reading: Reading, node: Any, shown: Shown | None) -> str:
    return "<br/>"


def _reading_aid(reading: Reading, node: Any, shown: Shown | None) -> str:
    """Return the words under a ruby, their pronunciation in brackets."""
    return "" if local(node) == "rp" else f"({inside_of(reading, node, shown)})" if local(node) == "rt" else inside_of(reading, node, shown)


_SPECIAL: dict[str, Callable[[Reading, Any, Shown | None], str]] = {
    "math": _formula, "img": _image, "object": _object, "svg": _drawing, "q": _quoted, "code": _code, "kbd": _code, "samp": _code,
    "br": _break, "hr": _break, "rt": _reading_aid, "rp": _reading_aid, "ruby": _reading_aid, "rb": _reading_aid,
    **dict.fromkeys(PLAYED, _played),
}  # fmt: skip
