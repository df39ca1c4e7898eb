"""What the marking guide says of a question to fill in: every accepted text of each blank, and its share."""

from __future__ import annotations

from typing import Any

import pytest

from qbank.core.item import Item
from qbank.core.presentation import GuidePoint, Language
from qbank.kinds.fill import FILL, FillBody
from qbank.problem import Span


def guide(language: Language = "zh", **body: Any) -> tuple[GuidePoint, ...]:
    item = Item("F-1", "fill", "A-1", 4, "____", FillBody.model_validate(body), 2.0, "live", 2, "apply", 30, "", "", (), (),
                Span("a.yaml"))  # fmt: skip
    return FILL.printed(item, 2.0, language).guide


def test_a_single_text_needs_no_guide() -> None:
    assert guide(key=["脱氧"]) == ()


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ({"key": [["脱氧", "还原"]]}, [("脱氧 / 还原", 2.0)]),
        ({"key": ["甲", ["乙", "丙"]]}, [("第1空：甲", 1.0), ("第2空：乙 / 丙", 1.0)]),
        ({"key": ["甲", "乙", "丙"]}, [("第1空：甲", 0.67), ("第2空：乙", 0.67), ("第3空：丙", 0.67)]),
        ({"key": ["甲", "乙"], "credit": "all"}, [("第1空：甲 · 第2空：乙", 2.0)]),
        ({"key": ["甲", "乙"], "any_order": True}, [("第1空：甲（各空顺序不限）", 1.0), ("第2空：乙（各空顺序不限）", 1.0)]),
        ({"key": [{"accept": ["甲"], "pattern": "甲`?"}]}, [("甲 / 符合 ``甲`?`` 的写法", 2.0)]),
    ],
)
def test_the_guide_lists_what_is_accepted(body: dict[str, Any], points: list[tuple[str, float]]) -> None:
    assert [(point.text, point.marks) for point in guide(**body)] == points


def test_the_guide_speaks_english() -> None:
    assert [point.text for point in guide("en", key=["a", "b"])] == ["Blank 1: a", "Blank 2: b"]
