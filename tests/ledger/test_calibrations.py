"""Calibrations in the ledger: every model, beside each other, with links, planning, and who sat before."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from qbank.core.history import Estimate, Planned, Use, logistic
from qbank.core.responses import STANDINGS, Responses
from qbank.ledger import (
    CalibrationRecord,
    ItemFlag,
    Ledger,
    LinkRecord,
    Repeater,
    SittingRecord,
    Source,
    add_answers,
    calibrations_of,
    entries,
    latest_calibration,
    links_of,
    read_history,
    repeaters_of,
    write_analysis,
    write_calibration,
)

GRADED = Estimate(
    "i.1", "grm", "bank:s", {"a": 1.1, "b": 0.0, "b1": -0.5, "b2": 0.5}, {"a": 0.1, "b": 0.1, "b1": math.nan, "b2": 0.2},
    400, "s", 3, ((0.01, 0.0, math.nan), (0.0, 0.02, 0.001), (math.nan, 0.001, 0.03)), (0.0, 0.4, 1.0), (0.0, 0.5, 1.0),
)  # fmt: skip
PLAN = Planned("j", "j.1", math.nan, 0.9, -0.3, 0.2, 0.55, 0.5, 0.6, 40, "s", "bank:s")


def sitting(
    ledger: Ledger, id: str, date: str, persons: tuple[str, ...], *, form: tuple[int, ...] = (), standing: tuple[str, ...] = ()
) -> None:
    n = len(persons)
    responses = Responses(
        id, persons, ("i",), np.zeros((n, 1), np.int16), (("A",),), ("f", "g"), np.array(form or (0,) * n, np.int16), (),
        np.array([STANDINGS.index(word) for word in standing or ("present",) * n], np.int8),  # type: ignore[arg-type]
    )  # fmt: skip
    record = SittingRecord(id, date, "", "spiralled", 1.0, 1.0, "bank", "", 4, {})
    papers = (("f", f"{id} f", "text"), ("g", f"{id} g", "text"))
    assert add_answers(ledger, record, papers, responses, Source(id, "r.csv", exposure=(("i", "i.1", n),))) == "added"


def head(id: str, scale: str = "bank:s") -> CalibrationRecord:
    return CalibrationRecord(id, "mixed", scale, 0.2, 1.1, -1.0, 1e-6, True, 3, {"model": "2pl"}, {"qbank": "0"})


def same(one: object, other: object) -> bool:
    """Return whether two records are equal where NaN equals NaN."""
    return repr(one) == repr(other)


def test_parameters_of_any_model_come_back_as_they_went_in(ledger: Ledger) -> None:
    sitting(ledger, "s", "2026-11-23", ("P1",))
    write_calibration(ledger, head("s"), [("i", GRADED)], planned=[PLAN])
    history = read_history(ledger)
    assert same(history.estimates["i.1"], GRADED) and same(history.planned["j.1"], PLAN)
    assert set(history.estimates) == {"i.1"}, "a plan is never an estimate"


def test_several_calibrations_of_a_sitting_stand_beside_each_other_and_the_last_holds(ledger: Ledger) -> None:
    sitting(ledger, "s", "2026-11-23", ("P1",))
    other = replace(GRADED, model="gpcm", values={**GRADED.values, "a": 0.8})
    write_calibration(ledger, head("s"), [("i", GRADED)], planned=[PLAN])
    write_calibration(ledger, replace(head("s"), log_likelihood=-2.0), [("i", other)])
    found = calibrations_of(ledger, "s")
    assert [(one.id, one.number, one.current, one.who, one.n_parameters, one.n_planned) for one in found] == [
        ("s/1", 1, False, "tester", 1, 1), ("s/2", 2, True, "tester", 1, 0)]  # fmt: skip
    assert found[0].record == head("s") and found[1].record.log_likelihood == -2.0 and found[0].at
    history = read_history(ledger)
    assert history.estimates["i.1"].model == "gpcm" and not history.planned
    assert calibrations_of(ledger, "t") == ()
    assert [entry.facts["number"] for entry in entries(ledger, subject="s") if entry.action == "calibrated"] == [1, 2]


def test_a_plan_of_an_item_that_waits_for_a_decision_is_left_out(ledger: Ledger) -> None:
    sitting(ledger, "s", "2026-11-23", ("P1",))
    write_calibration(ledger, head("s"), [("i", GRADED)], planned=[replace(PLAN, item="i", fingerprint="i.2")])
    assert set(read_history(ledger).planned) == {"i.2"}
    write_analysis(ledger, "s", [(Use("i", "i.2", "s", "2026-11-23", 1, 0.5, 0.1, ("miskey",)), True)])
    assert set(read_history(ledger).held) == {"i.2"} and not read_history(ledger).planned


def test_estimates_of_what_is_held_serve_the_sitting_where_it_counted(ledger: Ledger) -> None:
    for id, date in (("s", "2026-11-23"), ("t", "2027-05-23")):
        sitting(ledger, id, date, ("P1",))
    pilot, later = logistic("i.1", "2pl", "bank:s", 1.0, 0.2, 0.1, 0.1, 400, "s"), logistic("i.1", "2pl", "bank:s", 1.0, -0.9, 0.1, 0.1, 90, "t")
    write_calibration(ledger, head("s"), [("i", pilot)])
    write_analysis(ledger, "t", [(Use("i", "i.1", "t", "2027-05-23", 1, 0.5, 0.3, ("negative",)), True)])
    assert not read_history(ledger).estimates
    assert read_history(ledger, as_sat=True).estimates["i.1"].sitting == "s"
    for code, serves in (("drift", "t"), ("leak", "s")):
        write_calibration(ledger, head("t"), [("i", later)], flags=[ItemFlag("t", "i", "i.1", code, True)])
        assert not read_history(ledger).estimates
        assert read_history(ledger, as_sat=True).estimates["i.1"].sitting == serves, "what those who knew it say never does"


def test_plans_of_another_scale_are_left_out(ledger: Ledger) -> None:
    sitting(ledger, "s", "2026-11-23", ("P1",))
    sitting(ledger, "t", "2027-05-23", ("P2",))
    write_calibration(ledger, head("s"), [("i", GRADED)], planned=[PLAN])
    write_calibration(ledger, head("t", "bank:t"), [("i", replace(GRADED, scale="bank:t", sitting="t"))])
    assert not read_history(ledger).planned
    assert same(read_history(ledger, without="t").planned["j.1"], PLAN)


def test_a_link_says_how_one_scale_came_onto_another(ledger: Ledger) -> None:
    sitting(ledger, "s", "2026-11-23", ("P1",))
    line = LinkRecord("s", "haebara", "bank:s", "bank:r", 1.1, -0.2, ("i", "j"), {"slope_error": 0.05, "intercept_error": None})
    write_calibration(ledger, head("s", "bank:r"), [("i", GRADED)], links=[line])
    assert links_of(ledger, "s") == (line,) and links_of(ledger, "t") == ()
    assert latest_calibration(ledger) == ("s", "bank:r", 0.2, 1.1)


def test_who_sat_before_is_known_by_pseudonym_with_the_papers_then(ledger: Ledger) -> None:
    sitting(ledger, "a", "2025-11-23", ("P1", "P2", "P3", "P4"), form=(0, 1, 0, 1), standing=("present", "absent", "void", "withheld"))
    sitting(ledger, "b", "2026-05-23", ("P1", "P9"), form=(1, 0))
    sitting(ledger, "same-day", "2026-11-23", ("P1", "P9"))
    sitting(ledger, "later", "2027-11-23", ("P9",))
    sitting(ledger, "s", "2026-11-23", ("P1", "P2", "P3", "P4", "P5", "P6"), form=(0, 0, 1, 1, 0, 0),
            standing=("present",) * 5 + ("absent",))  # fmt: skip
    found = repeaters_of(ledger, "s")
    assert sorted(found.values(), key=lambda one: (one.form, one.earlier)) == [
        Repeater("f", (("a", "f"), ("b", "g"))), Repeater("g", (("a", "f"),)), Repeater("g", (("a", "g"),))]  # fmt: skip
    assert all(person.startswith("p") and len(person) > 10 for person in found)
    assert repeaters_of(ledger, "a") == {} and repeaters_of(ledger, "unknown") == {}
