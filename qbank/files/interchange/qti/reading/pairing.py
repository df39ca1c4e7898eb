"""Interactions in which things are put together or in order: match, associate, gap match, order → matching, ordering, case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.qti.reading.asking import (
    Asked,
    Found,
    Question,
    as_other,
    options_of,
    order_of,
    prompt_of,
    shown_worth,
)
from qbank.files.interchange.qti.reading.choices import truth_of
from qbank.files.interchange.qti.reading.declared import Response
from qbank.files.interchange.qti.reading.vocabulary import local


def match(question: Question, node: Any) -> Found:
    """Return prompts, options and which belongs to which; a case where an option belongs to several."""
    response = question.response(node)
    sets = node.findall("simple-match-set")
    if len(sets) != 2:
        question.reading.wrong("X426", node, reason="no_options", found=str(len(sets)))
        return None
    asked, offered = (one.findall("simple-associable-choice") for one in sets)
    pairs = _pairs_of(response)
    if len({one for one, _ in pairs}) < len(pairs) and len({other for _, other in pairs}) == len(pairs) == len(offered):
        asked, offered, pairs = offered, asked, [(other, one) for one, other in pairs]  # the other set has one partner each
    by_prompt = dict(pairs)
    known = {one.get("identifier", "") for one in asked}, {one.get("identifier", "") for one in offered}
    if len(by_prompt) < len(pairs) or set(by_prompt) - known[0] or set(by_prompt.values()) - known[1]:
        question.reading.wrong("X426", node, reason="several_partners", found=" | ".join(f"{one} {other}" for one, other in pairs))
        return None
    texts, letters = options_of(question, offered, response)
    told = [one for one in asked if one.get("identifier", "") in by_prompt]
    if len(told) < len(asked) or not told:
        question.reading.wrong("X426", node, reason="prompt_without_key", found=str(len(asked) - len(told)))
        return None
    if len({*by_prompt.values()}) < len(by_prompt):
        return _each_by_itself(question, node, told, offered, by_prompt, texts, letters)
    body: dict[str, Any] = {
        "prompts": [question.reading.text(one) for one in told], "options": texts,
        "key": [letters[by_prompt[one.get("identifier", "")]] for one in told], **order_of(node, offered, letters),
        "credit": credit_of_pairs(question, response),
    }  # fmt: skip
    return Asked("matching", body, prompt_of(question, node), total_of(response))


def _each_by_itself(
    question: Question, node: Any, told: list[Any], offered: list[Any], by_prompt: Mapping[str, str],
    texts: Mapping[str, str], letters: Mapping[str, str],
) -> Found:  # fmt: skip
    """Return a match in which an option fits several things as a case that asks each of them by itself: true or false where
    the two options say that, else a choice; in the bank's matching every option fits once."""
    response = question.response(node)
    total = total_of(response) or float(len(told))
    each = max(round(2 * total / len(told)), 1) / 2
    if abs(each * len(told) - total) > 1e-6:
        question.reading.doubt("X427", node, what=f"{total:g} / {len(told)} ≠ {each:g}")
    parts: list[dict[str, Any]] = []
    for one in told:
        right = by_prompt[one.get("identifier", "")]
        truth = truth_of(offered, right)
        body = {"key": truth} if truth is not None else {"options": dict(texts), "key": letters[right], **order_of(node, offered, letters)}
        kind = "single" if truth is None else "true_false"
        parts.append({"kind": kind, "stem": question.reading.text(one), "marks": plain_number(f"{each:g}"), **body})
    question.reading.problems.append(as_other(question, node, "match-interaction", "case"))
    return Asked("case", {"parts": parts}, prompt_of(question, node), each * len(told))


