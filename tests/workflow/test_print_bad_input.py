"""Bad input through the verb itself: each is told where it stands, and nothing is written; what can be printed is."""

from __future__ import annotations

import json
import re
import shutil
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.files.disk import write_text
from qbank.render import typesetting
from qbank.render.room import n_pages
from tests.pictures import PNG, chunk, png, svg

STEM = "Water boils at sea level at ____ °C."


def status_of(*words: str) -> int:
    """Return the exit status of the command line."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bank that `qbank new` makes."""
    root = tmp_path_factory.mktemp("bad") / "shop"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root.parent)
        assert status_of("new", "shop", "--lang", "en") == 0
    return root


@dataclass
class Desk:
    """A copy of that bank in which something is wrong, and what the verbs say of it."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, list[tuple[str, str, int]]]:
        """Return the exit status, and of each error its code, file and line."""
        self.capsys.readouterr()
        status = status_of(*words, "--lang", "en", "--json")
        said = json.loads(self.capsys.readouterr().out)
        found = said.get("problems", []) if isinstance(said, dict) else said
        self.columns = [one["column"] for one in found if one["severity"] == "error"]
        self.said = [one["message"] for one in found if one["severity"] == "error"]
        return status, [(one["code"], one["path"], one["line"]) for one in found if one["severity"] == "error"]

    def change(self, file: str, before: str, after: str) -> None:
        """Replace words in a file."""
        text = (self.root / file).read_text("utf-8")
        assert before in text
        write_text(self.root / file, text.replace(before, after))

    def stem(self, stem: str) -> int:
        """Give the first item another stem; returns the line of the file in which its last line stands."""
        lines = stem.split("\n")
        self.change("items/example.yaml", f"stem: {STEM}", "stem: |\n" + "\n".join(f"      {line}" for line in lines))
        return 7 + len(lines)

    def media(self, name: str, data: bytes) -> None:
        """Put a picture into the bank."""
        (self.root / "media").mkdir(exist_ok=True)
        (self.root / "media" / name).write_bytes(data)

    def printed(self, *more: str) -> tuple[int, list[tuple[str, str, int]]]:
        """Return what assembling and printing say; the files are in ``out``."""
        status, _ = self.run("assemble", "blueprints/example.yaml")
        assert status == 0
        return self.run("print", "forms/example", "--out", "out", *more)


@pytest.fixture
def desk(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    root = tmp_path / "shop"
    shutil.copytree(shop, root)
    monkeypatch.chdir(root)
    return Desk(root, capsys)


TORN = PNG[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\x09\0\0")) + PNG[-12:]
PICTURES: Mapping[str, tuple[str, bytes | None, str]] = {
    "missing": ("a.png", None, "Q301"), "of 20,000 by 20,000 pixels": ("a.png", png(20_000, 20_000), "Q308"),
    "of 50 MB": ("a.png", PNG + bytes(50_000_000), "Q305"), "a PNG broken inside": ("a.png", PNG[:33] + chunk(b"IDAT", b"?") + PNG[-12:], "Q307"),
    "a broken SVG": ("a.svg", b"<svg width='9' height='9'><rect", "Q307"), "an SVG with a script": ("a.svg", svg("<script/>", "width='9' height='9'"), "Q306"),
}  # fmt: skip


@pytest.mark.parametrize("case", PICTURES)
def test_a_picture_that_cannot_be_printed_stops_before_a_paper_is_made_or_printed(case: str, desk: Desk) -> None:
    name, data, code = PICTURES[case]
    desk.stem(f"{STEM}\n![a lance](media/{name})")
    good = svg("", "width='9' height='9'") if name.endswith("svg") else PNG
    desk.media(name, good)
    assert desk.run("assemble", "blueprints/example.yaml") == (0, [])
    (desk.root / "media" / name).unlink()
    if data is not None:
        desk.media(name, data)
    for words in (("check", "."), ("assemble", "blueprints/example.yaml"), ("print", "forms/example", "--out", "out")):
        status, found = desk.run(*words)
        assert status == 1
        assert (code, 7) in [(one, line) for one, _, line in found], words
    assert not (desk.root / "out").exists()


@pytest.mark.parametrize("to", ["pdf", "docx"])
def test_a_picture_that_only_the_compiler_finds_broken_is_told_where_it_is_named(to: str, desk: Desk) -> None:
    line = desk.stem(f"{STEM}\n![a lance](media/a.png)")
    desk.media("a.png", TORN)
    status, found = desk.printed("--to", to)
    assert (status, found) == (1, [("F109", "items/example.yaml", line)])
    assert not (desk.root / "out").exists()


def test_characters_that_no_font_has_are_told_each_at_its_place(desk: Desk) -> None:
    line = desk.stem(f"{STEM}\n🔥 王𠮷")
    desk.change("items/example.yaml", 'B: "90"', 'B: "9😀"')
    desk.change("blueprints/example.yaml", "Example examination", "Examination 🎉")
    status, found = desk.printed()
    assert status == 1
    places = [("items/example.yaml", line), ("items/example.yaml", line), ("items/example.yaml", line + 3), ("blueprints/example.yaml", 3)]
    assert sorted(found) == sorted(("F109", *place) for place in places)
    assert not (desk.root / "out").exists()


def test_a_formula_that_does_not_parse_is_told_at_its_line(desk: Desk) -> None:
    assert desk.run("assemble", "blueprints/example.yaml") == (0, [])
    line = desk.stem(f"{STEM}\nThe ratio is $\\wrongly{{x}}$.")
    for words in (("check", "."), ("assemble", "blueprints/example.yaml"), ("print", "forms/example", "--out", "out")):
        assert desk.run(*words) == (1, [("Q117", "items/example.yaml", line)]), words
        assert desk.columns == [21]
    assert desk.run("export", ".", "--to", "qti3", "--output", "out/a.zip") == (1, [("F109", "items/example.yaml", line)])
    assert desk.columns == [21]
    assert not (desk.root / "out").exists()


@pytest.mark.parametrize("to", ["html", "txt", "exam", "json"])
def test_latex_outside_dollars_is_told_at_its_line_whatever_is_printed(to: str, desk: Desk) -> None:
    assert desk.run("assemble", "blueprints/example.yaml") == (0, [])
    line = desk.stem(f"{STEM}\nThe ratio is \\frac{{a}}{{b}}.")
    assert desk.run("print", "forms/example", "--out", "out", "--to", to) == (1, [("Q118", "items/example.yaml", line)])
    assert desk.columns == [20]
    assert not (desk.root / "out").exists()


def test_a_sign_that_is_not_seen_is_named_by_its_code_point(desk: Desk) -> None:
    line = desk.stem(f"{STEM}\n\U0001f469\u200d\U0001f469")
    assert desk.printed() == (1, [("F109", "items/example.yaml", line)] * 2)
    assert sorted(re.findall(r"\(U\+[0-9A-F +U]+\)", " ".join(desk.said))) == ["(U+1F469)", "(U+200D)"]


@pytest.mark.parametrize(("key", "code"), [("logo", "Q301"), ("template", "Z902")])
def test_a_file_of_the_centre_that_is_not_there_is_told_where_it_is_named(key: str, code: str, desk: Desk) -> None:
    desk.change("qbank.yaml", "workspace: my-bank", f"workspace: my-bank\nprint:\n  centre: Centre\n  {key}: print/none.svg")
    assert desk.printed() == (1, [(code, "qbank.yaml", 5)])


def test_what_the_centre_writes_is_told_in_its_settings(desk: Desk) -> None:
    desk.change("qbank.yaml", "workspace: my-bank", "workspace: my-bank\nprint:\n  centre: Centre 😀\n  notices: ['Write $\\foo{x}$.']")
    assert desk.printed() == (1, [("F109", "qbank.yaml", 5)])
    desk.change("qbank.yaml", " $\\foo{x}$", "")
    assert desk.run("print", "forms/example", "--out", "out") == (1, [("F109", "qbank.yaml", 4)])


def test_a_name_that_no_font_has_is_told_at_its_line_of_the_roster(desk: Desk) -> None:
    write_text(desk.root / "roster.csv", "number,name,room,seat\n1,Bob,01,1\n2,Ann 😀,01,2\n")
    assert desk.printed("--roster", "roster.csv") == (1, [("Z906", "roster.csv", 3)])
    assert not (desk.root / "out").exists()


LONG: Mapping[str, Callable[[], str]] = {
    "words": lambda: "Water is heated in a closed vessel at sea level pressure. " * 90 + STEM,
    "one word": lambda: "x" * 5000 + f" {STEM}",
    "hanzi": lambda: "转炉吹炼前期硅锰氧化" * 500 + STEM,
}


@pytest.mark.parametrize("case", LONG)
def test_a_stem_of_five_thousand_characters_goes_on_over_pages(case: str, desk: Desk) -> None:
    desk.stem(LONG[case]())
    assert desk.printed("--part", "paper") == (0, [])
    assert n_pages((desk.root / "out/example-1-A-paper.pdf").read_bytes()) > 1


def table(n: int, cell: str) -> str:
    """Return a table of n columns."""
    return "\n".join(f"|{'|'.join([one] * n)}|" for one in ("title", "---", cell))


def test_a_table_is_made_narrower_where_that_helps_and_told_where_nothing_does(desk: Desk) -> None:
    desk.stem(f"{STEM}\n\n{table(12, '1234567')}")
    assert desk.printed("--part", "paper") == (0, [])
    desk.change("items/example.yaml", "|1234567" * 12, "|1234567" * 30)
    desk.change("items/example.yaml", "|---" * 12, "|---" * 30)
    desk.change("items/example.yaml", "|title" * 12, "|title" * 30)
    shutil.rmtree(desk.root / "forms")
    shutil.rmtree(desk.root / "out")
    assert desk.printed() == (1, [("F109", "items/example.yaml", 7)])
    assert "30 columns" in desk.said[0]
    assert not (desk.root / "out").exists()


def test_formulae_wider_than_the_page_are_all_told(desk: Desk) -> None:
    wide = "+".join(f"x_{{{n}}}" for n in range(60))
    line = desk.stem(f"$\\frac{{{wide}}}{{2}}$ and\n\n$${wide.replace('x', 'y')}$$\n\nand a sum that may break: ${wide}$. {STEM}")
    status, found = desk.printed("--part", "paper")
    assert (status, found) == (1, [("F109", "items/example.yaml", line - 4), ("F109", "items/example.yaml", line - 2)])


TEMPLATES: Mapping[str, tuple[bytes, str, int]] = {
    "an unknown word": (b"\n#let titles(a, b, c, d) = [#nothing]\n", "Z901", 2),
    "a block with too few parameters": (b"\n\n#let titles(a) = a\n", "Z901", 3),
    "a block that is none": (b"#let titles = 3\n", "Z901", 1),
    "a package": (b'\n#import "@preview/cetz:0.3.0": *\n', "Z904", 2),
    "a loop without end": (b"#let titles(..a) = { while true { } }\n", "Z901", 1),
    "a function that calls itself": (b"#let f(n) = f(n + 1)\n#let titles(..a) = f(1)\n", "Z901", 1),
    "a loop that no compiler finds": (b"#let f(n, x) = if n > 0 { f(n - 1, 2 * x) or f(n - 1, 2 * x + 1) } else { false }\n#let titles(..a) = [#f(40, 1)]\n", "Z909", 1),
    "more memory than there is": (b"#let titles(..a) = [#range(10000000000).len()]\n", "Z909", 1),
    "a file from elsewhere": (b'#let titles(..a) = [#read("/etc/passwd")]\n', "Z901", 1),
    "no heading": (b"#let titles(..a) = [x]\n", "Z901", 1),
    "bytes that are no text": (b"\xff\xfe\x00", "Z901", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", TEMPLATES)
def test_a_template_that_is_wrong_is_told_at_its_line(case: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "SECONDS", 4.0 if TEMPLATES[case][1] == "Z909" else 60.0)
    source, code, line = TEMPLATES[case]
    (desk.root / "print").mkdir()
    (desk.root / "print/centre.typ").write_bytes(source)
    assert desk.printed("--part", "paper") == (1, [(code, "print/centre.typ", line)])
    assert not (desk.root / "out").exists()


def test_after_a_template_was_stopped_the_next_paper_is_printed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.root / "print").mkdir()
    (desk.root / "print/centre.typ").write_bytes(TEMPLATES["a loop that no compiler finds"][0])
    monkeypatch.setattr(typesetting, "SECONDS", 2.0)
    assert desk.printed("--part", "paper")[0] == 1
    monkeypatch.setattr(typesetting, "SECONDS", 60.0)
    write_text(desk.root / "print/centre.typ", "#let version-mark(..a) = none\n")
    assert desk.run("print", "forms/example", "--out", "out", "--part", "paper") == (0, [])
