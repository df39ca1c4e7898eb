"""QTI packages: what the writers of `qbank.files.interchange.qti` need of the bank, and the texts as the renderer makes them."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from html import escape

from qbank.core.bank import Bank
from qbank.core.form import Form, FormItem, form_digest, form_items, full_marks
from qbank.core.presentation import Paper
from qbank.files.interchange.outgoing import Outgoing, history
from qbank.files.interchange.qti import (
    About,
    Asked,
    Convert,
    Passage,
    QtiPaper,
    QtiSection,
    Version,
    write_items,
    write_test,
)
from qbank.files.items import ItemText
from qbank.kinds import KINDS
from qbank.kinds.presentation import on_screen
from qbank.kinds.template import variant
from qbank.messages import Language
from qbank.problem import Problem, Span, error
from qbank.workflow.export import item_points

Where = Callable[[str, str, int], Span]
"""(item, one of its texts, a character of that or −1) → where it stands"""


def qti_items(outgoing: Sequence[Outgoing], bank: Bank, format: Version, where: Where) -> tuple[bytes, list[Problem], int]:
    """Return items as a QTI package, what does not travel, and how many items are in it."""
    questions = [
        Asked(
            one.item, one.item.marks, bank.language, entries=one.entries, points=one.points, media=one.media, stimulus=one.stimulus
        )
        for one in outgoing
    ]  # fmt: skip
    about = About(bank.name, bank.title or bank.name, bank.language, bank.standard.occupation)
    data, problems, n_items = write_items(questions, about, format, converter(bank.language, where))
    notes = history(outgoing, format)
    if format == "qti21" and (n := sum(one.stimulus is not None for one in outgoing)):
        notes.append(Problem("X409", "note", Span(format), (("n", str(n)),)))
    return data, [*notes, *problems], n_items


def qti_paper(form: Form, paper: Paper, bank: Bank, format: Version, *, shuffle: bool = False) -> tuple[bytes, list[Problem]]:
    """Return a paper as a QTI package, and what does not travel.

    shuffle : whether the player orders the options anew, pinned ones in their place; else they stand as printed
    """
    sections = tuple(
        QtiSection(
            shown.title, shown.instruction, tuple(_asked(entry, paper, bank, shuffle=shuffle) for entry in section.items)
        )
        for section, shown in zip(form.sections, on_screen(paper, form).sections, strict=True)
    )
    title = " ".join(part for part in (paper.title, paper.subject) if part)
    about = About(paper.code, title, paper.language, bank.standard.occupation)
    test = QtiPaper(about, paper.minutes, form.marks, form.cut, form_digest(form), sections)
    spans = {entry.id: bank.items[entry.id].span for entry in form_items(form)}
    data, problems = write_test(test, format, converter(paper.language, lambda id, *_: spans.get(id, Span(form.id))))
    return data, [Problem("X410", "note", Span(form.id), (("form", form.id),)), *problems]


def _asked(entry: FormItem, paper: Paper, bank: Bank, *, shuffle: bool) -> Asked:
    item = variant(bank.items[entry.id], entry.variant)
    stimulus = bank.stimuli.get(item.stimulus) if entry.stimulus else None
    named = [*item.media, *(stimulus.media if stimulus else ())]
    return Asked(
        item, full_marks(entry), paper.language, order="" if shuffle else entry.order, shuffled=shuffle,
        part_marks=tuple(full_marks(part) for part in entry.parts),
        part_orders=tuple("" if shuffle else part.order for part in entry.parts), points=item_points(item, bank.standard),
        media={path: paper.media[path] for path in named if path in paper.media}, stimulus=stimulus, taught=False,
        counts=entry.scored,
    )  # fmt: skip


def text_place(texts: Mapping[str, ItemText]) -> Where:
    """Return what finds a text of an item in its file; the item itself where the text is none of its own."""

    def where(id: str, text: str, offset: int) -> Span:
        if id not in texts:
            return Span(id)
        item = texts[id].item
        own: list[tuple[tuple[int | str, ...], str]] = [(("stem",), item.stem), (("rationale",), item.rationale), (("reference",), item.reference)]
        own += [(passage.steps, passage.text) for passage in KINDS[item.kind].passages(item)]
        steps = next((steps for steps, words in own if words == text), ())
        return texts[id].place(*steps, offset=offset, text=text if offset >= 0 else "") if steps else item.span

    return where


def converter(language: Language, where: Where) -> Convert:
    """Return what turns Markdown into XHTML with MathML for a package: pandoc, as for papers in HTML; pictures by their
    place beside the folder of the items."""

    def convert(passages: Sequence[Passage], media: Mapping[str, bytes]) -> tuple[list[str], list[Problem], list[bool]]:
        from qbank.render.formulae import failure_offsets
        from qbank.render.markup import Source, fragments_of
        from qbank.render.pictures import drawn_size, usable

        known = usable(media)

        def show(path: str, alt: str, alone: bool) -> str:
            width, height = drawn_size(known[path][1], alone=alone)
            source = urllib.parse.quote(f"../{path}")
            size = f'width="{width / 0.75:.0f}" height="{height / 0.75:.0f}"'
            return f'<img src="{escape(source)}" alt="{escape(alt)}" {size}/>'

        sources = [Source(one.item, one.place, one.text, one.inline) for one in passages]
        fragments = fragments_of(sources, "html", known.keys())
        problems = [
            error("F109", where(passage.item, passage.text, offset), detail=failure.message(language))
            for passage, fragment in zip(passages, fragments, strict=True)
            for failure, offset in zip(fragment.failures, failure_offsets(passage.text, fragment.failures), strict=True)
        ]
        return [fragment.shown(show) for fragment in fragments], problems, [bool(fragment.failures) for fragment in fragments]

    return convert
