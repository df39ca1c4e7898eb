"""One function an interaction: the kind of the bank that asks the same, and its keys. `TAKEN` lists them by name."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.files.interchange.answers import plain_number
from qbank.files.interchange.platform_text import LETTERS, choice_body, credit_of, unlike_credit
from qbank.files.interchange.qti.reading.content import Reading
from qbank.files.interchange.qti.reading.declared import Marking, Response, accepted_of, bounds_of, number
from qbank.files.interchange.qti.reading.vocabulary import local, words

TRUTHS = {
    "true": True, "t": True, "correct": True, "right": True, "对": True, "正确": True, "√": True, "是": True,
    "false": False, "f": False, "incorrect": False, "wrong": False, "错": False, "错误": False, "×": False, "否": False,
}  # fmt: skip
"""The words of the two options of a question that is true or false."""
BLANK = "____"
TO_BE_WRITTEN = "待补（to be written）"
"""Stands where a question that people mark has neither a model answer nor a rubric."""


@dataclass(slots=True)
class Question:
    """An item while its interactions are read.

    hints : text by the identifier of an option, what the item tells whoever chose it ; guide : what markers are told
    """

    reading: Reading
    root: Any
    responses: Mapping[str, Response]
    marking: Marking
    hints: Mapping[str, str] = field(default_factory=dict)
    guide: Mapping[str, Any] = field(default_factory=dict)
    taken_hints: set[str] = field(default_factory=set)

    def response(self, node: Any) -> Response:
        """Return the response of an interaction; an empty one where the item declares none."""
        id = node.get("response-identifier", "")
        return self.responses.get(id) or Response(id, "single", "", (), {}, 0.0, None, False)


@dataclass(slots=True)
class Asked:
    """An interaction as a question of the bank: kind, keys, what stands before the answer, marks where they are told."""

    kind: str
    body: dict[str, Any]
    prompt: str = ""
    marks: float | None = None
    inline: bool = False


Found = Asked | None


def prompt_of(question: Question, node: Any) -> str:
    """Return what an interaction says before the answer."""
    return question.reading.text(node.find("prompt"))


def _options(question: Question, nodes: list[Any], response: Response) -> tuple[dict[str, str], dict[str, str]]:
    """Return the options' texts by letter and their letters by identifier."""
    ids = [node.get("identifier", "") for node in nodes]
    letters = letters_of(ids)
    texts = {letters[id]: question.reading.text(node) for id, node in zip(ids, nodes, strict=True) if id in letters}
    if len({*ids}) < len(ids):
        twice = " ".join(sorted({id for id in ids if ids.count(id) > 1}))
        question.reading.wrong("X426", nodes[0], reason="same_identifier", found=twice[:60])
    if len(ids) > len(LETTERS):
        question.reading.wrong("X426", nodes[-1], reason="too_many_options", found=str(len(ids)))
    return texts, letters


def letters_of(ids: Sequence[str]) -> dict[str, str]:
    """Return the letter of each identifier: A, B, C … as they are, others by their place.

    >>> letters_of(["B", "A"]), letters_of(["ChoiceX", "A"])
    ({'B': 'B', 'A': 'A'}, {'ChoiceX': 'A', 'A': 'B'})
    """
    if sorted(ids) == list(LETTERS[: len(ids)]):
        return {id: id for id in ids}
    return dict(zip(ids, LETTERS, strict=False))


def _order(node: Any, nodes: list[Any], letters: Mapping[str, str]) -> dict[str, Any]:
    """Return which options keep their place."""
    if node.get("shuffle", "false") != "true":
        return {"shuffle": False}
    pinned = [letters[one.get("identifier", "")] for one in nodes if one.get("fixed") == "true"]
    return {"pin": pinned} if pinned else {}


def _choice(question: Question, node: Any, nodes: list[Any] | None = None) -> Found:
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
    texts, letters = _options(question, nodes, response)
    if not right or any(id not in letters for id in right):
        reading.wrong("X426", node, reason="no_key", found=" ".join(right))
        return None
    prompt = prompt_of(question, node)
    several = response.cardinality in ("multiple", "ordered") or (not response.cardinality and node.get("max-choices", "1") != "1")
    if not several and len(right) == 1:
        if (truth := _truth(nodes, right[0])) is not None and not (node.get("shuffle") == "true" and len(nodes) > 2):
            return Asked("true_false", {"key": truth}, prompt, response.most)
        if len(positive) > 1:
            reading.doubt("X427", node, what=f"mapping {_pairs(positive)}")
        body: dict[str, Any] = {"options": texts, "key": letters[right[0]], **_order(node, nodes, letters)}
        _tell_mistakes(question, node, nodes, letters, right, body)
        return Asked("single", body, prompt, response.most or max(positive.values(), default=0.0) or None)
    kind, body = _several(question, node, response, texts, letters, right)
    body |= _order(node, nodes, letters)
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


