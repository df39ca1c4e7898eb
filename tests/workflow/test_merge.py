"""merge: new items join, equal ones are left alone, and whatever is in the way keeps everything out."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.workflow.bank import check_bank
from qbank.workflow.merge import MergeOptions, MergePlan, fates, merge_banks
from tests.files.sound import ITEMS, SOUND, STANDARD, Files, write_bank
from tests.workflow.test_import import snapshot

EXTRA = """\
# 分库
defaults: {level: 4, grade: 2, cognitive: apply, seconds: 60, status: live}
items:
  - id: S-1
    kind: true_false
    competency: A-001
    stem: 分库的题。
    key: false
    enemies: [Q-1]
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="9"><rect width="9" height="9"/></svg>'


def join(folder: Path, files: Files, options: MergeOptions | None = None, *, dry: bool = False) -> MergePlan:
    write_bank(folder / "sub", {**SOUND, **files})
    return merge_banks(folder / "bank", folder / "sub", options or MergeOptions(), dry=dry)


def codes(plan: MergePlan) -> list[str]:
    return [problem.code for problem in plan.problems]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_bank(tmp_path / "bank")
    return tmp_path


def test_new_items_join_and_equal_ones_are_left_alone(folder: Path) -> None:
    plan = join(folder, {"items/b.yaml": EXTRA})
    assert {fate: n for fate, n in fates(plan).items() if n} == {"new": 1, "same": 3}
    source, problems = check_bank(folder / "bank")
    assert [p.code for p in problems if p.severity == "error"] == []
    item = source.texts["S-1"].item
    assert (item.status, item.enemies, item.span.path) == ("live", ("Q-1",), "bank/items/merged/tiny/b.yaml")
    before = snapshot(folder / "bank")
    assert fates(merge_banks(folder / "bank", folder / "sub", MergeOptions(), dry=False))["same"] == 4
    assert snapshot(folder / "bank") == before


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    before = snapshot(folder / "bank")
    assert fates(join(folder, {"items/b.yaml": EXTRA}, dry=True))["new"] == 1
    assert snapshot(folder / "bank") == before


CHANGED = ITEMS.replace("key: true", "key: false").replace("铁水的主要", "铁水主要")


def test_different_items_of_one_id_are_a_conflict_and_keep_everything_out(folder: Path) -> None:
    before = snapshot(folder / "bank")
    plan = join(folder, {"items/a.yaml": CHANGED, "items/b.yaml": EXTRA})
    assert [(m.id, m.keys) for m in plan.merged if m.fate == "conflict"] == [("Q-1", ("stem",)), ("Q-2", ("key",))]
    assert codes(plan) == ["I150", "I150"]
    assert snapshot(folder / "bank") == before


def test_the_sub_banks_version_is_spliced_in_where_it_is_asked_for(folder: Path) -> None:
    plan = join(folder, {"items/a.yaml": CHANGED}, MergeOptions(take="theirs"))
    assert fates(plan)["theirs"] == 2 and codes(plan) == []
    assert (folder / "bank/items/a.yaml").read_text("utf-8") == CHANGED


def test_the_banks_version_stays_where_that_is_asked_for(folder: Path) -> None:
    before = snapshot(folder / "bank")
    assert fates(join(folder, {"items/a.yaml": CHANGED}, MergeOptions(take="ours")))["ours"] == 2
    assert snapshot(folder / "bank") == before


def test_renamed_items_take_their_enemies_along(folder: Path) -> None:
    plan = join(folder, {"items/a.yaml": CHANGED}, MergeOptions(rename=True))
    assert [(m.theirs, m.id) for m in plan.merged if m.fate == "renamed"] == [("Q-1", "Q-1-2"), ("Q-2", "Q-2-2")]
    source, problems = check_bank(folder / "bank")
    assert [p.code for p in problems if p.severity == "error"] == ["D102"]  # the same statement with two keys
    assert source.texts["Q-2-2"].item.enemies == ("Q-1-2",)


def test_merging_again_with_new_ids_brings_nothing_in_twice(folder: Path) -> None:
    changed = {"items/a.yaml": ITEMS.replace("铁水的主要", "铁水主要"), "items/b.yaml": EXTRA}
    join(folder, changed, MergeOptions(rename=True))
    before = snapshot(folder / "bank")
    again = merge_banks(folder / "bank", folder / "sub", MergeOptions(rename=True), dry=False)
    assert {fate: n for fate, n in fates(again).items() if n} == {"same": 4}
    assert snapshot(folder / "bank") == before


def test_unknown_competencies_and_enemies_are_told_where_they_stand(folder: Path) -> None:
    files = {
        "standard.yaml": STANDARD.replace("A-001", "A-009"), "items/a.yaml": EXTRA.replace("A-001", "A-009").replace("Q-1", "Z-9"),
    }  # fmt: skip
    write_bank(folder / "sub", {**SOUND, **files})
    plan = merge_banks(folder / "bank", folder / "sub", MergeOptions(), dry=False)
    assert sorted((p.code, p.span.line, p.span.column) for p in plan.problems if p.severity == "error") == [
        ("I153", 9, 15), ("Q102", 6, 17),
    ]  # fmt: skip


def test_a_standard_that_means_another_thing_by_a_code_is_told(folder: Path) -> None:
    plan = join(folder, {"standard.yaml": STANDARD.replace("title: 识图", "title: 制图")})
    assert [(p.code, dict(p.facts)["code"]) for p in plan.problems] == [("I152", "A-002")]


def test_pictures_come_along_and_another_picture_of_that_name_is_a_conflict(folder: Path) -> None:
    picture = EXTRA.replace("分库的题。", "看图 ![炉](media/a.svg)。")
    plan = join(folder, {"items/b.yaml": picture, "media/a.svg": SVG.format(w=9)})
    assert codes(plan) == [] and (folder / "bank/media/a.svg").read_text() == SVG.format(w=9)
    (folder / "bank/items/merged/tiny/b.yaml").unlink()
    (folder / "bank/media/a.svg").write_text(SVG.format(w=8))
    before = snapshot(folder / "bank")
    assert codes(merge_banks(folder / "bank", folder / "sub", MergeOptions(), dry=False)) == ["I129"]
    assert snapshot(folder / "bank") == before


def test_a_bank_is_not_joined_to_itself(folder: Path) -> None:
    assert codes(merge_banks(folder / "bank", folder / "bank", MergeOptions(), dry=False)) == ["I151"]
