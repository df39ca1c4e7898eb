"""Interactions in which something is chosen: choice, hottext, inline choice → single, multiple, true or false."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from qbank.files.interchange.platform_text import choice_body, credit_of, unlike_credit
from qbank.files.interchange.qti.reading.asking import (
    Asked,
    Found,
    Question,
    options_of,
    order_of,
    prompt_of,
    shown_worth,
)
from qbank.files.interchange.qti.reading.declared import Response
from qbank.files.interchange.qti.reading.vocabulary import local, words

TRUTHS = {
    "true": True, "t": True, "correct": True, "right": True, "对": True, "正确": True, "√": True, "是": True,
    "false": False, "f": False, "incorrect": False, "wrong": False, "错": False, "错误": False, "×": False, "否": False,
}  # fmt: skip
"""The words of the two options of a question that is true or false."""


def choice(question: Question, node: Any, nodes: list[Any] | None = None) -> Found:
    """Return a choice of one or several, or true and false where the options say that; nodes : the options where they are no children."""
    reading, response = question.reading, question.response(node)
    nodes = node.findall("simple-choice") if nodes is None else nodes
    if len(nodes) < 2:
        reading.wrong("X426", node, reason="no_options", found=str(len(nodes)))
        return None
    right = list(dict.fromkeys(response.correct))
    positive = {key: worth for key, (worth, _) in response.worth.items() if worth > 0}
    if not right and positive:
        best = max(positive.values())
        right = [key for key, worth in positive.items() if worth == best or response.cardinality == "multiple"]
    texts, letters = options_of(question, nodes, response)
    if not right or any(id not in letters for id in right):
        reading.wrong("X426", node, reason="no_key", found=" ".join(right))
        return None
    prompt = prompt_of(question, node)
    several = response.cardinality in ("multiple", "ordered") or (not response.cardinality and node.get("max-choices", "1") != "1")
    if not several and len(right) == 1:
        if (truth := truth_of(nodes, right[0])) is not None and not (node.get("shuffle") == "true" and len(nodes) > 2):
            return Asked("true_false", {"key": truth}, prompt, response.most)
        if len(positive) > 1:
            reading.doubt("X427", node, what=f"mapping {shown_worth(positive)}")
        body: dict[str, Any] = {"options": texts, "key": letters[right[0]], **order_of(node, nodes, letters)}
        _tell_mistakes(question, node, nodes, letters, right, body)
        return Asked("single", body, prompt, response.most or max(positive.values(), default=0.0) or None)
    kind, body = _several(question, node, response, texts, letters, right)
    body |= order_of(node, nodes, letters)
    _tell_mistakes(question, node, nodes, letters, right, body)
    return Asked(kind, body, prompt, response.most or sum(positive.values()) or None)


def _several(
    question: Question, node: Any, response: Response, texts: dict[str, str], letters: Mapping[str, str], right: list[str]
) -> tuple[str, dict[str, Any]]:
    """Return kind and body of a choice of several: by its mapping where it is marked so, else all or nothing."""
    if question.marking.of(response.id) == "map" and response.worth:
        share = sum(worth for worth, _ in response.worth.values() if worth > 0) or 1.0
        weights = [100 * response.worth.get(id, (response.otherwise, True))[0] / share for id in letters]
        span = question.reading.span(node)
        question.reading.problems += unlike_credit(weights, {}, span)
        kind, body = choice_body([(texts[letter], weight, "") for letter, weight in zip(letters.values(), weights, strict=True)], {})
        if set(texts) != set(body["options"]):
            body["options"] = texts
        key = sorted(letter for letter, weight in zip(letters.values(), weights, strict=True) if weight > 0)
        if kind == "single":
            return kind, {"options": texts, "key": key[0]}
        return kind, {"options": texts, "key": key, "credit": credit_of(weights)[0]}
    key = sorted(letters[id] for id in right)
    if len(key) == 1:
        question.reading.lost.add(f"{local(node)} cardinality=multiple")
        return "single", {"options": texts, "key": key[0]}
    return "multiple", {"options": texts, "key": key, "credit": "all"}


def truth_of(nodes: list[Any], right: str) -> bool | None:
    """Return whether the right option says that it is true; None where the options say something else."""
    if len(nodes) != 2 or any(node.find(".//img") is not None for node in nodes):
        return None
    said = {node.get("identifier", ""): TRUTHS.get(_said(node).rstrip(".。").casefold()) for node in nodes}
    return said.get(right) if set(said.values()) == {True, False} else None


def _said(node: Any) -> str:
    """Return the words of an option without what it tells whoever chooses it."""
    hints = [words(hint) for hint in node.iterfind("feedback-inline")]
    text = words(node)
    for hint in filter(None, hints):
        text = text.replace(hint, "")
    return text.strip()


def _tell_mistakes(
    question: Question, node: Any, nodes: list[Any], letters: Mapping[str, str], right: list[str], body: dict[str, Any]
) -> None:
    """Keep what the item tells whoever chose a wrong option as the mistake behind it; the rest of it is lost."""
    found = {}
    for one in nodes:
        id = one.get("identifier", "")
        told = " ".join(filter(None, (question.reading.text(inline) for inline in one.iterfind("feedback-inline"))))
        if not told and id in question.hints:
            told = question.hints[id]
            question.taken_hints.add(id)
        if told and id not in right:
            found[letters[id]] = told
        elif told:
            question.reading.lost.add("feedback-inline")
    if found:
        body["misconception"] = found


def hottext(question: Question, node: Any) -> Found:
    """Return a choice among the words that are marked in the text."""
    return choice(question, node, list(node.iter("hottext")))


def inline_choice(question: Question, node: Any) -> Found:
    """Return a choice that stands amid the words."""
    found = choice(question, node, node.findall("inline-choice"))
    if found is not None:
        found.inline = True
    return found


def marked_word(node: Any, letter: str, content: str) -> str:
    """Return the HTML of a word that may be chosen in a text."""
    return f"<strong>[{html.escape(letter)}]</strong> {content}"
