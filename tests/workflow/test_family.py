"""qbank family: a file from which everyone's paper follows, and nothing without the secret."""

from __future__ import annotations

import atexit
import csv
import functools
import json
import shutil
import tempfile
from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from qbank.assemble.family import design
from qbank.assemble.family.make import Wishes
from qbank.cli.family import summary
from qbank.core.form import form_items
from qbank.core.history import NO_HISTORY, History, logistic
from qbank.files.family import read_family
from qbank.messages import text
from qbank.problem import Problem, has_errors
from qbank.report.papers.tables import certificate_table
from qbank.report.papers.words import Side, papers_text
from qbank.workflow.audit import papers_meta
from qbank.workflow.bank import usable_bank
from qbank.workflow.family import Founded, found_family, give_papers, write_index
from qbank.workflow.gate import gate_of, pass_by_hand, release_problems
from qbank.workflow.papers import audit_papers
from qbank.workflow.printing import print_papers
from qbank.workflow.score_list import scores_table
from qbank.workflow.scoring import score_sitting
from qbank.workflow.simulate import simulate_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS

PLAN = """\
blueprint: small
title: 小卷
bank: ../banks/steelmaking
level: 4
forms: 1
minutes: 30
marks: 14
cut: 8
seed: 7
sections:
  - {title: 单项选择题, kind: single, items: 10, marks_each: 1}
  - {title: 判断题, kind: true_false, items: 4, marks_each: 1}
constraints:
  - count: {where: 'importance == "X"', min: 7}
  - count: {where: "grade >= 4", max: 6}
  - keys: {min: 25%, max: 75%}
  - sum: {of: seconds, max: 700}
  - overlap: {max: 0}
"""


def workspace_at(root: Path) -> Workspace:
    return Workspace(root, "zh", str(root / "ledger.db"))


def founded(root: Path, plan: str = PLAN, overlap: int = 3, persons: int = 0, **more: object) -> tuple[Founded | None, list[Problem]]:
    (root / "blueprints").mkdir(exist_ok=True)
    (root / "blueprints/small.yaml").write_text(plan, encoding="utf-8")
    wishes = Wishes(overlap, tolerance=0.2, score_tolerance=0.1, pilot=True, persons=persons)
    with mock.patch.multiple(design, FINALISTS=1, ROUNDS=2, TRANSLATED=100_000_000):  # how many papers there are is no matter here
        return found_family(root / "blueprints/small.yaml", workspace_at(root), wishes, as_of="2026-11-26", **more)  # type: ignore[arg-type]


