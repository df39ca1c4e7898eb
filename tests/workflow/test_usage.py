"""The usage data that `qbank analyse` leaves beside the report hold the numbers of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qbank.files.interchange.usage import NAMESPACE, STATISTICS
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.calibration import calibrate_sitting
from tests.files.interchange.test_usage import schema
from tests.workflow.places import DATE, SITTING, Place, added, read_table, write_table

IN = {"u": NAMESPACE}


def value(root: Any, name: str, item: str, context: str, part: str = "") -> Any:
    """Return the one element of that name."""
    words = f"[@partIdentifier='{part}']" if part else ""
    of_item = f"[@name='{name}'][@context='{context}'][u:targetObject[@identifier='{item}']{words}]"
    found = root.xpath(f"u:ordinaryStatistic{of_item}", namespaces=IN)
    assert len(found) == 1, (name, item, context, len(found))
    return found[0]


@pytest.mark.usefixtures("unwritten")
def test_a_calibrated_sitting_gives_items_options_groups_and_parameters(place: Place, tmp_path: Path) -> None:
    added(place)
    fitted, problems = calibrate_sitting(SITTING, place.workspace, model="rasch")
    assert fitted is not None, problems
    done, problems = analyse_sitting(SITTING, place.workspace, into=tmp_path)
    assert done is not None, problems
    path = tmp_path / f"{SITTING}-usage.xml"
    assert path in done.files
    root = etree.parse(path).getroot()
    total = f"{SITTING}/TOTAL"
    item = done.analysis.items.row(3, named=True)
    found = value(root, "P-Value", item["item"], total)
    assert float(found.findtext("u:value", namespaces=IN)) == item["facility"]
    assert found.get("caseCount") == str(item["n"]) and found.get("lastUpdated") == DATE
    rows = done.analysis.options.filter(item=item["item"], role="key")
    key = rows.row(0, named=True)
    chosen = value(root, "NumberChoosingResponse", item["item"], total, key["option"])
    assert int(chosen.findtext("u:value", namespaces=IN)) == key["n"]
    b = value(root, "IRT-b", item["item"], total)
    assert 0 < float(b.get("stdError")) < 1
    assert 10 <= int(value(root, "P-Value", item["item"], f"{SITTING}/site/A01").get("caseCount")) < item["n"]
    assert {found.get("name") for found in root} <= set(STATISTICS)
    schema().assertValid(root)


@pytest.mark.usefixtures("unwritten")
def test_no_small_site_follows_from_everybody_less_the_others(place: Place, tmp_path: Path) -> None:
    header, rows = read_table(place.responses)
    site = header.index("site")
    small = [[*row[:site], "A" if n >= 40 else "B" if n >= 4 else "C", *row[site + 1 :]] for n, row in enumerate(rows)]
    added(place, write_table(tmp_path / "in" / "responses.csv", header, small))
    done, problems = analyse_sitting(SITTING, place.workspace, into=tmp_path)
    assert done is not None, problems
    text = (tmp_path / f"{SITTING}-usage.xml").read_text("utf-8")
    said = [dict(problem.facts) for problem in problems if problem.code == "C134"]
    assert [(facts["least"], facts["groups"]) for facts in said] == [("10", "site B")]
    assert "site/A" in text and "site/B" not in text and "site/C" not in text
    assert "fewer than 10 persons follows by subtraction" in text
    schema().assertValid(etree.fromstring(text.encode()))
