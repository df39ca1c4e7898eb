"""The release gate: no sequence of actions leaves a released sitting with a stage missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from qbank.core.history import Use
from qbank.core.responses import Responses
from qbank.ledger import (
    STAGES,
    CalibrationRecord,
    Decision,
    ItemFlag,
    Ledger,
    SittingRecord,
    Source,
    add_answers,
    entries,
    flags_of,
    open_ledger,
    pass_stage,
    stages_of,
    steps_of,
    tables,
    take_back,
    undecided_items,
    write_analysis,
    write_calibration,
    write_decision,
)
from qbank.ledger.blocks import packed
from qbank.ledger.gate import pass_within
from qbank.ledger.trail import record

ID = "2026-11-A"
RECORD = SittingRecord(ID, "2026-11-23", "somewhere", "spiralled", 60.0, 100.0, "steelmaking")
ITEMS = ("A-1", "A-2", "A-3")


@pytest.fixture
def ledger(ledger_place: str) -> Iterator[Ledger]:
    """Yield an empty ledger on either engine, in somebody's name."""
    opened = open_ledger(ledger_place, who="wang")
    yield opened
    opened.close()


def import_answers(ledger: Ledger, *, version: int = 1, part: str = "") -> None:
    answer = np.zeros((2, 3), dtype=np.int16)
    given = Responses(
        ID, ("1", "2"), ITEMS, answer, (("A",),) * 3, ("P",), np.zeros(2, np.int16), (), np.zeros(2, np.int8)
    )
    source = Source(f"digest {version}", part=part)
    add_answers(ledger, RECORD, (("P", "d", "text"),), given, source, replace=True)


def analyse(ledger: Ledger, *, held: tuple[str, ...] = ()) -> None:
    uses = [(Use(item, f"f {item}", ID, "2026-11-23", 2, 0.5, 0.3, ("miskey",) if item in held else ()), item in held)
            for item in ITEMS]  # fmt: skip
    write_analysis(ledger, ID, uses)


def decide(ledger: Ledger, item: str, verdict: str = "keep") -> None:
    write_decision(ledger, Decision(ID, item, f"f {item}", verdict, "looked at it", "wang", "2026-11-24T00:00:00"))


def score(ledger: Ledger, *, version: int = 1, waiting: int = 0) -> None:
    """Write a scoring run as the marking does; waiting : persons without a total."""
    _, data, checksum = packed(np.array([float(version), 50.0]))
    table = tables.scoring
    with ledger.begin() as connection:
        n = len(connection.execute(select(table.c.number).where(table.c.sitting == ID)).all()) + 1
        connection.execute(update(table).where(table.c.sitting == ID).values(current=False))
        connection.execute(
            insert(table).values(
                sitting=ID, number=n, at="2026-11-24T00:00:00", who="wang", current=True, rules={}, changes={}, intakes=[],
                n_persons=2, total=data, checksum=checksum,
            )
        )  # fmt: skip
        counts = {"registered": 2, "present": 2 - waiting, "waiting": waiting, "void": 0, "withheld": 0, "passed": 0}
        connection.execute(
            insert(tables.result).values(
                sitting=ID, number=n, site="", form="P", sum=0.0, sum_of_squares=0.0, bands=[0] * 20, **counts
            )
        )
        record(connection, ledger, "scored", ID, {"run": n})
        pass_within(connection, ledger, ID, "scored")


def calibrate(ledger: Ledger, *flags: tuple[str, str], judged: tuple[str, ...] | None = None) -> None:
    """Write a calibration that raises flags, (item, code) each."""
    raised = [ItemFlag(ID, item, f"f {item}", code, code != "drift") for item, code in flags]
    head = CalibrationRecord(ID, "2pl", "s", 0.0, 1.0, -10.0, 0.0, True, 2)
    write_calibration(ledger, head, [], flags=raised, judged=judged)


def standing(ledger: Ledger) -> list[str]:
    return [state.stage for state in stages_of(ledger, ID) if state.passed]


def hindered(ledger: Ledger, stage: str, why: str = "") -> tuple[str, str] | None:
    found = pass_stage(ledger, ID, stage, why)  # type: ignore[arg-type]
    return None if found is None else (found.reason, found.stage)


