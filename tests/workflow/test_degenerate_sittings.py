"""Whatever a sitting is like, `qbank analyse` gives its tier's report whole: every file, flagged rows, no NaN, no exception."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree

from qbank.cli.__main__ import group
from qbank.core.form import answer_places
from qbank.files.disk import write_text
from qbank.files.forms import read_form
from qbank.files.interchange.usage import NAMESPACE
from tests.files.interchange.test_usage import schema

pytestmark = pytest.mark.whole_report

BANK = """\
bank: small
title: 小题库
language: zh
standard: standard.yaml
"""
STANDARD = """\
occupation: {code: 6-17-02-02, title: 炼钢工}
official: false
levels: [1]
domains:
  - code: A
    title: 基础
    weight: {1: 50}
    competencies:
      - {code: A-001, title: 安全, importance: X, levels: [1]}
  - code: B
    title: 操作
    weight: {1: 50}
    competencies:
      - {code: B-001, title: 造渣, importance: X, levels: [1]}
"""
SINGLE = """\
  - id: S-{n}
    kind: single
    competency: {competency}
    stem: 第 {n} 题：炉渣碱度（　　）。
    options: {{A: 约一{n}, B: 约二{n}, C: 约三{n}, D: 约四{n}}}
    key: A
    shuffle: false
"""
RATED = """\
  - id: R-{n}
    kind: short
    marks: 5
    competency: B-001
    stem: 简述第 {n} 项操作。
    key: 按规程
    rubric:
      - {{points: 3, text: 要点一}}
      - {{points: 2, text: 要点二}}
"""


@dataclass(frozen=True, slots=True)
class Sitting:
    """n : persons ; answer : (person, item, rng) → what is written ; columns : group columns, a word a person"""

    n: int
    answer: Callable[[int, int, random.Random], str] = lambda person, item, rng: "A" if rng.random() < 0.4 + person % 5 / 10 else "B"
    columns: tuple[tuple[str, Callable[[int], str]], ...] = (("site", lambda person: "甲" if person % 2 else "乙"),)
    n_items: int = 8
    n_rated: int = 0
    n_forms: int = 1
    sat_forms: int = 1
    design: str = "none"
    status: Callable[[int], str] = lambda person: ""


def always(word: str) -> Callable[[int, int, random.Random], str]:
    return lambda person, item, rng: word


SITTINGS: dict[str, Sitting] = {
    "one person": Sitting(1),
    "one item": Sitting(40, n_items=1),
    "all right": Sitting(40, always("A")),
    "everything omitted": Sitting(40, always("")),
    "rubric marks only": Sitting(40, lambda person, item, rng: str(rng.randint(0, 5)), n_items=0, n_rated=4),
    "one rubric": Sitting(12, lambda person, item, rng: str(rng.randint(0, 5)), n_items=0, n_rated=1),
    "nobody present": Sitting(12, status=lambda person: "absent"),
    "all withheld": Sitting(12, status=lambda person: "withheld"),
    "12 persons": Sitting(12),
}
"""name → what sat; each gets a report"""


def prepared(root: Path, sitting: Sitting) -> None:
    """Write a bank, its papers and the answers, and take them in by the verbs that an examination centre uses."""
    n_items = sitting.n_items * sitting.n_forms
    singles = "".join(SINGLE.format(n=n, competency="AB"[n % 2] + "-001") for n in range(n_items))
    rated = "".join(RATED.format(n=n) for n in range(sitting.n_rated))
    write_text(root / "qbank.yaml", "language: zh\n")
    write_text(root / "banks" / "small" / "bank.yaml", BANK)
    write_text(root / "banks" / "small" / "standard.yaml", STANDARD)
    write_text(root / "banks" / "small" / "items" / "a.yaml", f"defaults: {{level: 1, status: live, grade: 3, cognitive: apply, seconds: 30}}\nitems:\n{singles}{rated}")
    sections = [
        {"title": title, "kind": kind, "items": n, "marks_each": each}
        for title, kind, n, each in (("单选题", "single", sitting.n_items, 1), ("简答题", "short", sitting.n_rated, 5))
        if n
    ]
    marks = sitting.n_items + 5 * sitting.n_rated
    cut = max(1, round(0.6 * marks))
    blueprint = {
        "blueprint": "b", "bank": "../banks/small", "level": 1, "forms": sitting.n_forms, "minutes": 30, "marks": marks, "cut": cut,
        "seed": 1, "sections": sections,
    }  # fmt: skip
    write_text(root / "blueprints" / "b.yaml", json.dumps(blueprint, ensure_ascii=False))
    done("assemble", "blueprints/b.yaml")
    write_text(root / "s.csv", responses(root, sitting))
    done("sitting", "add", "s.csv", "--forms", "forms/b", "--id", "S", "--date", "2026-11-23", "--design", sitting.design)


def responses(root: Path, sitting: Sitting) -> str:
    """Return the answers as a centre's system writes them: a row a person, a column an item."""
    papers = forms_of(root)
    rng = random.Random(5)
    names = list(dict.fromkeys(name for _, items in papers for name in items))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["person", "form", "status", *(name for name, _ in sitting.columns), *names])
    for person in range(sitting.n):
        form, items = papers[person % sitting.sat_forms]
        cells = {name: sitting.answer(person, place, rng) for place, name in enumerate(items)}
        groups = [word(person) for _, word in sitting.columns]
        writer.writerow([f"P{person:04d}", form, sitting.status(person), *groups, *(cells.get(name, "") for name in names)])
    return out.getvalue()


