"""Items → Moodle XML: HTML that shows mathematics, pictures inside, ids and tags that Moodle keeps for us."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qbank.core.picture import image_paths
from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.labels import HEAD_LABELS, labels_of
from qbank.files.interchange.outgoing import Outgoing, history, left_out, other_marking
from qbank.files.interchange.platform_text import formatted, matching_pairs, one_blank, weights
from qbank.problem import Problem

LONGEST_TAG = 50
"""Characters that Moodle keeps of a tag."""
Made = tuple[str, str, dict[str, Any]] | None
"""Moodle's type, elements of the answers, labels for what they do not say; None where it cannot be said"""


def write_moodle(items: Sequence[Outgoing]) -> tuple[bytes, list[Problem]]:
    """Return a Moodle XML file with a note for each item that it cannot hold and each tag that Moodle would cut."""
    parts, problems = [], [*history(items, "moodle"), *other_marking(items, "moodle")]
    category = ""
    for one in items:
        made = _WRITE[one.item.kind](one)
        if made is None:
            problems.append(left_out(one, "moodle", "key"))
            continue
        if (found := _category(one.points)) != category:
            category = found
            parts.append(f'<question type="category"><category><text>{_cdata(category)}</text></category></question>\n')
        type, answers, extra = made
        feedback, more = _feedback(one)
        labels = labels_of({**one.entries, **extra, **more}, (*HEAD_LABELS, *extra, *more))
        if long := [label for label in labels if len(label) > LONGEST_TAG]:
            problems.append(
                Problem("I205", "note", one.item.span, (("id", one.item.id), ("tags", "; ".join(label[:20] + "…" for label in long))))
            )
        tags = "".join(f"<tag><text>{_cdata(label)}</text></tag>" for label in labels)
        parts.append(
            f'<question type="{type}">\n<name><text>{_cdata(one.item.id)}</text></name>\n'
            f"{_text('questiontext', one.entries['stem'], one)}\n{feedback}\n"
            f"<defaultgrade>{_decimal(one.item.marks)}</defaultgrade>\n<penalty>0</penalty>\n<hidden>0</hidden>\n"
            f"<idnumber>{html.escape(one.item.id)}</idnumber>\n{answers}\n<tags>{tags}</tags>\n</question>\n"
        )
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + "\n".join(parts) + "</quiz>\n"
    return text.encode("utf-8"), problems


def _category(points: Sequence[str]) -> str:
    """Return the category of an item: the way through the standard to its competency.

    >>> _category(["B 操作/工艺", "B-001 测温"])
    '$course$/top/B 操作//工艺/B-001 测温'
    """
    return "/".join(["$course$", "top", *(" ".join(point.split()).replace("/", "//") for point in points)])


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _text(tag: str, text: str, one: Outgoing, attributes: str = "", inside: str = "") -> str:
    words, format = formatted(text)
    return f'<{tag} format="{format}"{attributes}><text>{_cdata(words)}</text>{_files(text, one)}{inside}</{tag}>'


def _files(text: str, one: Outgoing) -> str:
    """Return the pictures that a text names, each once."""
    parts = []
    for path in dict.fromkeys(path for _, path in image_paths(text)):
        if path in one.media:
            folder, _, name = path.rpartition("/")
            data = base64.b64encode(one.media[path]).decode()
            folder = f"/{folder}/" if folder else "/"
            parts.append(f'<file name="{html.escape(name)}" path="{html.escape(folder)}" encoding="base64">{data}</file>')
    return "".join(parts)


def _feedback(one: Outgoing) -> tuple[str, dict[str, Any]]:
    """Return the general feedback, rationale and reference in one; the reference as a tag where HTML cannot say it."""
    rationale, reference = (str(one.entries.get(key, "")) for key in ("rationale", "reference"))
    (words, format), (source, source_format) = formatted(rationale), formatted(reference)
    more = {}
    if reference and format == source_format == "html" and "</div>" not in source:
        words += f'<div class="qbank-reference">{source}</div>'
    elif reference:
        more["reference"] = reference
    files = _files(rationale, one)
    return f'<generalfeedback format="{format}"><text>{_cdata(words)}</text>{files}</generalfeedback>', more


def _decimal(value: Any) -> str:
    return repr(plain_number(repr(value)))


def _note(words: str, one: Outgoing) -> str:
    return _text("feedback", words, one) if words else '<feedback format="html"><text></text></feedback>'


