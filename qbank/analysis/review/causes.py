"""From what was found about an item to what is probably the matter with it, and the verdict that would answer it.

The first row of `CAUSES` whose codes were all found speaks. A cause is a suspicion, an action a suggestion: people decide.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """codes : that must all have been found ; cause : one word for it ; action : a verdict of `qbank decide`, "" where there
    is nothing to decide ; names : the code whose option or other item the verdict names, "" where it names nothing"""

    codes: tuple[str, ...]
    cause: str
    action: str
    names: str = ""


CAUSES = (
    Cause(("miskey",), "wrong_key", "rekey", "miskey"),
    Cause(("two_keys",), "second_key", "accept", "two_keys"),
    Cause(("leak",), "known", "retire"),
    Cause(("easier",), "known", "retire"),
    Cause(("negative", "non_functioning"), "misleads", "drop"),
    Cause(("negative",), "misleads", "drop"),
    Cause(("dif_c",), "group", "revise"),
    Cause(("too_hard", "low_discrimination"), "guessing", "revise"),
    Cause(("too_easy", "low_discrimination"), "everybody_knows", "keep"),
    Cause(("low_discrimination", "dependent"), "clue", "enemy", "dependent"),
    Cause(("low_discrimination", "not_reached"), "time", "keep"),
    Cause(("low_discrimination", "high_omit"), "unclear", "revise"),
    Cause(("low_discrimination", "non_functioning"), "weak_options", "revise"),
    Cause(("low_discrimination",), "measures_other", "revise"),
    Cause(("misfit", "dependent"), "clue", "enemy", "dependent"),
    Cause(("dependent",), "clue", "enemy", "dependent"),
    Cause(("trend",), "changed", "revise"),
    Cause(("drift",), "changed", "keep"),
    Cause(("misfit",), "model", "revise"),
    Cause(("dif_b",), "group", "keep"),
    Cause(("not_reached",), "time", "keep"),
    Cause(("high_omit",), "unclear", "revise"),
    Cause(("too_hard",), "hard", "keep"),
    Cause(("too_easy",), "everybody_knows", "keep"),
    Cause(("non_functioning",), "weak_options", "revise"),
    Cause(("constant",), "no_spread", ""),
    Cause(("small_n",), "few", ""),
    Cause(("suppressed",), "few", ""),
    Cause(("no_data",), "few", ""),
)
"""What was found → what is suspected → what is suggested, the gravest first:

a wrong key is keyed again with the option it suggests, a second right answer is accepted too; what became known never comes
again; what misleads the strong leaves its papers; what is harder for a group, too hard and guessed, unclear, or answered by
things that the rest does not measure goes back to its author; items that give each other away never meet again; what is
easy, hard or not reached but sound stays.
"""

WEIGHTS: dict[str, tuple[float, float]] = {
    "miskey": (10, 0.3), "two_keys": (8, 0.3), "leak": (9, 0.3), "negative": (8, 0.1), "easier": (7, 0.3), "dif_c": (6, 1.0),
    "low_discrimination": (5, 0.1), "trend": (4, 3.0), "drift": (4, 0.5), "dependent": (4, 0.2), "misfit": (3, 3.0), "dif_b": (3, 0.5),
    "too_hard": (3, 0.1), "high_omit": (2, 0.1), "not_reached": (2, 0.1), "too_easy": (2, 0.03), "non_functioning": (1, 0.02),
    "constant": (0, 1.0), "small_n": (0, 1.0), "suppressed": (0, 1.0), "no_data": (0, 1.0),
}  # fmt: skip
"""code → how grave it is, and the distance from its limit that counts as half a step more"""


def suspected_cause(codes: Collection[str]) -> Cause:
    """Return what is suspected where all of these were found about an item: the first row of `CAUSES` that fits.

    >>> suspected_cause(["too_hard", "low_discrimination"]).cause
    'guessing'
    >>> suspected_cause(["too_hard", "miskey"]).action
    'rekey'
    >>> suspected_cause([]).action
    ''
    """
    found = set(codes)
    return next((row for row in CAUSES if found.issuperset(row.codes)), Cause((), "", ""))


def weight_of(code: str, value: float, limit: float) -> float:
    """Return how grave a finding is, for sorting: that of its code, and less than one more with the distance from its limit.

    >>> weight_of("too_hard", 0.10, 0.20), weight_of("small_n", 12, 30)
    (3.5, 0.0)
    """
    base, scale = WEIGHTS[code]
    away = abs(value - limit) / scale
    return base + (away / (1 + away) if base and away == away else 0.0)
