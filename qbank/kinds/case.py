"""case: questions on one stimulus, kept together (组合题, 案例); its parts are answered and marked one by one.

Parts have ids of their own, ``CASE.1``, ``CASE.2``, and a fingerprint that holds the stimulus too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, Union, cast

from pydantic import Field, create_model

from qbank.core.authored import Authored, FilledText, Many
from qbank.core.item import Item, Plain, digest, marked_hash, marking_text, seen_hash
from qbank.core.presentation import Language
from qbank.kinds.fill import FILL
from qbank.kinds.kind import ItemKind, Marked, Passage, Place, Points, no_options, no_permutation
from qbank.kinds.matching import MATCHING
from qbank.kinds.multiple import MULTIPLE
from qbank.kinds.numeric import NUMERIC
from qbank.kinds.ordering import ORDERING
from qbank.kinds.single import SINGLE
from qbank.kinds.true_false import TRUE_FALSE
from qbank.kinds.written import ESSAY, SHORT
from qbank.problem import Problem, Span, error

PART_KINDS: Mapping[str, ItemKind] = {
    kind.word: kind for kind in (SINGLE, MULTIPLE, TRUE_FALSE, FILL, NUMERIC, SHORT, ESSAY, MATCHING, ORDERING)
}


class PartHead(Authored):
    """The keys that every part has beside those of its kind."""

    stem: FilledText
    marks: Points


class _PartBody(Protocol):
    kind: str
    stem: str
    marks: float

    def seen(self) -> Plain: ...

    def marked(self) -> Marked: ...


def _part_model(kind: ItemKind) -> type[Authored]:
    named: Any = {"kind": (Literal[kind.word], ...)}
    bases: Any = (PartHead, kind.body)
    model: Any = create_model(f"{kind.word.title()}Part", __base__=bases, __doc__=kind.body.__doc__, **named)
    return cast("type[Authored]", model)


if TYPE_CHECKING:
    Part = _PartBody
else:
    _models = tuple(_part_model(kind) for kind in PART_KINDS.values())
    Part = Annotated[Union[_models], Field(discriminator="kind")]  # noqa: UP007 (a tuple known only here)


class CaseBody(Authored):
    """The parts, each with the keys of its own kind; their marks add up to those of the item."""

    parts: Annotated[Many[Part], Field(min_length=2, max_length=20)]

    def seen(self) -> Plain:
        """Return kind, stem and whatever else is seen of each part."""
        return {"parts": tuple({"kind": part.kind, "stem": part.stem, "body": part.seen()} for part in self.parts)}

    def marked(self) -> Marked:
        """Return marks and marking of each part."""
        return {"parts": tuple({"marks": float(part.marks), "marked": part.marked()} for part in self.parts)}


def _body(item: Item) -> CaseBody:
    return cast("CaseBody", item.body)


def parts(item: Item) -> tuple[Item, ...]:
    """Return the parts as items; what they do not say themselves is that of the case."""
    return tuple(
        replace(item, id=f"{item.id}.{number}", kind=part.kind, stem=part.stem, body=part, marks=float(part.marks),
                template=None, steps=())
        for number, part in enumerate(_body(item).parts, start=1)
    )  # fmt: skip


def part_fingerprint(case: Item, part: Item) -> str:
    """Return the identity of a part's revision: the stimulus is seen with every part.

    The parts of a template change together: their numbers are drawn in one draw.
    """
    stimulus = seen_hash(case) if case.template else case.stem
    seen = digest({"stimulus": stimulus, "part": seen_hash(part)})
    if case.template is None:
        return f"{seen}.{marked_hash(part)}"
    # the key as it is written: two calculations may agree in the first variant and in no other
    texts = cast("tuple[Mapping[str, Plain], ...]", case.template.text["parts"])
    text = texts[int(part.id.rpartition(".")[2]) - 1]
    return f"{seen}.{digest({'part': marked_hash(part), 'template': marking_text(text)})}"


def check(item: Item, place: Place) -> list[Problem]:
    """Return what is wrong inside the parts, and whether their marks add up."""
    problems: list[Problem] = []
    for index, part in enumerate(parts(item)):
        problems += PART_KINDS[part.kind].check(part, _inside(place, index))
    total = sum(part.marks for part in _body(item).parts)
    if total != item.marks:
        problems.append(error("Q211", place("parts"), total=f"{total:g}", marks=f"{item.marks:g}"))
    return problems


def _inside(place: Place, index: int) -> Place:
    def part_place(*steps: int | str, **options: Any) -> Span:
        return place("parts", index, *steps, **options)

    return part_place


def passages(item: Item) -> Iterator[Passage]:
    """Yield stem and body texts of every part."""
    for index, part in enumerate(parts(item)):
        yield Passage(("parts", index, "stem"), "stem", part.stem)
        for passage in PART_KINDS[part.kind].passages(part):
            yield passage._replace(steps=("parts", index, *passage.steps))


def read(marked: str, order: str, given: Marked) -> str | None:
    """Return None: only the parts of a case are answered."""
    return None


def credit(marked: Marked, answer: str) -> float:
    """Return 0: only the parts of a case earn marks."""
    return 0.0


def show_answer(answer: str, order: str, language: Language) -> str:
    """Return nothing: the parts have the answers."""
    return ""


CASE = ItemKind(
    word="case",
    body=CaseBody,
    check=check,
    permutations=no_permutation,
    options=no_options,
    read=read,
    credit=credit,
    answers=lambda marked: (),
    key_label=lambda marked: "",
    show_answer=show_answer,
    space="parts",
    passages=passages,
    parts=parts,
    own_marks=True,
)
