"""What changed between two revisions of a bank in a git repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qbank.core.history import History, Use, logistic
from qbank.files.revisions import _entries
from qbank.messages import problem_hint, problem_message
from qbank.workflow.bank import usable_bank
from qbank.workflow.diff import Comparison, compare, stale_statistics
from qbank.workflow.workspace import find_workspace
from tests.files.sound import ITEMS, SOUND, write_bank
from tests.workflow.git import committed, git

BANK = Path("banks/tiny")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_bank(tmp_path / BANK, SOUND)
    (tmp_path / "README.md").write_text("not the bank's", "utf-8")
    committed(tmp_path)
    return tmp_path


def compared(old: str = "HEAD", new: str = "") -> Comparison:
    found, problems = compare(BANK, old, new, find_workspace(Path.cwd(), "en")[0])
    assert problems == [] and found is not None
    return found


def change(old: str, new: str, name: str = "items/a.yaml") -> None:
    path = BANK / name
    words = path.read_text("utf-8")
    assert words.count(old) == 1, (old, words)
    path.write_text(words.replace(old, new), "utf-8")


def whats(found: Comparison) -> list[tuple[str, str]]:
    return [(one.what, one.id) for one in found.changes]


def test_an_untouched_bank_has_no_changes() -> None:
    found = compared()
    assert (found.changes, found.stale, found.new) == ((), (), "")
    assert [(row.level, row.n_items, row.share) for row in found.renewal] == [(4, 3, 0.0), (0, 3, 0.0)]
    assert found.old == git(Path(), "rev-parse", "HEAD")


def test_the_key_comes_first_then_the_stem_word_by_word_then_options_and_the_rest() -> None:
    change("    key: A", "    key: B")
    change("铁水的主要成分是什么", "钢水的主要成分是什么")
    change("      B: 铜", "      B: 锰")
    change("    pin: [C]", "    pin: [C]\n    seconds: 45\n    reference: 教材")
    (item,) = compared().changes
    assert (item.what, item.id, item.revised) == ("edited", "Q-1", True)
    assert [(field.field, field.pieces) for field in item.fields] == [
        ("key", (("-", "A"), ("+", "B"))),
        ("stem", (("-", "铁"), ("+", "钢"), ("=", "水的主要成分是什么？"))),
        ("options.B", (("-", "铜"), ("+", "锰"))),
        ("seconds", (("-", "60"), ("+", "45"))),
        ("reference", (("+", "教材"),)),
    ]


def test_the_key_of_a_later_part_comes_before_the_stem_of_an_earlier_one() -> None:
    case = """items:
  - {id: C-1, kind: case, level: 4, grade: 2, cognitive: apply, seconds: 60, competency: A-001, marks: 2, stem: 材料, parts: [
      {kind: true_false, stem: 甲, marks: 1, key: true}, {kind: true_false, stem: 乙, marks: 1, key: true}]}
