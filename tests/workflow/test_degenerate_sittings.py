"""Whatever a sitting is like, `analyse` gives its tier's report whole: every file, flagged rows, no NaN, no exception.

The bank, its papers and the ledger are made once; each case is a sitting of its own in them, its persons strangers to the
others. Pictures and PDF are left out (tests/report draws them).
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qbank.core.analysis_rules import AnalysisRules, FlagRules, PersonsRules
from qbank.core.form import answer_places
from qbank.files.cache import FOLDER_VARIABLE
from qbank.files.disk import write_text
from qbank.files.forms import read_form
from qbank.files.interchange.usage import NAMESPACE
from qbank.ledger import undecided_items
from qbank.problem import has_errors
from qbank.workflow import analysed_report
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.calibration import calibrate_sitting
from qbank.workflow.papers import assemble_papers
from qbank.workflow.review_queue import review_queue
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace, find_workspace
from tests.files.interchange.test_usage import schema

DAY = "2026-11-23"
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



N_SINGLE, N_RATED = 16, 4
Sections = tuple[tuple[str, str, int, int], ...]
PAPERS: dict[str, tuple[int, Sections]] = {
    "usual": (1, (("单选题", "single", 8, 1),)),
    "item": (1, (("单选题", "single", 1, 1),)),
    "two": (2, (("单选题", "single", 8, 1),)),
    "halves": (1, (("单选题", "single", 4, 1), ("单选题二", "single", 4, 1))),
    "rated": (1, (("简答题", "short", 4, 5),)),
    "rubric": (1, (("简答题", "short", 1, 5),)),
    "mixed": (1, (("单选题", "single", 6, 1), ("简答题", "short", 2, 5))),
}
"""blueprint → how many papers, and their sections: title, kind, items, marks each"""
Answer = Callable[[int, int, random.Random], str]


def usual(person: int, item: int, rng: random.Random) -> str:
    return "A" if rng.random() < 0.4 + person % 5 / 10 else "B"


def always(word: str) -> Answer:
    return lambda person, item, rng: word


def marks(person: int, item: int, rng: random.Random) -> str:
    return str(rng.randint(0, 5))


@dataclass(frozen=True, slots=True)
class Sitting:
    """n : persons ; answer : (person, item, rng) → what is written ; columns : group columns, a word a person ; sat : how many
    of the papers somebody sat ; calibrated : the papers' items have parameters of an earlier sitting"""

    n: int
    answer: Answer = usual
    columns: tuple[tuple[str, Callable[[int], str]], ...] = (("site", lambda person: "甲" if person % 2 else "乙"),)
    paper: str = "usual"
    sat: int = 1
    design: str = "none"
    status: Callable[[int], str] = lambda person: ""
    calibrated: bool = False


SITTINGS: dict[str, Sitting] = {
    "one person": Sitting(1),
    "one item": Sitting(40, paper="item"),
    "one person, one item": Sitting(1, paper="item"),
    "all right": Sitting(120, always("A")),
    "all wrong": Sitting(40, always("C")),
    "everything omitted": Sitting(40, always("")),
    "all totals alike": Sitting(120, lambda person, item, rng: "A" if item % 2 == person % 2 else "B"),
    "two totals only": Sitting(120, lambda person, item, rng: "A" if person % 2 else "B"),
    "one person differs": Sitting(120, lambda person, item, rng: "A" if person else "B"),
    "a constant group": Sitting(220, lambda person, item, rng: "A" if person % 2 else rng.choice("AB")),
    "one group": Sitting(40, columns=(("site", lambda person: "甲"),)),
    "no column of groups": Sitting(9, columns=()),
    "nobody in a group": Sitting(12, columns=(("site", lambda person: ""),)),
    "a group of one person": Sitting(60, columns=(("site", lambda person: "甲" if person else "乙"),)),
    "groups of one person": Sitting(12, columns=(("site", lambda person: f"站{person}"),)),
    "a section without variance": Sitting(120, lambda person, item, rng: "A" if item < 4 else rng.choice("AB"), paper="halves"),
    "a section that all left out": Sitting(120, lambda person, item, rng: "" if item >= 4 else rng.choice("AB"), paper="halves"),
    "an item that everybody left out": Sitting(40, lambda person, item, rng: "" if item == 3 else rng.choice("AB")),
    "an item of which every answer is void": Sitting(40, lambda person, item, rng: "作废" if item == 3 else rng.choice("AB")),
    "nobody chose the key": Sitting(120, lambda person, item, rng: rng.choice("BC") if item == 3 else rng.choice("AB")),
    "two papers, one of which nobody sat": Sitting(40, paper="two", design="spiralled"),
    "two papers": Sitting(60, paper="two", sat=2, design="spiralled"),
    "two papers, all right": Sitting(240, always("A"), paper="two", sat=2, design="spiralled"),
    "two papers and no common item": Sitting(60, paper="two", sat=2, design="anchor"),
    "two papers of one person each": Sitting(2, paper="two", sat=2, design="spiralled"),
    "rubric marks only": Sitting(40, marks, paper="rated"),
    "no rubric marks": Sitting(40, always("0"), paper="rated"),
    "full rubric marks": Sitting(30, always("5"), paper="rated"),
    "one rubric": Sitting(12, marks, paper="rubric"),
    "two kinds": Sitting(120, lambda person, item, rng: usual(person, item, rng) if item < 6 else marks(person, item, rng), paper="mixed"),
    "nobody present": Sitting(12, status=lambda person: "absent"),
    "all withheld": Sitting(12, status=lambda person: "withheld"),
    "all void": Sitting(12, status=lambda person: "void"),
    "one person left": Sitting(12, status=lambda person: ("absent", "void", "withheld")[person % 3] if person else ""),
    "calibrated, one person": Sitting(1, calibrated=True),
    "calibrated, all right": Sitting(40, always("A"), calibrated=True),
    "calibrated, all wrong": Sitting(30, always("C"), calibrated=True),
    "calibrated, nobody present": Sitting(3, status=lambda person: "absent", calibrated=True),
    **{f"{n} persons": Sitting(n) for n in (2, 9, 10, 12, 29, 30, 99, 100, 200)},
}
"""name → what sat; each gets a report"""


