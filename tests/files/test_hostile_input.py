"""Whatever stands in a bank's folder, checking it gives problems, soon, and never an exception."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
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
    """Fail where the block takes longer; the limits are ten times what it takes on a slow machine."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < seconds


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
    "a PNG's head": ("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Y006"),
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_a_problem_of_its_file(name: str, file: str, folder: Path) -> None:
    text, code = HOSTILE[name]
    write_bank(folder, {**SOUND, file: text})
    with within(5):
        found = errors_of(Path())
    assert code in codes_of([problem for problem in found if problem.span.path == file])
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), data=st.data())
def test_any_text_in_any_file_gives_problems_inside_the_files(file: str, data: st.DataObject) -> None:
    text = data.draw(damaged(SOUND[file]) | YAMLISH)
    write_bank(Path(), {**SOUND, file: text})
    source, problems = check_bank(Path())
    assert source.bank is not None or any(problem.severity == "error" for problem in problems)
    for problem in problems:
        for span in (problem.span, *problem.related):
            assert lies_inside(span, Path()), problem


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), content=st.binary(max_size=200))
def test_any_bytes_in_any_file_give_problems(file: str, content: bytes) -> None:
    write_bank(Path(), {**SOUND, file: content})
    for problem in check_bank(Path())[1]:
        assert lies_inside(problem.span, Path()), problem
