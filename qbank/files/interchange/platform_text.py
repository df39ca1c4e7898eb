"""What GIFT and Moodle XML share: texts in one of a platform's formats, and keys of kinds as platforms mark them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from qbank.files.interchange.answers import with_blanks
from qbank.files.interchange.draft import clean
from qbank.files.interchange.html_text import html_of, is_simple, markdown_of
from qbank.problem import Problem, Span, error, warning

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def formatted(text: str) -> tuple[str, str]:
    """Return a text as a platform shows it, and its format: HTML, or Markdown where HTML would change it.

    >>> formatted("碱度"), formatted("$R$")
    (('碱度', 'html'), ('<p>\\\\(R\\\\)</p>', 'html'))
    """
    if is_simple(text):
        return text, "html"
    found = html_of(text)
    return (text, "markdown") if found is None else (found, "html")


def plain_of(
    text: str, format: str, span: Span, pictures: Mapping[str, str] | None, problems: list[Problem], dropped: set[str]
) -> str:
    """Return a platform's text as Markdown with LaTeX; what cannot be kept goes into problems and dropped tags."""
    if format in ("markdown", "plain", "plain_text") or (format != "html" and "<" not in text and "\\(" not in text and "&" not in text):
        return clean(text)
    found = markdown_of(text, dict(pictures) if pictures is not None else None)
    dropped |= found.dropped
    for reason, what in found.problems:
        if reason == "picture":
            problems.append(error("I142", span, picture=what))
        else:
            problems.append(error("I106", span, n=what, most=20_000))
    return clean(found.text)