def _pairs(worth: Mapping[str, float]) -> str:
    return ", ".join(f"{key}={value:g}" for key, value in worth.items())[:80]


def _truth(nodes: list[Any], right: str) -> bool | None:
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


def _hottext(question: Question, node: Any) -> Found:
    """Return a choice among the words that are marked in the text."""
    return _choice(question, node, list(node.iter("hottext")))


def _inline_choice(question: Question, node: Any) -> Found:
    found = _choice(question, node, node.findall("inline-choice"))
    if found is not None:
        found.inline = True
    return found


def _text_entry(question: Question, node: Any) -> Found:
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
        question.reading.doubt("X427", node, what=f"mapping {_pairs(less)}")
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
        question.reading.doubt("X427", node, what=f"mapping {_pairs({k: w for k, (w, _) in response.worth.items()})}")
    return Asked("numeric", {"key": key}, prompt_of(question, node), response.most or best or None, inline=inline)


def _plain(value: float) -> int | float:
    """Return a number without the noise of its halves.

    >>> _plain(2.0), _plain(0.30000000000000004)
    (2, 0.3)
    """
    return plain_number(f"{value:.12f}".rstrip("0").rstrip(".") or "0")


def _slider(question: Question, node: Any) -> Found:
    found = _number(question, node, question.response(node), inline=False)
    if found is not None:
        low, high = node.get("lower-bound", ""), node.get("upper-bound", "")
        question.reading.doubt("X428", node, interaction="slider-interaction", kind="numeric", what=f"{low} … {high}")
    return found


def _extended(question: Question, node: Any) -> Found:
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


def _match(question: Question, node: Any) -> Found:
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
    texts, letters = _options(question, offered, response)
    told = [one for one in asked if one.get("identifier", "") in by_prompt]
    if len(told) < len(asked) or not told:
        question.reading.wrong("X426", node, reason="prompt_without_key", found=str(len(asked) - len(told)))
        return None
    if len({*by_prompt.values()}) < len(by_prompt):
        return _each_by_itself(question, node, told, offered, by_prompt, texts, letters)
    body: dict[str, Any] = {
        "prompts": [question.reading.text(one) for one in told], "options": texts,
        "key": [letters[by_prompt[one.get("identifier", "")]] for one in told], **_order(node, offered, letters),
        "credit": _credit(question, response),
    }  # fmt: skip
    return Asked("matching", body, prompt_of(question, node), _total(response))


def _each_by_itself(
    question: Question, node: Any, told: list[Any], offered: list[Any], by_prompt: Mapping[str, str],
    texts: Mapping[str, str], letters: Mapping[str, str],
) -> Found:  # fmt: skip
    """Return a match in which an option fits several things as a case that asks each of them by itself: true or false where
    the two options say that, else a choice; in the bank's matching every option fits once."""
    response = question.response(node)
    total = _total(response) or float(len(told))
    each = max(round(2 * total / len(told)), 1) / 2
    if abs(each * len(told) - total) > 1e-6:
        question.reading.doubt("X427", node, what=f"{total:g} / {len(told)} ≠ {each:g}")
    parts: list[dict[str, Any]] = []
    for one in told:
        right = by_prompt[one.get("identifier", "")]
        truth = _truth(offered, right)
        body = {"key": truth} if truth is not None else {"options": dict(texts), "key": letters[right], **_order(node, offered, letters)}
        kind = "single" if truth is None else "true_false"
        parts.append({"kind": kind, "stem": question.reading.text(one), "marks": plain_number(f"{each:g}"), **body})
    question.reading.problems.append(_as_other(question, node, "match-interaction", "case"))
    return Asked("case", {"parts": parts}, prompt_of(question, node), each * len(told))


