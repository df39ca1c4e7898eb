"""Items as QTI files from the keys that an item file has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qbank.core.standard import Occupation
from qbank.files.interchange.qti import About, Asked, Version, write_items
from qbank.problem import Problem, Span
from qbank.workflow.qti import converter
from tests.files.interchange.qti.schemas import files_of
from tests.files.interchange.strategies import item_text

OCCUPATION = Occupation("6-17-02-02", "炼钢工", "转炉炼钢工", "2015", ())
HEAD = {"competency": "A-001", "level": 4, "stem": "题", "grade": 2, "cognitive": "apply", "seconds": 60, "marks": 2}


def asked(entries: Mapping[str, Any], **more: Any) -> Asked:
    """Return a question from the keys of its item, those of the head filled in; it must be a sound item."""
    whole = {**HEAD, **entries}
    text = item_text(dict(whole))
    assert text is not None, entries
    return Asked(text.item, text.item.marks, "zh", entries=whole, points=("A 基础知识", "A-001 安全"), **more)


def package(questions: Sequence[Asked], version: Version) -> tuple[bytes, list[Problem]]:
    """Return the package of some questions, and what does not travel."""
    about = About("made-up", "试题", "zh", OCCUPATION)
    data, problems, _ = write_items(questions, about, version, converter("zh", lambda id, *_: Span(id)))
    return data, problems


def item_files(questions: Sequence[Asked], version: Version = "qti3") -> dict[str, str]:
    """Return each item's file by its id."""
    found = files_of(package(questions, version)[0])
    return {
        name.removeprefix("items/").removesuffix(".xml"): data.decode("utf-8")
        for name, data in found.items()
        if name.startswith("items/")
    }
