"""The finished pages of the papers that rooms are given, each held only while a room that is still to come needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from qbank.core.bank import Bank
from qbank.core.form import Form
from qbank.core.presentation import Paper, Part
from qbank.problem import Problem, Span, error
from qbank.render.failure import UnprintableText
from qbank.render.layout import Layout
from qbank.render.room import PERSONAL_PARTS, Printed, personal_base
from qbank.render.room_tables import Bundle
from qbank.render.texts import parts_of
from qbank.workflow.unprintable import unprintable


class RoomPapers:
    """Papers by their place among those that are printed; a thousand of them, one a person, do not fit into memory at once.

    parts : those that are wanted of `PERSONAL_PARTS`, all of them where none is named
    """

    def __init__(self, papers: Sequence[tuple[Form, Paper, Bank]], parts: tuple[Part, ...], layout: Layout) -> None:
        self._papers, self._layout = papers, layout
        self._held: dict[int, list[Printed]] = {}
        self._wrong: dict[int, list[Problem]] = {}
        self._parts: list[list[Part]] = []
        for index, (_, paper, _) in enumerate(papers):
            wanted = [part for part in PERSONAL_PARTS if part in (parts or PERSONAL_PARTS) and part in parts_of(paper)]
            self._parts.append(wanted)
            if not wanted:
                self._wrong[index] = [error("Z905", Span(paper.code), parts=", ".join(PERSONAL_PARTS))]

    def hold(self, indices: Iterable[int]) -> None:
        """Make the pages of papers that are not held yet. Raises `TemplateFailure`."""
        for index in indices:
            if index in self._held or index in self._wrong:
                continue
            _, paper, bank = self._papers[index]
            try:
                self._held[index] = [personal_base(paper, part, self._layout) for part in self._parts[index]]
            except UnprintableText as fault:
                self._wrong[index] = unprintable(fault, paper, bank)

    def drop(self, indices: Iterable[int]) -> None:
        """Forget the pages of papers."""
        for index in indices:
            self._held.pop(index, None)

    def problems(self) -> list[Problem]:
        """Return what is wrong with papers, in their order."""
        return [problem for index in sorted(self._wrong) for problem in self._wrong[index]]

    def printed(self) -> list[list[Printed]]:
        """Return the pages of each paper, nothing of one that is not held."""
        return [self._held.get(index, []) for index in range(len(self._papers))]

    def bundles(self) -> list[Bundle]:
        """Return what lists say of each paper; of one that is not held no list says anything but its title."""
        return [_bundle(paper, parts) for (_, paper, _), parts in zip(self._papers, self.printed(), strict=True)]


def _bundle(paper: Paper, parts: Sequence[Printed]) -> Bundle:
    digest = hashlib.sha256(b"".join(part.pdf for part in parts)).hexdigest() if parts else ""
    return Bundle(paper, sum(part.n_pages for part in parts), digest)
