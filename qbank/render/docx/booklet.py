"""A practice booklet (练习册) as a Word text: public questions, and behind them the answers with their rationales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render.booklet import answers_and_reasons, as_booklet, id_of
from qbank.render.docx.document import FORBIDDEN, document_of, forbidden
from qbank.render.docx.flow import Flow, Paragraph, indented, kept
from qbank.render.docx.frame import surround_of
from qbank.render.docx.key import LABEL_WIDTH, answer_lines_of, label_of
from qbank.render.docx.paper import paper_flow
from qbank.render.docx.runs import bold, run
from qbank.render.docx.task import on_new_page
from qbank.render.docx.writer import Writer
from qbank.render.failure import UnprintableText
from qbank.render.layout import Layout
from qbank.render.places import answer_places
from qbank.render.texts import converted


def booklet_docx(paper: Paper, rationales: Mapping[str, str], layout: Layout, template: bytes | None = None) -> bytes:
    """Return a paper as a booklet to practise with: no strip, no scores, at the end answers and rationales.

    rationales : by the item's id, as written. Raises as `qbank.render.docx.render_docx` does.
    """
    wrong = [forbidden(id, "rationale", found[0]) for id, words in rationales.items() if (found := FORBIDDEN.search(words))]
    if wrong:
        raise UnprintableText(wrong, paper.language)
    shown = as_booklet(paper)
    answers, reasons = answers_and_reasons(shown, rationales, "docx")
    around = surround_of(shown, "", layout.centre.footer, sealed=False)

    def flow(writer: Writer) -> Iterator[Flow]:
        yield from paper_flow(writer)
        yield from answer_flow(writer, answers, reasons)

    return document_of(converted(shown, "paper", "docx"), {}, flow, around, replace(layout, plain=True), template)


def answer_flow(writer: Writer, answers: Mapping[tuple[int, int], str], reasons: Mapping[str, str]) -> Iterator[Flow]:
    """Yield the answers, section by section, from a new page on; a rationale stands behind the last part of a case."""
    yield from on_new_page([Paragraph("Heading1", run(text(writer.paper.language, "room.booklet_answers")))])
    for index, section in writer.answered():
        yield writer.section_title(index)
        places = answer_places(section)
        for n, place in enumerate(places):
            last = n + 1 == len(places) or places[n + 1].number != place.number
            reason = reasons.get(place.question.item.partition(".")[0], "") if last else ""
            yield from kept(answer_lines_of(writer.texts, label_of(place), answers[id_of(place)]), to_next=bool(reason))
            yield from reason_flow(writer, reason)


def reason_flow(writer: Writer, reason: str) -> list[Flow]:
    """Return a rationale behind its word, or nothing where there is none."""
    if not reason:
        return []
    blocks = writer.texts.blocks(reason, "QAnswer", writer.width - LABEL_WIDTH)
    word = bold(text(writer.paper.language, "room.booklet_reason"))
    if blocks and isinstance(first := blocks[0], Paragraph) and not first.number:
        return indented([replace(first, body=word + first.body), *blocks[1:]], LABEL_WIDTH)
    return indented([Paragraph("QAnswer", word), *blocks], LABEL_WIDTH)
