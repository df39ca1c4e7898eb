"""The files of two stations for the page on sittings: made from a simulated sitting, with names, documents, rooms and slips."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import yaml

ID = "2026-11-A"
WORDS: dict[str, dict[str, Any]] = {
    "zh": {"east": "东站", "west": "西站", "corrected": "西站更正", "roster": "报名表", "place": "武汉", "seat": "坐位", "paper": "{}卷"},
    "en": {"east": "east", "west": "west", "corrected": "west-corrected", "roster": "roster", "place": "Wuhan", "seat": "Saet", "paper": "{}"},
}
HEAD = ["person", "name", "document", "form", "site", "seat", "room"]


def stations(language: str) -> None:
    """Write the files that the page takes in, wrong and corrected ones among them, and a roster for the next sitting."""
    words = WORDS[language]
    folder, wrong = Path("sittings") / ID, Path("err")
    wrong.mkdir()
    orders = {form: printed_order(form) for form in ("A", "B")}
    rows = [row_of(n, row, orders, words) for n, row in enumerate(simulated(folder), start=1)]
    head = [*HEAD, *map(str, range(1, 101)), "status"]
    west = [row for row in rows if row[4] == "B02"]
    write(folder / f"{words['east']}.csv", head, [row for row in rows if row[4] == "A01"])
    write(folder / f"{words['west']}.csv", head, west)
    declared = {
        "sitting": ID, "date": "2026-11-23", "place": words["place"], "design": "spiralled",
        "forms": [f"bof-4-theory-{ID[:-1]}{letter}" for letter in orders],
        "aliases": {words["paper"].format(letter): f"bof-4-theory-{ID[:-1]}{letter}" for letter in orders},
    }  # fmt: skip
    for place in (folder, wrong):
        (place / "sitting.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), "utf-8")
    corrected = [[*row] for row in west]
    for row, question in ((0, 1), (0, 2), (3, 5)):
        corrected[row][len(HEAD) + question - 1] = "A" if corrected[row][len(HEAD) + question - 1] != "A" else "B"
    write(folder / f"{words['corrected']}.csv", head, corrected)
    bad = [[*rows[n]] for n in (0, 1, 2, 3, 4, 1)]
    bad[0][len(HEAD)] = "K"
    bad[2][3] = words["paper"].format("C")
    write(wrong / f"{words['west']}.csv", [words["seat"] if name == "seat" else name for name in head], bad)
    coming = [[f"2705{n:05}", f"{n}", f"42010019950101{n:04}", "A01", str(1 + (n - 1) // 20), str((n - 1) % 20 + 1)] for n in range(1, 41)]
    for n, known in ((2, 0), (23, 1)):
        coming[n][2] = rows[known][2]
    write(Path(f"{words['roster']}.csv"), ["person", "name", "document", "site", "room", "seat"], coming)


def simulated(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the simulated answers."""
    with (folder / "responses.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def printed_order(letter: str) -> list[str]:
    """Return the items of a paper as they are numbered."""
    text = Path(f"forms/bof-4-theory/bof-4-theory-{ID[:-1]}{letter}.yaml").read_text("utf-8")
    return re.findall(r"^ +- \{id: ([\w-]+),", text, re.MULTILINE)


def row_of(n: int, row: dict[str, str], orders: dict[str, list[str]], words: dict[str, Any]) -> list[str]:
    """Return a person's row: every hundredth of them was absent."""
    letter = row["form"][-1]
    answers = [row[item] for item in orders[letter]]
    absent = n % 100 == 50
    place = [row["site"], row["seat"], str(1 + n % 200 // 50)]
    who = [row["person"], f"{words['paper'].format('')}{n}", f"42010019940101{n:04}", words["paper"].format(letter)]
    return [*who, *place, *([""] * 100 if absent else answers), "absent" if absent else ""]


def write(path: Path, head: list[str], rows: list[list[str]]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
