"""The editorial office end to end: submit, reject, review, approve, change, fall back; files and queue after each."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbank.core.item import USABLE_STATUSES, Status
from qbank.messages import has_text, problem_hint, problem_message
from qbank.problem import Problem
from qbank.workflow.bank import check_bank, usable_bank
from qbank.workflow.editorial import Moved, Request, change_status, tasks
from tests.files.sound import BANK, ITEMS, SOUND, write_bank

WORKFLOW = """\
workflow:
  people:
    wang: {name: 王工, roles: [writer]}
    zhao: {name: 赵工, roles: [writer, reviewer]}
    qian: {name: 钱工, roles: [reviewer]}
    li: {name: 李工, roles: [approver]}
  four_eyes: true
  reviewers: 1
"""
AUTHORED = ITEMS.replace("seconds: 60}", "seconds: 60, author: wang}  # 王工命题")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_bank(tmp_path, {**SOUND, "bank.yaml": BANK + WORKFLOW, "items/a.yaml": AUTHORED})
    return tmp_path


def step(to: Status, by: str, *patterns: str, note: str = "", on: str = "2026-11-20") -> list[Moved]:
    """Take a step that is allowed."""
    moved, problems = change_status(Path(), Request(patterns or ("Q-1",), to, by, on, note))
    assert problems == []
    return moved


def refused(to: Status, by: str, *patterns: str, note: str = "", on: str = "2026-11-20") -> list[Problem]:
    """Try a step that is not allowed, and prove that no file changed and that both languages can say why."""
    before = Path("items/a.yaml").read_bytes()
    moved, problems = change_status(Path(), Request(patterns or ("Q-1",), to, by, on, note))
    assert moved == [] and problems
    assert Path("items/a.yaml").read_bytes() == before
    for problem in problems:
        for language in ("zh", "en"):
            assert has_text(language, f"problem.{problem.code}")  # type: ignore[arg-type]
            assert problem_message(problem, language) and problem_hint(problem, language)  # type: ignore[arg-type]
    return problems


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def duties(by: str | None = None) -> list[tuple[str, str, str]]:
    bank = check_bank(Path())[0].bank
    assert bank is not None
    return [(task.person, task.task, task.item) for task in tasks(bank, by=by)]


def counts_as(id: str) -> str:
    bank, problems = usable_bank(Path())
    assert bank is not None, problems
    return bank.items[id].status


def change(old: str, new: str) -> None:
    path = Path("items/a.yaml")
    words = path.read_text("utf-8")
    assert words.count(old) == 1
    path.write_text(words.replace(old, new), "utf-8")


def test_an_item_goes_the_whole_way_and_only_its_lines_change() -> None:
    step("in_review", "wang")
    step("approved", "qian")
    step("approved", "li", on="2026-11-21")
    assert step("live", "li", note="2026 年第 4 季度", on="2026-11-22") == [Moved("Q-1", "approved", "live", "items/a.yaml")]
    revision = usable_bank(Path())[0].fingerprints["Q-1"]  # type: ignore[union-attr]
    log = f"""\
    log:
      - {{to: in_review, by: wang, on: 2026-11-20}}
      - {{to: approved, by: qian, on: 2026-11-20, fingerprint: {revision}}}
      - {{to: approved, by: li, on: 2026-11-21, fingerprint: {revision}}}
      - {{to: live, by: li, on: 2026-11-22, note: 2026 年第 4 季度}}
