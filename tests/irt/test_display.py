"""Records at the prompt: a line a field, however many persons and items."""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from qbank import irt
from qbank.irt.display import shown
from tests.irt.samples import sample

RECORDS = [thing for name in irt.__all__ if inspect.isclass(thing := getattr(irt, name)) and is_dataclass(thing)]
SCORES = sample(300, 12, 1)
FIT = irt.calibrate(SCORES)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_with_arrays_show_themselves_by_lines(record: type) -> None:
    kinds = " ".join(str(field.type) for field in fields(record))  # type: ignore[arg-type]
    if record is not irt.Model and ("Array" in kinds or "ndarray" in kinds):
        assert record.__repr__ is shown


@pytest.mark.parametrize(
    "record",
    [
        FIT,
        FIT.parameters,
        irt.score_persons(SCORES, FIT),
        irt.item_fit(SCORES, FIT),
        irt.person_fit(SCORES, FIT),
        irt.local_dependence(SCORES, FIT),
        irt.compare(SCORES, ["rasch", "2pl"], errors="none"),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_is_shown_in_a_line_a_field(record: object) -> None:
    lines = repr(record).split("\n")
    assert lines[0] == type(record).__name__
    assert [line.split()[0] for line in lines[1:]] == [field.name for field in fields(record)]  # type: ignore[arg-type]
    assert max(map(len, lines)) < 300


def test_what_matters_of_a_calibration_can_be_read() -> None:
    text = repr(FIT)
    assert f"log_likelihood  {FIT.log_likelihood:.8g}" in text
    assert "status          12 'ok'" in text
    assert "parameters      ItemParameters of 12 items" in text
    assert "n_nodes=61" in text


def test_values_that_are_not_finite_are_counted() -> None:
    scored = irt.score_persons(np.zeros((50, 12)), FIT, method="ml")
    assert "theta      float64 (50,), 50 not finite" in repr(scored)
