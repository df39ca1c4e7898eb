"""A stub of every kind is an item without an error, in both languages, and explains its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.kinds import KINDS
from qbank.kinds.skeleton import BODIES, item_skeleton
from qbank.messages import LANGUAGES, Language
from tests.files.sound import SOUND, errors_of, sound_bank, write_bank


def stub(kind: str, language: Language, indent: int = 2) -> str:
    return item_skeleton(kind, language, id="N-1", competency="A-001", title="安全", level=4, indent=indent)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_stub_of_every_kind_is_a_sound_draft(kind: str, language: Language, tmp_path: Path) -> None:
    bank = sound_bank(tmp_path, {**SOUND, "items/new.yaml": "items:\n" + stub(kind, language)})
    item = bank.items["N-1"]
    assert (item.kind, item.competency, item.level, item.status) == (kind, "A-001", 4, "draft")


@pytest.mark.parametrize("kind", KINDS)
def test_keys_that_are_commented_out_are_keys_of_the_kind(kind: str, tmp_path: Path) -> None:
    """Optional keys stand as comments; taken in one by one, none of them is unknown or of the wrong shape."""
    lines = stub(kind, "en").splitlines(keepends=True)
    optional = [number for number, line in enumerate(lines) if line.lstrip().startswith("# ")]
    assert len(optional) >= 3
    for number in optional:
        if "OTHER-ID" in lines[number]:
            continue
        text = "".join(line.replace("# ", "", 1) if n == number else line for n, line in enumerate(lines))
        write_bank(tmp_path, {**SOUND, "items/new.yaml": "items:\n" + text})
        wrong = [problem for problem in errors_of(tmp_path) if problem.code.startswith(("S", "Y"))]
        assert wrong == [], lines[number]


def test_a_stub_can_be_put_below_items_of_another_indentation(tmp_path: Path) -> None:
    sound_bank(tmp_path, {**SOUND, "items/new.yaml": "items:\n" + stub("single", "zh", indent=0)})


def test_every_kind_of_the_contract_has_a_skeleton() -> None:
    assert set(KINDS) <= set(BODIES)
