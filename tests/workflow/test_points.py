"""Which competency a knowledge point means: code before path before title before part of a title."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.workflow.points import match_point, points_of
from tests.files.sound import SOUND, STANDARD, sound_bank

TWO = STANDARD.replace("title: 底吹", "title: 安全").replace("title: 识图", "title: 机械识图基础")


@pytest.mark.parametrize(
    ("written", "level", "code", "how"),
    [
        (["B-A-001"], 4, "B-A-001", "code"), (["随便", "b-a-001 写错的名称"], 4, "B-A-001", "code"), (["B-A-001枪位"], 4, "B-A-001", "code"),
        (["操作", "吹炼", "安全"], 4, "B-A-002", "path"), (["B 操作", "B-A 吹炼", "枪 位"], 4, "B-A-001", "path"),
        (["枪位"], 0, "B-A-001", "title"), (["安全"], 4, "A-001", "title"), (["安全"], 0, "", "ambiguous"), (["安全"], 3, "", "ambiguous"),
        (["识图"], 0, "A-002", "part"), (["氧枪枪位控制"], 0, "B-A-001", "part"), (["量子"], 0, "", "none"), ([], 0, "", "none"), (["", " "], 0, "", "none"),
    ],
)  # fmt: skip
def test_code_path_title_and_part_in_that_order(
    written: list[str], level: int, code: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    standard = sound_bank(tmp_path / "bank", {**SOUND, "standard.yaml": TWO}).standard
    match = match_point(points_of(standard), written, level)
    assert (match.code, match.how) == (code, how)
    if how == "ambiguous":
        assert match.near == ("A-001 安全", "B-A-002 安全")
