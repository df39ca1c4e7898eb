"""Pictures of a bank: hashes in the items, and every way in which a path or a file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.core.item import fingerprint, seen_hash
from qbank.files.bank import read_bank
from qbank.files.media import MAX_PICTURE_BYTES, media_bytes
from qbank.problem import Problem
from tests.files.sound import BANK, ITEMS, STANDARD
from tests.pictures import PNG, png, svg

DRAWING = svg('<rect width="9" height="9"/>', 'width="40" height="20"')
STEM = "    stem: 铁水的主要成分是什么？\n"


def bank_with(tmp_path: Path, picture: str, files: dict[str, bytes] | None = None) -> Path:
    """Write the small bank, the stem of its first item naming a picture on line 5."""
    items = ITEMS.replace(STEM, f'    stem: "如图，铁水 {picture} 是什么？"\n')
    assert items != ITEMS
    for name, data in {"bank.yaml": BANK, "standard.yaml": STANDARD, "items/a.yaml": items, **(files or {})}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return tmp_path


def wrong(root: Path) -> list[Problem]:
    return read_bank(root)[1]


def test_an_item_holds_the_hash_of_its_picture_and_a_changed_picture_is_another_revision(tmp_path: Path) -> None:
    root = bank_with(tmp_path, "![方块](media/a.svg)", {"media/a.svg": DRAWING})
    source, problems = read_bank(root)
    assert not problems
    item = source.texts["Q-1"].item
    assert list(item.media) == ["media/a.svg"]
    assert len(item.media["media/a.svg"]) == 16
    assert source.texts["Q-2"].item.media == {}
    (root / "media/a.svg").write_bytes(DRAWING.replace(b'"9"', b'"8"'))
    changed = read_bank(root)[0].texts["Q-1"].item
    assert seen_hash(changed) != seen_hash(item)
    assert fingerprint(changed).split(".")[1] == fingerprint(item).split(".")[1]
    assert media_bytes([changed], root)[0]["media/a.svg"] != DRAWING


def test_a_picture_in_an_option_counts(tmp_path: Path) -> None:
    root = bank_with(tmp_path, "![a](a.png)", {"a.png": PNG})
    text = (root / "items/a.yaml").read_text("utf-8").replace("A: 铁", 'A: "![b](b.png)"')
    (root / "items/a.yaml").write_text(text, "utf-8")
    (problem,) = wrong(root)
    assert (problem.code, problem.span.line, problem.span.column) == ("Q301", 7, 10)


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        ("![a](media/none.svg)", "Q301"),
        ("![a](media)", "Q301"),
        ("![a](/etc/hostname)", "Q302"),
        ("![a](../outside.png)", "Q302"),
        ("![a](media/../../outside.png)", "Q302"),
        ("![a](http://example.org/a.png)", "Q302"),
        ("![a](file:///etc/hostname)", "Q302"),
        ("![a](C:/a.png)", "Q302"),
        ("![a](data:image/png;base64,AAAA)", "Q302"),
        ("![a](media/link.png)", "Q302"),
        ("![a](media/folder/a.png)", "Q302"),
        ("![a](media/loop.png)", "Q301"),
        ("![a](media/a.gif)", "Q303"),
        ("![](media/a.png)", "Q304"),
        ("![ ](media/a.png)", "Q304"),
        ("![a](media/large.png)", "Q305"),
        ("![a](media/script.svg)", "Q306"),
        ("![a](media/torn.svg)", "Q307"),
        ("![a](media/vast.png)", "Q308"),
        (f"![a](media/{'x' * 300}.png)", "Q309"),
    ],
)
def test_a_picture_that_cannot_be_used_is_a_problem_at_the_text_that_names_it(
    tmp_path: Path, picture: str, code: str
) -> None:
    files = {
        "outside.png": PNG,
        "bank/media/a.gif": b"GIF89a\1\0\1\0",
        "bank/media/a.png": PNG,
        "bank/media/large.png": PNG + bytes(MAX_PICTURE_BYTES),
        "bank/media/script.svg": svg("<script/>", 'width="9" height="9"'),
        "bank/media/torn.svg": DRAWING[:-4],
        "bank/media/vast.png": png(100_000, 100_000),
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "bank/media/link.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "bank/media/folder").symlink_to(tmp_path)
    (tmp_path / "bank/media/loop.png").symlink_to("loop.png")
    (problem,) = wrong(bank_with(tmp_path / "bank", picture))
    assert problem.code == code
    assert (problem.span.line, problem.span.column) == (5, 11)
    assert dict(problem.facts)["path"] in picture
