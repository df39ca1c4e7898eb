r"""Items → QTI 1.2 as Canvas Classic reads it: a quiz, its manifest, pictures beside it, mathematics as ``\(…\)``.

Canvas typesets LaTeX between ``\(`` and ``\)`` or two dollars in any text; a picture of a formula would need the address
of one installation. What Canvas does not know of an item stands in metadata fields that it passes over.
"""

from __future__ import annotations

import hashlib
import html
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.core.picture import image_paths
from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.html_text import PICTURES
from qbank.files.interchange.labels import HEAD_LABELS, labels_of
from qbank.files.interchange.outgoing import Outgoing, history, left_out
from qbank.files.interchange.platform_text import formatted
from qbank.files.interchange.qti.package import MANIFEST, packed
from qbank.files.interchange.qti.tree import clean
from qbank.problem import Problem, Span

SPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE_SPACE = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
BASE = "$IMS-CC-FILEBASE$/"
QUIZ = "qbank"
LABEL = "qbank_label"
LABELS = (*HEAD_LABELS, "kind", "credit", "pin", "shuffle", "fold", "unit", "tolerance", "formula", "lines", "correction", "reference", "rubric")


@dataclass(slots=True)
class _Parts:
    """What of an item is being written: its type, what it asks, its conditions, its feedback, what of it is lost."""

    type: str
    asked: str
    conditions: list[str] = field(default_factory=list)
    feedback: dict[str, str] = field(default_factory=dict)
    stem: str | None = None


def write_canvas(items: Sequence[Outgoing]) -> tuple[bytes, list[Problem]]:
    """Return the package with a note for each item that Canvas cannot hold."""
    parts, problems = [], [*history(items, "canvas"), *_other_credit(items)]
    media: dict[str, bytes] = {}
    for one in items:
        made = _WRITE[one.item.kind](one)
        if made is None:
            problems.append(left_out(one, "canvas", "key"))
            continue
        parts.append(_item(one, made))
        media |= {path: one.media[path] for path in _shown(one) if path in one.media}
    quiz = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<questestinterop xmlns="{SPACE}">\n<assessment ident="{QUIZ}" title="{QUIZ}">\n'
        '<section ident="root_section">\n' + "".join(parts) + "</section>\n</assessment>\n</questestinterop>\n"
    )
    points = sum(one.item.marks for one in items)
    files = {f"{QUIZ}/{QUIZ}.xml": quiz.encode("utf-8"), f"{QUIZ}/assessment_meta.xml": _settings(points), MANIFEST: _manifest(media), **media}
    return packed(files), problems


def _other_credit(items: Sequence[Outgoing]) -> list[Problem]:
    """Return a note that Canvas marks items of several keys in its one way: a wrong answer costs what a key earns."""
    n = sum(one.item.kind == "multiple" and one.entries.get("credit", "all") != "balance" for one in items)
    return [Problem("I206", "note", Span("canvas"), (("n", str(n)), ("format", "canvas")))] if n else []


def _shown(one: Outgoing) -> list[str]:
    """Return the pictures that the texts of an item name."""
    return list(dict.fromkeys(path for text in _texts(one.entries) for _, path in image_paths(text)))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for entry in value.values() for text in _texts(entry)]
    return [text for entry in value for text in _texts(entry)] if isinstance(value, list | tuple) else []


def _x(text: str) -> str:
    return html.escape(clean(text))


def _text(text: str) -> str:
    """Return a text as material: HTML, or the Markdown itself in a paragraph where HTML would change it."""
    words, format = formatted(text)
    if format != "html":
        words = "<p>" + html.escape(text, quote=False).replace("\n", "<br />") + "</p>"
    words = words.replace(PICTURES, urllib.parse.quote(BASE, safe="/-"))
    return f'<material><mattext texttype="text/html">{_x(words)}</mattext></material>'


def _field(label: str, entry: str) -> str:
    return f"<qtimetadatafield><fieldlabel>{label}</fieldlabel><fieldentry>{_x(entry)}</fieldentry></qtimetadatafield>\n"


def _item(one: Outgoing, made: _Parts) -> str:
    ident = "i" + hashlib.sha256(one.item.id.encode()).hexdigest()[:31]
    entries = {**one.entries, "kind": one.item.kind}
    if one.item.kind == "numeric":
        entries |= {key: str(entries["key"][key]) for key in ("unit", "tolerance", "formula") if key in entries["key"]}
    if one.entries.get("rationale"):
        made.feedback["general_fb"] = str(one.entries["rationale"])
    fields = _field("question_type", made.type) + _field("points_possible", f"{one.item.marks:g}")
    fields += _field("assessment_question_identifierref", ident + "q")
    answers = "".join(made.conditions)
    if "general_fb" in made.feedback:
        answers = _condition("<other/>", None, "general_fb") + answers
    told = "".join(
        f'<itemfeedback ident="{_x(name)}"><flow_mat>{_text(text)}</flow_mat></itemfeedback>\n' for name, text in made.feedback.items()
    )
    body = (
        f"<presentation>{_text(made.stem or one.entries['stem'])}\n{made.asked}</presentation>\n<resprocessing>\n<outcomes>"
        f'<decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>\n{answers}</resprocessing>\n{told}</item>\n'
    )
    labels = labels_of(entries, LABELS)
    labels += [more] if (more := _otherwise(one, fields, labels, body)) else []
    return _head(one, ident, fields, labels) + body