def to_release(ledger: Ledger) -> None:
    import_answers(ledger)
    analyse(ledger)
    assert hindered(ledger, "keys", "no flags") is None
    score(ledger)
    calibrate(ledger)
    assert hindered(ledger, "released", "all reviewed") is None
    assert standing(ledger) == list(STAGES)


# ---------------------------------------------------------------------------------------------- example


def test_a_sitting_goes_through_the_stages_in_order_and_each_has_its_person(ledger: Ledger) -> None:
    to_release(ledger)
    assert {step.who for step in steps_of(ledger, ID)} == {"wang"}
    assert [step.stage for step in steps_of(ledger, ID)] == list(STAGES)
    assert [entry.facts["stage"] for entry in entries(ledger, subject=ID) if entry.action == "stage passed"] == [*STAGES]


def test_work_out_of_order_is_kept_but_passes_nothing(ledger: Ledger) -> None:
    import_answers(ledger)
    score(ledger)
    calibrate(ledger)
    assert standing(ledger) == ["imported"]
    assert hindered(ledger, "scored") == ("before", "analysed")
    analyse(ledger)
    assert hindered(ledger, "keys", "no flags") is None
    # what was done too early counts once its turn has come
    assert hindered(ledger, "scored") is None and hindered(ledger, "calibrated") is None


def test_keys_wait_for_a_decision_on_every_held_item(ledger: Ledger) -> None:
    import_answers(ledger)
    analyse(ledger, held=("A-2", "A-3"))
    found = pass_stage(ledger, ID, "keys", "fine")
    assert found is not None and (found.reason, found.items) == ("undecided", ("A-2", "A-3"))
    decide(ledger, "A-2")
    assert undecided_items(ledger, ID) == ("A-3",)
    decide(ledger, "A-3", "credit")
    assert hindered(ledger, "keys") == ("why", "keys")
    assert hindered(ledger, "keys", "both looked at") is None


def test_a_small_sitting_passes_without_calibration_for_a_reason_only(ledger: Ledger) -> None:
    import_answers(ledger)
    analyse(ledger)
    pass_stage(ledger, ID, "keys", "no flags")
    score(ledger)
    assert hindered(ledger, "calibrated") == ("not_done", "calibrated")
    assert hindered(ledger, "calibrated", "  ") == ("not_done", "calibrated")
    assert hindered(ledger, "calibrated", "24 persons; papers parallel by assembly") is None
    assert stages_of(ledger, ID)[4].step.facts["basis"] == ""  # type: ignore[union-attr]


def test_nothing_is_scored_or_released_while_persons_wait_for_marks(ledger: Ledger) -> None:
    import_answers(ledger)
    analyse(ledger)
    pass_stage(ledger, ID, "keys", "no flags")
    score(ledger, waiting=1)
    assert "scored" not in standing(ledger)
    found = pass_stage(ledger, ID, "scored", "the rest comes later")
    assert found is not None and (found.reason, found.stage, found.persons) == ("waiting", "scored", 1)
    assert hindered(ledger, "released", "all reviewed") == ("before", "scored")
    score(ledger, version=2)
    assert standing(ledger)[-1] == "scored"
    calibrate(ledger)
    with ledger.begin() as connection:  # as a version wrote it that let them pass
        connection.execute(update(tables.result).where(tables.result.c.number == 2).values(waiting=1))
    assert hindered(ledger, "released", "all reviewed") == ("waiting", "released")


def test_a_corrected_file_takes_back_everything_after_the_import(ledger: Ledger) -> None:
    to_release(ledger)
    import_answers(ledger, version=2)
    assert standing(ledger) == ["imported"]
    # the former scoring and analysis are those of the former file
    assert hindered(ledger, "analysed") == ("not_done", "analysed")


def test_answers_of_another_station_take_back_everything_after_the_import(ledger: Ledger) -> None:
    to_release(ledger)
    import_answers(ledger, part="north")
    assert standing(ledger) == ["imported"]
    assert hindered(ledger, "analysed") == ("outdated", "analysed")


def test_the_same_file_again_takes_back_nothing(ledger: Ledger) -> None:
    to_release(ledger)
    before = steps_of(ledger, ID)
    import_answers(ledger)
    analyse(ledger)
    score(ledger)
    assert steps_of(ledger, ID) == before


