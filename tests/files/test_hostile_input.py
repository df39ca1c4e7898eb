"""Whatever stands in a bank's folder, checking it gives problems, soon, and never an exception."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.files.yaml_text import MAX_DEPTH, Mapping, Node, Sequence, parse_yaml, plain
from qbank.problem import Problem
from qbank.workflow.bank import check_bank
from tests.files.sound import SOUND, errors_of, lies_inside, write_bank

FILES = sorted(SOUND)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail where the block takes more of the processor; the limits are ten times what it takes on a slow machine."""
    begin = time.process_time()
    yield
    assert time.process_time() - begin < seconds


def depth(node: Node | None) -> int:
    if isinstance(node, Mapping):
        return 1 + max(map(depth, node.entries.values()), default=0)
    return 1 + max(map(depth, node.entries), default=0) if isinstance(node, Sequence) else 0


def codes_of(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


ALIASES = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
MEGABYTE = 1 << 20
HOSTILE = {
    "nested brackets": ("[" * 100_000, "Y004"),
    "nested braces": ("{" * 100_000, "Y008"),
    "nested braces as values": ("{a: " * 100_000, "Y004"),
    "closed brackets": ("[" * 100_000 + "]" * 100_000, "Y004"),
    "nested block lists": ("- " * 100_000 + "x", "Y004"),
    "nested block mappings": ("".join(" " * n + "a:\n" for n in range(1000)), "Y004"),
    "nested explicit keys": ("? " * 100_000, "Y008"),
    "an alias bomb": (ALIASES, "Y003"),
    "a merge key with an alias": ("<<: *a", "Y003"),
    "a tag of Python": ("!!python/object/apply:os.system [echo]", "Y003"),
    "a line of one megabyte": ("x" * MEGABYTE, "S103"),
    "a line of one megabyte in quotes": ('"' + "x" * MEGABYTE, "Y001"),
    "a key of one megabyte": ("x" * MEGABYTE + ": 1", "Y001"),
    "an explicit key of one megabyte": ("? " + "x" * MEGABYTE + "\n: 1", "S101"),
    "a number of one megabyte": ("9" * MEGABYTE, "S103"),
    "a million blanks": (" " * MEGABYTE, "Y005"),
    "a million line breaks": ("\n" * MEGABYTE, "Y005"),
    "a million dashes": ("-" * MEGABYTE, "S103"),
    "ten thousand documents": ("---\n" * 10_000, "Y007"),
    "a directive of another version": ("%YAML 9.9\n--- {}\n", "Y001"),
    "an escape that is no character": ('"\\uD800"', "Y001"),
    "zeros": ("\0" * 1000, "Y006"),
    "a line of five megabytes": ("x: " + "炉" * (5 * MEGABYTE // 3), "S101"),
    "an item of five megabytes in one line": ("items: [{id: Q-1, stem: " + "炉" * (5 * MEGABYTE // 3) + "}]", "S10"),
    "a million closing brackets": ("]" * MEGABYTE, "Y001"),
    "a billion laughs": ("a: &a lol\n" + "".join(f"b{n}: &b{n} [{', '.join(['*a'] * 9)}]\n" for n in range(9)), "Y003"),
    "half a surrogate pair in JSON's way": ('a: "\\ud83d\\ude00"', "Y001"),
    "a number beyond all numbers": ("a: 1" + "0" * 400 + ".0", "S10"),
    "a number with a huge exponent": ("items: [{id: Q-1, seconds: 1.0e99999}]", "S10"),
    "an integer of ten thousand digits": ("items: [{seconds: " + "7" * 10_000 + "}]", "S10"),
    "a hundred equal keys": ("items: []\n" * 100, "Y002"),
    "deep keys in flow": ("a: " + "{? " * 50_000, "Y0"),
    "a null byte in quotes": ('a: "\\0"', "S10"),
    "line and paragraph separators": ("items: [{id: Q-1,\u2028 stem: \u2029x}]", ""),
    "an override of direction": ("items: [{id: \u202eQ-1}]", "S10"),
    "a PNG's head": ("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Y006"),
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_a_problem_of_its_file(name: str, file: str, folder: Path) -> None:
    text, code = HOSTILE[name]
    write_bank(folder, {**SOUND, file: text})
    with within(5):
        found = errors_of(Path())
    assert any(one.startswith(code) for one in codes_of([p for p in found if p.span.path == file]))
    assert all(lies_inside(problem.span, folder) for problem in found)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("seed", range(5))
def test_bytes_of_noise_are_no_utf8(file: str, seed: int, folder: Path) -> None:
    write_bank(folder, {**SOUND, file: b"\xfe" + random.Random(seed).randbytes(5000)})
    (problem,) = errors_of(Path())
    assert (problem.code, str(problem.span)) == ("Y009", f"{file}:1:1")


def test_an_empty_folder_is_no_bank() -> None:
    (problem,) = errors_of(Path())
    assert (problem.code, str(problem.span)) == ("B001", ".")


def test_a_file_is_no_folder(folder: Path) -> None:
    (folder / "bank").write_text("x", encoding="utf-8")
    assert codes_of(errors_of(Path("bank"))) == ["B004"]


def test_folders_in_the_place_of_files_are_problems(folder: Path) -> None:
    write_bank(folder, {**SOUND, "standard.yaml": None})
    (folder / "standard.yaml").mkdir()
    (folder / "items" / "b.yaml").mkdir()
    assert codes_of(errors_of(Path())) == ["B002"]


def test_files_that_are_no_yaml_and_hidden_ones_are_not_read(folder: Path) -> None:
    write_bank(folder, {**SOUND, "items/.a.yaml": b"\xff", "items/notes.txt": b"\xff", "items/b.yml": b"\xff"})
    assert [str(problem.span) for problem in errors_of(Path())] == ["items/b.yml:1:1"]


def test_a_byte_order_mark_is_not_part_of_the_text(folder: Path) -> None:
    write_bank(folder, {name: "\ufeff" + text for name, text in SOUND.items()})
    assert errors_of(Path()) == []
    write_bank(folder, {**SOUND, "bank.yaml": "\ufeffbenk: tiny\n" + SOUND["bank.yaml"]})
    assert str(errors_of(Path())[0].span) == "bank.yaml:1:1"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_count_as_lines(end: str, folder: Path) -> None:
    items = SOUND["items/a.yaml"].replace("key: A\n", "key: E\n").replace("\n", end)
    write_bank(folder, {**SOUND, "items/a.yaml": items})
    assert [str(problem.span) for problem in errors_of(Path())] == ["items/a.yaml:10:10"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_wrong_byte_is_placed_by_lines_and_characters(end: bytes, folder: Path) -> None:
    write_bank(folder, {**SOUND, "bank.yaml": b"\xef\xbb\xbfbank: tiny" + end + "title: 题\u2028库".encode() + b"\xff"})
    assert [(problem.code, str(problem.span)) for problem in errors_of(Path())] == [("Y009", "bank.yaml:3:2")]


def test_links_out_of_the_bank_are_not_followed(folder: Path) -> None:
    bank = write_bank(folder / "bank")
    (folder / "outside.yaml").write_text("secret: 1\n", encoding="utf-8")
    (folder / "more").mkdir()
    (folder / "more" / "inner.yaml").write_text("secret: 1\n", encoding="utf-8")
    (bank / "items" / "link.yaml").symlink_to(folder / "outside.yaml")
    (bank / "items" / "more").symlink_to(folder / "more")
    found = [(problem.code, problem.span.path.rpartition("/")[2]) for problem in errors_of(bank)]
    assert found == [("B011", "link.yaml"), ("B011", "more")]


def test_a_standard_that_links_out_of_the_bank_is_refused(folder: Path) -> None:
    bank = write_bank(folder / "bank", {**SOUND, "standard.yaml": None})
    (folder / "outside.yaml").write_text(SOUND["standard.yaml"], encoding="utf-8")
    (bank / "standard.yaml").symlink_to(folder / "outside.yaml")
    assert codes_of(errors_of(bank)) == ["B003"]


@pytest.mark.parametrize(
    ("link", "codes"), [("items/loop.yaml", ["Y011"]), ("standard.yaml", ["B002"]), ("bank.yaml", ["B001"])]
)
def test_links_in_circles_are_problems(link: str, codes: list[str], folder: Path) -> None:
    write_bank(folder, {**SOUND, link: None})
    (folder / link).symlink_to(folder / link)
    assert codes_of(errors_of(Path())) == codes


def test_a_link_to_nothing_is_a_problem(folder: Path) -> None:
    write_bank(folder)
    (folder / "items" / "b.yaml").symlink_to(folder / "items" / "gone.yaml")
    assert codes_of(errors_of(Path())) == ["Y011"]


UTF16 = SOUND["items/a.yaml"].encode("utf-16")
BYTES = {
    "UTF-16 with a mark": (UTF16, "Y009"),
    "UTF-16 without one": (UTF16[2:], "Y0"),
    "UTF-32": (SOUND["items/a.yaml"].encode("utf-32"), "Y0"),
    "half a surrogate pair in bytes": (b"items: [\xed\xa0\x80]", "Y009"),
    "an overlong slash": (b"items: [\xc0\xaf]", "Y009"),
    "a character cut in two at the end": ("items: 炉".encode()[:-1], "Y009"),
    "a zip file": (b"PK\x03\x04" + bytes(60), "Y0"),
    "two marks": (b"\xef\xbb\xbf\xef\xbb\xbfitems: []\n", ""),
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", BYTES)
def test_hostile_bytes_are_a_problem_of_their_file(name: str, file: str, folder: Path) -> None:
    data, code = BYTES[name]
    write_bank(folder, {**SOUND, file: data})
    found = errors_of(Path())
    assert not code or any(p.code.startswith(code) and p.span.path == file for p in found), found
    assert all(lies_inside(problem.span, folder) for problem in found)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize(
    ("name", "expected"),
    [("items/pipe.yaml", ("B010", "items/pipe.yaml")), ("bank.yaml", ("B001", ".")), ("standard.yaml", ("B002", "bank.yaml"))],
)
def test_a_pipe_is_never_waited_for(name: str, expected: tuple[str, str], folder: Path) -> None:
    write_bank(folder, {**SOUND, name: None})
    os.mkfifo(folder / name)
    with within(5):
        assert [(problem.code, problem.span.path) for problem in errors_of(Path())] == [expected]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no /dev/zero")
def test_a_device_is_never_read(folder: Path) -> None:
    bank = write_bank(folder / "bank", {**SOUND, "standard.yaml": None})
    (bank / "items" / "zero.yaml").symlink_to("/dev/zero")
    (bank / "standard.yaml").symlink_to("/dev/zero")
    with within(5):
        assert codes_of(errors_of(bank)) == ["B003", "B011"]


def test_a_bank_file_that_links_out_of_the_bank_is_refused(folder: Path) -> None:
    bank = write_bank(folder / "bank", {**SOUND, "bank.yaml": None})
    (folder / "outside.yaml").write_text(SOUND["bank.yaml"], encoding="utf-8")
    (bank / "bank.yaml").symlink_to(folder / "outside.yaml")
    assert codes_of(errors_of(bank)) == ["B011"]


def test_an_items_folder_that_links_out_of_the_bank_is_refused(folder: Path) -> None:
    other = write_bank(folder / "other")
    bank = write_bank(folder / "bank")
    (bank / "items" / "a.yaml").unlink()
    (bank / "items").rmdir()
    (bank / "items").symlink_to(other / "items")
    assert codes_of(errors_of(bank)) == ["B011"]
    source, _ = check_bank(bank)
    assert not source.texts


def test_a_link_inside_the_bank_is_read_under_the_name_of_its_target(folder: Path) -> None:
    write_bank(folder)
    (folder / "notes").mkdir()
    (folder / "items" / "a.yaml").rename(folder / "notes" / "a.yaml")
    (folder / "items" / "link.yaml").symlink_to(folder / "notes" / "a.yaml")
    source, problems = check_bank(Path())
    assert {text.path for text in source.texts.values()} == {"notes/a.yaml"}
    assert not any(problem.severity == "error" for problem in problems)


OUTSIDE = ["../secret.svg", "media/../../secret.svg", "/etc/hostname", "C:\\\\x.svg", "file:///etc/hostname", "http://example.org/x.svg",
           "media/link.svg", "media/folder/secret.svg", "media/%2e%2e/x.svg", "a" * 5000 + ".svg"]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_pictures_outside_the_bank_are_never_read(name: str, folder: Path) -> None:
    secret = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    (folder / "secret.svg").write_bytes(secret)
    stem = "stem: 炉渣碱度记作 $R$。"
    text = SOUND["items/a.yaml"].replace(stem, f'stem: "图 ![甲]({name})"')
    bank = write_bank(folder / "bank", {**SOUND, "items/a.yaml": text, "media/b.svg": secret})
    (bank / "media" / "link.svg").symlink_to(folder / "secret.svg")
    (bank / "media" / "folder").symlink_to(folder)
    found = errors_of(bank)
    assert found and all(code.startswith("Q3") for code in codes_of(found)), found
    assert all(not text.item.media for text in check_bank(bank)[0].texts.values())


@pytest.mark.parametrize("name", ["../outside.yaml", "/etc/passwd", "items/../../outside.yaml", "~/x.yaml", "\\\\server\\x", "a/" * 3000])
def test_a_standard_outside_the_bank_is_never_read(name: str, folder: Path) -> None:
    (folder / "outside.yaml").write_text(SOUND["standard.yaml"], encoding="utf-8")
    bank = write_bank(folder / "bank", {**SOUND, "bank.yaml": SOUND["bank.yaml"].replace("standard.yaml", f"'{name}'")})
    assert set(codes_of(errors_of(bank))) <= {"B002", "B003"}
    assert check_bank(bank)[0].bank is None


def test_names_of_files_may_be_long_or_strange(folder: Path) -> None:
    strange = ["x" * 240 + ".yaml", "a b 'c' \"d\".yaml", "新建 文本文档.yaml", "-rf.yaml", "%s{0}.yaml", "a\tb.yaml"]
    write_bank(folder, {**SOUND, **{f"items/{name}": "items: 1\n" for name in strange}})
    found = errors_of(Path())
    assert sorted(problem.span.path for problem in found) == sorted(f"items/{name}" for name in strange)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_utf8_is_shown_somehow(folder: Path) -> None:
    write_bank(folder)
    Path(os.fsdecode(os.fsencode(folder / "items") + b"/\xff.yaml")).write_text("items: 1\n", encoding="utf-8")
    for cached in (False, True, True):
        assert codes_of([p for p in check_bank(Path(), cached=cached)[1] if p.severity == "error"]) == ["S103"]


def test_ids_that_differ_by_case_alone_are_two_items(folder: Path) -> None:
    write_bank(folder, {**SOUND, "items/b.yaml": SOUND["items/a.yaml"].replace("Q-", "q-")})
    assert errors_of(Path()) == []
    assert {"Q-1", "q-1"} <= set(check_bank(Path())[0].texts)


@pytest.mark.parametrize("name", sorted(HOSTILE)[::5])
def test_a_check_changes_nothing_on_the_disk(name: str, folder: Path) -> None:
    bank = write_bank(folder / "bank", {**SOUND, "items/b.yaml": HOSTILE[name][0]})
    before = {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}
    content = (bank / "items" / "b.yaml").read_bytes()
    check_bank(bank)
    assert {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))} == before
    assert (bank / "items" / "b.yaml").read_bytes() == content


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_a_problem(folder: Path) -> None:
    write_bank(folder, {**SOUND, "items/closed/b.yaml": "items: []\n"})
    (folder / "items" / "closed").chmod(0)
    try:
        assert codes_of(errors_of(Path())) == ["Y011"]
    finally:
        (folder / "items" / "closed").chmod(0o755)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_a_problem(folder: Path) -> None:
    write_bank(folder)
    (folder / "items" / "a.yaml").chmod(0)
    assert codes_of(errors_of(Path())) == ["Y011"]


def test_a_huge_file_is_refused_unread(folder: Path) -> None:
    write_bank(folder)
    with (folder / "items" / "b.yaml").open("wb") as file:
        file.truncate((64 << 20) + 1)
    with within(2):
        assert [(problem.code, problem.facts) for problem in errors_of(Path())] == [("Y010", (("megabytes", "64"),))]


def test_ten_thousand_mistakes_are_all_given(folder: Path) -> None:
    many = ", ".join(f"k{n}: 1" for n in range(10_000))
    write_bank(folder, {**SOUND, "items/a.yaml": SOUND["items/a.yaml"].replace("unit: ℃", f"unit: ℃, {many}")})
    with within(20):
        assert codes_of(errors_of(Path())) == ["S101"] * 10_000


YAML_PIECES = st.sampled_from(
    [*"[]{},:-?&*!|>'\"%@`#~\n\t\r ", ": ", "- ", "? ", "\n  ", "---\n", "...\n", "a", "炼", "items:", "id: Q-1", "1.10",
     "true", "&a ", "*a", "!!str ", "<<", "\\", "\0", "\x85", "\u2028", "\ufeff", "\ud7ff", "\U0001f600"]
)  # fmt: skip
YAMLISH = st.lists(YAML_PIECES, max_size=40).map("".join) | st.text(max_size=60)


@settings(max_examples=400, deadline=None)
@given(YAMLISH)
def test_any_text_parses_or_gives_a_problem_inside_it(text: str) -> None:
    text = text.lstrip("\ufeff")  # the reader of files takes a byte order mark away before anything is parsed
    node, problems = parse_yaml(text, "x.yaml")
    assert node is not None or problems
    assert depth(node) <= MAX_DEPTH
    plain(node)
    path = Path("x.yaml")
    path.write_bytes(text.encode())
    assert all(lies_inside(problem.span, Path()) for problem in problems), problems


def damaged(text: str) -> st.SearchStrategy[str]:
    """Return the text with a stretch of it replaced by something else, often by another stretch of itself."""
    places = st.integers(0, len(text))
    inner = st.tuples(places, places).map(lambda pair: text[min(pair) : min(pair) + 30])
    return st.builds(
        lambda at, length, new: text[:at] + new + text[at + length :], places, st.integers(0, 30), YAMLISH | inner
    )


@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from(FILES), data=st.data())
def test_any_text_in_any_file_gives_problems_inside_the_files(file: str, data: st.DataObject) -> None:
    text = data.draw(damaged(SOUND[file]) | YAMLISH)
    write_bank(Path(), {**SOUND, file: text})
    source, problems = check_bank(Path())
    assert source.bank is not None or any(problem.severity == "error" for problem in problems)
    for problem in problems:
        for span in (problem.span, *problem.related):
            assert lies_inside(span, Path()), problem


@settings(max_examples=100, deadline=None)
@given(file=st.sampled_from(FILES), content=st.binary(max_size=200))
def test_any_bytes_in_any_file_give_problems(file: str, content: bytes) -> None:
    write_bank(Path(), {**SOUND, file: content})
    for problem in check_bank(Path())[1]:
        assert lies_inside(problem.span, Path()), problem
