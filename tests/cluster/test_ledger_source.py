"""Response blocks of the ledger as answers to calibrate."""

from pathlib import Path

import numpy as np
import pytest

from qbank.core.responses import Responses
from qbank.ledger import SittingRecord, Source, add_answers, open_ledger

pytest.importorskip("distributed", reason="the extra `cluster` is not installed: its sources are not tested")

from qbank.cluster import ledger_sources

MARKING = {"j": {"true": 1}, "i": {"B": 1, "C": 2}, "never printed": {"A": 1}}


def test_a_block_of_the_ledger_is_scored_by_the_marking_and_the_standing_of_its_persons(tmp_path: Path) -> None:
    place = str(tmp_path / "ledger.db")
    answer = np.array([[1, 0], [2, -1], [-3, 1], [-4, 0], [-2, 0], [1, 0], [1, 0]], dtype=np.int16)
    responses = Responses(
        sitting="s", persons=tuple("abcdefg"), items=("i", "j"), answer=answer,
        labels=(("A", "B", "C"), ("true", "false")), forms=("f",), form=np.zeros(7, dtype=np.int16), groups=(),
        standing=np.array([0, 0, 0, 0, 0, 1, 2], dtype=np.int8),
    )  # fmt: skip
    record = SittingRecord("s", "2026-11-23", "Linz", "spiralled", 60.0, 100.0, "bank", "steel", 4, {})
    ledger = open_ledger(place)
    try:
        source = Source("d", "answers.csv", exposure=(("i", "i.1", 7), ("j", "j.1", 7)))
        assert add_answers(ledger, record, (("f", "x", "text"),), responses, source) == "added"
        plain = ledger_sources(ledger, place, ["s"], MARKING)
        other = ledger_sources(ledger, place, ["s"], MARKING, by_sitting=True, omitted=-1)
        assert ledger_sources(ledger, place, ["another"], MARKING) == ()
    finally:
        ledger.close()
    scores, groups = plain[0].read()
    assert groups is None
    assert np.asarray(scores).tolist() == [
        [1, 1, -1], [0, 2, -1], [0, -1, -1], [1, -1, -1], [1, -1, -1], [-1, -1, -1], [-1, -1, -1],
    ]  # fmt: skip
    scores, groups = other[0].read()
    assert list(groups or ()) == ["s"] * 7
    assert np.asarray(scores)[1].tolist() == [-1, 2, -1]
