"""A paper → the page on which it is sat: everything inside, formulae as MathML, a policy that lets nothing in or out.

What a browser may run is told by hash: the one script of this module. Texts of the paper are data; the only address that
the page may speak to is the one where answers are submitted, if there is one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from functools import cache, partial
from pathlib import Path

from markupsafe import Markup

from qbank.core.exam import candidate_paper
from qbank.core.presentation import Paper
from qbank.messages import group_texts, text
from qbank.render import labels
from qbank.render.exam.places import ScreenPlace, screen_places
from qbank.render.html import environment
from qbank.render.places import answer_lines, circled
from qbank.render.texts import converted

TEMPLATES = Path(__file__).parents[1] / "templates"
PLACE_FACTS = tuple(one.name for one in fields(ScreenPlace))
ROUNDS = 10_000
"""Rounds of PBKDF2 from room code and candidate number to the key of the signature."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whose page it is: number, name, seat; all empty for a page on which anybody says who they are."""

    number: str = ""
    name: str = ""
    seat: str = ""


@dataclass(frozen=True, slots=True)
class ExamPages:
    """The page of a paper around what differs from candidate to candidate.

    Texts are converted once a paper, however many candidates sit it.
    """

    before: str
    after: str

    def page(self, candidate: Candidate | None = None) -> bytes:
        """Return the page of a candidate, or of nobody in particular."""
        return (self.before + data_of(asdict(candidate or Candidate())) + self.after).encode("utf-8")

    def pages(self, candidates: Iterable[Candidate]) -> Iterator[bytes]:
        """Yield a page for each candidate."""
        return map(self.page, candidates)


def data_of(value: object) -> str:
    """Return plain data as JSON that can stand in an HTML page.

    >>> data_of({"name": "</script>"})
    '{"name":"\\\\u003c/script>"}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")


@cache
def style() -> str:
    """Return the style of the page."""
    return (TEMPLATES / "exam.css").read_text("utf-8")


@cache
def script() -> str:
    """Return the script of the page."""
    return (TEMPLATES / "exam.js").read_text("utf-8")


@cache
def policy(submit: str) -> str:
    """Return the content security policy: this script, styles and pictures in the page, and one address or none.

    >>> policy("").partition("connect-src ")[2].partition(";")[0]
    "'none'"
    """
    digest = base64.b64encode(hashlib.sha256(script().encode("utf-8")).digest()).decode("ascii")
    where = submit or "'none'"
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        f"connect-src {where}; form-action 'none'; base-uri 'none'"
    )


def exam_pages(
    paper: Paper, *, digest: str, shown: str, minutes: int, submit: str = "", notices: tuple[str, ...] | None = None
) -> ExamPages:
    """Return the page of a paper; raises `UnprintableText` as every renderer does.

    digest, shown : by which the answers are known to be of this paper (see `qbank.core.exam`) ; minutes : time allowed ;
    submit : an address that answers are posted to, else they are saved as a file ; notices : in place of the paper's
    """
    told = paper if notices is None else replace(paper, notices=notices)
    places = screen_places(told)
    named = candidate_paper(converted(told, "paper", "html"))
    words = {name: words for name, words in group_texts(paper.language, "exam").items() if name.startswith("js.")}
    facts = {
        "paper": paper.code, "title": paper.title, "digest": digest, "shown": shown, "seconds": minutes * 60,
        "submit": submit, "rounds": ROUNDS, "places": [{name: getattr(place, name) for name in PLACE_FACTS} for place in places],
        "words": {name.removeprefix("js."): words for name, words in words.items()},
    }  # fmt: skip
    mark = "<!--candidate-->"
    page = environment().get_template("exam.html").render(
        paper=named, places=places, numbered=[*enumerate(places)], places_of=_questions(named), say=partial(text, paper.language),
        labels=labels, note=lambda section: Markup(labels.section_note(named, section)), minutes=minutes,
        lines=answer_lines, circled=circled, policy=Markup(policy(submit).replace('"', "&quot;")),
        style=Markup(style()), script=Markup(script()), facts=Markup(data_of(facts)),
        candidate=Markup(mark),
    )  # fmt: skip
    before, _, after = page.rpartition(mark)
    return ExamPages(before, after)


def _questions(paper: Paper) -> list[tuple[object, object]]:
    """Return for each view the question whose number it has, and what is answered: the question, or a part of it."""
    return [
        (question, part)
        for section in paper.sections
        for question in section.questions
        for part in (question.parts or (question,))
    ]
