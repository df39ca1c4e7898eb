"""Packages: every byte flipped is found, other programs of the format read them, hostile ones leave nothing behind."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.files.sealing.folder import compared
from qbank.files.sealing.keys import Key, new_key, recipients_of
from qbank.files.sealing.manifest import MANIFEST, Manifest, PackedFile, manifest_text, parse_manifest
from qbank.files.sealing.names import is_safe, same_names
from qbank.files.sealing.pack import Source, gathered, hashed, write_package
from qbank.files.sealing.tar import END, header, padding
from qbank.files.sealing.unpack import is_free, move_to, private_folder, read_package
from qbank.problem import Problem

KEY = new_key()


def sealed(folder: Path, files: dict[str, bytes], *keys: Key) -> tuple[Path, Manifest]:
    """Return a package of some files, and its manifest."""
    sources = []
    for name, data in files.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        sources.append(Source(name, path))
    packed = tuple(file for source in sorted(sources, key=lambda one: one.name) if (file := hashed(source)[0]) is not None)
    manifest = Manifest("papers", "2026-11", "li", "2026-12-01", "0.1.0", (), packed)
    temporary, written, problems = write_package(folder / "x.age", manifest, sources, [key.public for key in keys or (KEY,)])
    assert temporary is not None and not problems
    target = temporary.rename(folder / "x.age")
    assert written.sha256 == hashlib.sha256(target.read_bytes()).hexdigest() and written.size == target.stat().st_size
    return target, manifest


def opened(path: Path, folder: Path, key: Key = KEY) -> list[str]:
    """Return the codes of what is wrong with a package; it is unpacked as `open` does."""
    target = folder / "out"
    with private_folder(target) as inside:
        found, problems = read_package(path, [key], inside)
        assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        if not problems:
            move_to(inside, target)
    return [problem.code for problem in problems]


FILES = {"卷/a-paper.pdf": b"questions" * 9, "b.txt": b"", "c": bytes(70000)}


def test_what_is_sealed_comes_out_the_same(tmp_path: Path) -> None:
    path, manifest = sealed(tmp_path, FILES)
    assert opened(path, tmp_path) == []
    out = tmp_path / "out"
    assert {name: (out / name).read_bytes() for name in FILES} == FILES
    assert parse_manifest((out / MANIFEST).read_bytes(), "m")[0] == manifest
    assert {one.stat().st_mode & 0o077 for one in (out, out / "b.txt", out / MANIFEST, out / "c")} == {0}
    assert compared(out, manifest) == []


def test_each_of_several_recipients_opens_it_and_nobody_else(tmp_path: Path) -> None:
    keys = [new_key() for _ in range(3)]
    path, _ = sealed(tmp_path, FILES, *keys)
    for key in keys:
        assert opened(path, tmp_path, key) == []
        shutil.rmtree(tmp_path / "out")
    assert opened(path, tmp_path) == ["Z203"]


def test_another_program_of_the_format_and_any_tar_read_it(tmp_path: Path) -> None:
    path, _ = sealed(tmp_path, FILES)
    plain = pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(KEY.secret)])
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        assert archive.getnames() == [MANIFEST, *sorted(FILES)]
        for name, data in FILES.items():
            member = archive.extractfile(name)
            assert member is not None and member.read() == data
    assert path.read_bytes().startswith(b"age-encryption.org/v1\n-> X25519 ")


@pytest.mark.skipif(not (shutil.which("age") or shutil.which("rage")), reason="neither age nor rage is installed")
def test_the_command_line_of_age_opens_it(tmp_path: Path) -> None:
    path, _ = sealed(tmp_path, FILES)
    (tmp_path / "k").write_text(KEY.secret, "utf-8")
    program = shutil.which("age") or shutil.which("rage") or ""
    done = subprocess.run([program, "-d", "-i", tmp_path / "k", path], capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        assert archive.getnames() == [MANIFEST, *sorted(FILES)]


def test_the_manifest_is_the_same_each_time_and_the_archive_is_not(tmp_path: Path) -> None:
    first, one = sealed(tmp_path, FILES)
    before = first.read_bytes()
    second, other = sealed(tmp_path, dict(reversed(FILES.items())))
    assert manifest_text(one) == manifest_text(other)
    assert second.read_bytes() != before


def test_every_byte_flipped_is_found(tmp_path: Path) -> None:
    path, _ = sealed(tmp_path, {"a.txt": b"answer A"})
    data = path.read_bytes()
    unseen = []
    with path.open("r+b", buffering=0) as file:
        for place, byte in enumerate(data):
            for now in (byte ^ 1 << place % 8, byte):
                file.seek(place)
                file.write(bytes([now]))
                if now != byte:
                    _, problems = read_package(path, [KEY])
                    unseen += [] if {one.code for one in problems} & {"Z202", "Z203", "Z204", "Z205"} else [place]
    assert unseen == [] and read_package(path, [KEY])[1] == []


def test_every_length_cut_off_is_found_and_bytes_added_too(tmp_path: Path) -> None:
    path, _ = sealed(tmp_path, {"a.txt": b"answer A", "b": bytes(70000)})
    data = path.read_bytes()
    bad = tmp_path / "bad.age"
    for length in [*range(0, len(data), 997), 65536, len(data) - 1]:
        bad.write_bytes(data[:length])
        _, problems = read_package(bad, [KEY])
        assert {problem.code for problem in problems} & {"Z202", "Z204", "Z205", "Z223"}, length
    for more in (b"x", data):
        bad.write_bytes(data + more)
        assert read_package(bad, [KEY])[1]


def test_the_file_in_which_the_damage_lies_is_named(tmp_path: Path) -> None:
    path, _ = sealed(tmp_path, {name: bytes(200_000) for name in ("a", "b", "c")})
    data = bytearray(path.read_bytes())
    for place, name, n in ((100_000, "a", 0), (350_000, "b", 1), (570_000, "c", 2)):
        bad = bytearray(data)
        bad[place] ^= 1
        (tmp_path / "bad.age").write_bytes(bad)
        _, problems = read_package(tmp_path / "bad.age", [KEY])
        assert [(problem.code, dict(problem.facts)) for problem in problems] == [("Z205", {"name": name, "n": str(n)})]


# ---------------------------------------------------------------------------------------------- hostile packages


def entry(name: str, data: bytes, type_: bytes = tarfile.REGTYPE) -> bytes:
    made = tarfile.TarInfo(name)
    made.size, made.type, made.linkname = len(data), type_, "/etc/passwd"
    return made.tobuf(tarfile.PAX_FORMAT) + data + padding(len(data))


def described(content: dict[str, bytes], **other: object) -> bytes:
    listed = [{"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()]
    head = {"qbank": "manifest", "format": 1, "part": "papers", "sitting": "", "who": "", "not_before": "", "engine_version": ""}
    return entry(MANIFEST, json.dumps({**head, "forms": [], "files": listed, **other}).encode())


GOOD = {"a": b"1"}
BOMB = [{"name": "a", "size": 1 << 50, "sha256": "0" * 64}]
HOSTILE = {
    "zip slip": (described({"../a": b"1"}) + entry("../a", b"1") + END, "Z222"),
    "absolute": (described({"/tmp/a": b"1"}) + entry("/tmp/a", b"1") + END, "Z222"),
    "backslash": (described({"..\\a": b"1"}) + entry("..\\a", b"1") + END, "Z222"),
    "drive": (described({"C:a": b"1"}) + entry("C:a", b"1") + END, "Z222"),
    "the manifest itself": (described({MANIFEST: b"1"}) + entry(MANIFEST, b"1") + END, "Z222"),
    "two of one name": (described({"a": b"1", "A": b"2"}) + entry("a", b"1") + entry("A", b"2") + END, "Z222"),
    "folder and file": (described({"a": b"1", "a/b": b"2"}) + entry("a", b"1") + entry("a/b", b"2") + END, "Z222"),
    "slip beside the manifest": (described(GOOD) + entry("../a", b"1") + END, "Z209"),
    "link": (described(GOOD) + entry("a", b"", tarfile.SYMTYPE) + END, "Z206"),
    "hard link": (described(GOOD) + entry("a", b"", tarfile.LNKTYPE) + END, "Z206"),
    "device": (described(GOOD) + entry("a", b"", tarfile.CHRTYPE) + END, "Z206"),
    "twice": (described(GOOD) + entry("a", b"1") * 2 + END, "Z209"),
    "additional": (described(GOOD) + entry("a", b"1") + entry("b", b"1") + END, "Z209"),
    "missing": (described({"a": b"1", "b": b"2"}) + entry("a", b"1") + END, "Z208"),
    "changed": (described(GOOD) + entry("a", b"2") + END, "Z207"),
    "longer": (described(GOOD) + entry("a", b"11") + END, "Z207"),
    "a size that lies": (described({}, files=[{"name": "a", "size": 1, "sha256": hashlib.sha256(b"11").hexdigest()}]) + entry("a", b"11") + END, "Z207"),
    "no manifest": (entry("a", b"1") + END, "Z221"),
    "empty": (END, "Z221"),
    "no tar": (b"PK\3\4" * 500, "Z206"),
    "nothing": (b"", "Z206"),
    "no end": (described(GOOD) + entry("a", b"1"), "Z206"),
    "claims a petabyte": (described({}, files=BOMB) + END, "Z223"),
    "manifest of a petabyte": (header(MANIFEST, (8 << 30) - 1) + b"{", "Z221"),
    "negative size": (described({}, files=[{"name": "a", "size": -1, "sha256": "0" * 64}]) + END, "Z222"),
    "no object": (entry(MANIFEST, b"[]") + END, "Z222"),
    "deep": (entry(MANIFEST, b"[" * 200_000) + END, "Z222"),
    "no text": (entry(MANIFEST, b"\xff\xfe{}") + END, "Z222"),
    "NaN": (entry(MANIFEST, b'{"qbank": NaN}') + END, "Z222"),
    "later format": (described(GOOD, format=2) + entry("a", b"1") + END, "Z222"),
    "numbers for words": (described(GOOD, who=3) + entry("a", b"1") + END, "Z222"),
    "words to the terminal": (described(GOOD, who="\x1b[2Jli") + entry("a", b"1") + END, "Z222"),
    "half a character": (described(GOOD, who="\ud800") + entry("a", b"1") + END, "Z222"),
    "forms of nothing": (described(GOOD, forms=[{}]) + entry("a", b"1") + END, "Z222"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_package_is_a_problem_and_leaves_nothing(case: str, tmp_path: Path) -> None:
    tar, code = HOSTILE[case]
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "x.age").write_bytes(pyrage.encrypt(tar, recipients_of([KEY.public])))
    assert opened(tmp_path / "x.age", work)[:1] == [code]
    assert list(work.iterdir()) == [] and sorted(one.name for one in tmp_path.iterdir()) == ["work", "x.age"]


@pytest.mark.parametrize("data", [b"", b"hello", b"age-encryption.org/v1\n", b"age-encryption.org/v2\n-> X\n--- x\n", bytes(5000)])
def test_what_is_no_age_file_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.age").write_bytes(data)
    assert [problem.code for problem in read_package(tmp_path / "x.age", [KEY])[1]] == ["Z202"]


@given(st.binary(max_size=3000))
def test_any_bytes_in_a_package_are_a_problem_never_a_crash(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.age").write_bytes(pyrage.encrypt(data, recipients_of([KEY.public])))
    assert read_package(tmp_path / "x.age", [KEY])[1]


def test_a_fault_while_unpacking_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), private_folder(tmp_path / "new" / "deeper" / "out") as inside:
        (inside / "plain.txt").write_text("secret", "utf-8")
        assert inside.stat().st_mode & 0o077 == 0
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    """What Python holds; the library holds one chunk of 64 KiB."""
    big = tmp_path / "big"
    with big.open("wb") as file:
        file.truncate(48 << 20)
    source = Source("big", big)
    packed, _ = hashed(source)
    assert packed is not None
    tracemalloc.start()
    temporary, _, _ = write_package(tmp_path / "x.age", Manifest("papers", "", "", "", "", (), (packed,)), [source], [KEY.public])
    assert temporary is not None
    found, problems = read_package(temporary, [KEY])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not problems and found.manifest is not None and found.manifest.size == 48 << 20
    assert peak < 8 << 20


# ---------------------------------------------------------------------------------------------- what is packed


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_folder_is_packed_under_its_name_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "print" / "a").mkdir(parents=True)
    for name in ("print/b.pdf", "print/a/c.pdf", "print/.DS_Store", "d.pdf"):
        (tmp_path / name).write_bytes(b"x")
    sources, problems = gathered([tmp_path / "print", tmp_path / "d.pdf", tmp_path / "d.pdf"])
    assert [source.name for source in sources] == ["print/b.pdf", "print/a/c.pdf", "d.pdf"]
    assert [(problem.code, problem.severity) for problem in problems] == [("Z114", "note")]


def test_links_and_names_of_other_worlds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("real", "in/nul.txt", "in/a:b", "in/manifest.json", "manifest.json"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "in" / "away").symlink_to(tmp_path, target_is_directory=True)
    assert codes(gathered([tmp_path / "in" / "link"])[1]) == ["Z106"]
    assert sorted(codes(gathered([tmp_path / "in"])[1])) == ["Z106", "Z106", "Z107", "Z107"]
    assert codes(gathered([tmp_path / "manifest.json"])[1]) == ["Z108"]
    assert codes(gathered([tmp_path / "nowhere"])[1]) == ["Z105"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "REAL").write_bytes(b"y")
    assert codes(gathered([tmp_path / "real", tmp_path / "other" / "REAL"])[1]) == ["Z108"]


def test_a_file_that_changes_meanwhile_stops_the_sealing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1234")
    packed, _ = hashed(Source("a", path))
    assert packed is not None
    for now in (b"1235", b"12345", b"123", b""):
        path.write_bytes(now)
        made, _, problems = write_package(tmp_path / "x.age", Manifest("papers", "", "", "", "", (), (packed,)), [Source("a", path)], [KEY.public])
        assert made is None and codes(problems) == ["Z110"]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        write_package(tmp_path / "x.age", Manifest("papers", "", "", "", "", (), (packed,)), [Source("a", path)], [KEY.public])
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------- folders


def change(folder: Path, how: str, name: str) -> None:
    path = folder / name
    if how == "changed":
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    elif how == "longer":
        path.write_bytes(path.read_bytes() + b"\n")
    elif how == "missing":
        path.unlink()
    elif how == "link":
        content = path.read_bytes()
        path.unlink()
        (folder.parent / "elsewhere").write_bytes(content)
        path.symlink_to(folder.parent / "elsewhere")
    else:
        path.with_name(f"{path.name}.more").write_bytes(b"")


CHANGES = {"changed": "Z301", "longer": "Z301", "missing": "Z302", "additional": "Z303", "link": "Z304"}


@given(st.dictionaries(st.sampled_from(["a", "d/b", "d/e/c", "卷"]), st.sampled_from(sorted(CHANGES))))
@settings(max_examples=60)
def test_every_change_of_a_folder_is_told_and_nothing_else(tmp_path: Path, changes: dict[str, str]) -> None:
    root = tmp_path / "root"
    shutil.rmtree(root, ignore_errors=True)
    folder = root / "folder"
    files = []
    for name in ("a", "d/b", "d/e/c", "卷"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
        files.append(PackedFile(name, len(name.encode()), hashlib.sha256(name.encode()).hexdigest()))
    manifest = Manifest("papers", "", "", "", "", (), tuple(files))
    for name, how in changes.items():
        change(folder, how, name)
    found = [(problem.code, problem.span.path.removeprefix(f"{folder.as_posix()}/")) for problem in compared(folder, manifest)]
    wanted = [(CHANGES[how], f"{name}.more" if how == "additional" else name) for name, how in changes.items()]
    assert sorted(found) == sorted(wanted)


@given(st.text(max_size=30))
def test_a_name_that_counts_as_safe_stays_below_the_folder(name: str) -> None:
    if is_safe(name):
        assert Path("/root/here", name).is_relative_to("/root/here")
        assert ".." not in Path(name).parts and Path(name).as_posix() == name


@pytest.mark.parametrize(("names", "doubled"), [(["é", "e\u0301"], 1), (["straße", "STRASSE"], 1), (["a/b", "a/c"], 0), (["a/b", "a"], 1), (["a", "a "], 0)])
def test_names_that_some_system_takes_for_one_are_found(names: list[str], doubled: int) -> None:
    assert len(same_names(names)) == doubled


def test_only_an_empty_place_is_free(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    free: Callable[[str], bool] = lambda name: is_free(tmp_path / name)  # noqa: E731
    assert [free(name) for name in ("new", "empty", "full", "full/x", "dangling")] == [True, True, False, False, False]
