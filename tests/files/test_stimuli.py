"""Stimuli that several items share: what a fingerprint covers, where they may stand, what check says of them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.bank import Bank
from qbank.core.item import fingerprint, normalise, seen_part
from qbank.kinds.questions import part_fingerprints
from qbank.workflow.bank import check_bank
from tests.files.sound import KIND_ITEMS, SHARED_ITEMS, SOUND, Files, sound_bank, write_bank

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
FIRST = "转炉装入铁水 110 t。"
PICTURED = SHARED_ITEMS.replace(FIRST, f"{FIRST}![炉体剖面](media/a.svg)")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QBANK_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def bank_of(items: str, **more: str) -> Bank:
    """Return the bank of the sound items and these, written into a folder of its own, always of the same name."""
    with tempfile.TemporaryDirectory() as name:
        root, here = Path(name), Path.cwd()
        os.chdir(root)
        try:
            return sound_bank(Path(), {**SOUND, "items/shared.yaml": items, **more})
        finally:
            os.chdir(here)


def changed_ids(one: Bank, other: Bank) -> set[str]:
    return {id for id in one.items if one.fingerprints[id] != other.fingerprints[id]}


def test_items_without_a_stimulus_have_the_fingerprints_that_they_always_had() -> None:
    assert dict(bank_of(SHARED_ITEMS).fingerprints) | {"U-1": "", "U-2": "", "U-3": ""} == {
        "Q-1": "157c5ce1f89dc3b1.b9da4a20c2c5f404", "Q-2": "b64c03e4a1c1eeb8.f36c3ef7144e028e",
        "Q-3": "d051c5e8a17ea9e3.251db8cce9a7822d", "U-1": "", "U-2": "", "U-3": "",
    }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.text(st.sampled_from("铁水 110t。\n"), min_size=1, max_size=12).filter(lambda text: text.strip()))
def test_another_text_of_a_stimulus_is_another_revision_of_its_items_and_of_no_other(text: str) -> None:
    before = bank_of(SHARED_ITEMS)
    block = "text: |\n" + "".join(f"      {line}\n" for line in ["x", *text.split("\n")])
    after = bank_of(SHARED_ITEMS.replace(f"text: {FIRST}\n", block))
    assert changed_ids(before, after) == {"U-1", "U-2"}
    assert all(before.fingerprints[id].split(".")[1] == after.fingerprints[id].split(".")[1] for id in before.items)
    spaced = bank_of(SHARED_ITEMS.replace(f"text: {FIRST}\n", block.replace("      ", "       ")))
    assert normalise(spaced.stimuli["S-1"].text) == normalise(after.stimuli["S-1"].text)
    assert changed_ids(after, spaced) == set()


def test_the_title_is_seen_and_the_id_is_not() -> None:
    before = bank_of(SHARED_ITEMS)
    assert changed_ids(before, bank_of(SHARED_ITEMS.replace("title: 炉况", "title: 记录"))) == {"U-1", "U-2"}
    renamed = bank_of(SHARED_ITEMS.replace("S-1", "S-9"))
    assert changed_ids(before, renamed) == set()
    assert before.digest != renamed.digest


def test_another_stimulus_with_the_same_words_is_the_same_question() -> None:
    """Statistics belong to what was seen: a stimulus that is copied takes nothing away from its items."""
    items = SHARED_ITEMS.replace("items:\n", f"  - id: S-3\n    title: 炉况\n    text: {FIRST}\nitems:\n")
    moved = items.replace("stimulus: S-1\n    stem: 铁水比", "stimulus: S-3\n    stem: 铁水比")
    assert items != moved
    assert changed_ids(bank_of(items), bank_of(moved)) == set()


def test_it_does_not_matter_in_which_file_a_stimulus_stands() -> None:
    start, end = SHARED_ITEMS.index("stimuli:"), SHARED_ITEMS.index("items:")
    apart = {"items/a/stimuli.yaml": SHARED_ITEMS[start:end] + "items: []\n"}
    together, divided = bank_of(SHARED_ITEMS), bank_of(SHARED_ITEMS[:start] + SHARED_ITEMS[end:], **apart)
    assert together.digest == divided.digest
    assert together.fingerprints == divided.fingerprints


def test_enemies_of_stimuli_are_part_of_the_banks_digest() -> None:
    assert bank_of(SHARED_ITEMS).digest != bank_of(SHARED_ITEMS.replace("    enemies: [S-2]\n", "")).digest


def test_the_parts_of_a_case_are_seen_with_its_stimulus() -> None:
    plain = bank_of(SHARED_ITEMS, **{"items/k.yaml": KIND_ITEMS})
    placed = bank_of(SHARED_ITEMS, **{"items/k.yaml": KIND_ITEMS.replace("id: K-7\n", "id: K-7\n    stimulus: S-1\n")})
    assert changed_ids(plain, placed) == {"K-7"}
    pairs = zip(part_fingerprints(plain.items["K-7"]), part_fingerprints(placed.items["K-7"]), strict=True)
    assert all(seen_part(one) != seen_part(other) for one, other in pairs)


def write(folder: Path, files: Files) -> None:
    write_bank(folder, {**SOUND, **files})


def found(root: Path, *, cached: bool) -> Bank:
    bank, problems = check_bank(root, cached=cached)[0].bank, check_bank(root, cached=cached)[1]
    assert bank is not None
    assert [problem for problem in problems if problem.severity == "error"] == []
    return bank


@pytest.mark.parametrize("cached", [False, True])
def test_the_bytes_of_a_picture_in_a_stimulus_are_seen(folder: Path, cached: bool) -> None:
    write(folder, {"items/shared.yaml": PICTURED, "media/a.svg": SVG})
    before = found(folder, cached=cached)
    assert before.stimuli["S-1"].media.keys() == {"media/a.svg"}
    write(folder, {"items/shared.yaml": PICTURED, "media/a.svg": SVG.replace("M0", "M1")})
    assert changed_ids(before, found(folder, cached=cached)) == {"U-1", "U-2"}


def test_a_cached_file_of_items_follows_its_stimulus_in_another_file(folder: Path) -> None:
    start, end = SHARED_ITEMS.index("stimuli:"), SHARED_ITEMS.index("items:")
    stimuli, items = SHARED_ITEMS[start:end] + "items: []\n", SHARED_ITEMS[:start] + SHARED_ITEMS[end:]
    write(folder, {"items/shared.yaml": items, "items/stimuli.yaml": stimuli})
    before = found(folder, cached=True)
    write(folder, {"items/stimuli.yaml": stimuli.replace("110", "120"), "items/shared.yaml": items})
    after = found(folder, cached=True)
    assert changed_ids(before, after) == {"U-1", "U-2"}
    assert (after, after.fingerprints) == (found(folder, cached=False), found(folder, cached=False).fingerprints)


def test_a_stimulus_of_no_item_is_noted_where_it_stands(folder: Path) -> None:
    write(folder, {"items/shared.yaml": SHARED_ITEMS.replace("stimulus: S-2", "stimulus: S-1")})
    notes = [(p.code, p.severity, str(p.span)) for p in check_bank(Path())[1] if p.code == "Q405"]
    assert notes == [("Q405", "note", "items/shared.yaml:7:9")]


def test_texts_of_a_stimulus_obey_the_rules_over_texts(folder: Path) -> None:
    """The place is that of the text itself, and a title is a text too."""
    items = SHARED_ITEMS.replace("title: 炉况", "title: 爐况").replace("转炉装入废钢", "转炉,装入废钢")
    write(folder, {"items/shared.yaml": items})
    told = [(p.code, str(p.span)) for p in check_bank(Path())[1] if p.code.startswith("W1")]
    assert ("W173", "items/shared.yaml:4:12") in told
    assert ("W170", "items/shared.yaml:8:11") in told


def test_a_question_asked_of_two_stimuli_is_not_the_same_question(folder: Path) -> None:
    same = SHARED_ITEMS.replace("废钢超过十吨。\n    key: true", "铁水不足百吨。\n    key: true")
    write(folder, {"items/shared.yaml": same})
    assert [p.code for p in check_bank(Path())[1] if p.code.startswith("D")] == []
    write(folder, {"items/shared.yaml": same.replace("stimulus: S-2", "stimulus: S-1")})
    assert [p.code for p in check_bank(Path())[1] if p.code.startswith("D")] == ["D102"]


def test_a_bank_without_stimuli_has_the_digest_that_it_always_had(folder: Path) -> None:
    write(folder, {})
    assert found(folder, cached=False).digest == "836dbd510b4a6ead"


def test_a_fingerprint_is_that_of_the_item_and_its_stimulus_wherever_it_is_made() -> None:
    """Reading puts it together from the halves that it keeps; everybody else asks the item."""
    template = KIND_ITEMS.replace("stem: 求石灰加入量。", "stem: 铁水 {{ m }} t，求石灰加入量。\n    parameters: {m: [80, 90]}\n    stimulus: S-2")
    bank = bank_of(SHARED_ITEMS, **{"items/k.yaml": template.replace("id: K-7\n", "id: K-7\n    stimulus: S-1\n")})
    assert sum(bool(item.stimulus_hash) for item in bank.items.values()) == 5
    assert dict(bank.fingerprints) == {id: fingerprint(item) for id, item in bank.items.items()}
