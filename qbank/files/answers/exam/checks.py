"""Whether what was handed in is whole, signed, of these papers, in time, and once."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, reduce

from qbank.core.exam import exam_digest
from qbank.core.form import Form
from qbank.core.responses import plain_number
from qbank.files.answers.exam.documents import Handed
from qbank.files.answers.exam.signature import signature, signed_bytes
from qbank.problem import Problem, Span, error, note, warning

LATE = 60
"""Seconds beyond the time allowed that nobody is told of: a slow machine's."""
AWAY = 60
"""Seconds that a page was gone without being told of."""


@dataclass(frozen=True, slots=True)
class Accepting:
    """What is accepted.

    room_codes : by which signatures are checked, none are where it is empty ; unsigned : what is not signed or signed by
    another code is taken in with a warning ; shown : paper → digest of its texts, None where its bank is not at hand
    """

    room_codes: tuple[str, ...] = ()
    unsigned: bool = False
    shown: Callable[[str], str | None] = lambda _: None


def of_papers(handed: Sequence[Handed], forms: Sequence[Form], shown: Callable[[str], str | None]) -> list[Problem]:
    """Return an error for each file of another paper, or of one that was changed since its page was made."""
    papers = {form.id: form for form in forms}
    digest_of = cache(lambda paper: exam_digest(papers[paper]))
    problems = []
    for one in handed:
        found = one.answers
        if found.paper not in papers:
            problems.append(error("Z713", Span(one.name), found=found.paper, papers=", ".join([*papers][:6])))
            continue
        pairs = [(found.digest, digest_of(found.paper)), (found.shown, shown(found.paper) or found.shown)]
        wrong = next((pair for pair in pairs if pair[0] != pair[1]), None)
        if wrong:
            problems.append(error("Z714", Span(one.name), paper=found.paper, found=wrong[0], expected=wrong[1]))
    return problems


def signatures(handed: Sequence[Handed], accepting: Accepting) -> list[Problem]:
    """Return what is wrong with checksums and signatures; files that nobody could check are counted."""
    codes = list(dict.fromkeys(accepting.room_codes))
    problems: list[Problem] = []
    unchecked = 0
    for one in handed:
        who, said = one.answers.candidate.number, one.answers
        told = warning if accepting.unsigned else error
        if not said.signature or not said.checksum:
            problems.append(told("Z717", Span(one.name), person=who))
        elif not hmac.compare_digest(hashlib.sha256(signed_bytes(one.data)).hexdigest(), said.checksum):
            problems.append(error("Z715", Span(one.name), person=who))
        elif not codes:
            unchecked += 1
        else:
            fits = next((code for code in codes if hmac.compare_digest(signature(code, one.data), said.signature)), None)
            if fits is None:
                problems.append(told("Z716", Span(one.name), person=who))
            else:  # those of a room follow each other
                codes.remove(fits)
                codes.insert(0, fits)
    if unchecked:
        problems.append(warning("Z718", Span(handed[0].name), n=unchecked))
    return problems


def one_each(handed: Sequence[Handed]) -> tuple[list[Handed], list[Problem]]:
    """Return the file that counts of each candidate, and a warning where files differ; the same file twice is nothing."""
    by_person: dict[str, list[Handed]] = {}
    for one in handed:
        mine = by_person.setdefault(plain_number(one.answers.candidate.number), [])
        if all(signed_bytes(one.data) != signed_bytes(other.data) for other in mine):
            mine.append(one)
    kept, problems = [], []
    for mine in by_person.values():
        last = reduce(_later, mine)
        who = last.answers.candidate.number
        papers = sorted({one.answers.paper for one in mine})
        if len(papers) > 1:
            problems.append(error("Z725", Span(last.name), related=(), person=who, papers=", ".join(papers)))
        elif len(mine) > 1:
            others = ", ".join(one.name for one in mine if one is not last)
            problems.append(warning("Z719", Span(last.name), person=who, n=len(mine), file=last.name, others=others))
        kept.append(last)
    return kept, problems


def _later(one: Handed, other: Handed) -> Handed:
    """Return the later of two: by how often it was kept within one attempt, else by the machine's clock."""
    first, second = one.answers, other.answers
    if first.attempt == second.attempt:
        return other if second.sequence >= first.sequence else one
    return other if second.submitted >= first.submitted else one


def in_time(handed: Sequence[Handed]) -> list[Problem]:
    """Return a warning for each candidate who used more time than allowed, or whose page was gone or clock was moved."""
    problems = []
    for one in handed:
        said, who = one.answers, one.answers.candidate.number
        if said.seconds_used > said.seconds_allowed + LATE:
            problems.append(warning("Z720", Span(one.name), person=who, used=said.seconds_used, allowed=said.seconds_allowed))
        away = sum(event.seconds for event in said.events if event.what == "away" and event.seconds >= AWAY)
        clock = sum(abs(event.seconds) for event in said.events if event.what == "clock")
        if away or clock:
            problems.append(warning("Z722", Span(one.name), person=who, away=away, clock=clock))
    allowed = Counter(one.answers.seconds_allowed for one in handed).most_common()
    if len(allowed) > 1:
        (usual, n), (other, m) = allowed[:2]
        problems.append(note("Z726", Span(handed[0].name), allowed=usual, n=n, other=other, m=m))
    return problems
