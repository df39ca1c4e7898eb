"""Usage data: valid by the standard's schema whatever the words, numbers that do not exist left out."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from qbank.files.interchange.usage import NAMESPACE, STATISTICS, UsageStatistic, write_usage, xml_name

SHARED = Path(os.environ.get("QBANK_REFERENCE", Path(__file__).resolve().parents[4] / "shared" / "reference"))
SCHEMA = SHARED / "qti/xsd/qtiv3p0/imsqti_usagedatav3p0_v1p0.xsd"
ELEMENT = f"{{{NAMESPACE}}}"


def schema() -> Any:
    if not SCHEMA.exists():
        pytest.skip(f"the QTI 3 schema of usage data is not beside the checkout: {SCHEMA}")
    return etree.XMLSchema(etree.parse(SCHEMA))


def written(statistics: Sequence[UsageStatistic], **options: str) -> Any:
    return etree.fromstring(write_usage(statistics, **options))


def test_no_statistic_at_all_is_a_valid_file() -> None:
    schema().assertValid(written([], updated="2026-11-23"))


def test_an_item_an_option_and_a_form_are_valid_and_say_what_they_are() -> None:
    context = ("2026-11-A", "TOTAL")
    root = written(
        [
            UsageStatistic("P-Value", "I1", 0.5, context, 40, error=0.08),
            UsageStatistic("NumberChoosingResponse", "I1", 12, context, 40, "√"),
            UsageStatistic("Mean", "A", 61.5, context, 40, deviation=9.0, object="test"),
        ],
        updated="2026-11-23", glossary="2026-11-A.html#methods",
    )  # fmt: skip
    schema().assertValid(root)
    targets = [found.find(f"{ELEMENT}targetObject").attrib for found in root]
    assert targets[1] == {"identifier": "I1", "partIdentifier": "_x221A_", "objectType": "choice"}
    assert [target["objectType"] for target in targets] == ["item", "choice", "test"]
    assert root[0].get("stdError") == "0.08" and "stdError" not in root[1].attrib and root[2].get("stdDeviation") == "9.0"


@pytest.mark.parametrize("day", ["", "2026-11", "2026-02-30", "23.11.2026", "２０２６-11-23"])
def test_what_is_no_day_is_left_out(day: str) -> None:
    root = written([UsageStatistic("AIS", "I1", 1.0, ("s",), 12)], updated=day)
    assert "lastUpdated" not in root[0].attrib


def test_a_number_that_does_not_exist_is_left_out() -> None:
    row = [UsageStatistic("PTbis", "I1", value, ("s",), 12) for value in (math.nan, math.inf, 0.25)]
    assert [found.findtext(f"{ELEMENT}value") for found in written(row)] == ["0.25"]


anything = st.text(st.characters(codec="utf-8"), max_size=12)


@given(anything, anything.filter(bool), st.lists(anything, min_size=1, max_size=3), anything, anything)
def test_any_words_make_a_valid_file(item: str, part: str, context: list[str], day: str, glossary: str) -> None:
    statistic = UsageStatistic("PTbis-Response", item, 0.1, tuple(context), 30, part)
    schema().assertValid(written([statistic], updated=day, glossary=glossary))


@given(anything.filter(bool), anything.filter(bool))
def test_two_options_never_share_a_name(one: str, other: str) -> None:
    assert (xml_name(one) == xml_name(other)) == (one == other)


def test_every_name_is_defined_and_legal() -> None:
    assert all(xml_name(name) == name and meaning for name, meaning in STATISTICS.items())
