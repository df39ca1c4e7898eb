"""Examinations of several parts for the tests: a small bank, a paper a part, and whoever sat it, all made up."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import yaml

from qbank.core.form import answer_places
from qbank.files.disk import write_text
from qbank.files.forms import read_form
from qbank.problem import has_errors
from qbank.workflow import analyse
from qbank.workflow.gate import pass_by_hand
from qbank.workflow.papers import assemble_papers
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace

STANDARD = """\
occupation: {code: 6-17-02-02, title: 炼钢工}
official: false
levels: [4, 2]
domains:
  - code: A
    title: 炼钢
    weight: {4: 100, 2: 100}
    competencies:
      - {code: A-001, title: 操作, importance: X, levels: [4, 2]}
"""
QUESTIONS = {
    "theory": "- {{id: T-{n}, kind: single, competency: A-001, stem: '第 {n} 题：炉渣碱度（　　）。', key: {key}, shuffle: false,"
    " options: {{A: 约一{n}, B: 约二{n}, C: 约三{n}, D: 约四{n}}}}}\n",
    "practice": "- {{id: P-{n}, kind: short, marks: 10, competency: A-001, stem: 演示第 {n} 项操作。, key: 按规程, rubric: [{{points: 10, text: 要点}}]}}\n",
    "review": "- {{id: R-{n}, kind: essay, marks: 25, competency: A-001, stem: 论述第 {n} 个问题。, key: 言之成理, rubric: [{{points: 25, text: 要点}}]}}\n",
}
SECTIONS = {
    "theory": {"title": "单选题", "kind": "single", "items": 20, "marks_each": 5},
    "practice": {"title": "操作", "kind": "short", "items": 10, "marks_each": 10},
    "review": {"title": "答辩", "kind": "essay", "items": 4, "marks_each": 25},
}
MARKS = {part: (int(section["items"]), int(section["marks_each"])) for part, section in SECTIONS.items()}  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a person brought in a part: marks by question, or a status word in place of them."""

    number: str
    marks: Sequence[int] = ()
    status: str = ""
    name: str = ""
    document: str = ""


def whole(part: str, total: int, number: str, **words: str) -> Sheet:
    """Return a sheet that comes to these marks, question after question."""
    n, each = MARKS[part]
    left, marks = total, []
    for _ in range(n):
        marks.append(min(each, left) if part != "theory" else each * (left >= each))
        left -= marks[-1]
    assert not left, "such a total cannot be had"
    return Sheet(number, tuple(marks), **words)


def workspace_at(root: Path, language: str = "en") -> Workspace:
    """Return a workspace with the bank and a paper a part."""
    write_text(root / "qbank.yaml", f"language: {language}\n")
    write_text(root / "bank" / "bank.yaml", "bank: small\ntitle: 小题库\nlanguage: zh\nstandard: standard.yaml\n")
    write_text(root / "bank" / "standard.yaml", STANDARD)
    items = "".join(text.format(n=n, key="ABCD"[n % 4]) for part, text in QUESTIONS.items() for n in range(MARKS[part][0]))
    defaults = "defaults: {level: 4, status: live, grade: 3, cognitive: apply, seconds: 30}\n"
    write_text(root / "bank" / "items" / "a.yaml", f"{defaults}items:\n{items}")
    workspace = Workspace(root, language, str(root / "ledger.db"))  # type: ignore[arg-type]
    for part, section in SECTIONS.items():
        blueprint = {
            "blueprint": part, "bank": "../bank", "level": 4, "forms": 1, "minutes": 60, "marks": 100, "cut": 60, "seed": 1,
            "sections": [section],
        }  # fmt: skip
        write_text(root / "blueprints" / f"{part}.yaml", yaml.safe_dump(blueprint, allow_unicode=True))
        made, problems = assemble_papers(root / "blueprints" / f"{part}.yaml", workspace, as_of="2026-11-23")
        assert made is not None and not has_errors(problems), problems
    return workspace


def sat(workspace: Workspace, part: str, sheets: Sequence[Sheet], *, id: str = "") -> str:
    """Add a sitting of a part and return its id; a theory question is right with its marks, else wrong."""
    path = min((workspace.root / "forms" / part).glob("*.yaml"))
    form, _ = read_form(path)
    assert form is not None
    places = [place.id for place in answer_places(form)]
    out = io.StringIO()
    writer = csv.writer(out)
    documents = any(sheet.document for sheet in sheets)
    writer.writerow(["person", "name", *(["document"] if documents else []), "form", "status", *places])
    for sheet in sheets:
        cells = [_answer(item, mark) for item, mark in zip(places, sheet.marks, strict=False)] or [""] * len(places)
        writer.writerow([sheet.number, sheet.name, *([sheet.document] if documents else []), form.id, sheet.status, *cells])
    write_text(workspace.root / f"{id or part}.csv", out.getvalue())
    done, problems = add_responses(
        workspace.root / f"{id or part}.csv", (path.parent,), workspace, id=id or part, date="2026-11-23", design="none"
    )
    assert done is not None and not has_errors(problems), problems
    return id or part


def _answer(item: str, mark: int) -> str:
    kind, _, n = item.partition("-")
    return str(mark) if kind != "T" else "ABCD"[int(n) % 4 if mark else (int(n) + 1) % 4]


def released(workspace: Workspace, *ids: str) -> None:
    """Bring sittings through the gate as small ones go through it."""
    for id in ids:
        with mock.patch.object(analyse, "write_report", lambda *_: ()):
            _, problems = analyse.analyse_sitting(id, workspace, into=workspace.root / "reports" / id)
        assert not has_errors(problems), problems
        pass_by_hand(id, "keys", workspace, why="checked", who="wang")
        run_scoring(id, workspace)
        for stage in ("calibrated", "released"):
            _, problems = pass_by_hand(id, stage, workspace, why="small sitting", who="wang")  # type: ignore[arg-type]
            assert not problems, problems


def drawn(n: int, *, seed: int, correlation: float = 0.6) -> dict[str, list[Sheet]]:
    """Return sheets of n persons in all three parts whose abilities correlate."""
    rng = np.random.default_rng(seed)
    shape = np.full((3, 3), correlation) + np.eye(3) * (1 - correlation)
    ability = rng.standard_normal((n, 3)) @ np.linalg.cholesky(shape).T + 0.9
    sheets: dict[str, list[Sheet]] = {}
    for j, (part, (n_items, each)) in enumerate(MARKS.items()):
        share = 1 / (1 + np.exp(-(ability[:, [j]] - rng.normal(0, 0.6, n_items))))
        marks = (rng.random(share.shape) < share) * each if part == "theory" else rng.binomial(each, share)
        sheets[part] = [
            Sheet(f"{26110001 + row}", tuple(marks[row].tolist()), name=f"考生{row + 1}", document=f"D{row + 1:05d}") for row in range(n)
        ]
    return sheets
