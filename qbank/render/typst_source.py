"""The Typst source of a paper, a key and an answer sheet: data laid into calls of the templates.

Plain words go in as strings, converted texts as content; a comment before each question names its item, so
that a complaint of the compiler finds its way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import segno

from qbank.core.presentation import Paper, PaperSection, Question
from qbank.messages import text
from qbank.render import sheet as places
from qbank.render.labels import (
    conditions,
    letter_label,
    number_label,
    ordinal,
    page_words,
    section_heading,
    section_note,
)
from qbank.render.texts import Part, answer_lines, needs_answer_line, needs_bracket

ITEM_COMMENT = "// item "
SHORT_ANSWER, MEDIUM_ANSWER = 3, 12
LONG_QUESTION = 1_500
LABELS = (
    "seal",
    "seal_notice",
    "notices",
    "score_number",
    "score",
    "marker",
    "total",
    "key_number",
    "key_answer",
)


def typst_string(words: str) -> str:
    r"""Return the words as a Typst string literal.

    >>> print(typst_string('a "b" \\'))
    "a \"b\" \\"
    """
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + " ".join(escaped.split("\n")) + '"'


def array(values: Iterable[str]) -> str:
    """Return Typst expressions as an array; one value keeps its comma."""
    return "(" + "".join(f"{value}, " for value in values) + ")"


def dictionary(values: Mapping[str, str]) -> str:
    """Return names and Typst expressions as a dictionary."""
    return "(" + ", ".join(f"{name}: {value}" for name, value in values.items()) + ")"


def strings(values: Iterable[str]) -> str:
    """Return words as an array of strings."""
    return array(typst_string(value) for value in values)


def content(markup: str) -> str:
    """Return converted markup as content; a line end keeps a comment mark in it from eating the bracket."""
    return f"[{markup}\n]" if "//" in markup or "\n" in markup else f"[{markup}]"


def item_comment(item: str) -> str:
    """Return the comment that names the item of the lines that follow."""
    return ITEM_COMMENT + " ".join(item.split())


def labels(paper: Paper) -> str:
    """Return the fixed words that the template prints, as a dictionary of strings."""
    say = {name: typst_string(text(paper.language, f"paper.{name}")) for name in LABELS}
    return dictionary({name.replace("_", "-"): words for name, words in say.items()})


def preamble(paper: Paper, title: str) -> list[str]:
    """Return the lines that set up every page of a paper or key."""
    arguments = {
        "title": typst_string(title),
        "language": typst_string(paper.language),
        "code": typst_string(paper.code),
        "digest": typst_string(paper.digest),
        "page-words": strings(page_words(paper)),
    }
    shown = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return ['#import "paper.typ": *', f"#show: base.with({shown})", f"#let labels = {labels(paper)}", ""]


def paper_source(paper: Paper) -> str:
    """Return the source of the paper itself, its texts already converted."""
    lines = [*preamble(paper, paper_title(paper)), *head_lines(paper)]
    widest = max((question.number for section in paper.sections for question in section.questions), default=1)
    number_width = f"{0.55 * len(str(widest)) + (0.9 if paper.language == 'zh' else 0.6):.2f}em"
    for index, section in enumerate(paper.sections):
        note = section_note(paper, section)
        heading = typst_string(section_heading(paper, index))
        lines += [item_comment(""), f"#section({heading}, labels, {content(note)})", ""]
        for question in section.questions:
            lines += question_lines(paper, question, number_width)
    return "\n".join(lines)


def paper_title(paper: Paper) -> str:
    """Return the title of the document: title and subject."""
    return " ".join(part for part in (paper.title, paper.subject) if part)


def head_lines(paper: Paper) -> list[str]:
    """Return the call that sets the head of the first page."""
    ordinals = [ordinal(paper, index) for index in range(len(paper.sections))]
    arguments = {
        "title": typst_string(paper.title),
        "subject": typst_string(paper.subject),
        "code-line": typst_string(text(paper.language, "paper.paper_code", code=paper.code)),
        "condition-line": typst_string(conditions(paper)),
        "fields": strings(paper.fields),
        "notices": array(content(notice) for notice in paper.notices),
        "ordinals": strings(ordinals),
        "labels": "labels",
    }
    return ["#head(", *(f"  {name}: {value}," for name, value in arguments.items()), ")", ""]


def question_lines(paper: Paper, question: Question, number_width: str) -> list[str]:
    """Return the call that sets one question."""
    arguments = [typst_string(number_label(paper, question.number)), f"number-width: {number_width}"]
    if question.options:
        labelled = ((letter_label(paper, letter), body) for letter, body in question.options)
        pairs = [f"({typst_string(label)}, {content(body)})" for label, body in labelled]
        arguments.append(f"options: {array(pairs)}")
    if needs_bracket(question):
        arguments.append(f"bracket: {typst_string(text(paper.language, 'paper.bracket'))}")
    if needs_answer_line(question):
        arguments.append(f"answer: {typst_string(text(paper.language, 'paper.answer_here'))}")
    if is_long(question):
        arguments.append("long: true")
    if n_lines := answer_lines(question):
        arguments.append(f"lines: {n_lines}")
    return [item_comment(question.item), f"#question({', '.join(arguments)}){content(question.stem)}", ""]


def is_long(question: Question) -> bool:
    """Return whether the question might be longer than a page, so that its height must be measured."""
    n_characters = len(question.stem) + sum(len(option) for _, option in question.options)
    return n_characters > LONG_QUESTION or "\n" in question.stem or answer_lines(question) > 0


def key_source(paper: Paper) -> str:
    """Return the source of the key, its answers already converted."""
    heading = text(paper.language, "paper.key")
    title = f"{paper_title(paper)} {heading}"
    code_line = text(paper.language, "paper.paper_code", code=paper.code)
    joined = paper.title + ("" if paper.language == "zh" else " · ") + heading
    shown = [joined, paper.subject, code_line]
    lines = preamble(paper, title)
    lines.append(f"#titles({', '.join(map(typst_string, [*shown, conditions(paper)]))})")
    for index, section in enumerate(paper.sections):
        lines += ["", item_comment(""), f"#key-section({typst_string(section_heading(paper, index))})"]
        lines += key_lines(section)
    return "\n".join([*lines, ""])


def key_columns(section: PaperSection) -> int:
    """Return how many answers stand in a row of the key: ten letters, five numbers, or 0 for a list."""
    longest = max((len(question.answer) for question in section.questions), default=0)
    if longest <= SHORT_ANSWER:
        return 10
    return 5 if longest <= MEDIUM_ANSWER else 0


def key_lines(section: PaperSection) -> Iterator[str]:
    """Yield the calls that set the answers of a section."""
    n = key_columns(section)
    if n == 0:
        for question in section.questions:
            yield item_comment(question.item)
            yield f"#key-line({typst_string(f'{question.number}.')}, {content(question.answer)})"
        return
    for start in range(0, len(section.questions), n):
        yield f"#key-row(labels, {n}, ("
        for question in section.questions[start : start + n]:
            yield item_comment(question.item)
            yield f"  ({typst_string(str(question.number))}, {content(question.answer)}),"
        yield "))"


def sheet_source(paper: Paper) -> str:
    """Return the source of the answer sheet."""
    layout = places.answer_sheet(paper)
    title = f"{paper_title(paper)} {text(paper.language, 'paper.sheet')}"
    arguments = f"title: {typst_string(title)}, language: {typst_string(paper.language)}"
    lines = ['#import "sheet.typ": *', f"#show: sheet.with({arguments})"]
    for page in range(1, layout.n_pages + 1):
        lines += ["#pagebreak()"] if page > 1 else []
        lines += sheet_page(paper, layout, page)
    return "\n".join([*lines, ""])


def sheet_page(paper: Paper, layout: places.Sheet, page: int) -> Iterator[str]:
    """Yield the calls that draw one page of the answer sheet."""
    heading = text(paper.language, "paper.sheet")
    title = paper.title + ("" if paper.language == "zh" else " · ") + heading
    yield f"#titles({17 if page == 1 else 19}, {typst_string(title)}, {typst_string(paper.subject)})"
    if page == 1:
        yield from sheet_head(paper)
    yield sheet_code(paper, page, layout.n_pages)
    yield f"#fiducials({array(f'({x}, {y})' for x, y in places.FIDUCIALS)}, {places.FIDUCIAL_SIZE})"
    words = sorted(layout.headings + layout.numbers, key=lambda one: (one.y, one.x))
    yield f"#headings({placed(words, page, lambda one: one in layout.headings)})"
    yield f"#numbers({placed(words, page, lambda one: one in layout.numbers)})"
    bubbles = [one for one in layout.bubbles if one.page == page]
    yield bubble_call(places.ID_BUBBLE, (one for one in bubbles if one.question < 0))
    yield bubble_call(places.BUBBLE, (one for one in bubbles if one.question > 0))
    areas = [one for one in layout.areas if one.page == page]
    boxes = (f"({one.x:.2f}, {one.y:.2f}, {one.width:.2f}, {one.height:.2f})" for one in areas)
    yield f"#areas({array(boxes)})"
    foot = text(paper.language, "paper.page", page=page, pages=layout.n_pages)
    yield f"#foot({typst_string(f'{paper.code} · {paper.digest} · {foot}')})"


def bubble_call(size: tuple[float, float], bubbles: Iterable[places.Bubble]) -> str:
    """Return the call that draws boxes of one size."""
    boxes = (f"({one.x:.2f}, {one.y:.2f}, {typst_string(one.value)})" for one in bubbles)
    return f"#bubbles({size[0]}, {size[1]}, {array(boxes)})"


def placed(words: Sequence[places.Words], page: int, wanted: Callable[[places.Words], bool]) -> str:
    """Return the wanted words of one page as an array of (x, y, text)."""
    shown = (one for one in words if one.page == page and wanted(one))
    return array(f"({one.x:.2f}, {one.y:.2f}, {typst_string(one.text)})" for one in shown)


def sheet_head(paper: Paper) -> Iterator[str]:
    """Yield the calls that draw the candidate's fields, the rules and the grid for the candidate's number."""
    say = {name: text(paper.language, f"paper.sheet_{name}") for name in ("how", "right", "wrong", "id")}
    rules = [text(paper.language, f"paper.sheet_rule_{number}") for number in (1, 2, 3)]
    words = {name: typst_string(say[name]) for name in ("how", "right", "wrong")} | {"rules": strings(rules)}
    yield f"#fields({places.LEFT}, 32, 76, 29, {strings(paper.fields)})"
    yield f"#rules({places.LEFT}, 62, 76, 28.5, {dictionary(words)})"
    grid = (places.ID_LEFT, places.ID_TOP, places.ID_PITCH, places.ID_ROW, places.ID_DIGITS)
    yield f"#id-box({', '.join(map(str, grid))}, {typst_string(say['id'])})"


def sheet_code(paper: Paper, page: int, n_pages: int) -> str:
    """Return the call that draws the QR code and the words that say the same to the eye."""
    picture = code_svg(places.code_payload(paper, page, n_pages))
    alt = text(paper.language, "paper.sheet_code_alt", code=paper.code, digest=paper.digest, page=page)
    caption = f"{paper.code} · {paper.digest}"
    where = f"{places.CODE_LEFT}, {places.CODE_TOP}, {places.CODE_SIZE}"
    return f"#code({where}, {typst_string(picture)}, {typst_string(alt)}, {typst_string(caption)})"


def code_svg(payload: str) -> str:
    """Return the QR code of the payload as SVG, error correction Q (a quarter may be soiled)."""
    code = segno.make(payload, error="q", micro=False)
    return str(code.svg_inline(border=0, svgclass=None, lineclass=None, omitsize=True))


SOURCES: dict[Part, Callable[[Paper], str]] = {
    "paper": paper_source,
    "key": key_source,
    "answer-sheet": sheet_source,
}
