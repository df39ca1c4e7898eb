"""The sheet that carries one share of a key: words to type, the same as a QR code, and what its holder has to know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import segno
import typst

from qbank.messages import Language, text
from qbank.render.typesetting import STANDARDS, TIMESTAMP, fonts

TEMPLATE = Path(__file__).parent / "templates" / "share.typ"


def share_sheet(
    rows: Sequence[Sequence[str]], number: int, k: int, n: int, facts: Mapping[str, str], language: Language
) -> bytes:
    """Return the PDF of a share; its words are in memory only, no file holds them on the way.

    rows : the share's words ; facts : what stands in the head, by the name of its line (``package``, ``sitting``, …);
    empty ones are left out
    """

    def say(name: str, **fields: object) -> str:
        return text(language, f"share.{name}", number=number, k=k, n=n, **fields)

    lines = [(text(language, f"share.{name}"), value) for name, value in facts.items() if value]
    code = segno.make(" ".join(word.upper() for row in rows for word in row), error="m", micro=False)
    inputs = {
        "language": language, "title": say("title"), "heading": say("title"), "need": say("need"),
        "foot": say("foot", package=facts.get("package", "")), "alt": say("alt"), "rows": json.dumps(rows),
        "facts": json.dumps(lines), "code": str(code.svg_inline(border=0, svgclass=None, lineclass=None, omitsize=True)),
        "rules": json.dumps([say(f"rule_{place}", package=facts.get("package", "")) for place in (1, 2, 3, 4)]),
        **{name: text(language, f"share.{name}") for name in ("words", "how", "holder", "received", "returned")},
    }  # fmt: skip
    try:
        return _compiled(inputs)
    except typst.TypstError:  # a name with characters that no font of the package has
        plain = {name: value if value.isascii() else "?" for name, value in facts.items()}
        if plain == dict(facts):
            raise
        return share_sheet(rows, number, k, n, plain, language)


def _compiled(inputs: dict[str, str]) -> bytes:
    return bytes(
        typst.compile(
            TEMPLATE.read_bytes(), sys_inputs=inputs, font_paths=fonts(), format="pdf", pdf_standards=[*STANDARDS],
            timestamp=TIMESTAMP,
        )
    )
