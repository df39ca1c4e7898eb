"""Interactions in which something is written: text entry, slider, extended text → fill, numeric, essay."""

from __future__ import annotations

from typing import Any

from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.qti.reading.asking import Asked, Found, Question, prompt_of, shown_worth
from qbank.files.interchange.qti.reading.declared import Response, accepted_of, bounds_of, number

TO_BE_WRITTEN = "待补（to be written）"
"""Stands where a question that people mark has neither a model answer nor a rubric."""


def text_entry(question: Question, node: Any) -> Found:
    """Return one blank with all that it takes, or a number where the response is one."""
    response = question.response(node)
    if response.base in ("float", "integer"):
        return _number(question, node, response, inline=True)
    entry = _accepted(question, node, response)
    if entry is None:
        return None
    accepted, fold = entry
    body: dict[str, Any] = {"key": [accepted[0] if len(accepted) == 1 else accepted]}
    if fold:
        body["fold"] = {"case": False}
    return Asked("fill", body, "", response.most or max((worth for worth, _ in response.worth.values()), default=0.0) or None, inline=True)


def _accepted(question: Question, node: Any, response: Response) -> tuple[list[str], bool] | None:
    """Return the texts that earn all the marks, and whether their case counts."""
    best = max((worth for worth, _ in response.worth.values()), default=0.0)
    full = [key for key, (worth, _) in response.worth.items() if worth == best and worth > 0]
    accepted = list(dict.fromkeys(text for text in [*response.correct, *full, *accepted_of(question.root, response.id)] if text.strip()))
    if not accepted:
        question.reading.wrong("X426", node, reason="no_key", found=response.id)
        return None
    less = {key: worth for key, (worth, _) in response.worth.items() if 0 < worth < best}
    counts = bool(response.worth) and all(case for _, case in response.worth.values())
    folded = {text.casefold() for text in accepted}
    if less:
        question.reading.doubt("X427", node, what=f"mapping {shown_worth(less)}")
    return accepted, counts and (bool(less) or len(folded) < len(accepted) or bool(response.worth))


def _number(question: Question, node: Any, response: Response, *, inline: bool) -> Found:
    """Return a number with the tolerance that mapping or rules leave it."""
    best = max((worth for worth, _ in response.worth.values()), default=0.0)
    full = [found for key, (worth, _) in response.worth.items() if worth == best > 0 and (found := number(key)) is not None]
    value = number(response.correct[0]) if response.correct else None
    bounds = bounds_of(question.root, response.id)
    if value is None and (bounds or full):
        low, high = bounds or (min(full), max(full))
        value = (low + high) / 2
    if value is None:
        question.reading.wrong("X426", node, reason="no_number", found=" ".join(response.correct) or response.id)
        return None
    key: dict[str, Any] = {"value": _plain(value)}
    low, high = bounds or ((min(full), max(full)) if full else (value, value))
    away = max(abs(high - value), abs(value - low))
    if away > 1e-9 * max(abs(value), 1.0):
        key["tolerance"] = _plain(away)
        if abs((high - value) - (value - low)) > 1e-6 * away:
            question.reading.doubt("X427", node, what=f"{low:g} … {high:g}")
    if any(0 < worth < best for worth, _ in response.worth.values()):
        question.reading.doubt("X427", node, what=f"mapping {shown_worth({k: w for k, (w, _) in response.worth.items()})}")
    return Asked("numeric", {"key": key}, prompt_of(question, node), response.most or best or None, inline=inline)


def _plain(value: float) -> int | float:
    """Return a number without the noise of its halves.

    >>> _plain(2.0), _plain(0.30000000000000004)
    (2, 0.3)
    """
    return plain_number(f"{value:.12f}".rstrip("0").rstrip(".") or "0")


def slider(question: Question, node: Any) -> Found:
    """Return a number; its scale is not kept, and that is told."""
    found = _number(question, node, question.response(node), inline=False)
    if found is not None:
        low, high = node.get("lower-bound", ""), node.get("upper-bound", "")
        question.reading.doubt("X428", node, interaction="slider-interaction", kind="numeric", what=f"{low} … {high}")
    return found


def extended_text(question: Question, node: Any) -> Found:
    """Return an essay with the model answer and rubric that the item tells its markers."""
    response = question.response(node)
    guide = dict(question.guide)
    key = str(guide.get("key") or "\n\n".join(text for text in response.correct if text))
    if not key:
        key = "\n\n".join(str(point["text"]) for point in guide.get("rubric", ())) or TO_BE_WRITTEN
    if key == TO_BE_WRITTEN:
        question.reading.doubt("X429", node, stand=TO_BE_WRITTEN)
    body: dict[str, Any] = {"key": key}
    if guide.get("rubric"):
        body["rubric"] = guide["rubric"]
    lines = number(node.get("expected-lines"))
    if lines and 1 <= lines <= 200:
        body["lines"] = int(lines)
    return Asked("essay", body, prompt_of(question, node), response.most)
