"""Who the marks are of: whether they sat, on which paper, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qbank.core.form import answer_places, papers_of
from qbank.core.responses import STANDINGS, Standing, plain_number
from qbank.files.answers.papers import form_words, plain_word
from qbank.files.answers.papers import papers_of as places_of
from qbank.files.answers.persons import STATUS
from qbank.files.answers.ratings.marks import Marks
from qbank.files.answers.reading import Reading
from qbank.messages.lists import some


def only_those_who_sat(marks: Marks, known: Mapping[str, str]) -> None:
    """Add an error for each person of whom the sitting has no answers."""
    numbers = list(known)
    for number, index in marks.persons.items():
        if plain_number(number) not in known:
            near = marks.near(plain_number(number), numbers)
            marks.wrong("R329", marks.rows[index], person=number, n=len(numbers), suggestion=near)


def forms_of_persons(marks: Marks, known: Mapping[str, str], reading: Reading) -> list[int]:
    """Return each person's paper: as the file says, as other files of the sitting say, or the only one with the items."""
    ids = [form.id for form in marks.forms]
    papers = papers_of(marks.forms)[1]
    holding = {id: [n for n, form in enumerate(marks.forms) if any(p.id == id for p in answer_places(form))] for id in marks.items}
    words = form_words(places_of(marks.forms), reading.forms)
    had: dict[int, set[str]] = {}
    for person, id, _, _ in marks.given:
        had.setdefault(person, set()).add(id)
    found = []
    for number, index in marks.persons.items():
        said = marks.about[index].get("form", "") or known.get(plain_number(number), "")
        if said:
            if plain_word(said) not in words:
                marks.wrong("R110", marks.rows[index], form=said, forms=some(ids, most=8))
            found.append(words.get(plain_word(said), 0))
            continue
        fitting = [n for n in range(len(ids)) if all(n in holding[id] for id in had.get(index, ()))]
        if not fitting or len({papers[n] for n in fitting}) > 1:
            marks.wrong("R330", marks.rows[index], person=number, forms=some(ids, most=8))
        found.append(fitting[0] if fitting else 0)
    for person, id, step, rater in marks.given:
        if found[person] not in holding[id]:
            cell = marks.given[person, id, step, rater][1]
            if not np.isnan(marks.given[person, id, step, rater][0]):
                marks.wrong("R114", cell, item=id, form=ids[found[person]])
    return found


def about_persons(marks: Marks, role: str) -> tuple[str, ...]:
    """Return what the sheets say of each person by one role, nothing where no sheet has it."""
    return tuple(about.get(role, "") for about in marks.about) if any(role in about for about in marks.about) else ()


def standing_of(marks: Marks, index: int, reading: Reading) -> Standing:
    """Return what became of a person, by a word of the sheet."""
    word = plain_word(marks.about[index].get("status", ""))
    own = {plain_word(one): status for status in STANDINGS for one in (*STATUS[status], *reading.words.get(status, ()))}
    if word not in own:
        marks.wrong("R112", marks.rows[index], found=marks.about[index]["status"])
    return own.get(word, "present")