@dataclass(frozen=True, slots=True)
class Centre:
    """Two workspaces on the same papers: one whose ledger knows of nothing, one in which the usual paper was calibrated."""

    fresh: Workspace
    calibrated: Workspace
    forms: dict[str, list[tuple[str, list[str]]]]


@pytest.fixture(scope="module", autouse=True)
def texts_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the same few stems be made into pages once, and what is read be kept in a folder of this module's own."""
    made: dict[tuple[str, ...], Any] = {}
    convert = analysed_report._rich
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        patch.setattr(analysed_report, "_rich", lambda texts, language: made.get(tuple(texts)) or made.setdefault(tuple(texts), convert(texts, language)))
        yield


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """Return the centre: its bank and papers as its clerks write and assemble them."""
    root = tmp_path_factory.mktemp("centre")
    singles = "".join(SINGLE.format(n=n, competency="AB"[n % 2] + "-001") for n in range(N_SINGLE))
    rated = "".join(RATED.format(n=n) for n in range(N_RATED))
    write_text(root / "qbank.yaml", "language: zh\n")
    write_text(root / "banks" / "small" / "bank.yaml", BANK)
    write_text(root / "banks" / "small" / "standard.yaml", STANDARD)
    head = "defaults: {level: 1, status: live, grade: 3, cognitive: apply, seconds: 30}\nitems:\n"
    write_text(root / "banks" / "small" / "items" / "a.yaml", f"{head}{singles}{rated}")
    workspace, _ = find_workspace(root)
    for name, (n_forms, sections) in PAPERS.items():
        write_text(root / "blueprints" / f"{name}.yaml", blueprint(name, n_forms, sections))
        made, problems = assemble_papers(root / "blueprints" / f"{name}.yaml", workspace, as_of=DAY)
        assert made is not None and not has_errors(problems), problems
    forms = {name: forms_of(root / "forms" / name) for name in PAPERS}
    known = Workspace(root, "zh", str(root / "known.db"))
    centre = Centre(workspace, known, forms)
    sat(centre, known, "before", Sitting(220))
    fitted, problems = calibrate_sitting("before", known, model="rasch")
    assert fitted is not None, problems
    return centre


def blueprint(name: str, n_forms: int, sections: Sections) -> str:
    whole = sum(n * each for _, _, n, each in sections)
    rows = [{"title": title, "kind": kind, "items": n, "marks_each": each} for title, kind, n, each in sections]
    written = {
        "blueprint": name, "bank": "../banks/small", "level": 1, "forms": n_forms, "minutes": 30, "marks": whole,
        "cut": max(1, round(0.6 * whole)), "seed": 1, "sections": rows,
    }  # fmt: skip
    return json.dumps(written, ensure_ascii=False)


def forms_of(folder: Path) -> list[tuple[str, list[str]]]:
    """Return each paper's id and its items in their order."""
    read = [read_form(path)[0] for path in sorted(folder.glob("*.yaml"))]
    return [(form.id, [place.id for place in answer_places(form)]) for form in read if form is not None]


