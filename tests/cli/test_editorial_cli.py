"""queue, status, diff and show as a person reads them, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from tests.files.sound import BANK, SOUND, write_bank
from tests.workflow.git import committed
from tests.workflow.test_editorial import AUTHORED, WORKFLOW


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_bank(tmp_path, {**SOUND, "bank.yaml": BANK + WORKFLOW, "items/a.yaml": AUTHORED})
    committed(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0, lang: str = "zh") -> str:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", lang, *words])
    out, err = capsys.readouterr()
    assert int(ended.value.code or 0) == status, out + err
    return out + err


def test_the_office_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ("--on", "2026-11-20")
    assert run(capsys, "status", "Q-1", "--to", "in_review", "--by", "wang", *days) == "Q-1：草稿 → 审题中\n"
    assert run(capsys, "queue", "--by", "qian").splitlines()[2:] == ["钱工    审题  Q-1   2026-11-20  王工"]
    assert "J110" in run(capsys, "status", "Q-1", "--to", "approved", "--by", "li", *days, status=1)
    signed = run(capsys, "status", "Q-1", "--to", "approved", "--by", "qian", *days, lang="en")
    assert signed == "Q-1: signed by qian, others still have to\n"
    run(capsys, "status", "Q-1", "--to", "approved", "--by", "li", *days)
    run(capsys, "status", "Q-1", "--to", "live", "--by", "li", *days)
    path = folder / "items/a.yaml"
    path.write_text(path.read_text("utf-8").replace("key: A", "key: B"), "utf-8")
    told = run(capsys, "show", "Q-1")
    assert "状态: 审题中（写着 在用，2026-11-20 审定之后改动了答案）" in told and "命题人: 王工" in told
    assert "  2026-11-20  签署  钱工\n  2026-11-20  已审定  李工\n" in told
    assert "审定后改动了答案" in run(capsys, "queue")
    assert "live" in run(capsys, "check", ".") and "J103" in run(capsys, "queue", "--by", "lii", status=1)
    lines = run(capsys, "diff", "HEAD").splitlines()
    assert lines[2:5] == [
        "改动 Q-1  single 4", "  答案: A → B", "  状态: draft → live",
    ]  # fmt: skip
    assert "更新率" in "".join(lines) and "33.3%" in lines[-1]


def test_status_changes_alone_are_told_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "status", "Q-*", "--to", "in_review", "--by", "wang")
    told = run(capsys, "diff", "HEAD", lang="en")
    assert "status draft → in_review: Q-1, Q-2, Q-3" in told and "edited" not in told


def test_nothing_to_do_and_nothing_changed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "queue", "--by", "li", lang="en") == "Nothing to do.\n"
    assert "没有改动。" in run(capsys, "diff", "HEAD")
    assert "E112" in run(capsys, "diff", "nothing", status=1)