def forms_of(root: Path) -> list[tuple[str, list[str]]]:
    """Return each paper's id and its items in their order."""
    found = []
    for path in sorted((root / "forms" / "b").glob("*.yaml")):
        form, _ = read_form(path)
        if form is not None:
            found.append((form.id, [place.id for place in answer_places(form)]))
    return found


def said(*words: str) -> str:
    result = CliRunner().invoke(group, ["--lang", "zh", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code in (0, 1), result.output
    return result.output


def done(*words: str) -> None:
    result = CliRunner().invoke(group, ["--lang", "zh", *words])
    assert result.exit_code == 0, result.output


def tables(block: Any) -> dict[str, Any]:
    """Return every table of a report's JSON by its name."""
    found = {block["name"]: block} if isinstance(block, dict) and block.get("type") == "table" else {}
    parts = block.values() if isinstance(block, dict) else block if isinstance(block, list) else ()
    for part in parts:
        found |= tables(part)
    return found


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} in JSON")


@pytest.mark.parametrize("name", SITTINGS)
def test_every_sitting_gets_the_whole_report_of_its_tier(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sitting = SITTINGS[name]
    monkeypatch.chdir(tmp_path)
    prepared(tmp_path, sitting)
    said("analyse", "S", "--out", "r")
    for kind in ("html", "pdf", "json", "xlsx"):
        assert (tmp_path / "r" / f"S.{kind}").stat().st_size > 1000
    data = json.loads((tmp_path / "r" / "S.json").read_text("utf-8"), parse_constant=refuse)
    found = tables(data)
    assert len(found["items"]["rows"]) == (sitting.n_items + sitting.n_rated) * sitting.sat_forms
    n = sum(1 for person in range(sitting.n) if not sitting.status(person))
    there = {row["scope"]: row["n"] for row in found["withheld"]["rows"]}
    assert max(row["needs"] for row in found["withheld"]["rows"]) == 1000
    if sitting.n_forms == 1:
        assert set(there.values()) <= {n, min(n, n // 2)}
    unsat = sitting.sat_forms < sitting.n_forms
    assert any(row["needs"] == 10 for row in found["withheld"]["rows"]) == (n / sitting.sat_forms < 10 or unsat)
    usage = etree.parse(tmp_path / "r" / "S-usage.xml").getroot()
    schema().assertValid(usage)
    assert (len(usage) > 0) == (n / sitting.sat_forms >= 10)
    assert all(int(row.get("caseCount")) >= 10 for row in usage.iter(f"{{{NAMESPACE}}}ordinaryStatistic"))
