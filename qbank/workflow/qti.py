"""QTI packages: what the writers of `qbank.files.interchange.qti` need of the bank, and the texts as the renderer makes them."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from html import escape

from qbank.core.bank import Bank
from qbank.files.interchange.outgoing import Outgoing, history
from qbank.files.interchange.qti import About, Asked, Convert, Passage, Version, write_items
from qbank.messages import Language
from qbank.problem import Problem, Span, error


def qti_items(outgoing: Sequence[Outgoing], bank: Bank, format: Version) -> tuple[bytes, list[Problem], int]:
    """Return items as a QTI package, what does not travel, and how many items are in it."""
    questions = [
        Asked(
            one.item, one.item.marks, bank.language, entries=one.entries, points=one.points, media=one.media, stimulus=one.stimulus
        )
        for one in outgoing
    ]  # fmt: skip
    about = About(bank.name, bank.title or bank.name, bank.language, bank.standard.occupation)
    spans = {one.item.id: one.item.span for one in outgoing}
    data, problems, n_items = write_items(questions, about, format, converter(bank.language, spans))
    notes = history(outgoing, format)
    if format == "qti21" and (n := sum(one.stimulus is not None for one in outgoing)):
        notes.append(Problem("X409", "note", Span(format), (("n", str(n)),)))
    return data, [*notes, *problems], n_items


def converter(language: Language, spans: Mapping[str, Span]) -> Convert:
    """Return what turns Markdown into XHTML with MathML for a package: pandoc, as for papers in HTML; pictures by their
    place beside the folder of the items."""

    def convert(passages: Sequence[Passage], media: Mapping[str, bytes]) -> tuple[list[str], list[Problem], list[bool]]:
        from qbank.render.markup import Source, convert_each
        from qbank.render.pictures import drawn_size, usable

        known = usable(media)

        def show(path: str, alt: str, alone: bool) -> str:
            width, height = drawn_size(known[path][1], alone=alone)
            source = urllib.parse.quote(f"../{path}")
            size = f'width="{width / 0.75:.0f}" height="{height / 0.75:.0f}"'
            return f'<img src="{escape(source)}" alt="{escape(alt)}" {size}/>'

        sources = [Source(one.item, one.place, one.text, one.inline) for one in passages]
        fragments = convert_each(sources, {"html": show}, known.keys())[0]
        problems = [
            error("F109", spans.get(failure.item, Span(failure.item)), detail=failure.message(language))
            for fragment in fragments
            for failure in fragment.failures
        ]
        return [fragment.body for fragment in fragments], problems, [bool(fragment.failures) for fragment in fragments]

    return convert
