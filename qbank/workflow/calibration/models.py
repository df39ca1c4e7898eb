"""Which model each item of a sitting has, from the words of the command line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qbank.irt import guessing_prior
from qbank.irt.comparison import FLOORS, UNKNOWN_OPTIONS

RIGHT_WRONG = ("rasch", "1pl", "2pl", "3pl", "4pl")
IN_PART = ("grm", "pcm", "gpcm", "rsm", "nominal")
MIXED = "mixed"
MODELS = (*RIGHT_WRONG, *IN_PART, MIXED)
POLYTOMOUS = IN_PART
BESIDE = {
    "rasch": "pcm", "1pl": "gpcm", "2pl": "gpcm", "3pl": "gpcm", "4pl": "gpcm", MIXED: "gpcm",
    "pcm": "rasch", "rsm": "rasch", "gpcm": "2pl", "grm": "2pl", "nominal": "2pl",
}  # fmt: skip
"""What stands beside a model: for items with partial credit beside one of right and wrong, and the other way round."""
GUESSED = frozenset({"3pl", "4pl"})


def word_of(model: str, polytomous: str | None, *, partial: bool, guessed: bool, n_answers: int) -> str:
    """Return the model of one item.

    partial : whether it has more than two categories ; guessed : whether there is something to guess, an option

    Of right and wrong, 3pl and 4pl are for items with options, and 2pl for the others; ``mixed`` is 3pl where an item
    has options and answers enough for it, and 2pl elsewhere. With partial credit: ``polytomous``, else gpcm, or pcm
    beside rasch.

    >>> [word_of("mixed", None, partial=False, guessed=True, n_answers=n) for n in (400, 4000)]
    ['2pl', '3pl']
    >>> word_of("rasch", None, partial=True, guessed=True, n_answers=400)
    'pcm'
    """
    if partial:
        return polytomous or (model if model in IN_PART else BESIDE[model])
    word = BESIDE[model] if model in IN_PART else model
    if word == MIXED:
        return "3pl" if guessed and n_answers >= FLOORS["3pl"] else "2pl"
    return "2pl" if word in GUESSED and not guessed else word


def one_word(words: Sequence[str]) -> str:
    """Return the model of a whole calibration: its items' own, or ``mixed``.

    >>> one_word(["2pl", "2pl"]), one_word(["2pl", "gpcm"])
    ('2pl', 'mixed')
    """
    return words[0] if len(set(words)) == 1 else MIXED


def guessing(
    words: Sequence[str], n_options: NDArray[np.float64]
) -> dict[str, tuple[str, NDArray[np.float64], NDArray[np.float64]]] | None:
    """Return the prior of the lower asymptotes: mean 1 / options, worth twenty answers; None where nobody guesses.

    n_options : (n_items,), NaN where the bank does not say (then 4 are taken)
    """
    own = np.array([word in GUESSED for word in words], dtype=np.bool_)
    if not own.any():
        return None
    options = np.where(np.isnan(n_options), UNKNOWN_OPTIONS, n_options)
    return {"c": guessing_prior(np.where(own, options, np.nan))}
