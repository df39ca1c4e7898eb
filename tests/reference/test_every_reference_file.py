"""Every reference file of analyses has a walk over its leaves, or a reason why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference"
FOLDER = Path(os.environ.get("QBANK_REFERENCE", _DEFAULT)) / "analysis"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=f"reference numbers absent, NOT checked: {FOLDER}")

WALKED = {
    "classification_expected.json": "test_every_number_of_decisions.py",
    "ctt_expected.json": "test_every_number_of_classical.py",
    "difR_verbal_expected.json": "test_every_number_of_dif.py",
    "equate_ACTmath_expected.json": "test_every_number_of_equating.py",
    "equate_KBneat_expected.json": "test_every_number_of_equating.py",
    "equate_bootstrap_se_expected.json": "test_every_number_of_equating.py",
}
LATER = {
    "aberrance_nominal_expected.json": "answer copying (ω, GBT): there is no package for it yet",
    "raters_expected.json": "facets, intraclass correlations, generalisability: there is no package for it yet",
}


def test_every_file_of_numbers_is_walked_or_waits_for_its_package() -> None:
    there = {path.name for path in FOLDER.glob("*.json")}
    assert there <= WALKED.keys() | LATER.keys()
    package = Path(__file__).resolve().parents[2] / "qbank" / "analysis"
    assert not {path.stem for path in package.iterdir()} & {"forensics", "raters"}, "these numbers can be compared now"


def test_every_walk_reads_its_file() -> None:
    for name, test in WALKED.items():
        text = (Path(__file__).parent / test).read_text(encoding="utf-8")
        assert "unlike(" in text, name
