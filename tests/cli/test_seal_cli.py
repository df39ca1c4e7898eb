"""The command line of sealing: what is said of a missing extra, of a key, of openings, and what is never said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from qbank.cli.__main__ import main


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", *words])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.mark.parametrize("words", [["--new-key", "li"], ["a-paper.pdf", "--shares", "2/3"], ["a-paper.pdf", "--to", "age1" + "q" * 58]])
def test_without_the_library_the_extra_is_named(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyrage", None)
    (tmp_path / "a-paper.pdf").write_bytes(b"x")
    status, _, err = call(capsys, "seal", *words)
    assert status == 2 and "qbank[seal]" in err
    assert [path.name for path in tmp_path.iterdir()] == ["a-paper.pdf"]


def test_seal_open_verify_say_what_stands_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-paper.pdf").write_bytes(b"x")
    said = []
    for words, status in (
        (["seal", "--new-key", "li"], 0),
        (["seal", "a-paper.pdf", "--to", "li.pub", "--shares", "2/2", "--sitting", "s1"], 0),
        (["open", "exam.age", "--identity", "li.key", "--into", "out", "--ledger", "--json"], 0),
        (["verify", "out"], 0),
        (["verify", "exam.age", "--json"], 0),
        (["open", "exam.age", "--identity", "li.pub", "--into", "b"], 1),
        (["ledger", "trail"], 0),
    ):
        found, out, err = call(capsys, *words)
        assert found == status, (words, err)
        said.append(out + err)
    opened = json.loads(said[2])["result"]
    assert opened["files"] == [{"name": "a-paper.pdf", "size": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}]
    assert json.loads(said[4])["result"]["against"] == ["receipt"]
    assert "package opened" in said[6] and "package not opened" in said[6]
    secret = (tmp_path / "li.key").read_text("utf-8").splitlines()[-1]
    words_of_share = (tmp_path / "exam.share-1-of-2.txt").read_text("utf-8").splitlines()[1]
    assert secret not in "".join(said) and words_of_share not in "".join(said)
    assert secret.encode() not in (tmp_path / "ledger.db").read_bytes()
