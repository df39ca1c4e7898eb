"""The walk over reference files sees a number that is off, forgotten, excused twice or not there."""

from __future__ import annotations

from tests.reference.leaves import Found, leaves, unlike

TREE = {"a": [1.0, None, 3.0], "b": {"c": 2, "said": "a word", "d": [[1, 2], [3, 4]]}, "e": [{"v": 1, "w": "x"}, {"v": 2}], "f": []}
RIGHT = {"a": Found([1.0, float("nan"), 3.0]), "b/c": Found(2), "e/0/v": Found(1), "e/1/v": Found(2)}


def test_every_leaf_with_a_number_is_walked() -> None:
    assert [path for path, _ in leaves(TREE)] == ["a", "b/c", "b/d", "e/0/v", "e/1/v"]


def test_nothing_is_said_where_all_is_compared_or_excused() -> None:
    assert unlike(TREE, RIGHT, {"b/d": "a setting"}) == []


def test_what_is_off_forgotten_or_not_there_is_said() -> None:
    wrong = {**RIGHT, "a": Found([1.0, 2.0, 3.0]), "e/1/v": Found([2.0]), "x": Found(1)}
    assert unlike(TREE, wrong, {"b/c": "reason", "y*": "reason"}) == [
        "a: 1 of 3 off, by nan at most",
        "b/c: compared and excused by b/c",
        "b/d: neither compared nor excused",
        "e/1/v: shape (1,) instead of ()",
        "x: no such leaf",
        "y*: excuses nothing",
    ]
