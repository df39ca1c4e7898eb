"""Edits in authored files: what stands there afterwards, character by character, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from qbank.files import disk
from qbank.files.edit import Planned
from qbank.files.splice import (
    Block,
    add_to_list,
    append_entry,
    append_item,
    edit_file,
    edit_files,
    file_digest,
    item_block,
    replace_item,
    set_value,
    splice,
)
from qbank.problem import Problem

FILE = """\
# 四级
defaults: {level: 4, status: live, tags: [a]}
items:
  # 第一题
  - id: Q-1   # 王工
    kind: single
    stem: '碱度 $R$ 是（　　）。'
    options:
      A: 甲   # 两次核对
      B: "80"
    key: A

  - id: Q-2
    stem: |
      一
      二
    enemies: []   # 暂无

# 完
"""


def changed_lines(old: str, new: str | Problem) -> list[str]:
    """Return the lines of the new text that the old one does not have, after proving that all others are as before."""
    assert isinstance(new, str), new
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    added = [line for line in after if line not in before]
    assert [line for line in after if line in before] == [line for line in before if line in after]
    return added


def test_a_block_is_the_lines_of_one_item_and_nothing_below_it() -> None:
    block = item_block(FILE, "Q-2")
    assert isinstance(block, Block)
    assert (block.first_line, block.last_line, block.indent) == (13, 17, 2)
    assert block.lines[0] == "  - id: Q-2\n" and block.lines[-1] == "    enemies: []   # 暂无\n"
    first = item_block(FILE, "Q-1")
    assert isinstance(first, Block) and (first.first_line, first.last_line) == (5, 11)


@pytest.mark.parametrize(
    ("id", "key", "value", "lines"),
    [
        ("Q-1", "key", "B", ["    key: B\n"]),
        ("Q-1", "status", "approved", ["    status: approved\n"]),
        ("Q-1", "status", "live", []),
        ("Q-1", "stem", "a: b", ['    stem: "a: b"\n']),
        ("Q-1", "stem", "\\ce{O2}: 1", ["    stem: '\\ce{O2}: 1'\n"]),
        ("Q-1", "stem", "三\n四", ["    stem: |-\n", "      三\n", "      四\n"]),
        ("Q-1", "options", {"A": "甲", "B": "90"}, ['      B: "90"\n']),
        ("Q-1", "options", {"A": "甲", "B": "80", "C": "丙"}, ["      C: 丙\n"]),
        ("Q-1", "key", {"value": 4.2, "unit": "kg/t"}, ["    key: {value: 4.2, unit: kg/t}\n"]),
        ("Q-2", "stem", "一行", ["    stem: 一行\n"]),
        ("Q-2", "enemies", ["Q-1"], ["    enemies: [Q-1]   # 暂无\n"]),
        ("Q-2", "marks", 0.5, ["    marks: 0.5\n"]),
        ("Q-2", "reference", None, ["    reference: null\n"]),
    ],
)
def test_a_value_is_set_in_the_banks_usual_style(id: str, key: str, value: Any, lines: list[str]) -> None:
    assert changed_lines(FILE, set_value(FILE, id, key, value)) == lines


def test_comments_in_the_lines_of_a_changed_value_stay() -> None:
    new = set_value(FILE, "Q-1", "options", {"A": "乙", "B": "80"})
    assert isinstance(new, str) and "      A: 乙   # 两次核对\n" in new


def test_a_log_grows_by_one_line_a_step() -> None:
    text = FILE
    for step in ({"to": "in_review", "by": "wang", "on": "2026-11-20"}, {"to": "approved", "by": "li", "on": "2026-11-21"}):
        new = append_entry(text, "Q-1", "log", step)
        assert isinstance(new, str)
        text = new
    assert changed_lines(FILE, text) == [
        "    log:\n",
        "      - {to: in_review, by: wang, on: 2026-11-20}\n",
        "      - {to: approved, by: li, on: 2026-11-21}\n",
    ]


def test_a_replaced_item_keeps_the_lines_that_say_the_same() -> None:
    mapping = {"id": "Q-1", "kind": "single", "stem": "碱度 $R$ 是（　　）。", "options": {"A": "甲", "B": "80"}, "key": "B",
               "reference": "教材", "level": 4}  # fmt: skip
    assert changed_lines(FILE, replace_item(FILE, "Q-1", mapping)) == ["    key: B\n", "    reference: 教材\n"]
    del mapping["kind"], mapping["options"]
    new = replace_item(FILE, "Q-1", mapping)
    assert isinstance(new, str) and "kind: single" not in new and "甲" not in new and "# 王工" in new


def test_the_first_key_of_an_item_can_go() -> None:
    text = "items:\n- kind: single\n  # why\n  id: X\n  key: A\n"
    assert replace_item(text, "X", {"id": "X", "key": "A"}) == "items:\n- id: X\n  key: A\n"


def test_a_new_item_is_set_apart_as_the_others_are() -> None:
    assert append_item(FILE, {"id": "Q-3", "key": "A"}) == FILE.replace(
        "# 暂无\n", "# 暂无\n\n  - id: Q-3\n    key: A\n"
    )
    for empty in ("items: []  # none\n", "items:  # none\n", "items:"):
        new = append_item(empty, {"id": "X", "options": {"A": "1.10"}})
        assert isinstance(new, str) and new.rstrip("\n").endswith('  - id: X\n    options:\n      A: "1.10"')


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + FILE.replace("\n", "\r\n").removesuffix("\r\n")
    new = set_value(text, "Q-1", "status", "retired")
    assert new == text.replace("    stem: '", "    status: retired\r\n    stem: '", 1)
    one = set_value("items:\n- id: X", "X", "stem", "甲")
    assert one == "items:\n- id: X\n  stem: 甲"


def test_an_item_between_braces_is_changed_between_its_braces() -> None:
    text = "items:\n- {id: X, status: draft, enemies: [Y], e: }  # c\n"
    new = splice(text, [])
    assert new == text
    assert set_value(text, "X", "status", "live") == text.replace("draft", "live")
    assert set_value(text, "X", "e", "a, b") == text.replace("e: }", 'e: "a, b"}')
    assert add_to_list(text, "X", "enemies", ["Z"]) == text.replace("[Y]", "[Y, Z]")
    assert append_entry(text, "X", "log", {"to": "live"}) == text.replace("e: }", "e: , log: [{to: live}]}")
    assert replace_item(text, "X", {"id": "X"}) == "items:\n- {id: X}  # c\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("items:\n- id: Y\n", "E102"),
        ("items:\n- id: X\n- id: X\n", "E103"),
        ("defaults: {tags: [a]}\nitems:\n- id: X\n", "E104"),
        ("items:\n- id: X\n  tags: a\n", "E105"),
        ("items: [{id: X}]\n", "E107"),
        ("items:\n- id: X\n  id: X\n", "Y002"),
        ("defaults: {}\n", "S102"),
        ("items: {id: X}\n", "S103"),
        ("items:\n- id: &a X\n", "Y003"),
    ],
)
def test_what_cannot_be_edited_in_place_is_refused(text: str, code: str) -> None:
    for outcome in (add_to_list(text, "X", "tags", ["b"]), append_entry(text, "X", "tags", {"to": "live"})):
        assert isinstance(outcome, Problem) and outcome.code == code


def test_an_edit_that_would_touch_another_item_is_refused() -> None:
    """A key without a colon, as braces allow it: the next colon belongs to somebody else."""
    for text in ("items:\n- {id: X, tags}\n- {id: Y}\n", "items:\n- ? id\n  : X\n  ? tags\n- id: Y\n"):
        outcome = set_value(text, "X", "tags", ["b"], path="a.yaml")
        assert isinstance(outcome, Problem) and (outcome.code, outcome.span.path) == ("E106", "a.yaml")


def test_lines_that_are_no_longer_what_was_read_are_not_changed() -> None:
    block = item_block(FILE, "Q-1")
    assert isinstance(block, Block)
    assert isinstance(set_value(FILE, "Q-1", "key", "B", expected=block.digest), str)
    other = FILE.replace("id: Q-2", "id: Q-9")
    assert isinstance(set_value(other, "Q-1", "key", "B", expected=block.digest), str)
    touched = FILE.replace("# 王工", "# 李工")
    outcome = set_value(touched, "Q-1", "key", "B", expected=block.digest, path="a.yaml")
    assert isinstance(outcome, Problem) and (outcome.code, outcome.span.line) == ("E101", 5)


def test_a_file_is_written_only_as_long_as_it_is_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    digest = file_digest(path)
    assert edit_file(path, digest, lambda text: set_value(text, "Q-1", "key", "B")) == []
    assert path.read_bytes() == b"\xef\xbb\xbf" + FILE.replace("key: A", "key: B").replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640
    (problem,) = edit_file(path, digest, lambda text: set_value(text, "Q-1", "key", "A"), shown="a.yaml")
    assert (problem.code, problem.span.path) == ("E108", "a.yaml") and b"key: B" in path.read_bytes()


def test_a_file_saved_while_the_edit_was_made_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(FILE, "utf-8")

    def slow(text: str) -> str | Problem:
        path.write_text(FILE + "# saved meanwhile\n", "utf-8")
        return set_value(text, "Q-1", "key", "B")

    assert [problem.code for problem in edit_file(path, file_digest(path), slow)] == ["E108"]
    assert path.read_text("utf-8") == FILE + "# saved meanwhile\n"


def test_a_refusal_in_one_file_leaves_all_files(tmp_path: Path) -> None:
    one, two = tmp_path / "1.yaml", tmp_path / "2.yaml"
    for path in (one, two):
        path.write_text(FILE, "utf-8")
    plans = {
        one: Planned("1.yaml", "", lambda text: set_value(text, "Q-1", "key", "B")),
        two: Planned("2.yaml", "", lambda text: set_value(text, "Q-9", "key", "B")),
    }
    assert [problem.code for problem in edit_files(plans)] == ["E102"]
    assert one.read_text("utf-8") == two.read_text("utf-8") == FILE


def test_a_disk_that_fails_in_the_middle_leaves_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "1.yaml", tmp_path / "2.yaml"
    for path in (one, two):
        path.write_text(FILE, "utf-8")
    write = disk.write_bytes

    def failing(path: Path, data: bytes) -> None:
        if path == two:
            raise OSError("disk full")
        write(path, data)

    monkeypatch.setattr("qbank.files.edit.write_bytes", failing)
    with pytest.raises(OSError, match="disk full"):
        edit_files({path: Planned(path.name, "", lambda text: set_value(text, "Q-1", "key", "B")) for path in (one, two)})
    assert one.read_text("utf-8") == FILE
