"""The history of an item: exposure, revisions, estimates, decisions and plans, of itself and its parts."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from qbank.core.history import Planned
from qbank.ledger import (
    Decision,
    Ledger,
    bank_of,
    estimate_series,
    item_history,
    item_series,
    known_items,
    latest_calibration,
    open_ledger,
    read_history,
    tables,
    what_changed,
    write_decision,
)
from qbank.ledger.flags import ItemFlag, put_flags
from tests.ledger.filled import Filled, Used, calibrate, fill


def one(id: str, date: str, *used: Used, papers: tuple[str, ...] = ("A", "B")) -> Filled:
    return Filled(id, date, used=used, papers={f"{id}-{paper}": tuple(use.item for use in used) for paper in papers})


def test_an_item_that_was_never_seen_has_an_empty_history(ledger: Ledger) -> None:
    found = item_history(ledger, "Q1")
    assert (found.uses, found.revisions, found.estimates, found.parts, found.n_seen, found.papers) == ((), (), (), (), 0, ())


def test_sittings_stand_oldest_first_and_exposure_adds_up_through_revisions(ledger: Ledger) -> None:
    fill(ledger, one("z", "2024-05-01", Used("Q1", "a.k", 30, 0.5, flags=("too_hard",), held=True)))
    fill(ledger, one("a", "2026-05-01", Used("Q1", "b.k", 50, 0.7)))
    fill(ledger, one("m", "2025-05-01", Used("Q1", "a.k2", 40, None), Used("Q2", "c.k", 40, 0.1)))
    found = item_history(ledger, "Q1")
    assert [(use.sitting, use.n_seen, use.cumulative, use.n) for use in found.uses] == [("z", 30, 30, 30), ("m", 40, 70, 0), ("a", 50, 120, 50)]
    assert found.papers == ("z-A", "z-B", "m-A", "m-B", "a-A", "a-B") and found.n_seen == 120
    assert found.uses[0].flags == ("too_hard",) and found.uses[0].held and math.isnan(found.uses[1].facility)
    assert [(r.fingerprint, r.first, r.last, r.changed) for r in found.revisions] == [
        ("a.k", "z", "z", ()), ("a.k2", "m", "m", ("marked",)), ("b.k", "a", "a", ("seen", "marked")),
    ]  # fmt: skip


def test_a_corrected_key_is_the_revision_of_the_statistics_and_the_printed_one_that_of_the_papers(ledger: Ledger) -> None:
    fill(ledger, one("s", "2026-05-01", Used("Q1", "a.k", 30, 0.5)))
    with ledger.begin() as connection:
        connection.execute(update(tables.item_use).values(fingerprint="a.k2"))
    (use,) = item_history(ledger, "Q1").uses
    assert (use.fingerprint, use.papers) == ("a.k2", ("s-A", "s-B"))


def test_only_papers_that_hold_the_item_are_named(ledger: Ledger) -> None:
    used = (Used("Q1", "a.k", 30, 0.5), Used("Q10", "aa.k", 30, 0.5))
    fill(ledger, Filled("s", "2026-05-01", used=used, papers={"s-A": ("Q1",), "s-B": ("Q10",)}))
    assert [item_history(ledger, item).papers for item in ("Q1", "Q10")] == [("s-A",), ("s-B",)]


@pytest.mark.parametrize("n_parts", [1, 2, 3])
def test_the_parts_of_a_sitting_add_up(ledger: Ledger, n_parts: int) -> None:
    fill(ledger, one("s", "2026-05-01", Used("Q1", "a.k", 12, 0.5)))
    with ledger.begin() as connection:
        connection.execute(update(tables.exposure).values(n_seen=12 // n_parts))
        for n in range(1, n_parts):
            row = {"id": f"s/{n}/1", "sitting": "s", "part": str(n), "number": 1, "current": True, "at": "", "who": "", "source": ""}
            more = {"digest": "", "why": "", "forms": [], "items": [], "labels": [], "n_persons": 0, "settings": {}}
            connection.execute(insert(tables.intake).values(**row, **more))
            seen = {"intake": f"s/{n}/1", "item": "Q1", "fingerprint": "a.k", "n_seen": 12 // n_parts, "papers": [f"s-{n}", "s-A"]}
            connection.execute(insert(tables.exposure).values(seen))
    (use,) = item_history(ledger, "Q1").uses
    assert use.n_seen == 12 and set(use.papers) == {"s-A", "s-B", *(f"s-{n}" for n in range(1, n_parts))}


def test_a_file_that_was_replaced_does_not_count(ledger: Ledger) -> None:
    fill(ledger, one("s", "2026-05-01", Used("Q1", "a.k", 12, 0.5)))
    with ledger.begin() as connection:
        connection.execute(update(tables.intake).values(current=False))
    assert item_history(ledger, "Q1").uses == ()


def test_the_parts_of_a_case_have_their_own_histories(ledger: Ledger) -> None:
    used = (Used("C", "c.k", 30, None), Used("C.2", "d.k", 30, 0.4), Used("C.1", "e.k", 30, 0.6), Used("C.1.1", "f.k", 9, 0.1), Used("CC", "g.k", 9, 0.1))
    fill(ledger, one("s", "2026-05-01", *used))
    found = item_history(ledger, "C")
    assert [(part.item, part.uses[0].facility) for part in found.parts] == [("C.1", 0.6), ("C.2", 0.4)]
    assert found.uses[0].n_seen == 30


def test_estimates_of_the_present_scale_and_others_are_told_apart_and_held_ones_known(ledger: Ledger) -> None:
    for n, (id, scale, b) in enumerate((("s", "old", 0.5), ("t", "new", 0.1), ("u", "new", 0.1), ("v", "new", 0.3))):
        fill(ledger, one(id, f"202{n}-05-01", Used("Q1", "a.k", 30, 0.5)))
        calibrate(ledger, id, [("Q1", "a.k", b, 0.2)], scale=scale)
    found = item_history(ledger, "Q1")
    assert found.scale == "new"
    assert [(e.estimate.scale, e.location, e.held) for e in found.estimates] == [
        ("old", 0.5, False), ("new", 0.1, False), ("new", 0.1, True), ("new", 0.3, False),
    ]  # fmt: skip
    series = estimate_series(ledger)
    assert (series.b.tolist(), series.error.tolist()) == ([0.1, 0.3], [0.2, 0.2])


def test_a_sitting_of_another_bank_leaves_the_scale_of_a_bank_as_it_is(ledger: Ledger) -> None:
    mine, theirs = one("s", "2026-05-01", Used("Q1", "a.k", 30, 0.5)), one("t", "2026-06-01", Used("Z1", "z.k", 30, 0.5))
    fill(ledger, mine)
    fill(ledger, replace(theirs, bank="other"))
    calibrate(ledger, "s", [("Q1", "a.k", 0.5, 0.2)], scale="b:s")
    calibrate(ledger, "t", [("Z1", "z.k", 0.1, 0.2)], scale="other:t")
    assert [latest_calibration(ledger, bank=bank) for bank in ("b", "other", "third")] == [
        ("s", "b:s", 0.0, 1.0), ("t", "other:t", 0.0, 1.0), None,
    ]  # fmt: skip
    assert [{*read_history(ledger, bank=bank).estimates} for bank in ("b", "other", "third", None)] == [
        {"a.k"}, {"z.k"}, set(), {"a.k", "z.k"},
    ]  # fmt: skip
    assert (item_history(ledger, "Q1").scale, item_history(ledger, "Z1").scale) == ("b:s", "other:t")
    assert estimate_series(ledger).items == ("Q1", "Z1")
    assert (bank_of(ledger, "t"), bank_of(ledger, "nowhere")) == ("other", None)


def test_a_calibration_made_anew_takes_the_place_of_the_one_before(ledger: Ledger) -> None:
    fill(ledger, one("s", "2026-05-01", Used("Q1", "a.k", 30, 0.5)))
    for b in (0.5, 0.7):
        calibrate(ledger, "s", [("Q1", "a.k", b, 0.2)])
    assert [e.location for e in item_history(ledger, "Q1").estimates] == [0.7]


def test_decisions_plans_and_flags_of_calibrations_are_told(ledger: Ledger) -> None:
    fill(ledger, one("s", "2026-05-01", Used("Q1", "a.k", 30, 0.5)))
    plan = Planned("Q1", "a.k", math.nan, 1.0, 0.2, 0.3, 0.5, 0.4, 0.6, 30)
    calibrate(ledger, "s", [], planned=[plan, Planned("Q2", "b.k", 3.0, 1.0, 0.2, 0.3, 0.5, 0.4, 0.6, 30)])
    write_decision(ledger, Decision("s", "Q1", "a.k", "keep", "why", "who", "now"))
    with ledger.begin() as connection:
        put_flags(connection, "s", [ItemFlag("s", "Q1", "a.k", "drift", True, {"z": 4.0})])
    found = item_history(ledger, "Q1")
    assert [decision.verdict for decision in found.decisions] == ["keep"]
    assert [(p.sitting, p.difficulty, math.isnan(p.grade)) for p in found.planned] == [("s", 0.2, True)]
    assert [(flag.code, flag.facts) for flag in found.flags] == [("drift", {"z": 4.0})]


@settings(max_examples=6)
@given(order=st.permutations(range(5)))
def test_the_order_in_which_sittings_came_does_not_matter(tmp_path: Path, order: list[int]) -> None:
    path = tmp_path / "order.db"
    path.unlink(missing_ok=True)
    ledger = open_ledger(path)
    some = [one(f"s{n}", f"202{n}-05-01", Used("Q1", f"a{n // 3}.k", 10 * n, n / 5), Used("Q1.1", "p.k", 3, 0.2)) for n in range(5)]
    for n in order:
        fill(ledger, some[n])
    found = item_history(ledger, "Q1")
    series = item_series(ledger)
    ledger.close()
    assert [use.sitting for use in found.uses] == [f"s{n}" for n in range(5)]
    assert [use.cumulative for use in found.uses] == [0, 10, 30, 60, 100]
    assert [(r.fingerprint, r.n_sittings) for r in found.revisions] == [("a0.k", 3), ("a1.k", 2)]
    assert series.items == ("Q1",) * 5 + ("Q1.1",) * 5 and series.sittings[:5] == tuple(f"s{n}" for n in range(5))


@pytest.mark.parametrize("item", ["a'b", "50%", "a_b", '"', "题 1", "a/../b", "x" * 300])
def test_odd_ids_are_found_and_nothing_else(ledger: Ledger, item: str) -> None:
    fill(ledger, one("s", "2026-05-01", Used(item, "odd.k", 30, 0.5), Used("plain", "b.k", 30, 0.5)))
    assert item_history(ledger, item).papers == ("s-A", "s-B")
    assert known_items(ledger) == tuple(sorted((item, "plain")))
    assert item_history(ledger, item + "x").uses == ()


def test_what_changed_is_seen_marked_or_both() -> None:
    assert [what_changed("a.b", other) for other in ("a.b", "a.c", "x.b", "x.c")] == [(), ("marked",), ("seen",), ("seen", "marked")]
