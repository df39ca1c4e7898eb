"""What is said of very many files: a line for each folder, and with --json all of them."""

from __future__ import annotations

import json

import pytest

from qbank.cli import many_files
from qbank.cli.__main__ import main
from tests.workflow.places import Place


@pytest.mark.parametrize(("lang", "said"), [("zh", "已写入 2 个文件，在 print/x：{0}-paper.txt … {1}-paper.txt"), ("en", "wrote 2 files in print/x: {0}-paper.txt … {1}-paper.txt")])
def test_many_files_are_told_in_a_line_and_all_of_them_in_json(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: str, said: str
) -> None:
    monkeypatch.chdir(place.root)
    words = ["--lang", lang, "print", str(place.form_folder), "--to", "txt", "--part", "paper", "--out", "print/x"]
    first, second = sorted(form.id for form in place.forms)

    def lines(*more: str) -> str:
        with pytest.raises(SystemExit):
            main([*words, *more])
        return capsys.readouterr().out

    assert len(lines().splitlines()) == 2
    monkeypatch.setattr(many_files, "MOST_LINES", 1)
    assert lines().splitlines() == [said.format(first, second)]
    assert len(json.loads(lines("--json"))["result"]["files"]) == 2
