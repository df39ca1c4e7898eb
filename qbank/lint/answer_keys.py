"""Rules over the keys of one file of items: patterns that a candidate could mark by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from qbank.core.answer_keys import binomial_tail, longest_run, position_test
from qbank.core.item import Item
from qbank.kinds import KINDS
from qbank.lint.reading import columns
from qbank.lint.rule import RuleInput
from qbank.lint.unwritten import is_stub
from qbank.problem import Problem, Span, note, warning

LEAST_ITEMS = 20
LEAST_P = 0.01
LONGEST_RUN = 4
TRUE_SHARE = (0.35, 0.65)


def key_positions(given: RuleInput) -> Iterator[Problem]:
    """W150: in a file of 20 single-choice items or more, the keys are spread evenly over the letters.

    Writers put the key into the middle: C is the best guess where nobody looks after it. Pearson's chi-square
    against an even spread with p < 0.01. Printed papers shuffle options anew, but items with ``shuffle: false``
    and other programs print them as they stand.

    Bad: of 40 keys 20 are C. Good: 9, 11, 10 and 10.
    """
    for place, items in _files(given, "single"):
        keys = [str(item.body.marked()["key"]) for item in items]
        widths = [len(KINDS[item.kind].options(item)) for item in items]
        _, _, p = position_test([ord(key) - ord("A") for key in keys], widths)
        if p < LEAST_P:
            counts = ", ".join(f"{letter} {keys.count(letter)}" for letter in sorted(set(keys)))
            yield warning("W150", place, counts=counts, n=len(keys), p=f"{p:.1g}")


def key_runs(given: RuleInput) -> Iterator[Problem]:
    """W151: in a file of 20 single-choice items or more, no letter is the key more than four times running.

    A candidate who sees five times C doubts the sixth. By chance it happens too: a note.

    Bad: the keys B, C, C, C, C, C, A. Good: the same with the options of one item in another order.
    """
    for _, items in _files(given, "single"):
        keys = [str(item.body.marked()["key"]) for item in items]
        length, start = longest_run(keys)
        if length > LONGEST_RUN:
            yield note("W151", items[start].span, letter=keys[start], n=length, id=items[start].id)


def true_share(given: RuleInput) -> Iterator[Problem]:
    """W152: in a file of 20 true-false items or more, between 35 and 65 per cent are true.

    Otherwise who marks everything with the same sign passes half the way.

    Bad: 16 of 20 are true. Good: 11 of 20.
    """
    for place, items in _files(given, "true_false"):
        n_true = sum(item.body.marked()["key"] == "true" for item in items)
        share = n_true / len(items)
        if not TRUE_SHARE[0] - 1e-9 <= share <= TRUE_SHARE[1] + 1e-9:
            yield warning("W152", place, n=len(items), n_true=n_true, share=f"{share:.0%}")


def longest_is_key_often(given: RuleInput) -> Iterator[Problem]:
    """W153: in a file of 20 single-choice items or more, the longest option is not the key more often than by chance.

    One long key is nothing (W104 looks at the single item); a habit is a cue that needs no knowledge. One-sided
    binomial test with p < 0.01 over the items that have one longest option.

    Bad: the key is the only longest option of 18 in 30 items with four options. Good: of 8 in 30.
    """
    for place, items in _files(given, "single"):
        n_longest, widths = 0, []
        for item in items:
            options = KINDS[item.kind].options(item)
            lengths = {letter: columns(text) for letter, text in options}
            longest = [letter for letter, length in lengths.items() if length == max(lengths.values())]
            if len(longest) == 1:
                widths.append(len(options))
                n_longest += longest[0] == item.body.marked()["key"]
        if len(widths) >= LEAST_ITEMS:
            p = binomial_tail(len(widths), n_longest, sum(1 / width for width in widths) / len(widths))
            if p < LEAST_P:
                yield warning("W153", place, n=len(widths), n_longest=n_longest, p=f"{p:.1g}")


def same_number_of_keys(given: RuleInput) -> Iterator[Problem]:
    """W154: in a file of 10 multiple-choice items or more, the number of keys varies.

    Where it is always three, candidates know when to stop, and the last option is free.

    Bad: ten items with three keys each. Good: two, three and four keys mixed.
    """
    for place, items in _files(given, "multiple", least=10):
        numbers = {len(_letters(item)) for item in items}
        if len(numbers) == 1:
            yield note("W154", place, n=len(items), n_keys=numbers.pop())


def _letters(item: Item) -> str:
    return KINDS[item.kind].key_label(item.body.marked())


def _files(given: RuleInput, kind: str, *, least: int = LEAST_ITEMS) -> Iterator[tuple[Span, list[Item]]]:
    """Yield each file that holds enough items of a kind, with them in the order of its lines."""
    by_path: defaultdict[str, list[Item]] = defaultdict(list)
    for item in given.bank.items.values():
        if item.kind == kind and item.status != "retired" and not is_stub(item):
            by_path[item.span.path].append(item)
    for path, items in sorted(by_path.items()):
        if len(items) >= least:
            yield Span(path, 1, 1), sorted(items, key=lambda item: item.span)
