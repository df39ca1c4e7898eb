"""A check that takes from the cache finds what a check without it finds, whatever has happened in between."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.bank import Bank
from qbank.core.item import fingerprint
from qbank.files import cache
from qbank.files.bank import BankSource
from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from tests.corpus import CORPUS
from tests.files.broken_cases import CASES, Case
from tests.files.sound import ITEMS, SOUND, write_bank
from tests.files.test_hostile_input import damaged
from tests.workflow.places import REPOSITORY

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QBANK_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "cache").rglob("*") if path.is_file() and path.name != cache.WALKED)


def entry_of(folder: Path, shown: str) -> Path:
    """Return the entry of one file of items, or of the rules over the whole bank."""
    name = cache.hashlib.sha256(shown.encode()).hexdigest()[:40]
    return next(path for path in entries(folder) if path.name == name)


def everything(found: tuple[BankSource, list[Problem]]) -> tuple[object, ...]:
    """Return all that a check tells, with the place of every key of every item."""
    source, problems = found
    places = {
        id: [text.place(*steps, key=key) for steps in (("id",), ("stem",), ("key",), ("options", "B"), ("enemies", 0))
             for key in (False, True)]
        for id, text in source.texts.items()
    }  # fmt: skip
    return source.bank, dict(source.texts), source.declared, places, problems


def assert_same(root: Path) -> None:
    """Check without the cache, with whatever it holds, and once more: all must agree."""
    fresh = everything(check_bank(root))
    assert everything(check_bank(root, cached=True)) == fresh
    assert everything(check_bank(root, cached=True)) == fresh


def reads(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the files of items that a cached check reads anew."""
    from qbank.files import item_files

    seen: list[str] = []
    read: Callable[..., object] = item_files._read

    def noted(data: bytes, shown: str, *more: object) -> object:
        seen.append(shown)
        return read(data, shown, *more)

    with monkeypatch.context() as patch:
        patch.setattr(item_files, "_read", noted)
        check_bank(root, cached=True)
    return seen


