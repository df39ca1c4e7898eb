"""The paper as a record: enough to print it again, audit it and score it, whatever happens to the bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qbank.core.item import Canonical, Marked, Plain, canonical, digest
from qbank.core.presentation import Language
from qbank.core.ranking import Ranking
from qbank.core.remembered import Remembered


@dataclass(frozen=True, slots=True)
class FormItem:
    """One place on the paper.

    order : the original option letters in printed order (``CADB``: printed A is the item's C); empty where
        nothing is permuted ; marks : what a full answer adds to the paper's marks, 0 where it is not scored ;
        marked : what decides the marks, as it was when the paper was made ; scored : false for a pretest item ;
        worth : the marks printed beside a question that is not scored, as if it were ; variant : the seed of the variant of a template, 0 where
        nothing is drawn ; parts : the places of a case's parts, ids ``CASE.1``, ``CASE.2`` ; stimulus : the id of what
        it shares with places beside it, printed once above them
    """

    id: str
    kind: str
    fingerprint: str
    order: str
    marks: float
    marked: Marked
    domain: str
    competency: str
    scored: bool = True
    variant: int = 0
    parts: tuple[FormItem, ...] = ()
    stimulus: str = ""
    worth: float = 0.0


@dataclass(frozen=True, slots=True)
class FormSection:
    """A titled run of places of one kind and equal marks; an ``instruction`` replaces the customary sentence."""

    title: str
    kind: str
    marks_each: float
    items: tuple[FormItem, ...]
    instruction: str = ""


@dataclass(frozen=True, slots=True)
class LaterGoal:
    """What a goal of a later priority reached: its words, its objective, and the bound that earlier ones leave it."""

    goal: str
    objective: float
    bound: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the solver proved: objective value, its bound, the gap and the violations (empty: none).

    basis : ``judged`` (parallelism not established), ``planned`` (small sittings and judged grades together) or
    ``calibrated`` ; interval : half-width (95 %) in marks of what
    is not known of the difference between two papers' expected scores ; goal : the objective in the blueprint's words,
    that of the first priority ; kind : what its value counts: ``deviation`` (marks, or shares of information),
    ``information`` (negative: it is maximised), ``uses``, ``seconds``, ``mixed`` ; later : the goals of later
    priorities ; cut_ability : the ability that ``at: cut`` stood for, None in papers of earlier days ; score_apart,
    information_apart : largest difference between two papers at the abilities compared, in marks and as a share of
    their information ; score_error, information_error : standard errors of such differences (of a single paper, of
    its own values) that errors of the parameters alone cause
    """

    objective: float
    bound: float
    gap: float
    violations: tuple[str, ...]
    method: str
    basis: str
    interval: float = 0.0
    goal: str = ""
    kind: str = ""
    later: tuple[LaterGoal, ...] = ()
    cut_ability: float | None = None
    score_apart: float = 0.0
    information_apart: float = 0.0
    score_error: float = 0.0
    information_error: float = 0.0

    @property
    def gap_percent(self) -> float:
        """Return the gap in per cent of the objective, 0 where the objective is 0."""
        return 100 * self.gap / abs(self.objective) if self.objective else 0.0


@dataclass(frozen=True, slots=True)
class FamilyPlace:
    """Where a paper stands in a family: the family's id and digest, the paper's number, how many items any two of its
    papers share at most ; pilot : answers to it calibrate its items and do not count"""

    family: str
    digest: str
    number: int
    overlap: int
    pilot: bool


@dataclass(frozen=True, slots=True)
class Form:
    """One assembled paper with everything that it depended on.

    version_of : the paper whose questions a scrambled version prints in another order, "" of a paper itself ;
    base_places : (n_places,) of a version: the number on that paper of the question that stands here ;
    ranking : by which those who sat it are ranked, None where they are not ; family : the place in a family of papers,
    one a person, None of papers that were assembled together
    """

    id: str
    blueprint: str
    title: str
    subject: str
    language: Language
    level: int
    minutes: int
    marks: float
    cut: float
    bank: str
    blueprint_digest: str
    bank_digest: str
    statistics_digest: str
    as_of: str
    engine_version: str
    seed: int
    sections: tuple[FormSection, ...]
    certificate: Certificate
    version_of: str = ""
    base_places: tuple[int, ...] = ()
    ranking: Ranking | None = None
    family: FamilyPlace | None = None


def paper_of(form: Form) -> str:
    """Return the id of the paper whose questions these are: of a version, that of its base."""
    return form.version_of or form.id


def papers_of(forms: tuple[Form, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the distinct papers of some forms, and for each form which of them it prints: versions share one."""
    papers = tuple(dict.fromkeys(paper_of(form) for form in forms))
    return papers, tuple(papers.index(paper_of(form)) for form in forms)


def full_marks(entry: FormItem) -> float:
    """Return what a full answer earns as printed, whether it counts or not."""
    return entry.marks if entry.scored else entry.worth


def form_items(form: Form) -> tuple[FormItem, ...]:
    """Return the places of a paper in printed order."""
    return tuple(entry for section in form.sections for entry in section.items)


def answer_places(paper: Form | FormSection) -> tuple[FormItem, ...]:
    """Return the places of a paper or section that take an answer, in printed order: a case's parts in its stead."""
    entries = form_items(paper) if isinstance(paper, Form) else paper.items
    return tuple(place for entry in entries for place in (entry.parts or (entry,)))


def answer_names(form: Form) -> tuple[str, ...]:
    """Return the printed numbers of the places that take an answer: ``7``, and ``8.1``, ``8.2`` for a case's parts."""
    names: list[str] = []
    for number, entry in enumerate(form_items(form), start=1):
        names += [f"{number}.{part}" for part, _ in enumerate(entry.parts, start=1)] or [str(number)]
    return tuple(names)


def form_digest(form: Form, places: tuple[Canonical, ...] | None = None) -> str:
    """Return 16 hexadecimal digits of what is printed and how it is marked.

    places : `place_digested` of every place in printed order, where that is known already
    """
    digested = tuple(map(place_digested, form_items(form))) if places is None else places
    facts: dict[str, Plain] = {"id": form.id, "title": form.title, "subject": form.subject, "places": digested}
    if form.version_of:
        facts |= {"version_of": form.version_of, "base_places": form.base_places}
    if form.ranking is not None:
        ties = tuple((tie.title, tie.by, tie.first, tie.items, tie.column) for tie in form.ranking.ties)
        facts |= {"ranking": {"ties": ties, "awards": form.ranking.awards}}
    if form.family is not None:
        place = form.family
        facts |= {"family": (place.family, place.digest, place.number, place.overlap, place.pilot)}
    return digest(facts)


def form_digests(forms: tuple[Form, ...]) -> tuple[str, ...]:
    """Return `form_digest` of each paper; a place that papers share, as one and the same, is digested once."""
    known: dict[int, Canonical] = {}

    def digested(entry: FormItem) -> Canonical:
        if id(entry) not in known:
            known[id(entry)] = place_digested(entry)
        return known[id(entry)]

    return tuple(form_digest(form, tuple(digested(entry) for entry in form_items(form))) for form in forms)


place_digested: Remembered[FormItem, Canonical] = Remembered(lambda entry: canonical(_place_facts(entry)))
"""Place → what the digest of a paper takes of it."""


def _place_facts(entry: FormItem) -> tuple[Plain, ...]:
    facts: tuple[Plain, ...] = (entry.id, entry.fingerprint, entry.order, entry.marks, entry.marked, entry.scored)
    if entry.variant:
        facts += (entry.variant,)
    if entry.stimulus:
        facts += ({"stimulus": entry.stimulus},)
    if not entry.scored:
        facts += ({"worth": entry.worth},)
    if entry.parts:
        facts += (tuple((part.kind, *_place_facts(part)) for part in entry.parts),)
    return facts


def printed_letter(order: str, original: str) -> str:
    """Return the letter under which an original option was printed.

    >>> printed_letter("CADB", "C"), printed_letter("", "true")
    ('A', 'true')
    """
    return chr(ord("A") + order.index(original)) if order else original


def original_letter(order: str, printed: str) -> str:
    """Return the original option behind a printed letter.

    >>> original_letter("CADB", "A")
    'C'
    """
    return order[ord(printed) - ord("A")] if order else printed


def uses_by_item(forms: tuple[Form, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return for each item the ids of the papers that hold it."""
    uses: dict[str, tuple[str, ...]] = {}
    for form in forms:
        for entry in form_items(form):
            uses[entry.id] = (*uses.get(entry.id, ()), form.id)
    return uses
