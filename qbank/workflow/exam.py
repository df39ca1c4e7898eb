"""print --to exam, --to json: what a computer exam room gets of a paper, and the key apart from it."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from qbank.core.bank import Bank
from qbank.core.exam import exam_digest, shown_digest
from qbank.core.form import Form
from qbank.core.presentation import Paper
from qbank.files.roster import Person, Roster
from qbank.kinds.presentation import customary_notices, on_screen, ranking_notices
from qbank.messages import text
from qbank.problem import Problem, Span, error, warning
from qbank.workflow.unprintable import unprintable

if TYPE_CHECKING:
    from qbank.workflow.unprintable import Tell

LOCAL_NAMES = ("localhost", ".local", ".lan", ".home.arpa", ".internal")
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~/%-]*)?")


def exam_files(
    form: Form, paper: Paper, bank: Bank, *, minutes: int | None = None, submit: str = "", persons: Sequence[Person] = (),
    tell: Tell = unprintable,
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the pages on which a paper is sat by name: one for anybody, or one for each person of a roster."""
    from qbank.render import UnprintableText
    from qbank.render.exam import Candidate, exam_pages

    if submit and not is_near(submit):
        return {}, [error("Z701", Span(paper.code), address=submit)]
    allowed = minutes or paper.minutes
    notices = None
    if paper.notices == customary_notices(form, bank):
        notices = tuple(text(paper.language, f"exam.notice_{n}", minutes=allowed) for n in range(1, 6)) + ranking_notices(form)
    try:
        pages = exam_pages(
            on_screen(paper, form), digest=exam_digest(form), shown=shown_digest(paper), minutes=allowed, submit=submit, notices=notices
        )
    except UnprintableText as fault:
        return {}, tell(fault, paper, bank)
    away = [question.number for section in paper.sections for question in section.questions if question.task]
    problems = [warning("Z702", Span(paper.code), numbers=", ".join(map(str, away)))] if away else []
    if not persons:
        return {f"{paper.code}-exam.html": pages.page()}, problems
    names = [f"{paper.code}-exam-{file_word(person.number)}.html" for person in persons]
    candidates = [Candidate(person.number, person.name, person.seat) for person in persons]
    twice = sorted({name for name in names if names.count(name) > 1}) if len({*names}) < len(names) else []
    if twice:
        return {}, [error("Z703", Span(paper.code), files=", ".join(twice[:5]))]
    return dict(zip(names, pages.pages(candidates), strict=True)), problems


def is_near(address: str) -> bool:
    """Return whether an address is of this machine or of a local network, and plain enough to stand in a page's policy.

    >>> [is_near(one) for one in ("http://127.0.0.1:8000/in", "http://192.168.1.9/", "http://exam.example.com/")]
    [True, True, False]
    """
    if not _ADDRESS.fullmatch(address):
        return False
    try:
        host = urllib.parse.urlsplit(address).hostname or ""
        found = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(LOCAL_NAMES)
    return found.is_loopback or found.is_private or found.is_link_local


def file_word(number: str) -> str:
    """Return a candidate's number as it can stand in the name of a file.

    >>> file_word("2026/001"), file_word("考生7")
    ('2026_001', '考生7')
    """
    return re.sub(r"[^\w.-]", "_", number)


def persons_by_form(roster: Roster, forms: Sequence[Form]) -> tuple[dict[str, tuple[Person, ...]], list[Problem]]:
    """Return the persons of each paper as the roster's paper column says, or all where there is one paper and no column."""
    ids = [form.id for form in forms]
    if roster.form < 0:
        if len(ids) == 1:
            return {ids[0]: roster.persons}, []
        return {}, [error("Z704", Span(roster.path, 1), papers=", ".join(ids[:6]))]
    found: dict[str, list[Person]] = {id: [] for id in ids}
    problems = []
    for person in roster.persons:
        word = person.cells[roster.form].strip()
        if word in found:
            found[word].append(person)
        else:
            problems.append(error("Z705", Span(roster.path, person.line, 1), number=person.number, found=word, papers=", ".join(ids[:6])))
    return {id: tuple(persons) for id, persons in found.items()}, problems


def exam_json(
    form: Form, paper: Paper, bank: Bank, *, minutes: int | None = None, tell: Tell = unprintable
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return a paper without its key, and the key apart from it, as JSON for computer exam rooms (see `qbank schema`)."""
    from qbank.render import UnprintableText
    from qbank.workflow.exam_json import key_record, paper_record

    try:
        record = paper_record(form, paper, minutes or paper.minutes)
    except UnprintableText as fault:
        return {}, tell(fault, paper, bank)
    return {f"{paper.code}-exam.json": record, f"{paper.code}-exam-key.json": key_record(form, paper)}, []
