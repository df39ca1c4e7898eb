"""Write the fonts of printed papers into ``qbank/render/fonts``: subsets of Noto Serif SC and Noto Sans SC.

    python scripts/build_fonts.py --from DIR      # DIR holds the two .tgz files of the npm packages
    python scripts/build_fonts.py                 # fetches them with `npm pack` into a temporary folder

Needs fonttools. The same tarballs give the same bytes: no clock, no path and no tool version enters a font.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

VERSION = "0.4.3"
TARGET = Path(__file__).resolve().parent.parent / "qbank" / "render" / "fonts"


@dataclass(frozen=True, slots=True)
class Face:
    """One font file: its npm package, its file in the package, and the charset whose hanzi it keeps."""

    package: str
    member: str
    hanzi: str

    @property
    def file(self) -> str:
        """Return the file name in the target folder."""
        family, weight = self.member.rsplit("/", 1)[1].split("_")
        return f"{family}-{weight.lstrip('0123456789')}"


FACES = (
    Face("noto-serif-sc", "400Regular/NotoSerifSC_400Regular.ttf", "gbk"),
    Face("noto-serif-sc", "700Bold/NotoSerifSC_700Bold.ttf", "gb2312"),
    Face("noto-sans-sc", "400Regular/NotoSansSC_400Regular.ttf", "gb2312"),
    Face("noto-sans-sc", "700Bold/NotoSansSC_700Bold.ttf", "gb2312"),
)

# First and last code point of every kept block that is not hanzi; a face keeps what it has of them.
BLOCKS = (
    (0x0020, 0x017F),  # ASCII, Latin-1, Latin Extended-A
    (0x01CD, 0x01DC),  # pinyin vowels
    (0x02B0, 0x02FF),  # modifier letters
    (0x0370, 0x045F),  # Greek, Cyrillic
    (0x2000, 0x209F),  # punctuation, super- and subscripts
    (0x20A0, 0x214F),  # currency, ℃ ℉ № and other letterlike symbols
    (0x2150, 0x22FF),  # fractions, Roman numerals, arrows, mathematical operators
    (0x2300, 0x23FF),  # technical
    (0x2460, 0x266F),  # circled numbers, box drawing, geometric shapes
    (0x2713, 0x2718),  # ticks and crosses
    (0x2776, 0x2793),  # dark circled numbers
    (0x3000, 0x303F),  # CJK punctuation
    (0x3040, 0x30FF),  # kana (trade names, grades)
    (0x3200, 0x33FF),  # enclosed numbers, square units
    (0xFE30, 0xFE4F),  # CJK compatibility forms
    (0xFF01, 0xFFEE),  # full-width forms
)
LAYOUT_FEATURES = ["ccmp", "kern", "mark", "mkmk", "liga"]
DROPPED_TABLES = ["BASE", "STAT", "DSIG", "gasp", "prep", "fpgm", "cvt ", "vhea", "vmtx", "VORG", "meta"]


def hanzi(charset: str) -> set[int]:
    """Return the code points of every ideograph that the charset (``gb2312`` or ``gbk``) can write."""
    code_points = set()
    for code_point in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00)):
        try:
            chr(code_point).encode(charset)
        except UnicodeEncodeError:
            continue
        code_points.add(code_point)
    return code_points


def wanted_code_points(charset: str) -> set[int]:
    """Return what a face keeps: the listed blocks and the hanzi of the charset."""
    blocks = {code_point for first, last in BLOCKS for code_point in range(first, last + 1)}
    return blocks | hanzi(charset)


def subset_font(data: bytes, code_points: Iterable[int]) -> bytes:
    """Return the font cut down to the code points: no hinting, no vertical metrics, names as they were."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = LAYOUT_FEATURES
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 16, 17]
    options.name_languages = ["*"]
    options.drop_tables = [*options.drop_tables, *DROPPED_TABLES]
    options.glyph_names = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(code_points))
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def fetch_tarballs(folder: Path) -> None:
    """Put the tarballs of both packages into the folder with ``npm pack``."""
    packages = sorted({face.package for face in FACES})
    names = [f"@expo-google-fonts/{package}@{VERSION}" for package in packages]
    subprocess.run(["npm", "pack", *names], cwd=folder, check=True)


