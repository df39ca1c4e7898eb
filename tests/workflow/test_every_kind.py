"""A bank with every kind of item, from blueprint to marks that were counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.cli.__main__ import main
from qbank.core.form import Form, FormItem, answer_names, answer_places, form_items
from qbank.core.item import seen_part
from qbank.files.disk import write_text
from qbank.files.forms import form_text, parse_form
from qbank.kinds import KINDS
from qbank.kinds.presentation import present_paper
from qbank.messages import problem_hint, problem_message
from qbank.problem import Problem
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.calibration import calibrate_sitting
from qbank.workflow.decide import decide
from qbank.workflow.papers import Assembled, assemble_papers, audit_papers, bank_of
from qbank.workflow.rekeying import Asked
from qbank.workflow.score_list import scores_table
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.simulate import simulate_sitting
from qbank.workflow.sitting import add_responses, sitting_bank
from qbank.workflow.workspace import Workspace
from tests.files.sound import ITEMS, KIND_ITEMS, SOUND, write_bank
from tests.workflow.places import read_table, write_table

DATE = "2026-11-25"
BLUEPRINT = """\
blueprint: every
bank: ../banks/tiny
level: 4
minutes: 60
marks: 38.5
cut: 20
sections:
  - {title: 单选, kind: single, items: 1, marks_each: 1}
  - {title: 多选, kind: multiple, items: 1, marks_each: 1}
  - {title: 判断, kind: true_false, items: 1, marks_each: 0.5}
  - {title: 填空, kind: fill, items: 1, marks_each: 2}
  - {title: 计算, kind: numeric, items: 2, marks_each: 2}
  - {title: 匹配, kind: matching, items: 1, marks_each: 1}
  - {title: 排序, kind: ordering, items: 1, marks_each: 1}
  - {title: 案例, kind: case, items: 1, marks_each: 4}
  - {title: 简答, kind: short, items: 1, marks_each: 4}
  - {title: 论述, kind: essay, items: 1, marks_each: 10}
  - {title: 操作, kind: task, items: 1, marks_each: 10}