def sat(centre: Centre, workspace: Workspace, id: str, sitting: Sitting) -> None:
    """Write the answers as a centre's system writes them, a row a person and a column an item, and take them in."""
    papers = centre.forms[sitting.paper]
    rng = random.Random(5)
    names = list(dict.fromkeys(name for _, items in papers for name in items))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["person", "form", "status", *(name for name, _ in sitting.columns), *names])
    for person in range(sitting.n):
        form, items = papers[person % sitting.sat]
        cells = {name: sitting.answer(person, place, rng) for place, name in enumerate(items)}
        groups = [word(person) for _, word in sitting.columns]
        writer.writerow([f"{id}-{person:04d}", form, sitting.status(person), *groups, *(cells.get(name, "") for name in names)])
    path = workspace.root / "in" / id / "answers.csv"
    write_text(path, out.getvalue())
    folder = workspace.root / "forms" / sitting.paper
    added, problems = add_responses(path, (folder,), workspace, id=id, date=DAY, design=sitting.design)
    assert added is not None, problems


def tables(block: Any) -> dict[str, Any]:
    """Return every table of a report's JSON by its name."""
    found = {block["name"]: block} if isinstance(block, dict) and block.get("type") == "table" else {}
    parts = block.values() if isinstance(block, dict) else block if isinstance(block, list) else ()
    for part in parts:
        found |= tables(part)
    return found


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} in JSON")


@pytest.mark.parametrize(("number", "name"), list(enumerate(SITTINGS)), ids=list(SITTINGS))
def test_every_sitting_gets_the_whole_report_of_its_tier(number: int, name: str, centre: Centre, tmp_path: Path) -> None:
    sitting, id = SITTINGS[name], f"s{number}"
    workspace = centre.calibrated if sitting.calibrated else centre.fresh
    sat(centre, workspace, id, sitting)
    done, problems = analyse_sitting(id, workspace, into=tmp_path)
    assert done is not None, problems
    for kind in ("html", "json", "xlsx"):
        assert (tmp_path / f"{id}.{kind}").stat().st_size > 1000
    page = (tmp_path / f"{id}.html").read_text("utf-8")
    assert not {"nan", "inf", "None"} & {cell.strip() for cell in page.replace("<", ">").split(">")}
    data = json.loads((tmp_path / f"{id}.json").read_text("utf-8"), parse_constant=refuse)
    found = tables(data)
    sheets = {path.stem for path in (tmp_path / "csv").iterdir()}
    assert sheets >= {"items", "withheld", "thresholds"} and set(found) <= sheets
    printed = {item for _, items in centre.forms[sitting.paper][: sitting.sat] for item in items}
    assert {row["item"] for row in found["items"]["rows"]} == printed
    n = sum(1 for person in range(sitting.n) if not sitting.status(person))
    there = {row["scope"]: row["n"] for row in found["withheld"]["rows"]}
    assert max(row["needs"] for row in found["withheld"]["rows"]) == 1000
    n_forms = PAPERS[sitting.paper][0]
    if n_forms == 1:
        assert {size for scope, size in there.items() if not scope.startswith("按")} == {n}
    unsat = sitting.sat < n_forms
    assert any(row["needs"] == 10 for row in found["withheld"]["rows"]) == (n / sitting.sat < 10 or unsat)
    flags = [flag for row in found["items"]["rows"] for flag in row["flags"]]
    if n / sitting.sat < 10:
        assert set(flags) <= {"suppressed", "no_data"}
        assert all(row["facility"] is None for row in found["items"]["rows"])
    usage = etree.parse(tmp_path / f"{id}-usage.xml").getroot()
    schema().assertValid(usage)
    assert sitting.calibrated or (len(usage) > 0) == (n / sitting.sat >= 10)
    people = usage.iterfind(f"{{{NAMESPACE}}}ordinaryStatistic")
    assert all(int(row.get("caseCount")) >= 10 for row in people)


def test_analyse_review_and_gate_hold_the_same_items_by_the_settings_of_the_bank(centre: Centre, tmp_path: Path) -> None:
    rules = AnalysisRules(
        persons=PersonsRules(options_only_below=12), flags=FlagRules(negative_below=0.5, low_discrimination_below=0.6), confidence=0.9,
    )  # fmt: skip
    workspace = replace(centre.fresh, database=str(tmp_path / "set.db"), analysis=rules)
    sat(centre, workspace, "set", Sitting(120))
    done, problems = analyse_sitting("set", workspace, into=tmp_path)
    assert done is not None, problems
    held = {item for item, (code, _) in done.held.items() if code == "negative"}
    assert held
    queue, _ = review_queue("set", workspace)
    assert queue is not None and {one.item for one in queue.reviews if "negative" in one.codes} == held
    assert queue.needs == 12 and all(one.confidence == 0.9 for one in queue.reviews)
    ledger = workspace.open()
    assert set(undecided_items(ledger, "set")) == set(done.held)
    ledger.close()
    found = tables(json.loads((tmp_path / "set.json").read_text("utf-8")))
    printed = {row["name"]: (row["limit"], row["default"], row["source"]) for row in found["thresholds"]["rows"]}
    assert printed["flags.negative_below"] == (0.5, 0.0, "本题库设定")
    assert printed["flags.too_easy_above"] == (0.95, 0.95, "")
