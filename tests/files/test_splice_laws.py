"""An edit touches the lines of its item and nothing else, whatever the file looks like."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qbank.files.patch import same
from qbank.files.splice import (
    Block,
    add_to_list,
    append_entry,
    append_item,
    item_block,
    replace_item,
    set_value,
    splice,
)
from qbank.files.yaml_text import parse_yaml, plain
from qbank.problem import Problem
from tests.files.authored import VALUES, files

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def data(text: str) -> dict[str, Any]:
    node, problems = parse_yaml(text.removeprefix("\ufeff"), "x.yaml")
    assert problems == [], problems
    found: dict[str, Any] = plain(node)
    return found


def item(text: str, id: str) -> dict[str, Any]:
    (found,) = (entry for entry in data(text)["items"] if entry["id"] == id)
    mapping: dict[str, Any] = found
    return mapping


def around(text: str, id: str) -> tuple[str, str]:
    """Return what stands before and after an item's lines."""
    block = item_block(text, id)
    assert isinstance(block, Block), block
    own = "".join(block.lines)
    rows = text.removeprefix("\ufeff").splitlines(keepends=True)
    before = text[: len(text) - len(text.removeprefix("\ufeff"))] + "".join(rows[: block.first_line - 1])
    return before, text[len(before) + len(own) :]


def only_that_item_changed(old: str, new: str, id: str) -> None:
    (before, after), (before_now, after_now) = around(old, id), around(new, id)
    assert (before_now, after_now) == (before, after)


def readable(text: str) -> bool:
    return parse_yaml(text.removeprefix("\ufeff"), "x.yaml")[1] == []


def test_most_random_files_are_readable() -> None:
    """The laws below skip what the reader refuses; this proves that they do not skip everything."""
    seen = []

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(file=files())
    def count(file: tuple[str, list[str]]) -> None:
        seen.append(readable(file[0]))

    count()
    assert sum(seen) >= 0.7 * len(seen)


@quick
@given(file=files())
def test_an_unchanged_item_written_back_leaves_every_character(file: tuple[str, list[str]]) -> None:
    text, ids = file
    assume(readable(text))
    assert splice(text, []) == text
    for id in ids:
        assert replace_item(text, id, item(text, id)) == text


@quick
@given(file=files(), key=st.sampled_from(["stem", "status", "options", "new", "log"]), value=VALUES, n=st.integers(0, 3))
def test_a_value_that_was_set_is_read_back_and_nothing_else_moves(
    file: tuple[str, list[str]], key: str, value: Any, n: int
) -> None:
    text, ids = file
    assume(readable(text))
    id = ids[n % len(ids)]
    new = set_value(text, id, key, value)
    assert isinstance(new, str), (new, text)
    assert same({**data(text).get("defaults", {}), **item(new, id)}[key], value)
    assert {k: v for k, v in item(new, id).items() if k != key} == {k: v for k, v in item(text, id).items() if k != key}
    only_that_item_changed(text, new, id)
    assert set_value(new, id, key, value) == new


@quick
@given(file=files(), n=st.integers(0, 3), values=st.lists(st.sampled_from(["Q-7", "a", "甲, 乙", "80"]), max_size=3))
def test_lists_grow_by_what_they_lack(file: tuple[str, list[str]], n: int, values: list[str]) -> None:
    text, ids = file
    assume(readable(text))
    id = ids[n % len(ids)]
    old = item(text, id).get("tags")
    new = add_to_list(text, id, "tags", values)
    if old is not None and not isinstance(old, list):
        assert isinstance(new, Problem) and new.code == "E105"
        return
    assert isinstance(new, str), (new, text)
    lacking = [value for value in dict.fromkeys(values) if value not in (old or [])]
    assert (item(new, id).get("tags") or []) == [*(old or []), *lacking]
    only_that_item_changed(text, new, id)


@quick
@given(file=files(), n=st.integers(0, 3), note=st.text(alphabet="ab：, #'\"炉\n", max_size=20))
def test_a_step_is_written_at_the_end_of_the_log(file: tuple[str, list[str]], n: int, note: str) -> None:
    text, ids = file
    assume(readable(text))
    id = ids[n % len(ids)]
    old = item(text, id).get("log")
    assume(old is None or isinstance(old, list))
    step = {"to": "approved", "by": "李", "on": "2026-11-20", "note": note}
    new = append_entry(text, id, "log", step)
    assert isinstance(new, str), (new, text)
    assert item(new, id)["log"] == [*(old or []), step]
    only_that_item_changed(text, new, id)


@quick
@given(file=files(), mapping=st.dictionaries(st.sampled_from(["stem", "key", "a b", "4"]), VALUES, max_size=4))
def test_a_new_item_stands_after_the_others_which_keep_every_character(
    file: tuple[str, list[str]], mapping: dict[str, Any]
) -> None:
    text, ids = file
    assume(readable(text))
    new = append_item(text, {"id": "NEW", **mapping})
    assert isinstance(new, str), (new, text)
    assert [entry["id"] for entry in data(new)["items"]] == [*ids, "NEW"]
    assert same(item(new, "NEW"), {"id": "NEW", **mapping})
    for id in ids[:-1]:
        assert around(new, id)[0] == around(text, id)[0]
    before, after = around(new, "NEW")
    assert text.startswith(before.rstrip("\r\n")) and text.endswith(after)
