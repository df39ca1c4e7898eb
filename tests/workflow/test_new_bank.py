"""The bank that `qbank new` writes: small, sound, in the language of the person who asked for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.messages import LANGUAGES, Language
from qbank.workflow.bank import check_bank, new_bank


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_bank_is_sound_and_speaks_the_language(tmp_path: Path, language: Language) -> None:
    assert new_bank(tmp_path / "b", language) == []
    source, problems = check_bank(tmp_path / "b")
    assert source.bank is not None and problems == []
    assert source.bank.language == language and sorted(source.bank.items) == ["EX-01", "EX-02", "EX-03"]
    assert ("沸点" in source.bank.items["EX-01"].stem) == (language == "zh")


def test_both_languages_have_the_same_files_with_the_same_lines(tmp_path: Path) -> None:
    """The manual names lines and columns of the example: they hold for both."""
    keys: dict[str, dict[str, list[str]]] = {}
    for language in LANGUAGES:
        new_bank(tmp_path / language, language)
        keys[language] = {
            path.relative_to(tmp_path / language).as_posix(): [
                line.split(":")[0] for line in path.read_text("utf-8").splitlines() if ":" in line.split("#")[0]
            ]
            for path in (tmp_path / language).rglob("*.yaml")
        }
    del keys["zh"]["qbank.yaml"], keys["en"]["qbank.yaml"]
    assert keys["zh"] == keys["en"]
