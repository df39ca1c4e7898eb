"""One function a kind: the interaction of a question, what it declares, and the rules that mark it as the kind does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

from qbank import messages
from qbank.core.item import Item
from qbank.core.presentation import Language
from qbank.files.interchange.qti import markup, rules
from qbank.files.interchange.qti.asked import Words
from qbank.files.interchange.qti.patterns import accepted_pattern, bank_pattern
from qbank.files.interchange.qti.tree import element
from qbank.kinds import KINDS
from qbank.kinds.fill import FillBody
from qbank.kinds.numeric import NumericBody
from qbank.kinds.written import WrittenBody

MOST_LETTERS = 200


@dataclass(slots=True)
class Sheet:
    """A question in the making: what has been collected of it so far.

    suffix : behind the names of a part's variables, ``_P1`` ; order : letters as they stand ; losses : words of the
    catalogue for what a player cannot do
    """

    item: Item
    marks: float
    language: Language
    words: Words
    suffix: str = ""
    order: str = ""
    shuffled: bool = True
    taught: bool = True
    declared: list[Any] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    body: list[Any] = field(default_factory=list)
    rules: list[Any] = field(default_factory=list)
    feedback: list[Any] = field(default_factory=list)
    interactions: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    by_hand: bool = False

    @property
    def response(self) -> str:
        """Return the name of the response."""
        return f"RESPONSE{self.suffix}"

    @property
    def score(self) -> str:
        """Return the name of the outcome that holds the marks."""
        return f"SCORE{self.suffix}"

    def say(self, key: str, **fields: object) -> str:
        """Return a sentence of the catalogue in the language of the question."""
        return messages.text(self.language, f"qti.{key}", **fields)

    def full(self) -> Any:
        """Return the rule that gives all the marks."""
        return rules.put(self.score, rules.value("float", float(self.marks)))

    def nothing(self) -> Any:
        """Return the rule that gives no marks."""
        return rules.put(self.score, rules.value("float", 0.0))

    def ask(self, name: str, *children: Any, **attributes: Any) -> Any:
        """Return an interaction, noted among those of the item."""
        self.interactions.append(name)
        return element(f"qti-{name}-interaction", *children, **attributes)


def add_stem(sheet: Sheet, entries: list[Any] | None = None) -> bool:
    """Add the stem; its ruled blanks become the entries where they are as many. Return whether they did."""
    nodes = markup.blocks(sheet.words(sheet.item.stem, False))
    fitted = bool(entries) and markup.with_entries(nodes, entries or [])
    sheet.body.append(markup.division("stem", *nodes))
    return fitted


def _letters(sheet: Sheet) -> tuple[str, frozenset[str]]:
    """Return the option letters in the order in which they stand, and those that keep their place."""
    letters, pinned = KINDS[sheet.item.kind].permutations(sheet.item)
    return sheet.order or letters, pinned


def _choices(sheet: Sheet, name: str, **attributes: Any) -> list[Any]:
    texts = dict(KINDS[sheet.item.kind].options(sheet.item))
    letters, pinned = _letters(sheet)
    return [
        element(name, *markup.inline(sheet.words(texts[letter], "\n" not in texts[letter])), identifier=letter,
                fixed=True if letter in pinned else None, **attributes)
        for letter in letters
    ]  # fmt: skip


def _moves(sheet: Sheet) -> bool:
    """Return whether a player may change the order: where it is asked to, and two or more options are free to move."""
    letters, pinned = _letters(sheet)
    return sheet.shuffled and len(set(letters) - pinned) > 1


def _single(sheet: Sheet) -> None:
    key = str(sheet.item.body.marked()["key"])
    sheet.declared.append(rules.response(sheet.response, "single", "identifier", [key]))
    add_stem(sheet)
    sheet.body.append(
        sheet.ask("choice", *_choices(sheet, "qti-simple-choice"), response_identifier=sheet.response, shuffle=_moves(sheet), max_choices=1)
    )
    sheet.rules.append(rules.choose((rules.matches(sheet.response), [sheet.full()]), otherwise=[sheet.nothing()]))
    _mistakes(sheet, "single")


def _mistakes(sheet: Sheet, cardinality: str) -> None:
    """Add what a wrong option tells: the mistake behind it, shown to whoever chose it."""
    mistakes = getattr(sheet.item.body, "misconception", {}) if sheet.taught else {}
    if not mistakes:
        return
    name = f"MISTAKE{sheet.suffix}"
    sheet.outcomes.append(rules.outcome(name, "identifier", None, cardinality=cardinality))
    sheet.rules.append(rules.put(name, rules.variable(sheet.response)))
    for letter, text in sorted(mistakes.items()):
        sheet.feedback.append(modal(name, letter, [markup.division("misconception", *markup.blocks(sheet.words(text, False)))]))


def modal(outcome: str, identifier: str, content: list[Any]) -> Any:
    """Return a text that is shown when an outcome has a value."""
    return element(
        "qti-modal-feedback", element("qti-content-body", *content), outcome_identifier=outcome, identifier=identifier, show_hide="show"
    )


def _multiple(sheet: Sheet) -> None:
    marked = sheet.item.body.marked()
    key, rule = str(marked["key"]), str(marked["credit"])
    letters, _ = _letters(sheet)
    share = sheet.marks / len(key)
    # a wrong option costs a share, or so much that nothing is left
    cost = share if rule == "balance" else 2 * sheet.marks
    worth = [(letter, share if letter in key else -cost) for letter in sorted(letters)]
    partly = None if rule == "all" else rules.mapping(worth, most=sheet.marks)
    sheet.declared.append(rules.response(sheet.response, "multiple", "identifier", key, partly))
    add_stem(sheet)
    sheet.body.append(
        sheet.ask("choice", *_choices(sheet, "qti-simple-choice"), response_identifier=sheet.response, shuffle=_moves(sheet), max_choices=0)
    )
    cases: list[tuple[Any, list[Any]]] = [
        (element("qti-is-null", rules.variable(sheet.response)), [sheet.nothing()]),
        (rules.matches(sheet.response), [sheet.full()]),
    ]
    if rule == "subset":
        some = element("qti-gt", rules.mapped(sheet.response), rules.value("float", 0.0))
        cases.append((some, [rules.put(sheet.score, rules.value("float", sheet.marks / 2))]))
    rest = sheet.nothing() if rule in ("all", "subset") else rules.put(sheet.score, rules.mapped(sheet.response))
    sheet.rules.append(rules.choose(*cases, otherwise=[rest]))
    _mistakes(sheet, "multiple")


def _true_false(sheet: Sheet) -> None:
    key = str(sheet.item.body.marked()["key"])
    sheet.declared.append(rules.response(sheet.response, "single", "identifier", [key]))
    add_stem(sheet)
    choices = [element("qti-simple-choice", sheet.say(word), identifier=word) for word in ("true", "false")]
    sheet.body.append(sheet.ask("choice", *choices, response_identifier=sheet.response, shuffle=False, max_choices=1))
    sheet.rules.append(rules.choose((rules.matches(sheet.response), [sheet.full()]), otherwise=[sheet.nothing()]))


def _fill(sheet: Sheet) -> None:
    body = cast("FillBody", sheet.item.body)
    names = [f"{sheet.response}_{n}" for n, _ in enumerate(body.key, start=1)] if len(body.key) > 1 else [sheet.response]
    fold = {"case": body.fold.case, "width": body.fold.width, "space": body.fold.space}
    entries = []
    for name, entry in zip(names, body.key, strict=True):
        accepted = [" ".join(text.split()) for text in entry.accept]
        worth = rules.mapping([(text, 1.0) for text in accepted], most=1.0, case=not body.fold.case)
        sheet.declared.append(rules.response(name, "single", "string", accepted[:1], worth))
        longest = min(max(len(text) for text in accepted) + 4, MOST_LETTERS)
        entries.append(sheet.ask("text-entry", response_identifier=name, expected_length=longest))
    if not add_stem(sheet, entries):
        sheet.body += [element("p", entry) for entry in entries]
    ways = [_ways(sheet, entry.accept, entry.pattern, fold) for entry in body.key]
    if body.any_order and len(names) > 1 and (any(entry.pattern for entry in body.key) or _overlap(ways)):
        sheet.losses.append("any_order")
    right, loose = f"RIGHT{sheet.suffix}", f"LOOSE{sheet.suffix}"
    sheet.outcomes += [rules.outcome(right), rules.outcome(loose, "boolean", False)]
    sheet.rules += [rules.put(right, rules.value("float", 0.0)), rules.put(loose, rules.matches_anywhere())]
    for name, patterns in zip(names, ways, strict=True):
        asked = names if body.any_order else [name]
        fits = [rules.fits(one, patterns, loose) for one in asked]
        one_more = element("qti-sum", rules.variable(right), rules.value("float", 1.0))
        sheet.rules.append(rules.choose((rules.any_of(fits), [rules.put(right, one_more)])))
    _share(sheet, right, len(names), each=body.credit == "each")


def _ways(sheet: Sheet, accept: tuple[str, ...], pattern: str, fold: Mapping[str, bool]) -> list[str]:
    ways = list(dict.fromkeys(accepted_pattern(text, fold) for text in accept))
    if pattern:
        found = bank_pattern(pattern, fold)
        sheet.losses.append("pattern" if found else "no_pattern")
        ways += [found] if found else []
    return ways


def _overlap(ways: list[list[str]]) -> bool:
    """Return whether two blanks take the same text, so that counting the keys found is not counting the blanks."""
    return any(set(one) & set(other) for n, one in enumerate(ways) for other in ways[n + 1 :])


def _share(sheet: Sheet, right: str, n: int, *, each: bool) -> None:
    """Add the rule that gives all the marks for n things right, and for fewer a share of them or nothing."""
    all_right = element("qti-gte", rules.variable(right), rules.value("float", float(n)))
    part = element(
        "qti-divide", element("qti-product", rules.variable(right), rules.value("float", float(sheet.marks))),
        rules.value("float", float(n)),
    )  # fmt: skip
    rest = rules.put(sheet.score, part) if each and n > 1 else sheet.nothing()
    sheet.rules.append(rules.choose((all_right, [sheet.full()]), otherwise=[rest]))


def _numeric(sheet: Sheet) -> None:
    key = cast("NumericBody", sheet.item.body).key
    marked = sheet.item.body.marked()
    difference = float(cast("float", marked["tolerance"]))
    sheet.declared.append(rules.response(sheet.response, "single", "float", [_number(float(key.value))]))
    entry = sheet.ask("text-entry", response_identifier=sheet.response, expected_length=12)
    if not add_stem(sheet, [entry]):
        sheet.body.append(element("p", entry, f" {key.unit}" if key.unit else None))
    # decimals that are no sums of halves: what is a hair outside by their rounding counts as inside
    slack = 1e-9 * max(abs(float(key.value)), difference)
    low, high = float(key.value) - difference - slack, float(key.value) + difference + slack
    inside = rules.all_of([
        element("qti-gte", rules.variable(sheet.response), rules.value("float", _number(low))),
        element("qti-lte", rules.variable(sheet.response), rules.value("float", _number(high))),
    ])  # fmt: skip
    sheet.rules.append(
        rules.choose(
            (element("qti-is-null", rules.variable(sheet.response)), [sheet.nothing()]), (inside, [sheet.full()]), otherwise=[sheet.nothing()]
        )
    )
    if key.unit:
        sheet.losses.append("unit")


def _number(value: float) -> str:
    """Return a number as players read it.

    >>> _number(1880.0), _number(0.30000000000000004), _number(1e-7)
    ('1880', '0.3', '0.0000001')
    """
    text = f"{value:.15g}"
    if "e" in text:
        text = f"{value:.20f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    return text


def _matching(sheet: Sheet) -> None:
    marked = sheet.item.body.marked()
    key = str(marked["key"])
    prompts = cast("tuple[str, ...]", getattr(sheet.item.body, "prompts", ()))
    pairs = [f"P{number} {letter}" for number, letter in enumerate(key, start=1)]
    each = marked["credit"] == "each"
    worth = rules.mapping([(pair, sheet.marks / len(key)) for pair in pairs], most=sheet.marks) if each else None
    sheet.declared.append(rules.response(sheet.response, "multiple", "directedPair", pairs, worth))
    add_stem(sheet)
    left = [
        element("qti-simple-associable-choice", *markup.inline(sheet.words(text, "\n" not in text)), identifier=f"P{number}",
                fixed=True, match_max=1)
        for number, text in enumerate(prompts, start=1)
    ]  # fmt: skip
    right = _choices(sheet, "qti-simple-associable-choice", match_max=len(prompts))
    sheet.body.append(
        sheet.ask("match", element("qti-simple-match-set", *left), element("qti-simple-match-set", *right),
                  response_identifier=sheet.response, shuffle=_moves(sheet), max_associations=len(prompts))
    )  # fmt: skip
    rest = rules.put(sheet.score, rules.mapped(sheet.response)) if each else sheet.nothing()
    sheet.rules.append(
        rules.choose(
            (element("qti-is-null", rules.variable(sheet.response)), [sheet.nothing()]),
            (rules.matches(sheet.response), [sheet.full()]), otherwise=[rest],
        )
    )  # fmt: skip


def _ordering(sheet: Sheet) -> None:
    marked = sheet.item.body.marked()
    key = str(marked["key"])
    sheet.declared.append(rules.response(sheet.response, "ordered", "identifier", key))
    add_stem(sheet)
    sheet.body.append(
        sheet.ask("order", *_choices(sheet, "qti-simple-choice"), response_identifier=sheet.response, shuffle=_moves(sheet))
    )
    whole = (rules.matches(sheet.response), [sheet.full()])
    if marked["credit"] == "all" or len(key) < 3:
        sheet.rules.append(rules.choose(whole, otherwise=[sheet.nothing()]))
        return
    kept = f"RIGHT{sheet.suffix}"
    places = [f"PLACE{sheet.suffix}_{number}" for number, _ in enumerate(key, start=1)]
    sheet.outcomes.append(rules.outcome(kept))
    sheet.outcomes += [rules.outcome(place, "integer", number) for number, place in enumerate(places, start=1)]
    sheet.rules.append(rules.put(kept, rules.value("float", 0.0)))
    for one, next in pairwise(key):
        there = [
            rules.all_of([_stands(sheet.response, place, one), _stands(sheet.response, then, next)])
            for place, then in pairwise(places)
        ]
        one_more = element("qti-sum", rules.variable(kept), rules.value("float", 1.0))
        sheet.rules.append(rules.choose((rules.any_of(there), [rules.put(kept, one_more)])))
    _share(sheet, kept, len(key) - 1, each=True)


def _stands(name: str, place: str, letter: str) -> Any:
    """Return whether a letter stands at a place of an order.

    place : the variable that holds its number: qti3-item-player takes a number for the name of a variable
    """
    return element("qti-match", element("qti-index", rules.variable(name), n=place), rules.value("identifier", letter))


def _written(sheet: Sheet) -> None:
    body = cast("WrittenBody", sheet.item.body)
    lines = KINDS[sheet.item.kind].printed(sheet.item, sheet.marks, sheet.language).n_lines
    add_stem(sheet)
    points = [
        markup.division("point", element("p", element("span", _marks(point.points), class_="qbank-marks"), sheet.say("marks")),
                        *markup.blocks(sheet.words(point.text, False)))
        for point in body.rubric
    ]  # fmt: skip
    answer = markup.division("answer", *markup.blocks(sheet.words(body.key, False)))
    _by_hand(sheet, lines, [answer, *points])


def _by_hand(sheet: Sheet, lines: int, guide: list[Any]) -> None:
    """Add a place to write, and what those who mark it are told."""
    sheet.by_hand = True
    sheet.losses.append("by_hand")
    sheet.declared.append(rules.response(sheet.response, "single", "string"))
    sheet.body.append(sheet.ask("extended-text", response_identifier=sheet.response, expected_lines=lines))
    sheet.body.append(element("qti-rubric-block", element("qti-content-body", *guide), view="scorer", use="scoring"))


def _marks(marks: float) -> str:
    return f"{marks:g}"


def _task(sheet: Sheet) -> None:
    task = KINDS["task"].printed(sheet.item, sheet.marks, sheet.language).task
    assert task is not None
    add_stem(sheet)
    sheet.body.append(element("p", sheet.say("task_time", minutes=task.minutes, preparation=task.preparation_minutes)))
    for word, supplies in (("site", task.site), ("candidate", task.candidate)):
        if supplies:
            lines = [" ".join(part for part in (one.name, one.spec, one.quantity, one.unit, one.note) if part) for one in supplies]
            sheet.body += [element("p", sheet.say(word)), element("ul", *[element("li", line) for line in lines])]
    if task.requirements:
        entries = [element("li", *markup.inline(sheet.words(text, True))) for text in task.requirements]
        sheet.body += [element("p", sheet.say("requirements")), element("ol", *entries)]
    rows = [
        element("tr", element("td", *markup.inline(sheet.words(step.title, True))), element("td", *markup.inline(sheet.words(step.demand, True))),
                element("td", _marks(step.marks)))
        for step in task.steps
    ]  # fmt: skip
    heads = [element("th", sheet.say(word)) for word in ("step", "demand", "worth")]
    sheet.body.append(element("table", element("thead", element("tr", *heads)), element("tbody", *rows)))
    guide = []
    for step in task.steps:
        cuts = [
            element("li", *markup.inline(sheet.words(cut.text, True)), sheet.say("deducted", marks=_marks(cut.marks)))
            for cut in step.deductions
        ]
        head = element("p", *markup.inline(sheet.words(step.title, True)), f" ({_marks(step.marks)})")
        guide.append(markup.division("point", head, element("ul", *cuts) if cuts else None))
    if task.vetoes:
        entries = [element("li", *markup.inline(sheet.words(text, True))) for text in task.vetoes]
        guide += [element("p", sheet.say("veto")), element("ul", *entries)]
    sheet.losses.append("task")
    _by_hand(sheet, 10, guide)


ASK: dict[str, Callable[[Sheet], None]] = {
    "single": _single, "multiple": _multiple, "true_false": _true_false, "fill": _fill, "numeric": _numeric,
    "matching": _matching, "ordering": _ordering, "short": _written, "essay": _written, "task": _task,
}  # fmt: skip
"""Every kind that is one question; a case is made of its parts."""