"""
    (BANK / "items/c.yaml").write_text(case, "utf-8")
    committed(Path())
    change("stem: 甲", "stem: 丙", "items/c.yaml")
    change("stem: 乙, marks: 1, key: true", "stem: 乙, marks: 1, key: false", "items/c.yaml")
    (item,) = compared().changes
    assert [field.field for field in item.fields] == ["parts.2.key", "parts.1.stem"]


def test_moved_items_and_layout_are_no_changes() -> None:
    head, _, rest = ITEMS.partition("  - id: Q-2")
    (BANK / "items/a.yaml").write_text(head, "utf-8")
    (BANK / "items/deep").mkdir()
    (BANK / "items/deep/b.yaml").write_text(
        ITEMS.splitlines(keepends=True)[0] + "# moved\nitems:\n\n  - id: Q-2" + rest.replace("    stem: 炉", "    stem: '炉").replace("$R$。", "$R$。'"), "utf-8"
    )
    assert compared().changes == ()


def test_added_removed_retired_and_renumbered_items_are_told_apart() -> None:
    change("  - id: Q-1\n", "  - id: Q-7\n")
    change("    enemies: [Q-1]", "    enemies: [Q-7]\n    status: retired")
    text = (BANK / "items/a.yaml").read_text("utf-8")
    first, _, third = text.partition("  - id: Q-3")
    (BANK / "items/a.yaml").write_text(first + "  - id: Q-4" + third.replace("求出钢温度", "求终点温度"), "utf-8")
    found = compared()
    assert whats(found) == [("added", "Q-4"), ("renamed", "Q-7"), ("retired", "Q-2"), ("removed", "Q-3")]
    assert found.changes[1].was == "Q-1"
    assert [(row.level, row.n_items, row.added, row.revised) for row in found.renewal] == [(4, 2, 1, 0), (0, 2, 1, 0)]


def test_the_share_renewed_counts_revised_items_and_no_typo_in_a_rationale() -> None:
    change("    key: A", "    key: B")
    change("    marks: 2", "    marks: 2\n    rationale: 计算")
    found = compared()
    assert [(one.id, one.revised) for one in found.changes] == [("Q-1", True), ("Q-3", False)]
    assert found.renewal[0].share == pytest.approx(1 / 3)


def test_two_revisions_are_compared_whatever_stands_in_the_folder() -> None:
    change("    key: A", "    key: B")
    later = committed(Path())
    (BANK / "items/a.yaml").write_text("items: [broken", "utf-8")
    found = compared("HEAD~1", "HEAD")
    assert whats(found) == [("edited", "Q-1")] and found.new == later
    assert git(Path(), "status", "--porcelain") == "M banks/tiny/items/a.yaml"


def test_an_item_that_cannot_be_read_is_neither_added_nor_removed() -> None:
    change("    marks: 2", "    marks: 2\n    grade: 9")
    assert whats(compared()) == [("unreadable", "Q-3")]


def test_statistics_of_an_earlier_revision_are_stale() -> None:
    before, _ = usable_bank(BANK)
    change("    key: A", "    key: B")
    change("求出钢温度", "求终点温度")
    after, _ = usable_bank(BANK)
    assert before is not None and after is not None
    one, two, three = (before.fingerprints[id] for id in ("Q-1", "Q-2", "Q-3"))
    history = History(
        {three: logistic(three, "2pl", "s", 1.0, 0.0, 0.1, 0.1, 500, "2026-05")},
        tuple(Use(item, revision, sitting, "2026-05-01", 300, 0.6, 0.3, ()) for item, revision, sitting in
              (("Q-1", one, "2026-05"), ("Q-1", one, "2026-06"), ("Q-2", two, "2026-05"), ("Q-3", "other", "2026-05"))),
        {}, 0.0, 1.0, "d",
    )  # fmt: skip
    found = stale_statistics(before, after, history)
    assert [(s.id, s.estimate, s.sittings, s.n_seen, s.rescored) for s in found] == [
        ("Q-1", False, ("2026-05", "2026-06"), 600, True),
        ("Q-3", True, (), 0, False),
    ]


@pytest.mark.parametrize(
    ("revision", "code"), [("nothing", "E112"), ("--output=x", "E112"), ("HEAD:README.md", "E112"), ("HEAD~9", "E112")]
)
def test_a_revision_that_is_none_is_told(revision: str, code: str) -> None:
    found, problems = compare(BANK, revision, "", find_workspace(Path.cwd(), "en")[0])
    assert found is None and [problem.code for problem in problems] == [code]
    assert problem_message(problems[0], "zh") and problem_hint(problems[0], "en")


def test_a_folder_without_git_and_a_machine_without_git_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = find_workspace(Path.cwd(), "en")[0]
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / ".git").rename(tmp_path / "git")
    assert [problem.code for problem in compare(BANK, "HEAD", "", workspace)[1]] == ["E111"]
    (tmp_path / "git").rename(tmp_path / ".git")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert [problem.code for problem in compare(BANK, "HEAD", "", workspace)[1]] == ["E110"]


def test_a_bank_that_was_not_there_yet_is_told() -> None:
    write_bank(Path("banks/new"), SOUND)
    found, problems = compare(Path("banks/new"), "HEAD", "", find_workspace(Path.cwd(), "en")[0])
    assert found is None and [problem.code for problem in problems] == ["E113"]


def test_an_old_revision_that_cannot_be_read_names_itself_in_the_place() -> None:
    (BANK / "bank.yaml").write_text("bank: tiny\n", "utf-8")
    committed(Path())
    _, problems = compare(BANK, "HEAD", "", find_workspace(Path.cwd(), "en")[0])
    assert {problem.span.path for problem in problems} == {"HEAD:bank.yaml"}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_and_hooks_of_the_repository_are_left_alone(tmp_path: Path) -> None:
    (BANK / "items/link.yaml").symlink_to("/etc/hostname")
    hook = tmp_path / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n", "utf-8")
    hook.chmod(0o755)
    committed(Path())
    (BANK / "items/link.yaml").unlink()
    assert compared("HEAD").changes == ()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["../x.yaml", "items/../../x.yaml", "/x.yaml", "items\\x.yaml", "C:x.yaml", ".git/x.yaml"])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    listing = f"100644 blob {'0' * 40}      12\tbank/{name}\0"
    found, problems = _entries(listing, "bank/", "HEAD")
    assert found == [] and [problem.code for problem in problems] == ["E115"]


def test_an_enormous_file_is_refused_before_it_is_unpacked() -> None:
    listing = f"100644 blob {'0' * 40} 9999999999\tbank/items/a.yaml\0100644 blob {'0' * 40}       9\tbank/bank.yaml\0"
    assert [problem.code for problem in _entries(listing, "bank/", "HEAD")[1]] == ["Y010"]


def test_a_hook_of_another_repository_does_not_lead_astray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    change("    key: A", "    key: B")
    found, problems = compare(BANK, "HEAD", "", find_workspace(Path.cwd(), "en")[0])
    assert problems == [] and found is not None and whats(found) == [("edited", "Q-1")]