"""


def workspace_with(root: Path, *, status: str = "live", blueprint: str = BLUEPRINT) -> Workspace:
    files = {
        name: text.replace("defaults: {", f"defaults: {{status: {status}, ", 1) if name.startswith("items/") else text
        for name, text in {**SOUND, "items/a.yaml": ITEMS, "items/kinds.yaml": KIND_ITEMS}.items()
        if isinstance(text, str)
    }
    write_bank(root / "banks" / "tiny", files)
    write_text(root / "blueprints" / "every.yaml", blueprint)
    return Workspace(root, "zh", str(root / "ledger.db"))


def assembled(workspace: Workspace) -> tuple[Assembled | None, list[Problem]]:
    return assemble_papers(workspace.root / "blueprints" / "every.yaml", workspace, as_of=DATE)


def made(workspace: Workspace) -> Form:
    found, problems = assembled(workspace)
    assert found is not None, [problem_message(problem, "en") for problem in problems]
    return found.forms[0]


def printed(place: FormItem, letters: str) -> str:
    """Return the printed letters of original ones."""
    return "".join("ABCDEFGH"[place.order.index(letter)] for letter in letters)


def answers(form: Form) -> dict[str, dict[str, str]]:
    """Return by person what is written in each cell: everything right, a part of it, nothing."""
    at = {place.id: place for place in answer_places(form)}
    right = {
        "Q-1": printed(at["Q-1"], "A"), "K-1": "、".join(printed(at["K-1"], "CA")), "K-9": "错", "K-2": "氧化钙；３．２",
        "Q-3": "1680℃", "K-3": "42.8", "K-5": f"1-{printed(at['K-5'], 'B')} 2-{printed(at['K-5'], 'A')}",
        "K-6": "→".join(printed(at["K-6"], "CBA")), "K-7.1": printed(at["K-7.1"], "A"), "K-7.2": "3分", "K-4": "4", "K-10": "10",
        "K-8": "10",
    }  # fmt: skip
    partly = {
        "Q-1": printed(at["Q-1"], "B"),       # 0
        "K-1": printed(at["K-1"], "A"),       # half of 1, by subset
        "K-9": "×",                           # 0.5
        "K-2": "CaO；9",                      # 1 of 2
        "Q-3": "1953.15 K",                   # 2, in another unit
        "K-3": "50",                          # 0
        "K-5": f"1-{printed(at['K-5'], 'B')}",  # 0.5, one of two pairs
        "K-6": printed(at["K-6"], "BAC"),     # 0.5, one of two neighbours
        "K-7.1": printed(at["K-7.1"], "B"),   # 0
        "K-7.2": "1.5", "K-4": "2.5", "K-10": "7.5", "K-8": "8.5",
    }  # fmt: skip
    nothing = dict.fromkeys(right, "") | {"K-1": printed(at["K-1"], "AB"), "K-8": "否定"}
    return {"甲": right, "乙": partly, "丙": nothing}


MARKS = {
    "甲": [1, 1, 0.5, 2, 4, 1, 1, 4, 4, 10, 10, 38.5],
    "乙": [0, 0.5, 0.5, 1, 2, 0.5, 0.5, 1.5, 2.5, 7.5, 8.5, 25],
    "丙": [0] * 12,
}


def sat(workspace: Workspace, form: Form, *, by_number: bool = False, id: str = "S") -> ScoredSitting:
    names = dict(zip((place.id for place in answer_places(form)), answer_names(form), strict=True))
    cells = answers(form)
    header = ["person", *((names[item] if by_number else item) for item in names)]
    rows = [[person, *(row[item] for item in names)] for person, row in cells.items()]
    path = write_table(workspace.root / "answers" / f"{id}.csv", header, rows)
    added, problems = add_responses(path, (workspace.forms / "every",), workspace, id=id, date=DATE)
    assert added is not None, [problem_message(problem, "en") for problem in problems]
    found, problems = score_sitting(id, workspace)
    assert found is not None and not problems
    return found


@pytest.mark.parametrize("by_number", [False, True])
def test_marks_of_every_kind_are_those_counted_by_hand(tmp_path: Path, by_number: bool) -> None:
    workspace = workspace_with(tmp_path)
    form = made(workspace)
    assert {entry.kind for entry in form_items(form)} == set(KINDS)
    header, rows = scores_table(sat(workspace, form, by_number=by_number), 0, "zh")
    first = header.index("单选")
    assert {str(row[0]): row[first : first + 12] for row in rows} == MARKS


def test_parts_of_a_case_have_numbers_of_their_own(tmp_path: Path) -> None:
    assert answer_names(made(workspace_with(tmp_path)))[8:12] == ("9.1", "9.2", "10", "11")


def test_a_paper_with_every_kind_is_read_back_as_it_was_and_holds_in_the_audit(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    form = made(workspace)
    assert parse_form(form_text(form), "x") == (form, [])
    audited, problems = audit_papers((workspace.forms / "every",), workspace)
    assert audited is not None and all(check.holds for check in audited.audit.checks) and not problems
    source = form_text(form)
    for old, new in (("kind: short, fingerprint", "kind: essay, fingerprint"), ("marks: 3.0", "marks: 2.5")):
        assert source.count(old) == 1
        changed, wrong = parse_form(source.replace(old, new), "x")
        assert changed is None and [problem.code for problem in wrong] == ["F101"], old


def test_a_paper_shows_prompts_parts_rubrics_lines_and_the_task(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    form = made(workspace)
    bank, _ = bank_of(form, workspace)
    assert bank is not None
    paper, problems = present_paper(form, bank)
    assert paper is not None and not problems
    shown = {question.item: question for section in paper.sections for question in section.questions}
    places = {place.id: place for place in answer_places(form)}
    assert shown["K-5"].prompts == (("1", "硫"), ("2", "磷"))
    assert shown["K-5"].answer == f"1-{printed(places['K-5'], 'B')} 2-{printed(places['K-5'], 'A')}"
    assert sorted(shown["K-1"].answer) == sorted(printed(places["K-1"], "AC"))
    assert shown["K-2"].answer == "CaO；3" and shown["K-9"].answer == "× 硫引起热脆。" and shown["K-3"].answer == "42.8 kg/t（±1%）"
    assert [(point.text, point.marks) for point in shown["K-4"].guide] == [("水汽化", 2), ("爆炸", 2)]
    assert shown["K-4"].answer == "水遇钢水汽化，会爆炸。" and shown["K-4"].n_lines == 4 and shown["K-10"].n_lines == 12
    parts = shown["K-7"].parts
    assert [(part.item, part.number, part.kind, part.marks) for part in parts] == [
        ("K-7.1", 1, "single", 1.0), ("K-7.2", 2, "short", 3.0)]  # fmt: skip
    assert parts[0].answer == printed(places["K-7.1"], "A") and dict(parts[0].options)[parts[0].answer] == "提枪"
    assert parts[0].stem == "应（　　）。" and shown["K-8"].answer == ""
    task = shown["K-8"].task
    assert task is not None and task.minutes == 20 and task.vetoes == ("违反安全规程",) and task.steps[0].deductions[0].marks == 4
    instructions = {section.title: section.instruction for section in paper.sections}
    assert "少选得一半分" in instructions["多选"] and "相邻" in instructions["排序"]


def test_a_part_of_several_letters_says_how_it_is_answered_and_what_it_earns(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    file = tmp_path / "banks" / "tiny" / "items" / "kinds.yaml"
    part = "- kind: multiple\n        credit: share\n        stem: 应（　　）。\n        marks: 1\n        options: {A: 提枪, B: 降枪, C: 停氧}\n        key: [A, C]"
    old = "- kind: single\n        stem: 应（　　）。\n        marks: 1\n        options: {A: 提枪, B: 降枪}\n        key: A"
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, part), "utf-8")
    form = made(workspace)
    bank, _ = bank_of(form, workspace)
    assert bank is not None
    paper, _ = present_paper(form, bank)
    assert paper is not None
    (case,) = (question for section in paper.sections for question in section.questions if question.parts)
    assert case.parts[0].stem == "（多选题。多选、错选不得分，少选按选对的个数得分。）应（　　）。"


def test_answers_that_earn_a_part_are_analysed_and_calibrated_in_steps(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    form = made(workspace)
    bank, _ = usable_bank(tmp_path / "banks" / "tiny")
    assert bank is not None
    simulated = simulate_sitting((form,), bank, n_persons=80, seed=5, into=tmp_path / "sim", sitting="T", date=DATE)
    added, problems = add_responses(simulated.responses, (workspace.forms / "every",), workspace)
    assert added is not None and not problems
    analysed, problems = analyse_sitting("T", workspace, into=tmp_path / "report")
    assert analysed is not None and not problems
    rated = [row for row in analysed.analysis.options.iter_rows(named=True) if row["item"] in ("K-4", "K-8", "K-10", "K-7.2")]
    assert rated == []
    done, problems = calibrate_sitting("T", workspace, model="rasch")
    assert done is not None, problems
    assert set(done.left_out) == set(analysed.held)
    assert set(done.items) == {place.id for place in answer_places(form)} - set(done.left_out)
    steps = dict(zip(done.items, done.fit.parameters.n_categories.tolist(), strict=True))
    assert {item for item, k in steps.items() if k > 2} <= {"K-1", "K-2", "K-5", "K-6", "K-4", "K-10", "K-8", "K-7.2"}
    assert {steps[item] for item in ("K-9", "K-3", "K-7.1") if item in steps} == {2} and max(steps.values()) > 3
    models = dict(zip(done.items, done.fit.parameters.model, strict=True))
    assert all(models[item] == ("pcm" if k > 2 else "rasch") for item, k in steps.items())
    uses = {use.item: use.n_seen for use in history_of(workspace, "tiny").uses}
    assert uses["K-7"] == uses["K-7.1"] == uses["Q-1"] == 80


def test_a_simulated_answer_of_any_kind_is_read(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    form = made(workspace)
    bank, _ = usable_bank(tmp_path / "banks" / "tiny")
    assert bank is not None
    simulated = simulate_sitting((form,), bank, n_persons=60, seed=1, into=tmp_path / "sim", sitting="T", date=DATE)
    header, rows = read_table(simulated.responses)
    assert header[4:] == [place.id for place in answer_places(form)]
    for place in answer_places(form):
        given = {row[header.index(place.id)] for row in rows} - {""}
        assert len(given) > 1
        assert all(KINDS[place.kind].read(cell, place.order, place.marked) is not None for cell in given)


def test_a_corrected_key_of_a_part_scores_that_part_again(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    before = sat(workspace, made(workspace))
    file = tmp_path / "banks" / "tiny" / "items" / "kinds.yaml"
    file.write_text(file.read_text("utf-8").replace("        key: A\n", "        key: B\n"), "utf-8")
    run, problems = run_scoring("S", workspace, Asked(corrected=True))
    assert run is not None and not problems
    after = run.scored
    column = before.stored.responses.items.index("K-7.1")
    assert before.scores.share[:, column].tolist() == [1, 0, 0] and after.scores.share[:, column].tolist() == [0, 1, 0]
    assert [id for id, entry in after.marking.items() if entry.corrected] == ["K-7.1"]


def test_a_case_with_a_part_that_was_declared_void_is_never_drawn_again(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    sat(workspace, made(workspace))
    assert not decide("S", "K-7.1", workspace, verdict="credit", why="图错", who="wang", at="2026-11-25T12:00:00")[1]
    after, _ = score_sitting("S", workspace)
    assert after is not None
    assert after.scores.share[:, after.stored.responses.items.index("K-7.1")].tolist() == [1, 1, 1]
    found, problems = assemble_papers(tmp_path / "blueprints" / "every.yaml", workspace, as_of=DATE, series="2")
    assert found is None and [problem.code for problem in problems] == ["A201", "A220", "P145"]
    assert 'kind == "case"' in dict(problems[1].facts)["where"]


def test_a_rubric_changed_since_leaves_the_marks_that_people_awarded(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    before = sat(workspace, made(workspace))
    file = tmp_path / "banks" / "tiny" / "items" / "kinds.yaml"
    text = file.read_text("utf-8").replace("marks: 4\n    key: 水遇", "marks: 8\n    key: 水遇").replace("points: 2, text: 水", "points: 6, text: 水")
    file.write_text(text, "utf-8")
    after, problems = score_sitting("S", workspace)
    assert after is not None and not problems
    assert after.scores.total.tolist() == before.scores.total.tolist() == [38.5, 25, 0]


def test_another_stimulus_is_another_revision_of_every_part(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    first = {place.id: place.fingerprint for place in answer_places(made(workspace))}
    file = tmp_path / "banks" / "tiny" / "items" / "kinds.yaml"
    file.write_text(file.read_text("utf-8").replace("某炉次喷溅。", "某炉次返干。"), "utf-8")
    (workspace.forms / "every" / "every-1-A.yaml").unlink()
    second = {place.id: place.fingerprint for place in answer_places(made(workspace))}
    changed = {id for id in first if seen_part(first[id]) != seen_part(second[id])}
    assert changed == {"K-7.1", "K-7.2"}


def test_a_paper_for_practice_holds_released_items_only_and_an_exam_none(tmp_path: Path) -> None:
    practice = BLUEPRINT.replace("level: 4\n", "level: 4\npurpose: practice\n")
    for status, blueprint, fits in [
        ("released", practice, True), ("released", BLUEPRINT, False), ("live", practice, False), ("live", BLUEPRINT, True),
        ("approved", BLUEPRINT, False), ("suspended", BLUEPRINT, False),
    ]:  # fmt: skip
        workspace = workspace_with(tmp_path / f"{status}-{'practice' in blueprint}", status=status, blueprint=blueprint)
        found, problems = assembled(workspace)
        assert (found is not None) == fits, (status, [problem.code for problem in problems])
        if not fits:
            assert "A204" in [problem.code for problem in problems]


def test_one_released_item_among_live_ones_never_enters_an_exam(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    file = tmp_path / "banks" / "tiny" / "items" / "kinds.yaml"
    file.write_text(file.read_text("utf-8").replace("    kind: essay\n", "    kind: essay\n    status: released\n"), "utf-8")
    found, problems = assembled(workspace)
    assert found is None and [problem.code for problem in problems] == ["A201", "A220", "P145"]
    assert 'kind == "essay"' in dict(problems[1].facts)["where"]


def test_a_purpose_that_does_not_exist_is_told(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path, blueprint=BLUEPRINT.replace("level: 4\n", "level: 4\npurpose: exams\n"))
    (problem,) = assembled(workspace)[1]
    assert (problem.code, problem.span.line, problem.span.column) == ("S105", 4, 10)


def test_an_item_whose_own_marks_differ_stays_out_and_that_is_told(tmp_path: Path) -> None:
    blueprint = BLUEPRINT.replace("kind: short, items: 1, marks_each: 4", "kind: short, items: 1, marks_each: 5")
    workspace = workspace_with(tmp_path, blueprint=blueprint.replace("marks: 38.5", "marks: 39.5"))
    found, problems = assembled(workspace)
    assert found is None and [problem.code for problem in problems] == ["A201", "A220", "P145", "A209"]
    assert dict(problems[3].facts) == {"kind": "short", "n": "1", "marks": "5"}
    assert problems[2].span.line == 16


def test_questions_of_one_section_by_different_rules_are_told(tmp_path: Path) -> None:
    blueprint = BLUEPRINT.replace("kind: multiple, items: 1", "kind: multiple, items: 2").replace("marks: 38.5", "marks: 39.5")
    workspace = workspace_with(tmp_path, blueprint=blueprint)
    file = tmp_path / "banks" / "tiny" / "items" / "kinds.yaml"
    copy = KIND_ITEMS.split("  - id: K-1\n")[1].split("  - id: K-2\n")[0].replace("subset", "balance").replace("造渣", "常用造渣")
    file.write_text(file.read_text("utf-8") + "  - id: K-11\n" + copy, "utf-8")
    found, problems = assembled(workspace)
    assert found is not None
    assert [dict(problem.facts) for problem in problems if problem.code == "A210"] == [
        {"title": "多选", "rules": "balance, subset"}
    ]


def test_too_many_marks_and_a_wrong_form_of_answer_are_told_with_their_cells(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    form = made(workspace)
    cells = answers(form)["甲"] | {"K-4": "4.5", "K-6": "AAB", "K-7.2": "好"}
    path = write_table(tmp_path / "answers" / "S.csv", ["person", *cells], [["甲", *cells.values()]])
    added, problems = add_responses(path, (workspace.forms / "every",), workspace, id="S", date=DATE)
    assert added is None
    header = ["person", *cells]
    assert [(p.code, p.span.line, header[p.span.column - 1]) for p in sorted(problems, key=lambda p: p.span)] == [
        ("R111", 2, "K-6"), ("R111", 2, "K-7.2"), ("R111", 2, "K-4"),
    ]  # fmt: skip
    hints = {str(dict(problem.facts)["item"]): problem_hint(problem, "zh") for problem in problems}
    assert "每档 0.5 分" in hints["K-4"] and hints["K-4"] == hints["K-7.2"] and "每个一次" in hints["K-6"]


def test_show_gives_the_statistics_of_a_case_part_by_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = workspace_with(tmp_path)
    write_text(tmp_path / "qbank.yaml", "workspace: every\n")
    sat(workspace, made(workspace))
    result, problems = analyse_sitting("S", workspace, into=tmp_path / "reports")
    assert result is not None, problems
    monkeypatch.chdir(tmp_path)

    def shown(id: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["show", id, "--lang", "zh"])
        assert not ended.value.code
        return capsys.readouterr().out

    rows = [line.split() for line in shown("K-7").splitlines() if line.startswith("S ")]
    assert [row[2] for row in rows] == ["K-7", "K-7.1", "K-7.2"] and {row[3] for row in rows} == {"3"}
    assert "nan" not in shown("K-7") and "人数过少" in shown("K-7")
    assert "计分: 多选、错选不得分，少选得一半分。" in shown("K-1") and "认知层次: 应用" in shown("K-1")


def test_the_bank_of_a_sitting_is_found_in_a_folder_of_another_name(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path)
    (tmp_path / "banks" / "tiny").rename(tmp_path / "banks" / "z")
    write_text(tmp_path / "banks" / "a" / "bank.yaml", "bank: tiny2\n")
    bank, problems = sitting_bank("tiny", workspace, None)
    assert bank is not None and bank.name == "tiny" and not problems


def test_the_report_gives_no_option_the_text_of_another(tmp_path: Path) -> None:
    """What people chose in a multiple choice are combinations of letters: the options are listed with the question."""
    workspace = workspace_with(tmp_path)
    sat(workspace, made(workspace))
    analysed, problems = analyse_sitting("S", workspace, into=tmp_path / "reports")
    assert analysed is not None, problems
    card = (tmp_path / "reports" / "S.html").read_text("utf-8").split('id="item-K-1"')[1].split('id="item-')[0]
    assert card.count("石灰") == 1 and card.count("焦炭") == 1 and '<ol type="A"><li>' in card
