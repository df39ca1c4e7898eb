"""What the rules of a blueprint say of single places, for the layout."""

from __future__ import annotations

from qbank.assemble.arrange import PretestPlaces
from qbank.assemble.constraints.logic import place_of
from qbank.assemble.constraints.pretest import pretest_places
from qbank.assemble.layout import Arrangement
from qbank.assemble.rules import Compiled
from qbank.core.blueprint import Blueprint


def arrangement_of(rules: tuple[Compiled, ...], blueprint: Blueprint) -> Arrangement:
    """Return which items have a place of their own, and where questions that do not count stand.

    Where several rules add such questions to one section, numbers are put together, and the first word stands.
    """
    fixed = {rule.value.item: place_of(rule.value, blueprint)[1] for rule in rules if rule.word == "place"}
    titles = [section.title for section in blueprint.sections]
    pretest: dict[int, PretestPlaces] = {}
    for rule in rules:
        if rule.word == "pretest":
            section, places = titles.index(rule.value.section), pretest_places(rule)
            before = pretest.get(section, places)
            both = isinstance(before, tuple) and isinstance(places, tuple)
            pretest[section] = tuple(sorted({*before, *places})) if both else before
    return Arrangement(fixed, pretest)