def _head(one: Outgoing, ident: str, fields: str, labels: Sequence[str]) -> str:
    kept = "".join(_field(LABEL, label) for label in labels)
    return f'<item ident="{ident}" title="{_x(one.item.id)}">\n<itemmetadata><qtimetadata>\n{fields}{kept}</qtimetadata></itemmetadata>\n'


def _otherwise(one: Outgoing, fields: str, labels: Sequence[str], body: str) -> str:
    """Return the label for what a reader sees otherwise than it is written in the bank."""
    from qbank.files.interchange.qti.reading.archive import Package, tree_of
    from qbank.files.interchange.qti.reading.as_written import as_written
    from qbank.files.interchange.qti.reading.manifest import About
    from qbank.files.interchange.qti.reading.old import read_old

    source = f'<questestinterop xmlns="{SPACE}">{_head(one, "i", fields, labels)}{body}</questestinterop>'
    package = Package("", {"a.xml": source.encode("utf-8"), **one.media})
    root, _ = tree_of(package, "a.xml")
    drafts = read_old(package, "a.xml", root, About())[0] if root is not None else []
    return as_written(one.entries, drafts[0].entries if drafts else {})


def _condition(test: str, score: float | None, link: str = "", *, action: str = "Set") -> str:
    worth = f'<setvar action="{action}" varname="SCORE">{score:.6g}</setvar>' if score is not None else ""
    shown = f'<displayfeedback feedbacktype="Response" linkrefid="{_x(link)}"/>' if link else ""
    go_on = "Yes" if score is None else "No"
    return f'<respcondition continue="{go_on}"><conditionvar>{test}</conditionvar>{worth}{shown}</respcondition>\n'


def _equal(text: str, respident: str = "response1") -> str:
    return f'<varequal respident="{respident}">{_x(text)}</varequal>'


def _options(options: Mapping[str, str]) -> str:
    return "".join(f'<response_label ident="{letter}">{_text(text)}</response_label>' for letter, text in options.items())


def _choice(one: Outgoing) -> _Parts:
    body = one.entries
    several = not isinstance(body["key"], str)
    key = list(body["key"]) if several else [body["key"]]
    shuffle = "" if body.get("shuffle", True) else ' shuffle="No"'
    asked = (
        f'<response_lid ident="response1" rcardinality="{"Multiple" if several else "Single"}"><render_choice{shuffle}>'
        f"{_options(body['options'])}</render_choice></response_lid>"
    )
    made = _Parts("multiple_answers_question" if several else "multiple_choice_question", asked)
    for letter, text in body.get("misconception", {}).items():
        made.feedback[f"{letter}_fb"] = text
        made.conditions.append(_condition(_equal(letter), None, f"{letter}_fb"))
    tests = "".join(_equal(letter) if letter in key else f"<not>{_equal(letter)}</not>" for letter in body["options"])
    made.conditions.append(_condition(f"<and>{tests}</and>" if several else _equal(key[0]), 100))
    return made


def _truth(one: Outgoing) -> _Parts:
    words = {"true": "True", "false": "False"}
    asked = f'<response_lid ident="response1" rcardinality="Single"><render_choice>{_options(words)}</render_choice></response_lid>'
    return _Parts("true_false_question", asked, [_condition(_equal(str(bool(one.entries["key"])).lower()), 100)])


_ENTRY = '<response_str ident="response1" rcardinality="Single"><render_fib{type}><response_label ident="answer1" rshuffle="No"/></render_fib></response_str>'