@pytest.mark.parametrize("bank", sorted(path.name for path in (REPOSITORY / "banks").iterdir()))
def test_the_projects_banks_are_the_same_from_the_cache(bank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = REPOSITORY / "banks" / bank
    assert_same(root)
    assert reads(root, monkeypatch) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_mistake_is_the_same_from_the_cache(case: Case, folder: Path) -> None:
    assert_same(write_bank(folder / "bank", case.files))


@settings(max_examples=60, deadline=None)
@given(file=st.sampled_from(sorted(SOUND)), data=st.data())
def test_any_edit_of_any_file_is_seen(file: str, data: st.DataObject) -> None:
    root = write_bank(Path("bank"))
    check_bank(root, cached=True)
    write_bank(root, {file: data.draw(damaged(SOUND[file]))})
    assert_same(root)


def test_records_from_the_cache_have_the_classes_of_those_read() -> None:
    root = CORPUS / "banks" / "steelmaking"
    fresh, _ = check_bank(root)
    check_bank(root, cached=True)
    kept, _ = check_bank(root, cached=True)
    assert isinstance(fresh.bank, Bank) and isinstance(kept.bank, Bank)
    for id, item in fresh.bank.items.items():
        other = kept.bank.items[id]
        assert repr(other) == repr(item)
        assert asdict(other) == asdict(item)
        assert type(other.body) is type(item.body)
        assert fingerprint(other) == kept.bank.fingerprints[id] == fresh.bank.fingerprints[id]


def test_only_a_changed_file_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_bank(folder, {**SOUND, "items/b.yaml": "items: []\n"})
    assert reads(root, monkeypatch) == ["items/a.yaml", "items/b.yaml"]
    assert reads(root, monkeypatch) == []
    write_bank(root, {"items/b.yaml": "items: [ ]\n"})
    assert reads(root, monkeypatch) == ["items/b.yaml"]


def test_an_edit_of_the_same_length_under_the_same_date_is_seen(folder: Path) -> None:
    root = write_bank(folder)
    path = root / "items" / "a.yaml"
    before = path.stat()
    check_bank(root, cached=True)
    path.write_text(SOUND["items/a.yaml"].replace("key: A\n", "key: E\n"), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert [problem.code for problem in check_bank(root, cached=True)[1]] == ["Q104"]


def test_a_clock_set_back_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_bank(folder)
    check_bank(root, cached=True)
    monkeypatch.setattr("time.time", lambda: 0.0)
    write_bank(root, {"items/a.yaml": SOUND["items/a.yaml"].replace("key: A\n", "key: E\n")})
    os.utime(root / "items" / "a.yaml", (0, 0))
    assert_same(root)
    assert [problem.code for problem in check_bank(root, cached=True)[1]] == ["Q104"]


@pytest.mark.parametrize("file", ["bank.yaml", "standard.yaml"])
def test_a_change_of_the_standard_or_the_bank_reads_all_again(
    file: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_bank(folder)
    check_bank(root, cached=True)
    write_bank(root, {file: "# changed\n" + SOUND[file]})
    assert reads(root, monkeypatch) == ["items/a.yaml"]
    assert_same(root)


def test_another_engine_python_or_library_reads_all_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_bank(folder)
    check_bank(root, cached=True)
    monkeypatch.setattr(cache, "engine_digest", lambda: b"another")
    assert reads(root, monkeypatch) == ["items/a.yaml"]


def test_the_engine_is_told_by_its_text_even_under_equal_dates(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = folder / "engine"
    (engine / "lint").mkdir(parents=True)
    for name in ("__init__.py", "lint/rule.py"):
        (engine / name).write_text("x = 1\n", "utf-8")
        os.utime(engine / name, (1, 1))
    monkeypatch.setattr(cache.qbank, "__file__", str(engine / "__init__.py"))
    before = cache.engine_digest.__wrapped__()
    (engine / "lint" / "rule.py").write_text("x = 2\n", "utf-8")
    os.utime(engine / "lint" / "rule.py", (1, 1))
    after = cache.engine_digest.__wrapped__()
    assert after != before
    (engine / "lint" / "rule.py").rename(engine / "lint" / "other.py")
    assert cache.engine_digest.__wrapped__() not in (before, after)
    monkeypatch.setattr("sys.version", "4.0")
    assert cache.engine_digest.__wrapped__() not in (before, after)


def test_rules_over_the_whole_bank_are_kept_until_anything_of_it_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qbank.workflow import bank as work

    root = write_bank(folder, {**SOUND, "items/b.yaml": "items: []\n"})
    calls: list[int] = []

    def counted(given: object) -> list[Problem]:
        calls.append(1)
        return []

    monkeypatch.setattr(work, "BANK_RULES", {"counted": counted})
    for n, change in enumerate(
        [{}, {"items/a.yaml": ITEMS.replace("key: true", "key: true\n    rationale: 见书")}, {"items/b.yaml": "items: [ ]\n"},
         {"items/c.yaml": "items: []\n"}, {"bank.yaml": "# x\n" + SOUND["bank.yaml"]}], start=1,
    ):  # fmt: skip
        write_bank(root, change)
        for _ in range(2):
            check_bank(root, cached=True)
            assert len(calls) == n
    (root / "items" / "c.yaml").unlink()
    check_bank(root, cached=True)
    assert len(calls) == 6


def test_a_changed_picture_is_another_item(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stem = "stem: 炉渣碱度记作 $R$。"
    text = SOUND["items/a.yaml"].replace(stem, "stem: 如图 ![炉渣](media/a.svg)。")
    root = write_bank(folder, {**SOUND, "items/a.yaml": text, "media/a.svg": SVG})
    assert_same(root)
    seen = check_bank(root, cached=True)[0].texts["Q-2"].item.media
    assert reads(root, monkeypatch) == []
    write_bank(root, {"media/a.svg": SVG.replace(b"</svg>", b"<!-- new --></svg>")})
    assert reads(root, monkeypatch) == ["items/a.yaml"]
    assert check_bank(root, cached=True)[0].texts["Q-2"].item.media != seen
    (root / "media" / "a.svg").unlink()
    assert_same(root)
    assert "Q301" in {problem.code for problem in check_bank(root, cached=True)[1]}
    write_bank(root, {"media/a.svg": SVG})
    assert_same(root)


@pytest.mark.parametrize("mark", ["![", "\\x21[", "\\u0021[", "\\U00000021[", "!\\u005b", "!\\\n     ["])
def test_a_picture_is_seen_however_it_is_written(mark: str, folder: Path) -> None:
    stem = "stem: 炉渣碱度记作 $R$。"
    text = SOUND["items/a.yaml"].replace(stem, f'stem: "如图 {mark}炉渣](media/a.svg)。"')
    root = write_bank(folder, {**SOUND, "items/a.yaml": text, "media/a.svg": SVG})
    assert list(check_bank(root)[0].texts["Q-2"].item.media) == ["media/a.svg"]
    assert_same(root)


@pytest.mark.parametrize("name", ["bank/items/a.yaml", "bank\0bank rules"])
@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: data[:-1], lambda data: data[:50], lambda data: data + b"x", lambda data: b"\0" * len(data),
     lambda data: data[:-20] + b"\xff" * 20, lambda data: b"qbank cache 0\n" + data[14:]],
)  # fmt: skip
def test_a_damaged_entry_is_as_good_as_none_and_is_written_anew(
    name: str, damage: Callable[[bytes], bytes], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_bank(folder / "bank")
    check_bank(root, cached=True)
    entry = entry_of(folder, name)
    sound = entry.read_bytes()
    entry.write_bytes(damage(sound))
    assert reads(root, monkeypatch) == (["bank/items/a.yaml"] if name.endswith("a.yaml") else [])
    assert entry.read_bytes() == sound
    assert_same(root)


@pytest.mark.parametrize("name", ["bank/items/a.yaml", "bank\0bank rules"])
def test_an_entry_that_holds_something_else_is_as_good_as_none(name: str, folder: Path) -> None:
    root = write_bank(folder / "bank")
    fresh = everything(check_bank(root))
    for value in (None, 1, (), ([], {}, [(0, [0])], [], (), ["x"], b""), (["os.system"], {}, [], [], (), [], b"")):
        kept = cache.bank_cache(root)
        assert kept is not None
        check_bank(root, cached=True)
        entry = entry_of(folder, name)
        key = entry.read_bytes()[len(cache.MAGIC) :][:32]
        payload = cache.marshal.dumps(value)
        entry.write_bytes(cache.MAGIC + key + cache.hashlib.sha256(payload).digest() + payload)
        assert everything(check_bank(root, cached=True)) == fresh


def test_the_folder_may_be_deleted_at_any_time(folder: Path) -> None:
    root = write_bank(folder / "bank")
    assert_same(root)
    shutil.rmtree(folder / "cache")
    assert_same(root)


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_cache_folder_that_cannot_be_written_is_no_misfortune(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_bank(folder / "bank")
    (folder / "file").write_text("", "utf-8")
    monkeypatch.setenv("QBANK_CACHE_DIR", str(folder / "file"))
    assert_same(root)
    if os.geteuid():
        (folder / "closed").mkdir(mode=0o500)
        monkeypatch.setenv("QBANK_CACHE_DIR", str(folder / "closed"))
        assert_same(root)


def test_no_cache_folder_is_used_where_its_word_is_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QBANK_CACHE_DIR", "")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *words, **more: str(folder / "cache"))
    assert_same(write_bank(folder / "bank"))
    assert entries(folder) == []
    monkeypatch.delenv("QBANK_CACHE_DIR")
    assert_same(folder / "bank")
    assert len(entries(folder)) == 2


def test_checks_at_the_same_time_agree(folder: Path) -> None:
    root = write_bank(folder / "bank", {**SOUND, **{f"items/{n}.yaml": f"items: [{n}]\n" for n in range(20)}})
    fresh = everything(check_bank(root))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: everything(check_bank(root, cached=True)), range(8)))
    assert all(one == fresh for one in found)
    assert not [entry for entry in entries(folder) if entry.name.startswith(".new-")]


def test_a_check_writes_nothing_into_the_bank(folder: Path) -> None:
    root = write_bank(folder / "bank")
    before = {path: (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns) for path in root.rglob("*")}
    check_bank(root, cached=True)
    assert before == {
        path: (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns) for path in root.rglob("*")
    }


def test_old_entries_go_and_what_is_not_ours_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_bank(folder / "bank")
    check_bank(root, cached=True)
    entry = entry_of(folder, "bank/items/a.yaml")
    old, foreign = entry.with_name("0" * 40), entry.with_name("thesis.doc")
    for path in (old, foreign):
        path.write_bytes(b"x")
        os.utime(path, (1, 1))
    other = entry.parent.with_name("f" * 16)
    other.mkdir()
    (other / ("1" * 40)).write_bytes(b"x" * 100)
    os.utime(other, (1, 1))
    write_bank(root, {"items/a.yaml": "items: []\n"})
    check_bank(root, cached=True)
    assert (old.exists(), foreign.exists(), (other / ("1" * 40)).exists()) == (False, True, True)
    monkeypatch.setattr(cache, "MAX_BYTES", 50)
    write_bank(root)
    check_bank(root, cached=True)
    assert (other / ("1" * 40)).exists()  # all banks are counted once a day
    os.utime(entry.parent.with_name(cache.WALKED), (1, 1))
    write_bank(root, {"items/a.yaml": "items: []\n"})
    check_bank(root, cached=True)
    write_bank(root)
    check_bank(root, cached=True)
    assert (entry.exists(), foreign.exists(), (other / ("1" * 40)).exists()) == (True, True, False)
