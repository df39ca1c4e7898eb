"""Public data sets of the reference folder as sittings, read in place: right/wrong, options with blanks, graded, two papers with an anchor."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from qbank.analysis import NOT_REACHED, OMITTED, SittingData, sitting_data

_DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference"
FOLDER = Path(os.environ.get("QBANK_REFERENCE", _DEFAULT))


def rows(name: str) -> list[list[str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def _halves(n: int) -> list[str]:
    return ["one" if person % 3 else "two" for person in range(n)]


def lsat(number: int) -> SittingData:
    marks = np.array(rows(f"irt/LSAT{number}.csv"), float)
    return sitting_data([f"i{n}" for n in range(5)], marks, 1.0, groups={"half": _halves(len(marks))}, cut=3.0,
                        strata={"section": ["a", "a", "a", "b", "b"]})  # fmt: skip


def sat12() -> SittingData:
    """Five options; 8 is a blank, at the end of a person's answers one that was not reached. Cut 16, three domains."""
    given = np.array(rows("irt/SAT12_raw.csv"), int)
    key = json.loads((FOLDER / "irt/SAT12_key.json").read_text(encoding="utf-8"))
    answer = np.where(given == 8, OMITTED, given - 1)
    blank = answer == OMITTED
    answer[np.flip(np.logical_and.accumulate(np.flip(blank, axis=1), axis=1), axis=1)] = NOT_REACHED
    marks = (given == key).astype(float)
    return sitting_data([f"i{n}" for n in range(32)], marks, 1.0, answer=answer, labels=[list("ABCDE")] * 32,
                        key=[{word - 1} for word in key], groups={"half": _halves(len(given))}, cut=16.0,
                        strata={"domain": ["x" if n % 3 == 0 else "y" if n % 3 == 1 else "" for n in range(32)]})  # fmt: skip


def science() -> SittingData:
    """Four items of four categories, 0 to 3 marks."""
    marks = np.array(rows("irt/Science.csv"), float) - 1
    return sitting_data(["Comfort", "Work", "Future", "Benefit"], marks, 3.0, groups={"half": _halves(len(marks))}, cut=7.0)


def verbal() -> SittingData:
    table = np.array(rows("analysis/difR_verbal.csv"), float)
    groups = {"gender": [f"{word:.0f}" for word in table[:, 25]], "anger": [str(int(word // 10)) for word in table[:, 24]]}
    return sitting_data([f"v{n}" for n in range(24)], table[:, :24], 1.0, groups=groups, cut=12.0,
                        strata={"section": ["want"] * 12 + ["do"] * 12})  # fmt: skip


def inventory() -> SittingData:
    scored = np.array([[float(cell) for cell in row[:20]] for row in rows("analysis/SIA_HCI_scored.csv")])
    nominal, letters = rows("analysis/SIA_HCItest_nominal.csv"), "ABCDE"
    return sitting_data(
        [f"Item {index + 1}" for index in range(20)], scored, 1.0, answer=[[letters.index(word) for word in row[:20]] for row in nominal],
        labels=[list(letters)] * 20, key=[{letters.index(row[1])} for row in rows("analysis/SIA_HCI_key.csv")],
        groups={"gender": [row[20] for row in nominal], "major": [row[21] for row in nominal]}, cut=12.0,
    )  # fmt: skip


def ratings(name: str) -> SittingData:
    """Marks by raters, one row a person and rater."""
    table = rows(f"analysis/{name}")
    marks = np.array([[float(cell) if cell not in ("", "NA") else np.nan for cell in row[2:]] for row in table])
    return sitting_data([f"k{n}" for n in range(marks.shape[1])], marks, float(np.nanmax(marks)), groups={"rater": [row[1] for row in table]})


def anchored() -> SittingData:
    """Kolen & Brennan's two papers as two items each: what is common (12 marks), what is not (24 marks)."""
    parts = [np.array(rows(f"analysis/equate_KBneat_{side}.csv"), float) for side in "xy"]
    n = len(parts[0]) + len(parts[1])
    marks, form = np.full((n, 3), np.nan), np.repeat([0, 1], [len(part) for part in parts])
    marks[:, 0] = np.concatenate([part[:, 1] for part in parts])
    for paper, part in enumerate(parts):
        marks[form == paper, 1 + paper] = part[:, 0] - part[:, 1]
    return sitting_data(["common", "x", "y"], marks, [12.0, 24.0, 24.0], form=form, forms=("X", "Y"), cut=18.0)


DATA: dict[str, Callable[[], SittingData]] = {
    "LSAT6": lambda: lsat(6), "LSAT7": lambda: lsat(7), "SAT12": sat12, "Science": science, "verbal": verbal, "inventory": inventory,
    "ex10": lambda: ratings("data.ex10.csv"), "ratings1": lambda: ratings("data.ratings1.csv"), "KBneat": anchored,
}  # fmt: skip