@functools.cache
def prepared() -> Path:
    """Return a workspace with a family, made once a run and never written to again."""
    root = Path(tempfile.mkdtemp(prefix="qbank-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    shutil.copytree(CORPUS / "banks/steelmaking", root / "banks/steelmaking")
    with mock.patch("secrets.token_bytes", lambda n: bytes(range(n))):  # the same papers each time
        made, problems = founded(root)
    assert made is not None, problems
    assert [problem.code for problem in problems] == ["P605"]
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a copy of one's own."""
    shutil.copytree(prepared(), tmp_path / "own")
    return tmp_path / "own"


def file(root: Path) -> Path:
    return root / "families/small-1.family.json"


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def roster(root: Path, n: int, *, twice: bool = False) -> Path:
    path = root / "roster.csv"
    rows = [f"2026{k:04d},张{k},{1 + k // 20},{1 + k % 20}" for k in range(n)]
    path.write_text("准考证号,姓名,考场,座位\n" + "\n".join(rows + rows[:1] * twice) + "\n", encoding="utf-8")
    return path


def test_everyone_on_a_roster_has_a_paper_of_their_own_that_the_audit_accepts(root: Path) -> None:
    given, problems = give_papers(file(root), workspace_at(root), roster=roster(root, 25))
    assert not problems
    assert given is not None and given.roster is not None
    assert len(set(given.numbers)) == 25
    items = [{entry.id for entry in form_items(form)} for form in given.forms]
    assert {len(found) for found in items} == {14}
    assert max(len(one & other) for one, other in combinations(items, 2)) <= given.family.code.overlap <= 3
    audited, problems = audit_papers((root / "forms/small-1",), workspace_at(root))
    assert audited is not None
    assert not has_errors(problems)
    assert all(check.holds for check in audited.audit.checks)
    assert any(check.rule == "overlap: {max: 3}" for check in audited.audit.checks)
    table = certificate_table(Side(audited.audit, audited.forms, papers_meta(audited, "en"), partial(papers_text, "en"), "en"))
    shared = max(len(one & other) for one, other in combinations(items, 2))
    n = f"{len(audited.audit.checks):,}"
    assert [row[1:5] for row in table.rows] == [(given.family.code.overlap, shared, f"{n} / {n}", 0)]


def with_stimuli(root: Path, n: int, size: int) -> None:
    """Let so many items each of level 4 in the bank stand on one stimulus, for so many stimuli."""
    items = root / "banks/steelmaking/items/level-4"
    shutil.rmtree(items)  # a copy of one's own in place of what other workspaces link to
    shutil.copytree(CORPUS / "banks/steelmaking/items/level-4", items)
    bank, _ = usable_bank(root / "banks/steelmaking")
    assert bank is not None
    single = [id for id, item in bank.items.items() if item.level == 4 and item.kind == "single" and item.status == "live"]
    on = {id: f"ST-{k // size + 1}" for k, id in enumerate(single[: n * size])}
    for path in items.glob("*.yaml"):
        lines = path.read_text("utf-8").splitlines()
        ids = [line.partition("- id: ")[2] for line in lines]
        added = [[line, f"    stimulus: {on[id]}"] if id in on else [line] for line, id in zip(lines, ids, strict=True)]
        path.write_text("\n".join(line for pair in added for line in pair) + "\n", "utf-8")
    stimuli = "".join(f"  - {{id: ST-{k + 1}, text: 第 {k + 1} 炉的记录。}}\n" for k in range(n))
    (items / "stimuli.yaml").write_text(f"stimuli:\n{stimuli}items: []\n", "utf-8")


def test_questions_on_one_stimulus_stand_together_on_every_paper_of_a_family(root: Path) -> None:
    with_stimuli(root, 20, 4)
    plan = PLAN.replace("small", "sets").replace("  - sum: {of: seconds, max: 700}\n", "  - sets: {items: 3-4, number: 2}\n")
    made, problems = founded(root, plan.replace("number: 2", "number: 4"), overlap=5)
    assert made is None and codes(problems) == ["P611"]
    made, problems = founded(root, plan, overlap=5)
    assert made is not None and codes(problems) == ["P605"]
    family = made.family
    assert [slot.size for slot in family.slots] == [1] * 8 + [3] * 2
    assert (family.length, read_family(made.path)[0]) == (14, family)
    assert "size" not in json.loads(made.path.read_text("utf-8"))["slots"][0]
    assert "sets: {items: 3-4, number: 2}" in family.proven
    assert "任两份最多共用 5 题" in "".join(summary(family, "zh"))
    given, problems = give_papers(made.path, workspace_at(root), persons=[f"{k}" for k in range(12)])
    assert given is not None, problems
    items = [{entry.id for entry in form_items(form)} for form in given.forms]
    assert max(len(one & other) for one, other in combinations(items, 2)) <= family.overlap <= 5
    audited, problems = audit_papers((root / "forms/sets-1",), workspace_at(root))
    assert audited is not None and not has_errors(problems)
    assert all(check.holds for check in audited.audit.checks)
    assert {check.found for check in audited.audit.checks if check.rule.startswith("sets") and "ST-" in check.rule} == {3.0}
    n, _ = write_index(made.path, workspace_at(root), 5, root / "index.csv")
    lines = [line.split(",") for line in (root / "index.csv").read_text("utf-8").splitlines()]
    assert n == 5 and lines[0][8:12] == ["slot8", "slot9-1", "slot9-2", "slot9-3"]
    assert all(len(set(line[1:])) == 14 for line in lines[1:])


def test_the_written_roster_names_each_paper_and_prints_a_room(root: Path) -> None:
    given, _ = give_papers(file(root), workspace_at(root), roster=roster(root, 3))
    assert given is not None and given.roster is not None
    with given.roster.open(encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["form"] for row in rows] == [f"small-1-{number}" for number in given.numbers]
    files, problems = print_papers((root / "forms/small-1",), workspace_at(root), to="json", into=root / "out", roster=None)
    assert not has_errors(problems)
    assert len(files) >= 3


def test_the_same_person_has_the_same_paper_whoever_else_is_listed(root: Path) -> None:
    alone, _ = give_papers(file(root), workspace_at(root), persons=("20260002",), into=root / "a")
    among, _ = give_papers(file(root), workspace_at(root), roster=roster(root, 9), into=root / "b")
    assert alone is not None and among is not None
    assert alone.numbers[0] == among.numbers[2]


def test_another_secret_gives_other_papers(root: Path) -> None:
    (root / "k").write_text("ab" * 32, encoding="ascii")
    made, _ = founded(root, series="2", secret=root / "k")
    assert made is not None
    first, _ = give_papers(file(root), workspace_at(root), persons=("1", "2", "3"))
    second, _ = give_papers(made.path, workspace_at(root), persons=("1", "2", "3"), secret=root / "k")
    assert first is not None and second is not None
    assert first.family.slots == second.family.slots
    assert first.numbers != second.numbers


def test_a_wrong_or_missing_secret_gives_nothing(root: Path) -> None:
    (root / "wrong").write_text("cd" * 32, encoding="ascii")
    assert codes(give_papers(file(root), workspace_at(root), persons=("1",), secret=root / "wrong")[1]) == ["F604"]
    (root / "wrong").write_text("no hexadecimal", encoding="ascii")
    assert codes(give_papers(file(root), workspace_at(root), persons=("1",), secret=root / "wrong")[1]) == ["F614"]
    assert codes(give_papers(file(root), workspace_at(root), persons=("1",), secret=root / "none")[1]) == ["F603"]
    assert not (root / "forms").exists()


def test_a_family_file_edited_by_hand_is_refused(root: Path) -> None:
    written = json.loads(file(root).read_text("utf-8"))
    for key, value in (("pilot", False), ("asked_overlap", 1)):
        file(root).write_text(json.dumps(written | {key: value}, ensure_ascii=False), encoding="utf-8")
        assert codes(read_family(file(root))[1]) == ["F602"]
    slots = [dict(slot) for slot in written["slots"]]
    slots[0]["ids"] = [slots[1]["ids"][0], *slots[0]["ids"][1:]]
    file(root).write_text(json.dumps(written | {"slots": slots}, ensure_ascii=False), encoding="utf-8")
    assert codes(give_papers(file(root), workspace_at(root), persons=("1",))[1]) == ["F602"]
    for wrong in ("", "[]", "{}", "\x00", json.dumps({"format": 9, "digest": ""})):
        file(root).write_text(wrong, encoding="utf-8")
        assert codes(read_family(file(root))[1]) == ["F601"]


def test_two_persons_with_one_number_are_told_and_nothing_is_written(root: Path) -> None:
    given, problems = give_papers(file(root), workspace_at(root), roster=roster(root, 5, twice=True))
    assert given is None
    assert has_errors(problems)
    assert not (root / "forms").exists()


def test_a_number_that_is_no_paper_names_the_rule_and_the_next_one(root: Path) -> None:
    given, problems = give_papers(file(root), workspace_at(root), numbers=tuple(range(30)))
    assert given is None
    assert set(codes(problems)) <= {"F609", "F613"}, "a rule is broken, or an item is missing"
    assert all("slot" not in dict(problem.facts).get("rule", "") for problem in problems)
    near = [dict(problem.facts)["near"] for problem in problems]
    given, problems = give_papers(file(root), workspace_at(root), numbers=tuple(dict.fromkeys(map(int, near))))
    assert given is not None and not problems
    assert codes(give_papers(file(root), workspace_at(root), numbers=(10**30,))[1]) == ["F608"]
    assert codes(give_papers(file(root), workspace_at(root), persons=("", " "))[1]) == ["F612", "F612"]


def test_an_item_that_is_retired_stands_on_no_paper_any_more(root: Path) -> None:
    before, _ = give_papers(file(root), workspace_at(root), persons=("7",), into=root / "a")
    assert before is not None
    gone = form_items(before.forms[0])[0].id
    for path in (root / "banks/steelmaking/items").rglob("*.yaml"):
        written = path.read_text("utf-8")
        if f"id: {gone}\n" in written:
            path.write_text(written.replace(f"id: {gone}\n", f"id: {gone}\n    status: retired\n"), encoding="utf-8")
    after, problems = give_papers(file(root), workspace_at(root), persons=("7",), into=root / "b")
    assert codes(problems) == ["F607"]
    assert after is not None
    assert gone not in {entry.id for entry in form_items(after.forms[0])}


def test_a_changed_blueprint_needs_a_new_family(root: Path) -> None:
    (root / "blueprints/small.yaml").write_text(PLAN.replace("cut: 8", "cut: 9"), encoding="utf-8")
    assert "F606" in codes(give_papers(file(root), workspace_at(root), persons=("1",))[1])


def test_a_family_is_never_overwritten(root: Path) -> None:
    before = file(root).read_bytes()
    assert codes(founded(root)[1]) == ["F605"]
    assert file(root).read_bytes() == before


def test_a_pilot_for_so_many_persons_uses_only_items_that_get_enough_answers(root: Path) -> None:
    made, problems = founded(root, overlap=9, persons=900, series="pilot")
    assert made is not None and made.answers is not None, problems
    rows = np.array(made.family.code.listed)
    assert len(rows) >= 900
    answers = [n for column in rows.T for n in np.bincount(column)]
    assert made.family.n_items == len(answers) == 42
    assert min(answers) * 900 / len(rows) >= made.answers.least >= 200


def test_too_few_persons_for_a_pilot_are_told_how_many_it_takes(root: Path) -> None:
    made, problems = founded(root, overlap=9, persons=300, series="pilot")
    assert made is None
    [problem] = [problem for problem in problems if problem.severity == "error"]
    assert problem.code == "P612"
    assert dict(problem.facts)["needed"] == "576"


def test_a_family_that_counts_needs_answers_behind_every_item(root: Path) -> None:
    made, problems = found_family(
        root / "blueprints/small.yaml", workspace_at(root), Wishes(3, tolerance=0.2, score_tolerance=0.1), series="c",
        as_of="2026-11-26",
    )  # fmt: skip
    assert made is None
    assert codes(problems) == ["P604"]


def test_too_small_a_bank_says_what_overlap_it_supports_and_what_to_write(root: Path) -> None:
    made, problems = founded(root, overlap=0, at_least=500, series="n")
    assert made is None
    assert codes(problems)[0] == "P601"
    best = int(dict(problems[0].facts)["best"])
    assert codes(problems)[1:] == ["P615"], "no items that could be written would do"
    made, problems = founded(root, overlap=best, at_least=500, series="n")
    assert made is not None, problems


def test_a_tolerance_that_nobody_meets_names_the_rule(root: Path) -> None:
    plan = PLAN.replace("max: 700", "max: 60")
    made, problems = founded(root, plan=plan, series="t")
    assert made is None
    assert [code for code in codes(problems) if code in ("P602",)] or has_errors(problems)


@pytest.mark.parametrize("rule", ["anchor: {items: 2}", 'pretest: {section: 单项选择题, items: 1}'])
def test_rules_that_no_family_keeps_are_refused_by_name(root: Path, rule: str) -> None:
    made, problems = founded(root, plan=PLAN + f"  - {rule}\n", series="r")
    assert made is None
    assert has_errors(problems)


def test_an_index_lists_the_first_papers_by_number(root: Path) -> None:
    n, problems = write_index(file(root), workspace_at(root), 200, root / "index.csv")
    assert not problems and n == 200
    with (root / "index.csv").open(encoding="utf-8") as opened:
        rows = list(csv.reader(opened))
    assert len(rows) == 201 and len(rows[0]) == 15
    given, _ = give_papers(file(root), workspace_at(root), numbers=(int(rows[9][0]),))
    assert given is not None
    assert {entry.id for entry in form_items(given.forms[0])} == set(rows[9][1:])


def question_ids(root: Path) -> set[str]:
    """Return the questions of the blueprint's kinds at its level."""
    bank, _ = usable_bank(root / "banks/steelmaking")
    assert bank is not None
    kinds = ("single", "true_false")
    return {item.id for item in bank.items.values() if item.level == 4 and item.status == "live" and item.kind in kinds}


def test_a_family_after_another_uses_what_that_one_left_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(design, "candidate_orders", lambda _: (16,))  # slots for 160 of the 295 questions
    easy = PLAN.replace("kind: single,", "kind: single, where: grade <= 3,")
    first, _ = founded(root, plan=easy, series="easy")
    assert first is not None
    plan = PLAN.replace("items: 10", "items: 6").replace("marks: 14", "marks: 10")
    after, _ = founded(root, plan=plan, series="3", after=(first.path,))
    assert after is not None
    used, led = ({id for slot in family.slots for id in slot.ids if id} for family in (first.family, after.family))
    left = question_ids(root) - used
    assert len(left) > 50 and len(led) == 160 and led >= left


def test_a_sitting_of_pilot_papers_calibrates_and_is_never_released(root: Path) -> None:
    given, _ = give_papers(file(root), workspace_at(root), roster=roster(root, 40))
    assert given is not None
    bank, _ = usable_bank(root / "banks/steelmaking")
    assert bank is not None
    simulated = simulate_sitting(
        given.forms, bank, n_persons=40, seed=3, into=root / "sittings/p", sitting="p", date="2026-12-01"
    )
    added, problems = add_responses(simulated.responses, (root / "forms/small-1",), workspace_at(root), id="p")
    assert added is not None, problems
    _, problems = pass_by_hand("p", "released", workspace_at(root), why="w", who="x")
    assert codes(problems) == ["H117"]
    assert dict(problems[0].facts)["family"] == "small-1"
    assert codes(release_problems("p", workspace_at(root))) == ["H117"]
    gate, _ = gate_of("p", workspace_at(root))
    assert gate is not None
    assert [state.stage for state in gate.stages if state.obstacle and state.obstacle.reason == "pilot"] == ["released"]
    scored, _ = score_sitting("p", workspace_at(root))
    assert scored is not None
    _, rows = scores_table(scored, 1, "zh")
    assert {row[-1] for row in rows} == {text("zh", "result.pilot", number=1)}


def test_items_that_the_able_do_worse_on_are_left_out_with_a_warning(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, _ = usable_bank(root / "banks/steelmaking")
    assert bank is not None
    ids = sorted(question_ids(root))
    slopes = {id: -0.3 if n < 9 else 1.0 for n, id in enumerate(ids)}

    def calibrated() -> History:
        prints = bank.fingerprints
        return replace(NO_HISTORY, estimates={
            prints[id]: logistic(prints[id], "2pl", "s", a, 0.0, 0.1, 0.1, 400, "S") for id, a in slopes.items()
        })  # fmt: skip

    monkeypatch.setattr("qbank.workflow.family.history_of", lambda *_: calibrated())
    made, problems = founded(root, series="f")
    assert made is not None, problems
    assert codes(problems) == ["P614", "P605"]
    facts = dict(problems[0].facts)
    assert facts["n"] == "9" and facts["items"].startswith(f"{ids[0]} (a = -0.30, S), ") and facts["items"].endswith(", …")
    assert not {id for slot in made.family.slots for id in slot.ids} & set(ids[:9])
    slopes |= dict.fromkeys(ids[:-20], -0.3)
    made, problems = founded(root, series="g")
    assert made is None
    assert codes(problems)[:1] == ["P614"] and set(codes(problems)) & {"P601", "P606", "P608"} and "P150" not in codes(problems)
