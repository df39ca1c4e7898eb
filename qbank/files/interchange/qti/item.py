"""An item as a QTI file: declarations, body, rules, feedback; a case is one item of several interactions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qbank.core.stimulus import Stimulus
from qbank.files.interchange.qti import markup, rules
from qbank.files.interchange.qti.asked import Asked, Words
from qbank.files.interchange.qti.names import href, identifier
from qbank.files.interchange.qti.questions import ASK, Sheet, add_stem, modal
from qbank.files.interchange.qti.stylesheet import stylesheet
from qbank.files.interchange.qti.tree import Version, element, local
from qbank.kinds import KINDS

TONGUES = {"zh": "zh-CN", "en": "en"}
RATIONALE = "rationale"


@dataclass(frozen=True, slots=True)
class MadeItem:
    """An item as a tree, and what its metadata says of it.

    interactions : their names in camel case, each once ; losses : words of the catalogue
    """

    root: Any
    interactions: tuple[str, ...]
    composite: bool
    by_hand: bool
    machine: bool
    feedback: bool
    losses: tuple[str, ...]


def item_file(id: str) -> str:
    """Return the path of an item in a package."""
    return f"items/{identifier(id)}.xml"


def stimulus_file(id: str) -> str:
    """Return the path of a stimulus in a package."""
    return f"stimuli/{identifier(id)}.xml"


def make_item(asked: Asked, words: Words, version: Version, *, inside: bool = True) -> MadeItem:
    """Return the item as a tree in the words of QTI 3.

    inside : whether its stimulus stands in it, where the version has no files of stimuli
    """
    item = asked.item
    whole = Sheet(item, asked.marks, asked.language, words, order=asked.order, shuffled=asked.shuffled, taught=asked.taught)
    parts = KINDS[item.kind].parts(item)
    sheets = [whole]
    if parts:
        sheets = _parts(asked, whole, parts)
    else:
        ASK[item.kind](whole)
    _whole_score(whole, sheets if parts else [])
    rationale = _rationale(whole, asked, words)
    shown = [_told(asked.stimulus, words, version)] if asked.stimulus and (version == "qti3" or inside) else []
    all_sheets = [*sheets, whole] if parts else sheets
    declared = [one for sheet in all_sheets for one in sheet.declared]
    outcomes = [one for sheet in [whole, *(sheets if parts else [])] for one in sheet.outcomes]
    feedback = [*rationale, *(one for sheet in all_sheets for one in sheet.feedback)]
    followed = [one for sheet in all_sheets for one in sheet.rules]
    reference = None
    if asked.stimulus and version == "qti3":
        reference = element(
            "qti-assessment-stimulus-ref", identifier=identifier(asked.stimulus.id), href=href(f"../{stimulus_file(asked.stimulus.id)}"),
            title=one_line(asked.stimulus.title) or None,
        )  # fmt: skip
    body = element("qti-item-body", *shown, *whole.body)
    root = element(
        "qti-assessment-item", *declared, *outcomes, reference, stylesheet(body) if version == "qti3" else None, body,
        element("qti-response-processing", *followed) if followed else None, *feedback,
        identifier=identifier(item.id), title=item.id, adaptive=False, time_dependent=False, lang=TONGUES[asked.language],
        tool_name="qbank",
    )  # fmt: skip
    by_hand = [sheet.by_hand for sheet in sheets]
    losses = dict.fromkeys(loss for sheet in all_sheets for loss in sheet.losses)
    names = dict.fromkeys(name for sheet in all_sheets for name in sheet.interactions)
    return MadeItem(
        root, tuple(names), len([name for sheet in all_sheets for name in sheet.interactions]) > 1, any(by_hand), not all(by_hand),
        bool(feedback), tuple(losses),
    )  # fmt: skip


def one_line(text: str) -> str:
    """Return a text as an attribute may hold it.

    >>> one_line(" a\\n b ")
    'a b'
    """
    return " ".join(text.split())


def _parts(asked: Asked, whole: Sheet, parts: tuple[Any, ...]) -> list[Sheet]:
    """Add the stem of a case and its parts, each with variables of its own."""
    add_stem(whole)
    sheets = []
    marks = asked.part_marks or tuple(part.marks for part in parts)
    orders = asked.part_orders or ("",) * len(parts)
    for number, (part, worth, order) in enumerate(zip(parts, marks, orders, strict=True), start=1):
        sheet = Sheet(part, worth, asked.language, whole.words, f"_P{number}", order, asked.shuffled, asked.taught)
        ASK[part.kind](sheet)
        sheet.outcomes.insert(0, rules.outcome(sheet.score, most=worth, by_hand=sheet.by_hand))
        head = element("p", whole.say("part", number=number, marks=f"{worth:g}"), class_="qbank-number")
        guides = [one for one in sheet.body if local(one) == "qti-rubric-block"]  # stand in the body of an item only
        whole.body.append(markup.division("part", head, *[one for one in sheet.body if one not in guides]))
        whole.body += guides
        sheets.append(sheet)
    return sheets


def _whole_score(whole: Sheet, parts: list[Sheet]) -> None:
    """Declare the marks of the item; those of a case are the sum of its parts'."""
    by_hand = whole.by_hand or (bool(parts) and all(part.by_hand for part in parts))
    score = rules.outcome("SCORE", most=float(whole.marks), by_hand=by_hand)
    whole.outcomes[:0] = [score, rules.outcome("MAXSCORE", start=float(whole.marks))]
    if parts and not by_hand:
        total = element("qti-sum", *[rules.variable(part.score) for part in parts]) if len(parts) > 1 else rules.variable(parts[0].score)
        whole.rules.append(rules.put("SCORE", total))


def _rationale(whole: Sheet, asked: Asked, words: Words) -> list[Any]:
    """Return the feedback that explains the key, and add the rule that shows it."""
    item = asked.item
    correction = str(getattr(item.body, "correction", ""))
    content = [
        markup.division(name, *markup.blocks(words(text, False)))
        for name, text in (("rationale", item.rationale), ("correction", correction), ("reference", item.reference))
        if text
    ]
    if not content or not asked.taught:
        return []
    whole.outcomes.append(rules.outcome("FEEDBACK", "identifier", None))
    whole.rules.append(rules.put("FEEDBACK", rules.value("identifier", RATIONALE)))
    return [modal("FEEDBACK", RATIONALE, content)]


def _told(stimulus: Stimulus, words: Words, version: Version) -> Any:
    """Return what a stimulus shows, as a part of the item that refers to it; in QTI 3 the place for it."""
    if version == "qti3":
        return element("div", class_="qbank-stimulus", data_stimulus_idref=identifier(stimulus.id))
    return markup.division("stimulus", *stimulus_content(stimulus, words))


def stimulus_content(stimulus: Stimulus, words: Words) -> list[Any]:
    """Return title and text of a stimulus as blocks."""
    title = element("p", element("strong", *markup.inline(words(stimulus.title, True))), class_="qbank-title") if stimulus.title else None
    return [part for part in (title, *markup.blocks(words(stimulus.text, False))) if part is not None]


def make_stimulus(stimulus: Stimulus, words: Words, language: str) -> Any:
    """Return a stimulus as a file of its own, which QTI 3 has."""
    body = element("qti-stimulus-body", *stimulus_content(stimulus, words))
    return element(
        "qti-assessment-stimulus", stylesheet(body), body,
        identifier=identifier(stimulus.id), title=one_line(stimulus.title) or stimulus.id, lang=TONGUES[language], tool_name="qbank",
    )  # fmt: skip
