"""No group of fewer persons than a number must rest on follows from the groups that are shown."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.analysis.disclosure import EVERYBODY, Disclosure, disclosure

LEAST = 3


def shown_words(found: Disclosure, item: int = 0) -> set[tuple[str, str]]:
    return {name for name, items in found.shown.items() if items[item]}


def one(columns: dict[str, list[str]], least: int = 10) -> set[tuple[str, str]]:
    n = len(next(iter(columns.values())))
    return shown_words(disclosure(np.ones((n, 1), bool), columns, least=least))


def test_the_smallest_group_is_hidden_where_one_too_small_would_follow() -> None:
    assert one({"site": ["A"] * 30 + ["B"] * 12 + ["C"] * 3}) == {EVERYBODY, ("site", "A")}
    assert one({"site": ["A"] * 30 + ["B"] * 12 + ["C"] * 10}) == {EVERYBODY, *(("site", word) for word in "ABC")}
    # two small ones together are enough
    assert one({"site": ["A"] * 30 + ["C"] * 6 + ["D"] * 6}) == {EVERYBODY, ("site", "A")}


def test_persons_of_no_group_are_protected_as_well() -> None:
    assert one({"site": ["A"] * 30 + ["B"] * 12 + [""]}) == {EVERYBODY, ("site", "A")}
    assert one({"site": ["A"] * 30 + [""] * 2}) == {EVERYBODY}


def test_rooms_give_no_small_room_of_a_site_away() -> None:
    found = one({"site": ["A"] * 40 + ["B"] * 30, "room": ["1"] * 20 + ["2"] * 15 + ["3"] * 5 + ["4"] * 30})
    assert ("site", "A") in found and ("room", "2") not in found and ("room", "1") in found


def test_what_has_the_same_persons_under_another_name_is_hidden_with_it() -> None:
    site = ["A"] * 30 + ["B"] * 12 + ["C"] * 3
    assert one({"site": site, "batch": ["x" if word == "B" else "" for word in site]}) == {EVERYBODY, ("site", "A")}


def test_a_third_column_does_not_stand_in_for_a_hidden_room() -> None:
    room = ["1"] * 20 + ["2"] * 15 + ["3"] * 5 + [""] * 30
    found = one({"site": ["A"] * 40 + ["B"] * 30, "room": room, "batch": ["x" if word == "2" else "" for word in room]})
    assert ("site", "A") in found and ("batch", "x") not in found


def test_rooms_do_not_stand_in_for_a_hidden_site() -> None:
    site = ["A"] * 50 + ["B"] * 30 + ["C"] * 4
    room = [""] * 50 + ["1"] * 15 + ["2"] * 15 + [""] * 4
    assert one({"site": site, "room": room}) >= {EVERYBODY, ("site", "A")}
    assert len({("room", "1"), ("room", "2")} & one({"site": site, "room": room})) < 2


def test_each_item_is_judged_by_those_who_saw_it() -> None:
    seen = np.ones((25, 2), bool)
    seen[12:14, 1] = False
    found = disclosure(seen, {"site": ["A"] * 12 + ["B"] * 13}, least=12)
    assert found.shown["site", "A"].tolist() == [True, False]
    assert found.shown["site", "B"].tolist() == [True, False]
    assert found.few["site", "B"].tolist() == [False, True] and found.withheld["site", "A"].tolist() == [False, True]


@st.composite
def partitions(draw: st.DrawFn) -> dict[str, list[str]]:
    n = draw(st.integers(1, 24))
    word = st.sampled_from(["", "a", "b", "c", "d"])
    columns = {"site": draw(st.lists(word, min_size=n, max_size=n))}
    split = draw(st.lists(st.sampled_from(["", "1", "2"]), min_size=n, max_size=n))
    nested = [site and room and site + room for site, room in zip(columns["site"], split, strict=True)]
    return {**columns, "room": nested} if draw(st.booleans()) else columns


@settings(max_examples=300, deadline=None)
@given(partitions())
def test_no_shown_group_less_others_inside_it_is_too_small(columns: dict[str, list[str]]) -> None:
    """By brute force: every shown group less every union of disjoint shown groups within it, over both columns."""
    shown = one(columns, LEAST)
    persons = {
        (name, word): frozenset(row for row, own in enumerate(words) if own == word)
        for name, words in columns.items()
        for word in set(words)
    }
    persons[EVERYBODY] = frozenset(range(len(columns["site"])))
    for group in shown:
        inside = [persons[other] for other in shown if other != group and persons[other] <= persons[group]]
        for size in range(1, len(inside) + 1):
            for chosen in combinations(inside, size):
                together = frozenset().union(*chosen)
                if sum(map(len, chosen)) == len(together):
                    rest = len(persons[group] - together)
                    assert not 0 < rest < LEAST, (group, chosen)


@settings(max_examples=100, deadline=None)
@given(partitions())
def test_groups_are_hidden_only_where_some_group_is_too_small(columns: dict[str, list[str]]) -> None:
    found = disclosure(np.ones((len(columns["site"]), 1), bool), columns, least=1)
    assert not found.withheld and not found.few