def associate(question: Question, node: Any) -> Found:
    """Return pairs out of one list as a matching: one of each pair is asked, its partner and whatever has none is offered.

    Whoever answers learns which things are asked, so it is easier than the original; an option that stands in two pairs
    has no counterpart.
    """
    response = question.response(node)
    nodes = {one.get("identifier", ""): one for one in node.findall("simple-associable-choice")}
    pairs = _pairs_of(response)
    paired = [id for pair in pairs for id in pair]
    if len({*paired}) < len(paired) or not {*paired} <= {*nodes}:
        found = " | ".join(" ".join(pair) for pair in pairs)
        question.reading.wrong("X426", node, reason="several_partners" if {*paired} <= {*nodes} else "no_key", found=found[:80])
        return None
    if len(pairs) < 2:
        question.reading.wrong("X426", node, reason="no_key", found=" ".join(response.correct))
        return None
    by_prompt = dict(pairs)
    offered = [one for id, one in nodes.items() if id not in by_prompt]
    texts, letters = options_of(question, offered, response)
    asked = [id for id in nodes if id in by_prompt]
    question.reading.problems.append(as_other(question, node, "associate-interaction", "matching"))
    body: dict[str, Any] = {
        "prompts": [question.reading.text(nodes[id]) for id in asked], "options": texts, "key": [letters[by_prompt[id]] for id in asked],
        **order_of(node, offered, letters), "credit": credit_of_pairs(question, response),
    }  # fmt: skip
    return Asked("matching", body, prompt_of(question, node), total_of(response))


def _pairs_of(response: Response) -> list[tuple[str, str]]:
    """Return the right pairs; where only a mapping tells them, those that earn something."""
    told = response.correct or tuple(key for key, (worth, _) in response.worth.items() if worth > 0)
    return [(one, other) for one, _, other in (pair.partition(" ") for pair in told) if other]


def credit_of_pairs(question: Question, response: Response) -> str:
    """Return whether each thing that is right earns a share, or only all of them earn anything."""
    if question.marking.of(response.id) != "map" or not response.worth:
        return "all"
    values = {worth for worth, _ in response.worth.values() if worth > 0}
    if len(values) > 1 or response.otherwise < 0 or any(worth < 0 for worth, _ in response.worth.values()):
        question.reading.doubt("X427", _node(question, response), what=f"mapping {shown_worth({k: w for k, (w, _) in response.worth.items()})}")
    return "each"


def _node(question: Question, response: Response) -> Any:
    return next((one for one in question.root.iterfind("response-declaration") if one.get("identifier") == response.id), question.root)


def total_of(response: Response) -> float | None:
    return response.most or sum(worth for worth, _ in response.worth.values() if worth > 0) or None


def gap_match(question: Question, node: Any) -> Found:
    """Return the gaps of a text as prompts and the words to put into them as options; the text goes to the stem."""
    response = question.response(node)
    gaps = list(node.iter("gap"))
    offered = [one for one in node if local(one) in ("gap-text", "gap-img")]
    if any(local(one) == "gap-img" for one in offered):
        for one in offered:
            if local(one) == "gap-img":
                one.tag = "gap-text"
    by_gap = {gap: word for word, gap in _pairs_of(response)}
    ids = [gap.get("identifier", "") for gap in gaps]
    if not gaps or any(id not in by_gap for id in ids) or len(by_gap) < len(_pairs_of(response)):
        question.reading.wrong("X426", node, reason="prompt_without_key", found=" ".join(id for id in ids if id not in by_gap))
        return None
    texts, letters = options_of(question, offered, response)
    if any(by_gap[id] not in letters for id in ids):
        question.reading.wrong("X426", node, reason="no_key", found=" ".join(by_gap.values()))
        return None
    question.reading.problems.append(as_other(question, node, "gap-match-interaction", "matching"))
    body = {
        "prompts": [f"（{place}）" for place, _ in enumerate(ids, start=1)], "options": texts, "key": [letters[by_gap[id]] for id in ids],
        **order_of(node, offered, letters), "credit": credit_of_pairs(question, response),
    }  # fmt: skip
    return Asked("matching", body, "", total_of(response))


def order_interaction(question: Question, node: Any) -> Found:
    """Return steps and their right order."""
    response = question.response(node)
    nodes = node.findall("simple-choice")
    texts, letters = options_of(question, nodes, response)
    if sorted(response.correct) != sorted(letters) or len(letters) < 2:
        question.reading.wrong("X426", node, reason="order_incomplete", found=" ".join(response.correct))
        return None
    body: dict[str, Any] = {"options": texts, "key": [letters[id] for id in response.correct]}
    return Asked("ordering", body, prompt_of(question, node), response.most)