def test_a_new_decision_takes_back_the_scores_and_what_rests_on_them(ledger: Ledger) -> None:
    to_release(ledger)
    decide(ledger, "A-1", "credit")
    assert standing(ledger) == ["imported", "analysed", "keys"]
    assert hindered(ledger, "scored") == ("outdated", "scored")
    score(ledger, version=2)
    assert standing(ledger)[-1] == "scored"
    decide(ledger, "A-1", "credit")
    assert standing(ledger)[-1] == "scored"  # nothing new


def test_another_scoring_takes_back_the_release_and_another_calibration_nothing(ledger: Ledger) -> None:
    to_release(ledger)
    calibrate(ledger)
    assert standing(ledger) == list(STAGES)
    assert [step.stage for step in steps_of(ledger, ID)][-1] == "calibrated"
    score(ledger, version=2)
    assert standing(ledger) == ["imported", "analysed", "keys", "scored"]


def test_another_analysis_takes_back_the_keys_only_where_it_holds_an_item_undecided(ledger: Ledger) -> None:
    to_release(ledger)
    decide(ledger, "A-2")
    score(ledger)
    pass_stage(ledger, ID, "calibrated", "small")
    pass_stage(ledger, ID, "released", "again")
    analyse(ledger, held=("A-2",))
    assert standing(ledger) == list(STAGES)
    analyse(ledger, held=("A-3",))
    assert standing(ledger) == ["imported", "analysed"]


def scored(ledger: Ledger) -> None:
    import_answers(ledger)
    analyse(ledger)
    pass_stage(ledger, ID, "keys", "no flags")
    score(ledger)


def test_nothing_is_released_while_a_flag_of_the_calibration_is_undecided(ledger: Ledger) -> None:
    scored(ledger)
    calibrate(ledger, ("A-2", "leak"), ("A-3", "easier"), ("A-1", "drift"))
    found = pass_stage(ledger, ID, "released", "all reviewed")
    assert found is not None and (found.reason, found.stage, found.items) == ("flagged", "released", ("A-2", "A-3"))
    decide(ledger, "A-2")
    assert hindered(ledger, "released", "all reviewed") == ("flagged", "released")
    decide(ledger, "A-3")
    assert hindered(ledger, "released", "all reviewed") is None, "to keep an item changes no marks"


def test_keys_wait_for_the_flags_of_an_earlier_calibration(ledger: Ledger) -> None:
    scored(ledger)
    calibrate(ledger, ("A-2", "leak"))
    take_back(ledger, ID, "keys", "the key of another item")
    found = pass_stage(ledger, ID, "keys", "looked at")
    assert found is not None and (found.reason, found.items) == ("flagged", ("A-2",))
    decide(ledger, "A-2", "credit")
    assert hindered(ledger, "keys", "looked at") is None


def test_a_flag_that_was_decided_is_decided_in_the_next_calibration_too(ledger: Ledger) -> None:
    scored(ledger)
    calibrate(ledger, ("A-2", "leak"))
    decide(ledger, "A-2")
    calibrate(ledger, ("A-2", "leak"))
    assert hindered(ledger, "released", "all reviewed") is None
    calibrate(ledger, ("A-2", "easier"))
    (flag,) = flags_of(ledger, ID)
    assert flag.open and flag.decision is None, "another finding is news"


def test_to_keep_an_item_before_it_was_flagged_decides_nothing_about_the_flag(ledger: Ledger) -> None:
    scored(ledger)
    decide(ledger, "A-2")
    calibrate(ledger, ("A-2", "leak"))
    assert hindered(ledger, "released", "all reviewed") == ("flagged", "released")
    decide(ledger, "A-2")
    (flag,) = flags_of(ledger, ID)
    assert flag.kept and not flag.open and flag.decision is not None and flag.decision.who == "wang"


def test_flags_of_items_that_a_calibration_did_not_look_at_stay(ledger: Ledger) -> None:
    scored(ledger)
    calibrate(ledger, ("A-2", "leak"), ("A-3", "leak"))
    decide(ledger, "A-2", "credit")  # a credited item is left out of the next calibration
    calibrate(ledger, judged=("A-1", "A-3"))
    assert [(flag.item, flag.open) for flag in flags_of(ledger, ID)] == [("A-2", False)]