def choice_body(answers: Sequence[tuple[str, float, str]], labels: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return kind and body of a multiple-choice question: (text, weight in per cent, feedback) by answer.

    One answer worth everything is single; otherwise all that earn something are keys. How the weights reward an
    incomplete answer is kept as the nearest rule of marking (`credit_of`).
    """
    options = {LETTERS[n]: text for n, (text, _, _) in enumerate(answers[: len(LETTERS)])}
    right = [LETTERS[n] for n, (_, weight, _) in enumerate(answers[: len(LETTERS)]) if weight > 0]
    notes = {LETTERS[n]: note for n, (_, weight, note) in enumerate(answers[: len(LETTERS)]) if note and weight <= 0}
    body: dict[str, Any] = {"options": options}
    if notes:
        body["misconception"] = notes
    if len(right) == 1 and "credit" not in labels:
        return "single", body | {"key": right[0]}
    body["key"] = right
    if "credit" not in labels:
        body["credit"] = credit_of([weight for _, weight, _ in answers])[0]
    return "multiple", body


def credit_of(weights: Sequence[float]) -> tuple[str, bool]:
    """Return the rule of marking nearest to the weights in per cent of several keys, and whether it marks just alike.

    A platform adds the weights of what is marked and gives nothing below nothing: a wrong answer that costs a key's
    share is ``balance``, one that costs everything is ``share``.

    >>> credit_of([33.33333, 33.33333, 33.33333, -33.33333]), credit_of([50, 50, -100]), credit_of([50, 25, 25, 0])
    (('balance', True), ('share', True), ('share', False))
    """
    right = [weight for weight in weights if weight > 0]
    wrong = [weight for weight in weights if weight <= 0]
    share = 100 / max(len(right), 1)
    even = all(abs(weight - share) < 0.01 for weight in right)
    if all(weight < -99.99 for weight in wrong):
        return "share", even
    if all(abs(weight + share) < 0.01 for weight in wrong):
        return "balance", even
    return ("balance" if any(weight < 0 for weight in wrong) else "share"), False


def unlike_credit(weights: Sequence[float], labels: Mapping[str, Any], span: Span) -> list[Problem]:
    """Return a warning where the weights of several keys follow none of our rules of marking."""
    if "credit" in labels or sum(weight > 0 for weight in weights) < 2:
        return []
    credit, alike = credit_of(weights)
    found = " ".join(f"{weight:g}" for weight in weights)
    return [] if alike else [warning("I154", span, weights=found[:80], credit=credit)]


def weights(body: Mapping[str, Any]) -> dict[str, float]:
    """Return each option's weight in per cent: keys share 100, wrong ones of several-key items cost a share or all.

    >>> weights({"options": {"A": "", "B": "", "C": ""}, "key": ["A", "C"]})
    {'A': 50.0, 'B': -50.0, 'C': 50.0}
    """
    key = body["key"]
    if isinstance(key, str):
        return {letter: 100.0 * (letter == key) for letter in body["options"]}
    share = 100.0 / len(key)
    cost = -100.0 if body.get("credit") == "share" else -share
    return {letter: share if letter in key else cost for letter in body["options"]}


def matching_body(pairs: Sequence[tuple[str, str]], labels: dict[str, Any]) -> dict[str, Any]:
    """Return prompts, options and key of pairs; pairs without a prompt are options that belong to none.

    ``letters`` among the labels says which letters the answers had, in the order of their first use.
    """
    answers = list(dict.fromkeys(answer for _, answer in pairs))
    letters = str(labels.pop("letters", ""))
    if sorted(letters) != list(LETTERS[: len(answers)]):
        letters = LETTERS[: len(answers)]
    by_answer = dict(zip(answers, letters, strict=False))
    options = dict(sorted((letter, answer) for answer, letter in by_answer.items()))
    asked = [(prompt, by_answer.get(answer, "")) for prompt, answer in pairs if prompt]
    return {"prompts": [prompt for prompt, _ in asked], "options": options, "key": [letter for _, letter in asked]}


def matching_pairs(body: Mapping[str, Any]) -> tuple[list[tuple[str, str]], str]:
    """Return the pairs of a matching item, those without a prompt last, and the letters in the order of first use."""
    options, key = body["options"], list(body["key"])
    pairs = [(prompt, options[letter]) for prompt, letter in zip(body["prompts"], key, strict=True)]
    spare = [letter for letter in options if letter not in key]
    pairs += [("", options[letter]) for letter in spare]
    return pairs, "".join(dict.fromkeys([*key, *spare]))


def ordering_body(steps: Sequence[str], labels: dict[str, Any]) -> dict[str, Any]:
    """Return options and key of steps in their right order."""
    letters = str(labels.pop("letters", ""))
    if sorted(letters) != list(LETTERS[: len(steps)]):
        letters = LETTERS[: len(steps)]
    by_letter = dict(zip(letters, steps, strict=False))
    return {"options": {letter: by_letter[letter] for letter in sorted(by_letter)}, "key": list(letters)}


def one_blank(body: Mapping[str, Any]) -> list[str] | None:
    """Return the accepted texts of a fill-in item that a platform's short answer can mark: one blank, no pattern."""
    key, fold = body["key"], body.get("fold", {})
    if len(key) != 1 or body.get("any_order") or body.get("credit", "each") != "each":
        return None
    entry = key[0]
    if isinstance(entry, dict):
        if entry.get("pattern"):
            return None
        entry = entry["accept"]
    if not fold.get("width", True) or not fold.get("space", True):
        return None
    accepted = [entry] if isinstance(entry, str) else list(entry)
    fitting = all(text == text.strip() and "\n" not in text and "\\*" not in text for text in accepted)
    return [text.replace("*", "\\*") for text in accepted] if fitting else None


def blank_body(accepted: Sequence[str], stem: str) -> dict[str, Any] | None:
    """Return the key of one blank, and the stem with a blank where it had none; a bare star stands for anything.

    >>> blank_body(["CaO", "石灰*"], "造渣用（ ）。")
    {'stem': '造渣用____。', 'key': [{'accept': ['CaO', '石灰'], 'pattern': '石灰.*'}]}
    """
    stem = with_blanks(stem, 1)
    if "___" not in stem:
        stem = f"{stem} ____" if stem.isascii() else f"{stem}____"
    stars = [text for text in accepted if _STAR.search(text)]
    plain = [_STAR.sub("", text).replace("\\*", "*").strip() for text in accepted]
    if not all(plain):
        return None
    if not stars:
        return {"stem": stem, "key": [plain[0] if len(plain) == 1 else plain]}
    pattern = "|".join(".*".join(_escaped(part.replace("\\*", "*")) for part in _STAR.split(text)) for text in stars)
    return {"stem": stem, "key": [{"accept": plain, "pattern": pattern}]}


_STAR = re.compile(r"(?<!\\)\*")


def _escaped(text: str) -> str:
    return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)
