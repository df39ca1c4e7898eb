"""The eight digits on every page tell papers apart, and nothing of their keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qbank.core.bank import Bank
from qbank.core.exam import shown_digest
from qbank.core.form import Form, FormItem, form_digest, form_items
from qbank.core.presentation import Paper
from qbank.kinds.presentation import present_paper
from qbank.render.html import html_text
from qbank.workflow.paper_files import read_forms
from qbank.workflow.papers import bank_of
from qbank.workflow.workspace import Workspace
from tests.workflow.places import prepared


@pytest.fixture(scope="module")
def printed() -> tuple[Form, Bank]:
    """Return a paper as its file says, and its bank."""
    place = prepared()
    (form,), _ = read_forms((place.form_folder / f"{place.forms[0].id}.yaml",))
    bank, _ = bank_of(form, Workspace(place.root, "zh", str(place.root / "ledger.db")))
    assert bank is not None
    return form, bank


def with_first(form: Form, entry: FormItem) -> Form:
    """Return the paper with its first place replaced, alone on the paper."""
    return replace(form, sections=(replace(form.sections[0], items=(entry,)),))


def paper_of(form: Form, bank: Bank) -> Paper:
    """Return the paper as it is printed."""
    paper, problems = present_paper(form, bank)
    assert not problems
    assert paper is not None
    return paper


def test_no_key_that_a_candidate_tries_changes_what_is_printed(printed: tuple[Form, Bank]) -> None:
    form, bank = printed
    first = form_items(form)[0]
    one = paper_of(with_first(form, first), bank)
    tried = [with_first(form, replace(first, marked={"key": letter})) for letter in "ABCD"]
    assert len({form_digest(other) for other in tried}) == 4
    assert {paper_of(other, bank).digest for other in tried} == {one.digest}
    assert one.digest not in {form_digest(other)[:8] for other in tried}
    for part in ("paper", "answer-sheet"):
        page = html_text(one, part)  # type: ignore[arg-type]
        assert one.digest in page
        assert not any(form_digest(other)[:8] in page for other in tried)


def test_another_order_of_options_or_of_questions_is_another_digest(printed: tuple[Form, Bank]) -> None:
    form, bank = printed
    first, second, *others = form.sections[0].items
    papers = [
        form,
        replace(form, sections=(replace(form.sections[0], items=(second, first, *others)), *form.sections[1:])),
        replace(form, sections=(replace(form.sections[0], items=(replace(first, order=first.order[::-1]), second, *others)), *form.sections[1:])),
        replace(form, id="another"),
    ]
    assert len({paper_of(paper, bank).digest for paper in papers}) == 4


def test_words_of_the_program_and_of_the_head_do_not_count(printed: tuple[Form, Bank]) -> None:
    form, bank = printed
    sections = tuple(replace(section, title="X", instruction="Y") for section in form.sections)
    assert paper_of(replace(form, title="T", sections=sections), bank).digest == paper_of(form, bank).digest


def test_a_mark_written_in_another_way_is_told_apart_though_it_is_equal(printed: tuple[Form, Bank]) -> None:
    paper = paper_of(*printed)
    section = paper.sections[0]
    other = replace(section, questions=(replace(section.questions[0], marks=1), replace(section.questions[0], marks=1.0)))
    one, two = (shown_digest(replace(paper, sections=(replace(other, questions=(question,)),))) for question in other.questions)
    assert one != two