def _choice(one: Outgoing) -> Made:
    body = one.entries
    several, notes = not isinstance(body["key"], str), body.get("misconception", {})
    answers = "\n".join(
        _text("answer", body["options"][letter], one, f' fraction="{weight:.7g}"', _note(notes.get(letter, ""), one))
        for letter, weight in weights(body).items()
    )
    shuffle = str(body.get("shuffle", True)).lower()
    head = (
        f"<single>{str(not several).lower()}</single>\n<shuffleanswers>{shuffle}</shuffleanswers>\n"
        "<answernumbering>ABCD</answernumbering>\n"
    )
    extra = {"pin": body["pin"]} if body.get("pin") else {}
    return "multichoice", head + answers, extra | ({"credit": body.get("credit", "all")} if several else {})


def _truth(one: Outgoing) -> Made:
    key, correction = bool(one.entries["key"]), str(one.entries.get("correction", ""))
    answers = "\n".join(
        f'<answer fraction="{100 if truth == key else 0}" format="moodle_auto_format"><text>{str(truth).lower()}</text>'
        f"{_note(correction if truth and not key else '', one)}</answer>"
        for truth in (True, False)
    )
    return "truefalse", answers, {}


def _blank(one: Outgoing) -> Made:
    accepted = one_blank(one.entries)
    if accepted is None:
        return None
    usecase = 0 if one.entries.get("fold", {}).get("case", True) else 1
    answers = "\n".join(
        f'<answer fraction="100" format="moodle_auto_format"><text>{_cdata(text)}</text></answer>' for text in accepted
    )
    return "shortanswer", f"<usecase>{usecase}</usecase>\n{answers}", {}


def _number(one: Outgoing) -> Made:
    key = one.entries["key"]
    tolerance = key.get("tolerance", 0)
    extra = {"formula": key["formula"]} if key.get("formula") else {}
    if isinstance(tolerance, str):
        extra["tolerance"] = tolerance
        tolerance = abs(key["value"]) * float(tolerance.strip().rstrip("%％")) / 100
    unit = key.get("unit", "")
    units = f"<units><unit><multiplier>1</multiplier><unit_name>{_cdata(unit)}</unit_name></unit></units>" if unit else ""
    answer = (
        f'<answer fraction="100" format="moodle_auto_format"><text>{_decimal(key["value"])}</text>'
        f"<tolerance>{_decimal(tolerance)}</tolerance></answer>"
    )
    return "numerical", f"{answer}\n{units}<showunits>{2 if unit else 3}</showunits>", extra


def _matching(one: Outgoing) -> Made:
    pairs, letters = matching_pairs(one.entries)
    if any(image_paths(answer) or answer != answer.strip() for _, answer in pairs):
        return None
    rows = "\n".join(
        _text("subquestion", prompt, one, "", f"<answer><text>{_cdata(answer)}</text></answer>") for prompt, answer in pairs
    )
    shuffle = str(one.entries.get("shuffle", True)).lower()
    extra = {"letters": letters} | {key: one.entries[key] for key in ("pin", "credit") if key in one.entries}
    return "matching", f"<shuffleanswers>{shuffle}</shuffleanswers>\n{rows}", extra


def _ordering(one: Outgoing) -> Made:
    body = one.entries
    rows = "\n".join(
        _text("answer", body["options"][letter], one, f' fraction="{n}"') for n, letter in enumerate(body["key"], start=1)
    )
    extra = {"letters": "".join(body["key"])} | ({"credit": body["credit"]} if "credit" in body else {})
    return "ordering", f"<layouttype>VERTICAL</layouttype>\n<selecttype>ALL</selecttype>\n{rows}", extra


def _written(one: Outgoing) -> Made:
    body = one.entries
    texts = [formatted(body["key"]), *(formatted(point["text"]) for point in body["rubric"])]
    if any(format != "html" or "<div" in words or "<p><b>" in words for words, format in texts):
        return None
    points = "".join(
        f"<p><b>{_decimal(point['points'])}</b> {words}</p>"
        for point, (words, _) in zip(body["rubric"], texts[1:], strict=True)
    )
    source = f'{texts[0][0]}<div class="qbank-rubric">{points}</div>'
    files = "".join(_files(text, one) for text in [body["key"], *(point["text"] for point in body["rubric"])])
    info = f'<graderinfo format="html"><text>{_cdata(source)}</text>{files}</graderinfo>'
    extra = {"kind": one.item.kind} | ({"lines": body["lines"]} if "lines" in body else {})
    return "essay", f"<responseformat>editor</responseformat>\n{info}", extra


_WRITE: dict[str, Callable[[Outgoing], Made]] = {
    "single": _choice, "multiple": _choice, "true_false": _truth, "fill": _blank, "numeric": _number,
    "matching": _matching, "ordering": _ordering, "short": _written, "essay": _written,
}  # fmt: skip
MOODLE_KINDS: Mapping[str, object] = _WRITE
