"""Moodle XML of a bank in the hands of an independent reader: each key, mark, option and category is still there.

Reference: moodle-xml-parser 0.3.1 (PyPI, MIT), ``parser.parse_bytes``; it reads questions of several options only, so the
other types are read with the standard library, straight after Moodle's own description of the format. The folder with the
package may be named by QBANK_MOODLE_READER; without it the first test is skipped, by name.
"""

from __future__ import annotations

import importlib
import os
import sys
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from qbank.files.bank import read_bank
from qbank.workflow.export import Selection, export_bank
from tests.corpus import CORPUS

BANK = CORPUS / "banks" / "steelmaking"


@pytest.fixture(scope="module")
def moodle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    done = export_bank(BANK, "moodle", Selection(), tmp_path_factory.mktemp("moodle") / "out.xml")
    assert done.path is not None
    return done.path.read_bytes()


@pytest.fixture(scope="module")
def items() -> dict[str, Any]:
    bank = read_bank(BANK)[0].bank
    assert bank is not None
    return dict(bank.items)


def elsewhere() -> Any:
    if (folder := os.environ.get("QBANK_MOODLE_READER")) and folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.import_module("moodle_xml_parser.parser")
    except ImportError:
        pytest.skip("moodle-xml-parser is not here (QBANK_MOODLE_READER)")


def test_an_independent_reader_finds_every_key_of_a_choice(moodle: bytes, items: dict[str, Any]) -> None:
    found = elsewhere().parse_bytes(moodle)["multichoice"]
    assert len(found) > 100
    for question in found:
        item = items[question.name]
        letters = dict(zip("ABCDEFGH", question.options, strict=False))
        key = "".join(letter for letter, option in letters.items() if option.score_fraction > 0)
        assert key == str(item.body.marked()["key"]), question.name
        assert question.single == (item.kind == "single") and question.default_grade == item.marks
        assert len(letters) == len(item.body.options)


def test_every_other_key_stands_where_moodle_looks_for_it(moodle: bytes, items: dict[str, Any]) -> None:
    seen = set()
    for question in ET.fromstring(moodle).iterfind("question"):
        item = items.get(question.findtext("idnumber", ""))
        full = [node.findtext("text", "") for node in question.iterfind("answer") if float(node.get("fraction", "0")) == 100]
        seen.add(question.get("type"))
        if question.get("type") == "truefalse":
            assert item is not None and full == [str(item.body.marked()["key"])]
        elif question.get("type") == "numerical":
            assert item is not None and [float(text) for text in full] == [float(item.body.marked()["value"])]
    assert {"category", "multichoice", "truefalse"} <= seen


def test_categories_follow_the_standard(moodle: bytes, items: dict[str, Any]) -> None:
    path = ""
    for question in ET.fromstring(moodle).iterfind("question"):
        if question.get("type") == "category":
            path = question.findtext("category/text", "")
            assert path.startswith("$course$/top/")
        else:
            assert f"/{items[question.findtext('idnumber', '')].competency} " in path
