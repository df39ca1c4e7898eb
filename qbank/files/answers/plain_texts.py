"""Texts of options as a learning platform prints them in a table → the option: markup, mathematics and blanks put aside."""

from __future__ import annotations

import difflib
import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_PICTURE = re.compile(r"!\[([^\]\[\n]{0,300})\]\([^)(\s]{1,300}\)")
_MARKUP = re.compile(r"\\[()\[\]]|\\(?=[$*_|`])|[$*`]")
_LOOSE = re.compile(r"[^\w+\-<>=%./,^]|_")
_SUB = re.compile(r"_\{?([0-9]+)\}?")
MOST_PIECES = 80

Texts = Mapping[str, Mapping[str, str]]
"""Item → the option's letter, a matching prompt's number, or ``stem`` → its text as the bank has it."""


def plain_form(text: str) -> str:
    """Return what a text keeps on its way through a platform's HTML and back into a table.

    >>> plain_form("**碱度** $R<3$ ") == plain_form("碱度 \\\\(R&lt;3\\\\)") == plain_form("<p>碱度 \\\\(R&lt;3\\\\)</p>")
    True
    """
    text = _PICTURE.sub(r"\1", _TAG.sub("", text))
    text = unicodedata.normalize("NFKC", html.unescape(text))
    return "".join(_MARKUP.sub("", text).split()).casefold()


def loose_form(form: str) -> str:
    """Return a plain form without braces, commands' backslashes and punctuation.

    >>> loose_form(plain_form("CO$_{2}$。")), loose_form(plain_form("CO2"))
    ('co2', 'co2')
    """
    return _LOOSE.sub("", _SUB.sub(r"\1", form))


@dataclass(slots=True)
class TextsOf:
    """The texts of one item, to be found again: exactly first, then loosely, where only one fits."""

    texts: Mapping[str, str]
    _exact: dict[str, list[str]] = field(default_factory=dict)
    _loose: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look every text up once."""
        for name, text in self.texts.items():
            form = plain_form(text)
            self._exact.setdefault(form, []).append(name)
            self._loose.setdefault(loose_form(form), []).append(name)

    def name(self, text: str) -> str:
        """Return the one name whose text this is, "" for none or several; of a text cut short the one it begins."""
        form = plain_form(text)
        for known, wanted in ((self._exact, form), (self._loose, loose_form(form))):
            names = known.get(wanted, []) if wanted else []
            if len(names) == 1:
                return names[0]
        if form.endswith(("...", "…")) and len(stem := form.rstrip(".…")) >= 3:
            names = [name for known, names in self._exact.items() if known.startswith(stem) for name in names]
            return names[0] if len(names) == 1 else ""
        return ""

    def nearest(self, text: str) -> str:
        """Return the text that looks most like one."""
        forms = {plain_form(one): one for one in self.texts.values()}
        found = difflib.get_close_matches(plain_form(text)[:200], forms, n=1, cutoff=0.0)
        return " ".join(forms[found[0]].split())[:80] if found else ""


def several(text: str, one: TextsOf) -> list[str] | None:
    """Return the names of texts joined by semicolons, which the texts themselves may hold; None where a piece is none.

    >>> several("CaO; MgO; 镁", TextsOf({"A": "CaO", "B": "MgO; 镁"}))
    ['A', 'B']
    """
    return _parted(text, lambda piece: [one.name(piece)] if one.name(piece) else None)


def pairs(text: str, prompts: TextsOf, options: TextsOf) -> list[str] | None:
    """Return ``1-B`` for each ``prompt -> option`` of a text, joined by semicolons; None where a piece is none.

    >>> pairs("硫 -> 脆; 磷 -> 冷脆", TextsOf({"1": "硫", "2": "磷"}), TextsOf({"A": "冷脆", "B": "脆"}))
    ['1-B', '2-A']
    """

    def pair(piece: str) -> list[str] | None:
        ends = [match.span() for match in re.finditer(r"->|→", piece)][:20]
        for start, end in ends:
            prompt, rest = prompts.name(piece[:start]), piece[end:].strip()
            if prompt and rest in ("", "-"):
                return []
            if prompt and (option := options.name(rest)):
                return [f"{prompt}-{option}"]
        return None

    return _parted(text, pair)


def _parted(text: str, read: Callable[[str], list[str] | None]) -> list[str] | None:
    """Return what the pieces of a text between semicolons mean, taking as few pieces as will do."""
    pieces = re.split(r"[;\n]", text)
    if len(pieces) > MOST_PIECES:
        return None
    best: list[list[str] | None] = [[], *([None] * len(pieces))]
    for end in range(1, len(pieces) + 1):
        for start in range(end):
            before = best[start]
            if before is None:
                continue
            piece = ";".join(pieces[start:end]).strip()
            found = read(piece) if piece else []
            if found is not None:
                best[end] = before + found
                break
    return best[-1]
