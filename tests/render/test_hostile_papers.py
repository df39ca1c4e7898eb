"""Every text of a paper with every kind of question is hostile at once; every part prints it as the letters it is."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from qbank.core.presentation import PARTS, Part
from qbank.render.renderers import RENDERERS
from tests.render.every_kind import zh_every_kind

KEPT = {"kind", "space", "language", "digest", "code", "item"}


def replaced(value: Any, text: str) -> Any:
    """Return a record with each of its texts replaced, letters and numbers of options too."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(replaced(one, text) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return dataclasses.replace(
            value, **{name: one if name in KEPT or name == "media" else replaced(one, text) for name, one in fields.items()}
        )
    return value


@pytest.mark.parametrize(
    "text",
    ['"]) #panic("x") ([', '#image("/etc/passwd")', "<script>alert(1)</script>", "// /* \\", "| a | b |\n|--|--|\n| <b> | #x |", ""],
)
@pytest.mark.parametrize("part", PARTS)
def test_hostile_texts_print_in_every_part(text: str, part: Part) -> None:
    paper = replaced(zh_every_kind(), text)
    for word, renderer in RENDERERS.items():
        data = renderer.render(paper, part)
        assert data
        assert word != "html" or b"<script" not in data
