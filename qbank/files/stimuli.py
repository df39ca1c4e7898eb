"""``stimuli:`` of a file of items → stimuli, with the places of what other rules point at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qbank.core.authored import Authored, FilledText, Many, WrittenText
from qbank.core.stimulus import Stimulus
from qbank.files.exact_places import exact_span
from qbank.files.shape import kind_of, shape
from qbank.files.standard import Code
from qbank.files.yaml_text import Mapping as MappingNode
from qbank.files.yaml_text import Node, Scalar, Sequence, locate
from qbank.problem import Problem, Span, error


class StimulusText(Authored):
    """One entry of ``stimuli:``, what several items share."""

    id: Code
    text: FilledText
    title: WrittenText = ""
    enemies: Many[WrittenText] = ()


@dataclass(frozen=True, slots=True)
class StimulusSource:
    """A stimulus as written, None where it is not sound; ``title``, ``text`` and ``enemies``: where these keys stand."""

    id: str
    span: Span
    stimulus: Stimulus | None
    title: Span
    text: Span
    enemies: tuple[Span, ...] = ()

    def place(self, *steps: int | str, offset: int = -1, text: str = "") -> Span:
        """Return where a key or entry stands that rules over stimuli point at, or so many characters on in its text."""
        if steps[:1] == ("enemies",) and len(steps) > 1 and isinstance(steps[1], int):
            return self.enemies[steps[1]]
        span = {"title": self.title, "text": self.text}.get(str(steps[0]) if steps else "", self.span)
        return exact_span(span, text, offset) if text else span


def read_stimuli(node: Node, path: str) -> tuple[list[StimulusSource], list[Problem]]:
    """Return the stimuli of one file, sound or not, and what is wrong with them."""
    if isinstance(node, Scalar) and node.value is None:
        return [], []
    if not isinstance(node, Sequence):
        span = Span(path, node.line, node.column)
        return [], [error("S103", span, key="stimuli", expected="list", found=kind_of(node))]
    found: list[StimulusSource] = []
    problems: list[Problem] = []
    for entry in node.entries:
        if not isinstance(entry, MappingNode):
            span = Span(path, entry.line, entry.column)
            problems.append(error("S103", span, key="stimuli", expected="mapping", found=kind_of(entry)))
            continue
        text, wrong = shape(StimulusText, entry, path)
        problems += wrong
        if isinstance(id := entry.entries.get("id"), Scalar):
            found.append(_source(id, text, entry, path))
    return found, problems


def _source(id: Scalar, text: StimulusText | None, node: MappingNode, path: str) -> StimulusSource:
    span = Span(path, id.line, id.column)
    if text is None:
        return StimulusSource(id.text, span, None, span, span)
    enemies = tuple(Span(path, *locate(node, ("enemies", index))) for index in range(len(text.enemies)))
    stimulus = Stimulus(text.id, text.text, text.title, text.enemies, span)
    title, body = (Span(path, *locate(node, (key,))) for key in ("title", "text"))
    return StimulusSource(text.id, span, stimulus, title, body, enemies)


def by_id(sources: Iterable[StimulusSource]) -> tuple[dict[str, StimulusSource], list[Problem]]:
    """Return the stimuli by id, the first of equal ones, and a problem for every id that stood before."""
    found: dict[str, StimulusSource] = {}
    problems: list[Problem] = []
    for source in sources:
        first = found.setdefault(source.id, source)
        if first is not source:
            problems.append(error("Q401", source.span, id=source.id, first=first.span, related=(first.span,)))
    return found, problems


def sound(sources: Mapping[str, StimulusSource]) -> dict[str, Stimulus]:
    """Return the stimuli that can be used, by id."""
    return {id: source.stimulus for id, source in sources.items() if source.stimulus is not None}
