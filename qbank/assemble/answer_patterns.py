"""Patterns in the keys of a finished paper that a candidate could mark by: the same statistics as over a file of items."""

from __future__ import annotations

from dataclasses import dataclass

from qbank.core.answer_keys import binomial_tail, longest_run, position_test
from qbank.core.bank import Bank
from qbank.core.form import Form, FormItem, answer_places, printed_letter
from qbank.core.prose import columns
from qbank.kinds import KINDS

LEAST_PLACES = 20
LEAST_P = 0.01
LONGEST_RUN = 4
TRUE_SHARE = (0.35, 0.65)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One statistic of one paper; ``what`` is its word (``positions``, ``run``, ``true``, ``longest``).

    found : p of the chi-square test of the printed letters, or of the binomial test that the longest option is the
        key no more often than by chance; the longest run of one letter; the share of true statements
    """

    form: str
    what: str
    n: int
    found: float
    suspicious: bool


def answer_patterns(form: Form, bank: Bank) -> tuple[Pattern, ...]:
    """Return the statistics of a paper's keys as printed; those with fewer than 20 places are left out."""
    places = answer_places(form)
    single = [place for place in places if place.kind == "single" and place.order]
    judged = [place.marked["key"] == "true" for place in places if place.kind == "true_false"]
    found = []
    if len(single) >= LEAST_PLACES:
        letters = "".join(printed_letter(place.order, KINDS["single"].key_label(place.marked)) for place in single)
        _, _, p = position_test([ord(letter) - ord("A") for letter in letters], [len(place.order) for place in single])
        length, _ = longest_run(letters)
        found.append(Pattern(form.id, "positions", len(single), p, p < LEAST_P))
        found.append(Pattern(form.id, "run", len(single), length, length > LONGEST_RUN))
        found += _longest(form.id, single, bank)
    if len(judged) >= LEAST_PLACES:
        share = sum(judged) / len(judged)
        within = TRUE_SHARE[0] - 1e-9 <= share <= TRUE_SHARE[1] + 1e-9
        found.append(Pattern(form.id, "true", len(judged), share, not within))
    return tuple(found)


def pattern_lines(forms: tuple[Form, ...], bank: Bank) -> list[tuple[str, tuple[float, ...], float | None]]:
    """Return each statistic that all papers have, side by side."""
    by_form = [{pattern.what: pattern.found for pattern in answer_patterns(form, bank)} for form in forms]
    common = [what for what in by_form[0] if all(what in found for found in by_form)] if by_form else []
    return [(f"keys {what}", tuple(found[what] for found in by_form), None) for what in common]


def _longest(form: str, single: list[FormItem], bank: Bank) -> list[Pattern]:
    n_longest, chances = 0, []
    for place in single:
        item = bank.items.get(place.id)
        if item is None or place.variant:
            continue
        lengths = {letter: columns(text) for letter, text in KINDS[item.kind].options(item)}
        longest = [letter for letter, length in lengths.items() if length == max(lengths.values())]
        if len(longest) == 1:
            chances.append(1 / len(lengths))
            n_longest += longest[0] == place.marked["key"]
    if len(chances) < LEAST_PLACES:
        return []
    p = binomial_tail(len(chances), n_longest, sum(chances) / len(chances))
    return [Pattern(form, "longest", len(chances), p, p < LEAST_P)]