def test_taking_back_by_hand_takes_back_what_comes_after(ledger: Ledger) -> None:
    to_release(ledger)
    assert take_back(ledger, ID, "scored", "a seat was read wrongly") == ("scored", "calibrated", "released")
    assert take_back(ledger, ID, "scored", "again") == ()
    assert [state.passed for state in stages_of(ledger, ID)] == [True, True, True, False, False, False]
    last = entries(ledger, subject=ID)[-1]
    assert (last.action, last.facts["stages"]) == ("stages taken back", ["scored", "calibrated", "released"])


def test_an_unknown_sitting_has_no_stages_and_passes_none(ledger: Ledger) -> None:
    assert stages_of(ledger, "nowhere") == () and steps_of(ledger, "nowhere") == ()
    found = pass_stage(ledger, "nowhere", "imported")
    assert found is not None and found.reason == "no_sitting"
    assert take_back(ledger, "nowhere", "imported", "why") == ()


# ---------------------------------------------------------------------------------------------- law


ACTIONS = (
    st.tuples(st.just("import"), st.integers(1, 2), st.sampled_from(["", "north"]))
    | st.tuples(st.just("analyse"), st.sets(st.sampled_from(ITEMS)))
    | st.tuples(st.just("decide"), st.sampled_from(ITEMS), st.sampled_from(["keep", "credit"]))
    | st.tuples(st.just("score"), st.integers(1, 2))
    | st.tuples(st.just("calibrate"))
    | st.tuples(st.just("calibrate"), st.tuples(st.sampled_from(ITEMS), st.sampled_from(["leak", "drift"])))
    | st.tuples(st.just("pass"), st.sampled_from(STAGES), st.sampled_from(["", "reviewed"]))
    | st.tuples(st.just("back"), st.sampled_from(STAGES))
)
ONWARD = [("import", 1, ""), ("analyse", set()), ("pass", "keys", "reviewed"), ("score", 1), ("calibrate",),
          ("pass", "released", "reviewed")]  # fmt: skip


def act(ledger: Ledger, action: tuple[object, ...]) -> None:
    word, *rest = action
    if word == "import":
        import_answers(ledger, version=rest[0], part=rest[1])  # type: ignore[arg-type]
    elif word == "analyse":
        analyse(ledger, held=tuple(rest[0]))  # type: ignore[arg-type]
    elif word == "decide":
        decide(ledger, *rest)  # type: ignore[arg-type]
    elif word == "score":
        score(ledger, version=rest[0])  # type: ignore[arg-type]
    elif word == "calibrate":
        calibrate(ledger, *rest)  # type: ignore[arg-type]
    elif word == "pass":
        pass_stage(ledger, ID, *rest)  # type: ignore[arg-type]
    else:
        take_back(ledger, ID, rest[0], "by hand")  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(before=st.lists(ACTIONS, max_size=4), start=st.booleans(), after=st.lists(ACTIONS, max_size=5))
def test_the_stages_that_stand_are_always_the_first_ones(
    before: list[tuple[object, ...]], start: bool, after: list[tuple[object, ...]]
) -> None:
    opened = open_ledger("sqlite://")
    import_answers(opened)
    rows: tuple[object, ...] = ()
    for action in [*before, *(ONWARD if start else []), *after]:
        was, n_steps = standing(opened), len(steps_of(opened, ID))
        act(opened, action)
        now = standing(opened)
        assert now == list(STAGES[: len(now)])
        if action[0] == "decide" and len(steps_of(opened, ID)) > n_steps:
            assert "scored" not in now
        if action[0] == "decide" and len(steps_of(opened, ID)) == n_steps:
            assert now == was
        if "keys" in now:
            assert undecided_items(opened, ID) == ()
        if "released" in now and "released" not in was:
            assert action[:2] == ("pass", "released") and not any(flag.open for flag in flags_of(opened, ID))
        steps = steps_of(opened, ID)
        assert steps[: len(rows)] == rows  # rows are only added
        rows = steps
    opened.close()