def read_member(folder: Path, package: str, member: str) -> bytes:
    """Return one file of a package's tarball."""
    with tarfile.open(folder / f"expo-google-fonts-{package}-{VERSION}.tgz") as tarball:
        stream = tarball.extractfile(f"package/{member}")
        if stream is None:
            raise FileNotFoundError(f"{package}: no file {member}")
        return stream.read()


def licence(folder: Path) -> str:
    """Return the licence text of both families: each package's own notice above the one OFL text."""
    packages = sorted({face.package for face in FACES})
    notices = {name: read_member(folder, name, "LICENSE_FONT").decode("utf-8") for name in packages}
    # The font files name Adobe as the holder in both families; the serif's package names Google.
    head = (
        "Noto Serif SC: (c) 2017-2024 Adobe (http://www.adobe.com/). Noto is a trademark of Google Inc.\n"
        "Noto Sans SC: (c) 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'.\n"
        "The files in this folder are modified (subset) versions of these fonts.\n"
    )
    parts = [f"==== {name}: LICENSE_FONT as published ====\n\n{notices[name].strip()}\n" for name in packages]
    return "\n".join([head, *parts])


def readme(rows: list[tuple[Face, bytes, int]]) -> str:
    """Return the README of the font folder: where each file comes from and what was done to it."""
    lines = [
        "# Fonts of the printed papers",
        "",
        "Written by `scripts/build_fonts.py` from the npm packages `@expo-google-fonts/noto-serif-sc` and",
        f"`@expo-google-fonts/noto-sans-sc`, version {VERSION} (SIL Open Font License 1.1, see OFL.txt).",
        "",
        "| file | source | hanzi | characters | bytes | sha256 |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for face, data, n_characters in rows:
        digest = hashlib.sha256(data).hexdigest()[:16]
        source = f"{face.package}/{face.member}"
        size = f"{len(data):,}"
        lines.append(f"| {face.file} | {source} | {face.hanzi} | {n_characters:,} | {size} | {digest} |")
    lines += [
        "",
        "What was done: subset to the hanzi of the named charset and to the blocks listed in the script;",
        f"hinting, vertical metrics and layout features other than {', '.join(LAYOUT_FEATURES)} dropped.",
        "Family names are kept: the only Reserved Font Name is 'Source', which no name here uses.",
        "Formulae are set in New Computer Modern Math, which typst carries in itself.",
        "",
    ]
    return "\n".join(lines)


def build(folder: Path, target: Path) -> None:
    """Write every face, the licence and the README into the target folder."""
    target.mkdir(parents=True, exist_ok=True)
    rows = []
    for face in FACES:
        data = subset_font(read_member(folder, face.package, face.member), wanted_code_points(face.hanzi))
        (target / face.file).write_bytes(data)
        n_characters = len(TTFont(io.BytesIO(data)).getBestCmap())
        rows.append((face, data, n_characters))
        print(f"{face.file}: {n_characters:,} characters, {len(data):,} bytes")
    (target / "OFL.txt").write_text(licence(folder), encoding="utf-8", newline="\n")
    (target / "README.md").write_text(readme(rows), encoding="utf-8", newline="\n")


def main() -> None:
    """Read the options and build."""
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--from", dest="folder", type=Path, help="folder with the two .tgz files")
    parser.add_argument("--to", dest="target", type=Path, default=TARGET)
    options = parser.parse_args()
    if options.folder is not None:
        build(options.folder, options.target)
        return
    with tempfile.TemporaryDirectory() as folder:
        fetch_tarballs(Path(folder))
        build(Path(folder), options.target)


if __name__ == "__main__":
    main()
