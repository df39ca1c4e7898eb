"""Rules over stimuli and the items that name one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from qbank.core.item import Item
from qbank.core.stimulus import Stimulus
from qbank.kinds.true_false import TrueFalseBody
from qbank.lint.rule import RuleInput
from qbank.problem import Problem, error, note


def unknown_stimulus(given: RuleInput) -> Iterator[Problem]:
    """Q402: the stimulus of an item stands under ``stimuli:`` in a file of this bank.

    Bad: ``stimulus: S-BCC-9`` where no such stimulus exists. Good: ``stimulus: S-BCC-1`` beside
    ``stimuli: [{id: S-BCC-1, text: …}]``, in the same file or another one.
    """
    for item in given.bank.items.values():
        if item.stimulus and item.stimulus not in given.stimuli:
            place = given.place(item.id, "stimulus")
            yield error("Q402", place, stimulus=item.stimulus, suggestion=_nearest(item.stimulus, given.stimuli))


def stimulus_enemy_unknown(given: RuleInput) -> Iterator[Problem]:
    """Q404: an enemy of a stimulus is another stimulus of this bank.

    Enemies never stand on one paper. Bad: ``enemies: [S-BCC-9]`` where no such stimulus exists, or the stimulus
    itself.
    """
    for stimulus in given.bank.stimuli.values():
        for index, enemy in enumerate(stimulus.enemies):
            if enemy == stimulus.id or enemy not in given.stimuli:
                place = given.stimuli[stimulus.id]("enemies", index)
                near = _nearest(enemy, given.stimuli.keys() - {stimulus.id})
                yield error("Q404", place, enemy=enemy, suggestion=near)


def unused_stimulus(given: RuleInput) -> Iterator[Problem]:
    """Q405: a stimulus is used by some item; nothing is wrong with one that is not, but nobody will ever read it.

    Bad: ``stimuli: [{id: S-BCC-1, text: …}]`` and no item with ``stimulus: S-BCC-1``.
    """
    used = {item.stimulus for item in given.bank.items.values()}
    for stimulus in given.bank.stimuli.values():
        if stimulus.id not in used:
            yield note("Q405", stimulus.span, id=stimulus.id)


def as_statement(stimulus: Stimulus, words: str) -> Item:
    """Return a text of a stimulus as an item that asks nothing, for the rules that look at any text."""
    return Item(
        stimulus.id, "true_false", "", 0, words, TrueFalseBody(key=True), 1.0, "draft", 1, "remember", 60, "", "", (), (),
        stimulus.span,
    )  # fmt: skip


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return near[0] if near else ""
