"""Marks by columns are those that a person with a pencil would give, whatever the papers, kinds and rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.form import Certificate, Form, FormItem, FormSection
from qbank.core.item import Marked
from qbank.core.responses import NOT_MARKED, NOT_REACHED, NOT_SEEN, OMITTED, STANDINGS, VOID, Responses
from qbank.core.scoring_changes import Rekey
from qbank.core.scoring_rules import (
    CalibrationRules,
    Rounding,
    ScoringRules,
    as_settings,
    in_words,
    overlaid,
    read_settings,
)
from qbank.kinds.marking import printed_markings, rekeyed, remarked
from qbank.kinds.scoring import Scores, calibration_share, rounded, score, statistics_share

FOLD = {"case": True, "width": True, "space": True}
KEYS: dict[str, Marked] = {
    "single": {"key": "B"},
    "multiple": {"key": "AC", "credit": "share"},
    "true_false": {"key": "true"},
    "fill": {"key": tuple({"accept": (w,), "pattern": ""} for w in "abc"), "fold": FOLD, "any_order": False, "credit": "each"},
    "numeric": {"value": 12.0, "tolerance": 0.5, "unit": "kg"},
    "matching": {"key": "BAC", "credit": "each"},
    "essay": {"most": 3.0},
}
LABELS: dict[str, dict[str, Fraction]] = {
    "single": {"A": Fraction(0), "B": Fraction(1), "D": Fraction(0)},
    "multiple": {"A": Fraction(1, 2), "AC": Fraction(1), "AB": Fraction(0)},
    "true_false": {"true": Fraction(1), "false": Fraction(0)},
    "fill": {"a;b;c": Fraction(1), "a;b;x": Fraction(2, 3), "a;x;x": Fraction(1, 3), "x;x;x": Fraction(0)},
    "numeric": {"12.4": Fraction(1), "13": Fraction(0)},
    "matching": {"BAC": Fraction(1), "BCA": Fraction(1, 3), "CBA": Fraction(0)},
    "essay": {"3": Fraction(1), "1.5": Fraction(1, 2), "0": Fraction(0)},
}
"""What every answer earns, counted by hand."""
PENALTIES = ("single", "multiple", "true_false", "fill", "numeric", "matching")


def place(id: str, kind: str, marks: float, *, scored: bool = True, marked: Marked | None = None) -> FormItem:
    return FormItem(id, kind, f"{id}.m", "ABCD", marks * scored, marked or KEYS[kind], "D", "C", scored, worth=0.0 if scored else marks)


def paper(id: str, *sections: tuple[str, list[FormItem]], marks: float = 100.0) -> Form:
    proved = Certificate(0.0, 0.0, 0.0, (), "none", "judged")
    parts = tuple(FormSection(title, items[0].kind if items else "single", 1.0, tuple(items)) for title, items in sections)
    return Form(id, "b", "t", "s", "zh", 4, 60, marks, 60.0, "bank", "", "", "", "2026-01-01", "0", 1, parts, proved)


def sat(forms: tuple[Form, ...], rows: list[tuple[int, str, Mapping[str, str | int]]]) -> Responses:
    """Return responses; a row is (paper, standing, item → label or code)."""
    items = tuple(dict.fromkeys(entry.id for form in forms for section in form.sections for entry in section.items))
    words: list[dict[str, int]] = [{} for _ in items]
    answer = np.full((len(rows), len(items)), NOT_SEEN, dtype=np.int16)
    for row, (_, _, cells) in enumerate(rows):
        for item, said in cells.items():
            column = items.index(item)
            answer[row, column] = said if isinstance(said, int) else words[column].setdefault(said, len(words[column]))
    return Responses(
        "S", tuple(f"p{n}" for n in range(len(rows))), items, answer, tuple(tuple(known) for known in words),
        tuple(form.id for form in forms), np.array([row[0] for row in rows], dtype=np.int16), (),
        np.array([STANDINGS.index(row[1]) for row in rows], dtype=np.int8),
    )  # fmt: skip


def scored(forms: tuple[Form, ...], responses: Responses, rules: ScoringRules | None = None, **more: frozenset[str]) -> Scores:
    return score(responses, printed_markings(forms), forms, rules or ScoringRules(), **more)


# ---------------------------------------------------------------------------------------------- the law


@dataclass(frozen=True)
class Case:
    forms: tuple[Form, ...]
    rows: list[tuple[int, str, Mapping[str, str | int]]]
    rules: ScoringRules
    credited: frozenset[str]
    dropped: frozenset[str]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    ids = [f"Q{n}" for n in range(draw(st.integers(1, 6)))]
    kinds = {id: draw(st.sampled_from(sorted(KEYS))) for id in ids}
    marks = st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0])
    forms = []
    for number in range(draw(st.integers(1, 3))):
        held = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
        cut = draw(st.integers(0, len(held)))
        entries = [place(id, kinds[id], draw(marks), scored=draw(st.integers(0, 5)) > 0) for id in held]
        forms.append(paper(f"P{number}", ("I", entries[:cut]), (draw(st.sampled_from(["II", "III"])), entries[cut:])))
    rows = []
    for _ in range(draw(st.integers(0, 8))):
        form = draw(st.integers(0, len(forms) - 1))
        cells = {}
        for section in forms[form].sections:
            for entry in section.items:
                said = st.sampled_from([*LABELS[entry.kind], "marks:0.5", OMITTED, NOT_REACHED, VOID, NOT_MARKED])
                cells[entry.id] = draw(said)
        rows.append((form, draw(st.sampled_from(["present", "present", "present", *STANDINGS])), cells))
    rules = ScoringRules(
        omitted=draw(st.sampled_from(["zero", "not_seen"])), not_reached=draw(st.sampled_from(["zero", "not_seen"])),
        void_answer=draw(st.sampled_from(["rescale", "zero", "full", "not_seen"])),
        penalty={kind: draw(st.sampled_from([0.25, 0.5, 1.0])) for kind in draw(st.lists(st.sampled_from(PENALTIES), unique=True))},
        floor=draw(st.sampled_from(["none", "item", "section", "total"])),
        round=Rounding(
            step=draw(st.sampled_from([0.0, 0.5, 1.0])),
            direction=draw(st.sampled_from(["half_up", "half_even", "up", "down"])),
        ),
        item_step=draw(st.sampled_from([0.0, 0.5])), dropped=draw(st.sampled_from(["rescale", "as_is"])),
    )  # fmt: skip
    some = st.sets(st.sampled_from(ids), max_size=2)
    return Case(tuple(forms), rows, rules, frozenset(draw(some)), frozenset(draw(some)))


def by_hand(case: Case, row: int) -> Fraction | None:
    """Return the total of one person, item by item, in exact arithmetic; None of who has none, or none yet."""
    form_number, standing, cells = case.rows[row]
    if standing != "present":
        return None
    rules, form = case.rules, case.forms[form_number]
    total, all_marks, left, void = Fraction(0), Fraction(0), Fraction(0), Fraction(0)
    for title in dict.fromkeys(section.title for section in form.sections):
        sum_of_section = Fraction(0)
        for entry in (entry for section in form.sections if section.title == title for entry in section.items):
            full = Fraction(entry.marks)
            all_marks += full
            if entry.id in case.dropped:
                continue
            left += full
            if cells[entry.id] == VOID and entry.id not in case.credited:
                void += full
            if cells[entry.id] == NOT_MARKED and full and entry.id not in case.credited:
                return None
            earned = item_by_hand(case, entry, cells[entry.id]) * full
            sum_of_section += max(earned, Fraction(0)) if rules.floor == "item" else earned
        total += max(sum_of_section, Fraction(0)) if rules.floor == "section" else sum_of_section
    if rules.dropped == "rescale" and left:
        total *= all_marks / left
    if rules.void_answer == "rescale" and left > void:
        total *= left / (left - void)
    if rules.floor == "total":
        total = max(total, Fraction(0))
    return in_steps(total, rules.round)


def item_by_hand(case: Case, entry: FormItem, said: str | int) -> Fraction:
    rules, worth = case.rules, Fraction(entry.marks or entry.worth)
    if entry.id in case.credited:
        return Fraction(1)
    if isinstance(said, int):
        full = said == VOID and rules.void_answer == "full"
        return Fraction(int(full))
    if said.startswith("marks:"):
        share = min(Fraction(said[6:]) / worth, Fraction(1))
    else:
        share = LABELS[entry.kind][said]
    if rules.item_step and share < 1:
        step = Fraction(rules.item_step)
        share = math.floor(share * worth / step) * step / worth
    if share == 0 and not said.startswith("marks:"):
        return -Fraction(rules.penalty.get(entry.kind, 0.0))
    return share


def in_steps(value: Fraction, rounding: Rounding) -> Fraction:
    if not rounding.step:
        return value
    step = Fraction(rounding.step)
    n = value / step
    whole = {
        "half_up": math.floor(n + Fraction(1, 2)), "half_even": round(n), "up": math.ceil(n), "down": math.floor(n),
    }[rounding.direction]  # fmt: skip
    return whole * step


@given(cases())
@settings(max_examples=150, deadline=None)
def test_totals_by_columns_are_those_counted_person_by_person(case: Case) -> None:
    responses = sat(case.forms, case.rows)
    found = scored(case.forms, responses, case.rules, credited=case.credited - case.dropped, dropped=case.dropped)
    for row in range(len(case.rows)):
        expected = by_hand(case, row)
        if expected is None:
            assert math.isnan(found.total[row]) and found.present[row] == (case.rows[row][1] == "present")
            assert found.present[row] or np.isnan(found.share[row]).all()
        else:
            assert found.total[row] == pytest.approx(float(expected), abs=1e-9)
            if case.rules.round.step:
                assert found.total[row] / case.rules.round.step == round(found.total[row] / case.rules.round.step)


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_persons_in_another_order_have_the_same_totals(case: Case, random: object) -> None:
    order = list(range(len(case.rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    one = scored(case.forms, sat(case.forms, case.rows), case.rules, dropped=case.dropped)
    two = scored(case.forms, sat(case.forms, [case.rows[n] for n in order]), case.rules, dropped=case.dropped)
    np.testing.assert_array_equal(two.total, one.total[order])


@given(cases(), st.sampled_from("ACD"))
@settings(max_examples=60, deadline=None)
def test_another_key_scores_as_a_paper_printed_with_it(case: Case, letter: str) -> None:
    responses, marking = sat(case.forms, case.rows), printed_markings(case.forms)
    choice = [id for id, entry in marking.items() if entry.kind == "single"]
    changes = tuple(Rekey(id, "", letter, ({"key": letter},), remarked(f"{id}.m", 0, ({"key": letter},)), "asked") for id in choice)
    printed = tuple(
        paper(form.id, *(
            (section.title, [
                place(e.id, e.kind, e.marks or e.worth, scored=e.scored, marked={"key": letter} if e.kind == "single" else None)
                for e in section.items
            ]) for section in form.sections
        )) for form in case.forms
    )  # fmt: skip
    new = score(responses, rekeyed(marking, changes), case.forms, case.rules, dropped=case.dropped)
    expected = scored(printed, responses, case.rules, dropped=case.dropped)
    np.testing.assert_array_equal(new.total, expected.total)
    np.testing.assert_array_equal(new.share, expected.share)


# ---------------------------------------------------------------------------------------------- examples


ONE = (paper("P", ("I", [place("Q1", "single", 1), place("Q2", "fill", 1), place("Q3", "true_false", 2)])),)


def total(cells: Mapping[str, str | int], rules: ScoringRules | None = None, **more: frozenset[str]) -> float:
    return float(scored(ONE, sat(ONE, [(0, "present", cells)]), rules, **more).total[0])


def test_items_are_exact_and_the_total_is_rounded_once_at_the_end() -> None:
    two = (paper("P", ("I", [place("Q1", "fill", 1), place("Q2", "fill", 1)])),)
    found = scored(two, sat(two, [(0, "present", {"Q1": "a;b;x", "Q2": "a;b;x"})]))
    assert found.share[0].tolist() == [pytest.approx(2 / 3)] * 2
    assert found.exact[0] == pytest.approx(4 / 3) and found.total[0] == 1.5
    assert scored(two, sat(two, [(0, "present", {"Q1": "a;b;x", "Q2": "a;b;x"})]), ScoringRules(item_step=0.5)).total[0] == 1.0


@pytest.mark.parametrize(
    ("marks", "earned"),
    [(1.0, [1, 0.5, 0, 0]), (2.0, [2, 1, 0.5, 0]), (3.0, [3, 2, 1, 0]), (0.5, [0.5, 0, 0, 0]), (1.5, [1.5, 1, 0.5, 0])],
)
def test_a_centre_that_marks_in_halves_rounds_every_item_down(marks: float, earned: list[float]) -> None:
    """Three blanks: all, two, one, none of them filled rightly."""
    form = (paper("P", ("I", [place("Q", "fill", marks)])),)
    rows: list[tuple[int, str, Mapping[str, str | int]]] = [(0, "present", {"Q": label}) for label in LABELS["fill"]]
    assert scored(form, sat(form, rows), ScoringRules(item_step=0.5)).total.tolist() == earned


def test_a_wrong_answer_costs_marks_and_an_omitted_one_does_not() -> None:
    rules = ScoringRules(penalty={"single": 0.25, "true_false": 1}, floor="none", round=Rounding(step=0))
    assert total({"Q1": "A", "Q2": OMITTED, "Q3": "false"}, rules) == -2.25
    assert total({"Q1": OMITTED, "Q2": OMITTED, "Q3": OMITTED}, rules) == 0
    assert total({"Q1": "A", "Q2": "x;x;x", "Q3": "true"}, rules) == 1.75
    assert total({"Q1": "A", "Q2": OMITTED, "Q3": "false"}, overlaid(rules, ScoringRules(floor="total"))) == 0


def test_dropped_items_leave_the_paper_and_its_marks_stay() -> None:
    cells = {"Q1": "B", "Q2": "x;x;x", "Q3": "false"}
    assert total(cells) == 1.0
    assert total(cells, dropped=frozenset({"Q2"})) == 1.5  # 1 of 3, scaled to 4: 1.33
    assert total(cells, ScoringRules(dropped="as_is"), dropped=frozenset({"Q2"})) == 1.0
    found = scored(ONE, sat(ONE, [(0, "present", cells)]), dropped=frozenset({"Q2"}))
    assert found.counted[0].sum() == pytest.approx(4) and found.counted[0, 1] == 0
    assert total(cells, dropped=frozenset({"Q1", "Q2", "Q3"})) == 0


def test_credit_is_for_everybody_present_who_had_the_item() -> None:
    two = (ONE[0], paper("R", ("I", [place("Q3", "true_false", 2)])))
    rows: list[tuple[int, str, Mapping[str, str | int]]] = [
        (0, "present", {"Q1": "A", "Q2": OMITTED, "Q3": NOT_REACHED}), (0, "present", {"Q1": VOID, "Q2": OMITTED, "Q3": OMITTED}),
        (0, "void", {"Q1": "B", "Q2": OMITTED, "Q3": OMITTED}), (1, "present", {"Q3": "true"}),
    ]  # fmt: skip
    found = scored(two, sat(two, rows), credited=frozenset({"Q1"}))
    assert found.share[:, 0].tolist() == [1, 1, pytest.approx(math.nan, nan_ok=True), pytest.approx(math.nan, nan_ok=True)]
    assert found.total.tolist() == [1, 1, pytest.approx(math.nan, nan_ok=True), 2]


def test_nobody_one_person_and_an_item_without_any_answer_are_no_trouble() -> None:
    assert scored(ONE, sat(ONE, [])).total.shape == (0,)
    assert np.isnan(scored(ONE, sat(ONE, [(0, "absent", {})])).total).all()
    rules = ScoringRules(omitted="not_seen")
    found = scored(ONE, sat(ONE, [(0, "present", {"Q1": OMITTED, "Q2": OMITTED, "Q3": OMITTED})]), rules)
    assert np.isnan(found.share).all() and found.total.tolist() == [0]


@given(cases(), st.data())
def test_a_question_that_is_void_for_everybody_is_one_that_was_dropped(case: Case, data: st.DataObject) -> None:
    void = data.draw(st.sampled_from(sorted({entry.id for form in case.forms for section in form.sections for entry in section.items})))
    rows = [(form, standing, {id: VOID if id == void else said for id, said in cells.items() if id == void or said != VOID}) for form, standing, cells in case.rows]
    rules = case.rules.model_copy(update={"void_answer": "rescale", "dropped": "rescale"})
    credited = case.credited - {void}
    one = scored(case.forms, sat(case.forms, rows), rules, credited=credited)
    other = scored(case.forms, sat(case.forms, rows), rules, credited=credited, dropped=frozenset({void}))
    left = [sum(entry.marks for section in case.forms[form].sections for entry in section.items if entry.id != void) for form, _, _ in rows]
    some = np.array(left) > 0  # of a paper of one question nothing is left either way
    np.testing.assert_allclose(one.exact[some], other.exact[some], rtol=1e-12)


def test_what_is_left_of_a_paper_with_a_void_answer_stands_for_all_of_it() -> None:
    rows: list[tuple[int, str, Mapping[str, str | int]]] = [(0, "present", {"Q1": VOID, "Q2": OMITTED, "Q3": OMITTED})]
    marks = {entry.id: entry.marks for section in ONE[0].sections for entry in section.items}
    answered = dict.fromkeys(marks, OMITTED) | {"Q1": "B", "Q2": VOID}
    found = scored(ONE, sat(ONE, [*rows, (0, "present", answered), (0, "present", dict.fromkeys(marks, VOID))]))
    whole, rest = sum(marks.values()), sum(marks.values()) - marks["Q2"]
    right = found.share[1, 0] * marks["Q1"]
    assert right > 0
    assert found.exact.tolist() == [0.0, pytest.approx(right * whole / rest), 0.0]


def test_what_no_answer_counts_as_in_calibration_is_its_own_rule() -> None:
    rows: list[tuple[int, str, Mapping[str, str | int]]] = [(0, "present", {"Q1": OMITTED, "Q2": NOT_REACHED, "Q3": VOID})]
    responses = sat(ONE, rows)
    usual = scored(ONE, responses, ScoringRules(void_answer="full"))
    np.testing.assert_array_equal(calibration_share(usual, responses), [[0, np.nan, np.nan]])
    np.testing.assert_array_equal(statistics_share(usual, responses), [[0, 0, np.nan]])
    rules = ScoringRules(calibration=CalibrationRules(omitted="not_seen", not_reached="wrong"))
    np.testing.assert_array_equal(calibration_share(scored(ONE, responses, rules), responses), [[np.nan, 0, np.nan]])


def test_several_keys_give_the_best_of_them() -> None:
    keys: tuple[Marked, ...] = ({"key": "AC", "credit": "share"}, {"key": "ACD", "credit": "share"})
    form = (paper("P", ("I", [place("Q", "multiple", 3)])),)
    marking = rekeyed(printed_markings(form), (Rekey("Q", "", "AC|ACD", keys, "Q.x", "asked"),))
    rows: list[tuple[int, str, Mapping[str, str | int]]] = [(0, "present", {"Q": said}) for said in ("AC", "ACD", "AD", "A", "B")]
    assert score(sat(form, rows), marking, form, ScoringRules()).total.tolist() == [3, 3, 2, 1.5, 0]


def test_rounding_names_its_direction() -> None:
    value = np.array([0.25, 0.75, -0.25, 1.1, 0.1 + 0.2 + 0.2])
    assert rounded(value, Rounding()).tolist() == [0.5, 1.0, 0.0, 1.0, 0.5]
    assert rounded(value, Rounding(direction="half_even")).tolist() == [0, 1.0, 0, 1.0, 0.5]
    assert rounded(value, Rounding(direction="up")).tolist() == [0.5, 1.0, 0, 1.5, 0.5]
    assert rounded(value, Rounding(direction="down")).tolist() == [0, 0.5, -0.5, 1.0, 0.5]


# ---------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize("language", ["zh", "en"])
@given(cases())
@settings(max_examples=20, deadline=None)
def test_every_rule_has_its_words_and_comes_back_from_its_settings(language: str, case: Case) -> None:
    words = dict(in_words(case.rules, "zh" if language == "zh" else "en"))
    assert len(words) >= 9 and all(words.values())
    assert read_settings(as_settings(case.rules)) == case.rules


def test_nearer_rules_win_key_by_key() -> None:
    far = read_settings({"penalty": {"single": 0.25}, "round": {"step": 1}, "floor": "none"})
    near = read_settings({"penalty": {"true_false": 1}, "round": {"direction": "down"}})
    assert as_settings(overlaid(far, near), given_only=True) == {
        "penalty": {"true_false": 1.0}, "round": {"step": 1.0, "direction": "down"}, "floor": "none",
    }  # fmt: skip