def _blank(one: Outgoing) -> _Parts | None:
    """Return a short answer for one blank, a text with named blanks for several; None where a pattern is the key."""
    if any(isinstance(entry, Mapping) and entry.get("pattern") for entry in one.entries["key"]) or one.entries.get("any_order"):
        return None
    accepted = [_accepted(entry) for entry in one.entries["key"]]
    if len(accepted) == 1:
        asked = _ENTRY.format(type="")
        return _Parts("short_answer_question", asked, [_condition("".join(_equal(text) for text in accepted[0]), 100)])
    stem = str(one.entries["stem"])
    if stem.count("____") != len(accepted):
        stem += " " + " ".join(["____"] * len(accepted))
    pieces = stem.split("____")
    if len(pieces) != len(accepted) + 1 or any(text.strip("_") != text and "___" in text for text in pieces):
        return None
    stem = pieces[0] + "".join(f"[blank{place}]{piece}" for place, piece in enumerate(pieces[1:], start=1))
    made = _Parts("fill_in_multiple_blanks_question", "", stem=stem)
    for place, texts in enumerate(accepted, start=1):
        name = f"blank{place}"
        labels = "".join(
            f'<response_label ident="{name}_{n}"><material><mattext texttype="text/plain">{_x(text)}</mattext></material></response_label>'
            for n, text in enumerate(texts)
        )
        made.asked += (
            f'<response_lid ident="response_{name}"><material><mattext>{name}</mattext></material><render_choice>{labels}</render_choice></response_lid>\n'
        )
        made.conditions += [
            _condition(_equal(f"{name}_{n}", f"response_{name}"), 100 / len(accepted), action="Add") for n, _ in enumerate(texts)
        ]
    return made


def _accepted(entry: Any) -> list[str]:
    texts = entry["accept"] if isinstance(entry, Mapping) else entry
    return [texts] if isinstance(texts, str) else list(texts)


def _number(one: Outgoing) -> _Parts:
    key = one.entries["key"]
    value = key["value"]
    tolerance = key.get("tolerance", 0)
    if isinstance(tolerance, str):
        tolerance = abs(value) * float(tolerance.strip().rstrip("%％")) / 100
    low, high = (_decimal(value + sign * tolerance) for sign in (-1, 1))
    test = (
        f'<or>{_equal(_decimal(value))}<and><vargte respident="response1">{low}</vargte>'
        f'<varlte respident="response1">{high}</varlte></and></or>'
    )
    return _Parts("numerical_question", _ENTRY.format(type=' fibtype="Decimal"'), [_condition(test, 100)])


def _decimal(value: float) -> str:
    """Return a number without an exponent.

    >>> _decimal(1e-7), _decimal(2.0), _decimal(0.1 + 0.2)
    ('0.0000001', '2', '0.3')
    """
    text = f"{value:.12f}".rstrip("0").rstrip(".") or "0"
    return str(plain_number(text)) if "e" not in repr(plain_number(text)) else text


def _matching(one: Outgoing) -> _Parts:
    body = one.entries
    labels = _options(body["options"])
    made = _Parts("matching_question", "")
    for place, (prompt, letter) in enumerate(zip(body["prompts"], body["key"], strict=True), start=1):
        made.asked += f'<response_lid ident="response_{place}">{_text(prompt)}<render_choice>{labels}</render_choice></response_lid>\n'
        made.conditions.append(_condition(_equal(letter, f"response_{place}"), 100 / len(body["key"]), action="Add"))
    return made


def _written(one: Outgoing) -> _Parts:
    made = _Parts("essay_question", _ENTRY.format(type=""), [_condition("<other/>", None)])
    made.feedback["correct_fb"] = str(one.entries["key"])
    return made


_WRITE: dict[str, Callable[[Outgoing], _Parts | None]] = {
    "single": _choice, "multiple": _choice, "true_false": _truth, "fill": _blank, "numeric": _number, "matching": _matching,
    "short": _written, "essay": _written,
}  # fmt: skip
CANVAS_KINDS: Mapping[str, object] = _WRITE


def _settings(points: float) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz identifier="{QUIZ}" xmlns="http://canvas.instructure.com/xsd/cccv1p0">\n'
        f"<title>{QUIZ}</title>\n<shuffle_answers>false</shuffle_answers>\n<quiz_type>assignment</quiz_type>\n"
        f"<points_possible>{points:g}</points_possible>\n</quiz>\n"
    ).encode()


def _manifest(media: Mapping[str, bytes]) -> bytes:
    pictures = "".join(
        f'<resource identifier="picture{place}" type="webcontent" href="{_x(urllib.parse.quote(path))}"><file href="{_x(urllib.parse.quote(path))}"/></resource>\n'
        for place, path in enumerate(sorted(media), start=1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest identifier="{QUIZ}-manifest" xmlns="{PACKAGE_SPACE}">\n'
        "<metadata><schema>IMS Content</schema><schemaversion>1.1.3</schemaversion></metadata>\n<organizations/>\n<resources>\n"
        f'<resource identifier="{QUIZ}" type="imsqti_xmlv1p2"><file href="{QUIZ}/{QUIZ}.xml"/><dependency identifierref="{QUIZ}-settings"/></resource>\n'
        f'<resource identifier="{QUIZ}-settings" type="associatedcontent/imscc_xmlv1p1/learning-application-resource" '
        f'href="{QUIZ}/assessment_meta.xml"><file href="{QUIZ}/assessment_meta.xml"/></resource>\n{pictures}</resources>\n</manifest>\n'
    ).encode()
