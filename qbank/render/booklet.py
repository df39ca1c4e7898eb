"""A practice booklet (练习册): questions that were made public, and behind them the answers with their rationales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from qbank.core.presentation import Paper
from qbank.messages import text
from qbank.render.labels import joined, section_heading
from qbank.render.layout import Layout
from qbank.render.markup import Source, Target, convert
from qbank.render.pdf import compile_source
from qbank.render.places import AnswerPlace, answer_places, is_written
from qbank.render.texts import bare_title, converted
from qbank.render.typst_literals import content, item_comment, typst_string
from qbank.render.typst_paper import paper_source


def booklet_pdf(paper: Paper, rationales: Mapping[str, str], layout: Layout) -> bytes:
    """Return a paper as a booklet to practise with: no strip, no scores, at the end answers and rationales.

    rationales : by the item's id, as written. Raises as `render_pdf` does.
    """
    shown = as_booklet(paper)
    return compile_source(booklet_source(shown, rationales), shown, replace(layout, plain=True))


def as_booklet(paper: Paper) -> Paper:
    """Return a paper under the title of a booklet, without what belongs to an examination."""
    bare = replace(paper, title=bare_title(paper), fields=(), notices=(), version="")
    return replace(bare, title=joined(bare, text(paper.language, "room.booklet")))


def booklet_source(paper: Paper, rationales: Mapping[str, str]) -> str:
    """Return the source of a booklet."""
    answers, reasons = answers_and_reasons(paper, rationales, "typst")
    body = paper_source(converted(paper, "paper", "typst"))
    return "\n".join([body, *answer_lines(paper, answers, reasons), ""])


def answers_and_reasons(
    paper: Paper, rationales: Mapping[str, str], target: Target
) -> tuple[dict[tuple[int, int], str], dict[str, str]]:
    """Return the answers by `id_of` and the rationales by item, those that say something, in the target's markup."""
    places = [place for section in paper.sections for place in answer_places(section)]
    sources = [Source(place.question.item, "answer", place.question.answer, not is_written(place.question)) for place in places]
    told = {id: words for id, words in rationales.items() if words.strip()}
    sources += [Source(id, "rationale", words) for id, words in told.items()]
    bodies = convert(sources, target, language=paper.language, media=paper.media)
    answers = dict(zip([id_of(place) for place in places], bodies, strict=False))
    return answers, dict(zip(told, bodies[len(places) :], strict=True))


def id_of(place: AnswerPlace) -> tuple[int, int]:
    """Return what tells a place that takes an answer from all others: number and part."""
    return place.number, place.part


def answer_lines(paper: Paper, answers: Mapping[tuple[int, int], str], reasons: Mapping[str, str]) -> Iterator[str]:
    """Yield the calls that set the answers, section by section; a rationale stands behind the last part of a case."""
    yield "#pagebreak()"
    yield '#import "key.typ": key-section, key-line'
    yield f"#key-section({typst_string(text(paper.language, 'room.booklet_answers'))})"
    for index, section in enumerate(paper.sections):
        if section.questions:
            yield item_comment("")
            yield f"#key-section({typst_string(section_heading(paper, index))})"
        places = answer_places(section)
        for n, place in enumerate(places):
            id = place.question.item.partition(".")[0]
            yield item_comment(id)
            label = place.label if place.part else f"{place.label}."
            last = n + 1 == len(places) or places[n + 1].number != place.number
            reason = reasons.get(id, "") if last else ""
            words = f"#parbreak()#text(fill: luma(30%))[{text(paper.language, 'room.booklet_reason')}]{reason}" if reason else ""
            yield f"#key-line({typst_string(label)}, {content(answers[id_of(place)] + words)})"