def _associate(question: Question, node: Any) -> Found:
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
    texts, letters = _options(question, offered, response)
    asked = [id for id in nodes if id in by_prompt]
    question.reading.problems.append(_as_other(question, node, "associate-interaction", "matching"))
    body: dict[str, Any] = {
        "prompts": [question.reading.text(nodes[id]) for id in asked], "options": texts, "key": [letters[by_prompt[id]] for id in asked],
        **_order(node, offered, letters), "credit": _credit(question, response),
    }  # fmt: skip
    return Asked("matching", body, prompt_of(question, node), _total(response))


def _pairs_of(response: Response) -> list[tuple[str, str]]:
    """Return the right pairs; where only a mapping tells them, those that earn something."""
    told = response.correct or tuple(key for key, (worth, _) in response.worth.items() if worth > 0)
    return [(one, other) for one, _, other in (pair.partition(" ") for pair in told) if other]


def _credit(question: Question, response: Response) -> str:
    """Return whether each thing that is right earns a share, or only all of them earn anything."""
    if question.marking.of(response.id) != "map" or not response.worth:
        return "all"
    values = {worth for worth, _ in response.worth.values() if worth > 0}
    if len(values) > 1 or response.otherwise < 0 or any(worth < 0 for worth, _ in response.worth.values()):
        question.reading.doubt("X427", _node(question, response), what=f"mapping {_pairs({k: w for k, (w, _) in response.worth.items()})}")
    return "each"


def _node(question: Question, response: Response) -> Any:
    return next((one for one in question.root.iterfind("response-declaration") if one.get("identifier") == response.id), question.root)


def _total(response: Response) -> float | None:
    return response.most or sum(worth for worth, _ in response.worth.values() if worth > 0) or None


def _gap_match(question: Question, node: Any) -> Found:
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
    texts, letters = _options(question, offered, response)
    if any(by_gap[id] not in letters for id in ids):
        question.reading.wrong("X426", node, reason="no_key", found=" ".join(by_gap.values()))
        return None
    question.reading.problems.append(_as_other(question, node, "gap-match-interaction", "matching"))
    body = {
        "prompts": [f"（{place}）" for place, _ in enumerate(ids, start=1)], "options": texts, "key": [letters[by_gap[id]] for id in ids],
        **_order(node, offered, letters), "credit": _credit(question, response),
    }  # fmt: skip
    return Asked("matching", body, "", _total(response))


def _as_other(question: Question, node: Any, interaction: str, kind: str) -> Any:
    from qbank.files.interchange.draft import note

    return note("X430", question.reading.span(node), interaction=interaction, kind=kind)


def _order_interaction(question: Question, node: Any) -> Found:
    response = question.response(node)
    nodes = node.findall("simple-choice")
    texts, letters = _options(question, nodes, response)
    if sorted(response.correct) != sorted(letters) or len(letters) < 2:
        question.reading.wrong("X426", node, reason="order_incomplete", found=" ".join(response.correct))
        return None
    body: dict[str, Any] = {"options": texts, "key": [letters[id] for id in response.correct]}
    return Asked("ordering", body, prompt_of(question, node), response.most)


TAKEN: dict[str, Callable[[Question, Any], Found]] = {
    "choice-interaction": _choice, "hottext-interaction": _hottext, "inline-choice-interaction": _inline_choice,
    "associate-interaction": _associate, "text-entry-interaction": _text_entry, "extended-text-interaction": _extended, "match-interaction": _match,
    "gap-match-interaction": _gap_match, "order-interaction": _order_interaction, "slider-interaction": _slider,
}  # fmt: skip
"""interaction → the function that reads it"""
NOT_TAKEN = frozenset({
    "graphic-associate-interaction", "graphic-gap-match-interaction", "graphic-order-interaction",
    "hotspot-interaction", "select-point-interaction", "position-object-interaction", "drawing-interaction", "upload-interaction",
    "media-interaction", "custom-interaction", "portable-custom-interaction",
})  # fmt: skip
"""Interactions that no kind of the bank asks; any other ``…-interaction`` is met in the same way."""


def shown_in_text(name: str, number: int, alone: bool) -> str:
    """Return what stands in a text where an answer is asked for.

    >>> shown_in_text("text-entry-interaction", 1, True), shown_in_text("inline-choice-interaction", 2, False)
    ('____', '____（2）')
    """
    return BLANK if alone else f"{BLANK}（{number}）"


def marked_word(node: Any, letter: str, content: str) -> str:
    """Return the HTML of a word that may be chosen in a text."""
    return f"<strong>[{html.escape(letter)}]</strong> {content}"