"""
    expected = AUTHORED.replace("    stem: 铁水", "    status: live\n    stem: 铁水").replace("    pin: [C]\n", "    pin: [C]\n" + log)
    assert Path("items/a.yaml").read_text("utf-8") == expected
    assert codes(check_bank(Path())[1]) == ["Q120", "Q120"]


def test_a_rejected_item_is_back_with_its_writer_with_the_note() -> None:
    step("in_review", "wang")
    assert codes(refused("draft", "qian")) == ["J116"]
    step("draft", "qian", note="题干缺少条件")
    bank = check_bank(Path())[0].bank
    assert bank is not None
    task = next(task for task in tasks(bank, by="wang") if task.item == "Q-1")
    assert (task.task, task.note, task.since) == ("write", "题干缺少条件", "2026-11-20")


def test_nobody_takes_a_step_that_is_not_theirs() -> None:
    change("author: wang", "author: zhao")
    assert codes(refused("in_review", "qian")) == ["J105"]
    assert codes(refused("in_review", "wong")) == ["J103"]
    assert codes(refused("live", "li")) == ["J106"]
    step("in_review", "zhao")
    assert codes(refused("approved", "zhao")) == ["J109"]
    assert codes(refused("approved", "li")) == ["J110"]
    assert codes(refused("approved", "qian", on="2026-11-19")) == ["J108"]
    step("approved", "qian")
    assert codes(refused("approved", "qian")) == ["J117"]
    assert codes(refused("approved", "li", "Q-1", "Q-9*")) == ["J120"]
    assert codes(refused("approved", "li", "Q-*")) == ["J106", "J106"]


def test_an_item_without_author_cannot_be_approved_under_four_eyes() -> None:
    change(", author: wang", "")
    step("in_review", "wang")
    assert codes(refused("approved", "qian")) == ["J113"]
    assert [duty for duty in duties() if duty[2] == "Q-1"] == [("", "name", "Q-1")]


def test_the_queue_gives_everybody_their_own() -> None:
    step("in_review", "wang", "Q-1", "Q-2")
    step("approved", "qian", "Q-2")
    assert duties() == [
        ("wang", "write", "Q-3"),
        ("zhao", "review", "Q-1"),
        ("qian", "review", "Q-1"),
        ("li", "approve", "Q-2"),
    ]
    step("approved", "li", "Q-2")
    assert duties("li") == [("li", "release", "Q-2")]
    step("live", "li", "Q-2")
    step("suspended", "qian", "Q-2", note="考生申诉")
    assert duties("li") == [("li", "decide", "Q-2")]


def approved_and_live() -> None:
    step("in_review", "wang")
    step("approved", "qian")
    step("approved", "li")
    step("live", "li")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [("铁水的主要成分是什么", "钢水的主要成分是什么", "seen"), ("key: A", "key: B", "marked"), (None, None, "")],
)
def test_a_changed_revision_counts_as_in_review_and_enters_no_paper(old: str | None, new: str | None, what: str) -> None:
    approved_and_live()
    if old is None or new is None:
        change("    pin: [C]", "    pin: [C]\n    rationale: 铁水含碳约 4 %")
        assert counts_as("Q-1") == "live"
        return
    change(old, new)
    assert counts_as("Q-1") == "in_review" not in USABLE_STATUSES
    (problem,) = (problem for problem in check_bank(Path())[1] if problem.code == "J101")
    assert (problem.severity, problem.span.line) == ("warning", 5) and dict(problem.facts)["what"] == what
    assert ("qian", "review", "Q-1") in duties()
    before = usable_bank(Path())[0]
    step("approved", "qian", on="2026-11-23")
    step("approved", "li", on="2026-11-23")
    assert counts_as("Q-1") == "approved"
    step("live", "li", on="2026-11-23")
    after = usable_bank(Path())[0]
    assert before is not None and after is not None
    assert after.items["Q-1"].status == "live" and after.digest != before.digest and after.fallen == {}
    assert "审定后有改动" in Path("items/a.yaml").read_text("utf-8")


def test_a_change_that_is_undone_needs_no_new_approval() -> None:
    approved_and_live()
    change("key: A", "key: B")
    assert counts_as("Q-1") == "in_review"
    change("key: B", "key: A")
    assert counts_as("Q-1") == "live"


def test_a_suspended_item_that_was_changed_is_approved_before_it_is_live_again() -> None:
    approved_and_live()
    step("suspended", "qian")
    change("key: A", "key: B")
    assert codes(refused("live", "li")) == ["J115"]
    step("in_review", "wang")
    step("approved", "qian")
    step("approved", "li")
    step("live", "li")
    assert counts_as("Q-1") == "live"


def test_what_was_released_is_never_live_again() -> None:
    approved_and_live()
    step("released", "li")
    assert codes(refused("live", "li")) == ["J111"]
    assert counts_as("Q-1") == "released"
    change("    status: released", "    status: live")
    assert "J107" in codes(check_bank(Path())[1]) and usable_bank(Path())[0] is None


def test_a_status_written_by_hand_is_held_against_the_log() -> None:
    change("    pin: [C]", "    status: live\n    pin: [C]")
    found = [(problem.code, problem.severity, problem.span.line) for problem in check_bank(Path())[1]]
    assert ("J102", "warning", 11) in found and counts_as("Q-1") == "in_review"
    step("approved", "qian")
    step("approved", "li")
    step("live", "li")
    change("    status: live", "    status: suspended")
    assert [p.code for p in check_bank(Path())[1] if p.severity == "error"] == ["J107"]


def test_steps_in_the_log_are_checked_where_they_stand() -> None:
    change("    pin: [C]", "    pin: [C]\n    log:\n      - {to: approved, by: wang, on: 2026-11-20, fingerprint: a}\n"
                          "      - {to: live, by: lii, on: 2026-11-20}")  # fmt: skip
    errors = [problem for problem in check_bank(Path())[1] if problem.severity == "error"]
    found = [(p.code, p.span.line, p.span.column) for p in errors]
    assert found == [("J105", 13, 28), ("J103", 14, 24)]
    assert dict(errors[1].facts)["suggestion"] == "li"


def test_without_a_workflow_the_written_status_is_believed_and_steps_are_still_in_order() -> None:
    write_bank(Path(), {**SOUND, "bank.yaml": BANK, "items/a.yaml": AUTHORED})
    step("in_review", "anybody")
    assert codes(refused("live", "anybody")) == ["J106"]
    step("approved", "anybody")
    step("live", "anybody")
    change("key: A", "key: B")
    assert counts_as("Q-1") == "live"
    assert duties() == [("wang", "write", "Q-2"), ("wang", "write", "Q-3")]


def test_an_item_with_an_error_goes_no_step_forward_and_the_others_do() -> None:
    change("    key: A", "    key: E")
    (problem,) = refused("in_review", "wang", "Q-1", "Q-2")
    assert problem.code == "J121" and dict(problem.facts)["codes"] == "Q104"
    step("in_review", "wang", "Q-2")
    change("    marks: 2", "    marks: 2.3")
    (problem,) = refused("in_review", "wang", "Q-3")
    assert problem.code == "J121" and dict(problem.facts)["codes"] == "S104"


def test_an_item_with_an_error_can_be_suspended() -> None:
    approved_and_live()
    change("    key: A", "    key: A\n    enemies: [Q-99]")
    step("suspended", "qian", note="互斥试题有误")


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("reviewers: 1", "reviewers: 3", "J118", 12),
        ("roles: [approver]", "roles: [writer]", "J119", 7),
        ("roles: [approver]", "roles: [boss]", "S105", 10),
        ("four_eyes", "for_eyes", "S101", 11),
    ],
)
def test_a_workflow_that_cannot_work_is_refused_at_its_line(old: str, new: str, code: str, line: int) -> None:
    Path("bank.yaml").write_text((BANK + WORKFLOW).replace(old, new), "utf-8")
    (problem,) = (problem for problem in check_bank(Path())[1] if problem.span.path == "bank.yaml")
    assert (problem.code, problem.span.line) == (code, line)
