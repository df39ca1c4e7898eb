"""Questions that do not count, through the loop: printed, answered, marked, analysed and calibrated, never summed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from qbank.core.form import Form, FormItem, answer_places, form_items, full_marks
from qbank.files.forms import read_form, write_form
from qbank.kinds import KINDS
from qbank.kinds.presentation import present_paper
from qbank.render.labels import section_note
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.bank import usable_bank
from qbank.workflow.calibration import calibrate_sitting
from qbank.workflow.papers import assemble_papers, audit_papers
from qbank.workflow.printing import print_papers
from qbank.workflow.score_list import scores_table
from qbank.workflow.scoring import score_sitting
from qbank.workflow.simulate import simulate_sitting
from qbank.workflow.sitting import add_responses
from tests.workflow.places import DATE, Place, read_table, write_table

TRIED = (("single", 4), ("single", 40), ("true_false", 10))
"""Where unscored questions stand: the kind of the section and the place, counted from 0."""


def unscored(entry: FormItem) -> FormItem:
    return replace(entry, scored=False, marks=0.0, worth=entry.marks)


@pytest.fixture
def tried(place: Place) -> tuple[Form, tuple[str, ...]]:
    """Return a paper with three questions of the other paper that do not count, and their ids."""
    first, second = place.forms
    ids, sections = [], []
    for section, other in zip(first.sections, second.sections, strict=True):
        items = list(section.items)
        for kind, at in TRIED:
            if kind == section.kind:
                items.insert(at, unscored(other.items[at]))
                ids.append(other.items[at].id)
        sections.append(replace(section, items=tuple(items)))
    form = replace(first, id="tried-1-A", sections=tuple(sections))
    write_form(form, place.root / "forms/tried/tried-1-A.yaml")
    again, problems = read_form(place.root / "forms/tried/tried-1-A.yaml")
    assert again == form and not problems
    return form, tuple(ids)


def stored(place: Place, form: Form, n_persons: int, seed: int = 5) -> Path:
    """Return the answers of a simulated sitting with the paper, added as T."""
    bank, _ = usable_bank(place.bank)
    assert bank is not None
    made = simulate_sitting((form,), bank, n_persons=n_persons, seed=seed, into=place.root / "s", sitting="T", date=DATE)
    done, problems = add_responses(
        made.responses, (place.root / "forms/tried",), place.workspace, id="T", date=DATE, design="none"
    )
    assert done is not None, problems
    assert done.n_items == 103
    return made.responses


def test_a_paper_says_how_many_questions_do_not_count_and_not_which(place: Place, tried: tuple[Form, tuple[str, ...]]) -> None:
    form, _ = tried
    bank, _ = usable_bank(place.bank)
    assert bank is not None
    paper, problems = present_paper(form, bank)
    assert paper is not None and not problems
    assert section_note(paper, paper.sections[0]).endswith("每题1分，满分80分。其中2题为试测题，不计分。）")
    assert section_note(paper, paper.sections[1]).endswith("每题1分，满分20分。其中1题为试测题，不计分。）")
    english = replace(paper, language="en")
    assert section_note(english, paper.sections[1]).endswith(
        "1 each, 20 in all. One of these questions is being tried out and does not count.)"
    )
    counted = replace(form, sections=tuple(replace(s, items=tuple(map(scored, s.items))) for s in form.sections))
    plain, _ = present_paper(counted, bank)
    assert plain is not None
    same = [[replace(q, scored=True) for q in section.questions] for section in paper.sections]
    assert same == [list(section.questions) for section in plain.sections]


def scored(entry: FormItem) -> FormItem:
    return replace(entry, scored=True, marks=full_marks(entry), worth=0.0)


@pytest.mark.parametrize("to", ["txt", "html", "pdf"])
def test_the_key_names_the_questions_that_do_not_count(place: Place, tried: tuple[Form, tuple[str, ...]], to: str) -> None:
    files, problems = print_papers((place.root / "forms/tried",), place.workspace, to=to, into=place.root / "out")
    assert not problems
    assert {path.stem.removeprefix("tried-1-A-") for path in files} == {"paper", "key", "answer-sheet"}
    for path in files:
        data = path.read_bytes()
        assert data
        if to != "pdf":
            words = data.decode("utf-8")
            named = "第5、41题" in words and "第93题" in words
            assert named == path.stem.endswith("-key")


def test_marks_leave_out_what_does_not_count(place: Place, tried: tuple[Form, tuple[str, ...]]) -> None:
    form, ids = tried
    header = ["person", *(entry.id for entry in answer_places(form))]
    right = {
        entry.id: KINDS[entry.kind].show_answer(KINDS[entry.kind].key_label(entry.marked), entry.order, "zh")
        for entry in answer_places(form)
    }
    rows = [
        ["all", *(right[id] for id in header[1:])],
        ["only tried", *(right[id] if id in ids else "" for id in header[1:])],
        ["not tried", *("" if id in ids else right[id] for id in header[1:])],
    ]
    path = write_table(place.root / "a" / "answers.csv", header, rows)
    done, problems = add_responses(path, (place.root / "forms/tried",), place.workspace, id="T", date=DATE, design="none")
    assert done is not None, problems
    found, problems = score_sitting("T", place.workspace)
    assert found is not None and not problems
    assert found.scores.total.tolist() == [100.0, 0.0, 100.0]
    column = [found.stored.responses.items.index(id) for id in ids]
    assert found.scores.share[:, column].tolist() == [[1.0] * 3, [1.0] * 3, [0.0] * 3]
    assert [row[2:-1] for row in scores_table(found, 0, "zh")[1]] == [
        [80.0, 20.0, 100.0, "合格"], [0.0, 0.0, 0.0, "不合格"], [80.0, 20.0, 100.0, "合格"],
    ]  # fmt: skip


def test_what_does_not_count_is_analysed_against_what_does_and_calibrated(
    place: Place, tried: tuple[Form, tuple[str, ...]]
) -> None:
    form, ids = tried
    header, rows = read_table(stored(place, form, 80))
    analysed, problems = analyse_sitting("T", place.workspace, into=place.root / "report")
    assert analysed is not None, problems
    table = analysed.analysis.items
    assert table.filter(~pl.col("scored"))["item"].to_list() == [e.id for e in form_items(form) if not e.scored]
    right = {e.id: KINDS[e.kind].show_answer(KINDS[e.kind].key_label(e.marked), e.order, "zh") for e in form_items(form)}
    given = np.array([[row[header.index(id)] == right[id] for id in right] for row in rows], dtype=float)
    counts = np.array([entry.scored for entry in form_items(form)])
    total = given[:, counts].sum(axis=1)
    for n, id in enumerate(right):
        (row,) = table.filter(pl.col("item") == id).to_dicts()
        assert row["facility"] == pytest.approx(given[:, n].mean())
        if row["status"] == "ok":
            rest = total - given[:, n] * counts[n]
            assert row["item_rest"] == pytest.approx(np.corrcoef(given[:, n], rest)[0, 1])
    assert analysed.analysis.reliability["n_items"].to_list() == [100]
    assert analysed.analysis.rates["mean"][0] == pytest.approx(total.mean())
    assert (place.root / "report" / "T.html").read_text("utf-8").count("its marks do not count") >= 3
    fit, problems = calibrate_sitting("T", place.workspace, model="rasch")
    assert fit is not None, problems
    assert set(ids) - set(fit.left_out) <= set(fit.items)
    assert not set(ids) <= set(fit.left_out)


def test_the_audit_counts_marks_and_sections_without_what_does_not_count(
    place: Place, tried: tuple[Form, tuple[str, ...]]
) -> None:
    done, _ = audit_papers((place.root / "forms/tried",), place.workspace, place.blueprint)
    assert done is not None
    found = {check.rule: check.found for check in done.audit.checks}
    assert found["marks"] == 100
    assert [found[rule] for rule in found if rule.startswith("section ")] == [80, 20]


def test_an_item_that_counts_on_one_paper_and_is_tried_on_another_is_summed_where_it_counts(place: Place) -> None:
    first, second = place.forms
    shared = first.sections[1].items[0]
    tries = replace(
        second, sections=(second.sections[0], replace(second.sections[1], items=(*second.sections[1].items, unscored(shared))))
    )
    for form in (first, tries):
        write_form(form, place.root / "forms/tried" / f"{form.id}.yaml")
    items = list(dict.fromkeys(entry.id for form in (first, tries) for entry in answer_places(form)))
    key = "√" if shared.marked["key"] == "true" else "×"
    rows = [[form.id, form.id, *(key if id == shared.id else "" for id in items)] for form in (first, tries)]
    path = write_table(place.root / "a" / "answers.csv", ["person", "form", *items], rows)
    done, problems = add_responses(
        path, (place.root / "forms/tried",), place.workspace, id="T", date=DATE, design="anchor"
    )
    assert done is not None, problems
    found, _ = score_sitting("T", place.workspace)
    assert found is not None
    column = found.stored.responses.items.index(shared.id)
    assert found.scores.share[:, column].tolist() == [1.0, 1.0]
    assert found.scores.total.tolist() == [1.0, 0.0]


def test_a_blueprint_with_pretests_fixed_places_and_versions_goes_through_the_whole_loop(place: Place) -> None:
    source = place.blueprint.read_text("utf-8").replace("forms: 2", "forms: 1\nversions: 3\norder: grade")
    source = source.replace("  - once_per: competency", (
        "  - once_per: competency\n"
        "  - pretest: {section: 单项选择题, items: 4, where: 'id != \"BOF4-BCC-01\"'}\n"
        "  - pretest: {section: 判断题, items: 2, places: [3, 11]}\n"
        "  - place: {item: BOF4-BCC-01, at: 7}"
    ))  # fmt: skip
    plan = place.root / "blueprints" / "tried.yaml"
    plan.write_text(source.replace("blueprint: bof-4-theory", "blueprint: tried"), "utf-8")
    made, problems = assemble_papers(plan, place.workspace, as_of=DATE)
    assert made is not None, problems
    assert [form.id for form in made.forms] == ["tried-1-A", "tried-1-A-v2", "tried-1-A-v3"]
    for form in made.forms:
        single, judged = form.sections
        assert (len(single.items), len(judged.items)) == (84, 22)
        assert single.items[6].id == "BOF4-BCC-01"
        apart = [n for n, entry in enumerate(single.items) if not entry.scored]
        assert all(15 <= b - a <= 27 for a, b in pairwise(apart))
        assert [n for n, entry in enumerate(judged.items, start=1) if not entry.scored] == [3, 11]
    done, problems = audit_papers((place.root / "forms/tried",), place.workspace)
    assert done is not None and all(check.holds for check in done.audit.checks)
    assert "version: fixed places" in {check.rule for check in done.audit.checks}
    bank, _ = usable_bank(place.bank)
    assert bank is not None
    sat = simulate_sitting(made.forms, bank, n_persons=60, seed=2, into=place.root / "s", sitting="T", date=DATE)
    added, problems = add_responses(
        sat.responses, (place.root / "forms/tried",), place.workspace, id="T", date=DATE, design="none"
    )
    assert added is not None and added.n_items == 106, problems
    found, _ = score_sitting("T", place.workspace)
    assert found is not None
    tried = {entry.id for entry in form_items(made.forms[0]) if not entry.scored}
    counts = [id not in tried for id in found.stored.responses.items]
    assert len(tried) == 6
    assert np.array_equal(found.scores.total, found.scores.share[:, counts].sum(axis=1))
    assert (found.scores.share[:, np.logical_not(counts)].mean(axis=0) > 0).all()
