"""Papers as files: written and read they are the same, and what was changed by hand is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.form import (
    Certificate,
    Form,
    FormItem,
    FormSection,
    LaterGoal,
    form_digest,
    form_items,
    original_letter,
    printed_letter,
)
from qbank.files.forms import (
    _as_a_whole,
    _block,
    _by_lines,
    _flow,
    form_text,
    parse_form,
    read_form,
    write_form,
)

words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
numbers = st.floats(-1e6, 1e6, allow_nan=False)
marks = st.integers(1, 20).map(lambda n: n / 2)
hexes = st.text("0123456789abcdef", min_size=16, max_size=16)
marked = {
    "single": st.sampled_from("ABCD").map(lambda key: {"key": key}),
    "true_false": st.sampled_from(["true", "false"]).map(lambda key: {"key": key}),
    "numeric": st.builds(lambda v, t, u: {"value": v, "tolerance": t, "unit": u}, numbers, numbers, words),
}


@st.composite
def sections(draw: st.DrawFn) -> FormSection:
    kind, each = draw(st.sampled_from(sorted(marked))), draw(marks)
    items = draw(
        st.lists(
            st.builds(
                FormItem,
                id=codes, kind=st.just(kind), fingerprint=st.tuples(hexes, hexes).map(".".join),
                order=st.permutations("ABCD").map("".join) if kind == "single" else st.just(""),
                marks=st.just(each), marked=marked[kind], domain=codes, competency=codes, scored=st.booleans(),
                variant=st.integers(0, 2**32 - 1),
            ).map(lambda entry: entry if entry.scored else replace(entry, marks=0.0, worth=entry.marks)),
            min_size=1, max_size=4,
        )
    )  # fmt: skip
    return FormSection(draw(words), kind, each, tuple(items))


certificates = st.builds(
    Certificate, objective=numbers, bound=numbers, gap=numbers, violations=st.lists(words, max_size=2).map(tuple),
    method=words, basis=st.sampled_from(["judged", "calibrated"]), interval=st.floats(0, 100),
)  # fmt: skip
forms = st.builds(
    Form,
    id=codes, blueprint=codes, title=words, subject=words, language=st.sampled_from(["zh", "en"]),
    level=st.integers(1, 5), minutes=st.integers(1, 600), marks=marks, cut=marks, bank=codes, blueprint_digest=hexes,
    bank_digest=hexes, statistics_digest=st.one_of(hexes, st.just("none")),
    as_of=st.one_of(st.just(""), st.dates().map(str)), engine_version=st.sampled_from(["0.1", "1.10", "2.0.0rc1"]),
    seed=st.integers(0, 2**40), version_of=st.sampled_from(["", "plan-1-A"]),
    base_places=st.permutations(range(1, 6)).map(tuple), sections=st.lists(sections(), min_size=1, max_size=3).map(tuple), certificate=certificates,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(form=forms)
def test_a_paper_written_and_read_is_the_same(form: Form) -> None:
    text = form_text(form)
    again, problems = parse_form(text, "paper.yaml")
    assert not problems
    assert again == form
    assert form_text(again) == text


@settings(max_examples=40, deadline=None)
@given(form=forms, at=st.floats(0, 1), n=st.integers(0, 3), put=st.sampled_from(["", " ", "\n", "- ", "{", "#", "A", "\u200b", "      - {"]))
def test_a_paper_read_line_by_line_is_what_it_is_as_a_whole(form: Form, at: float, n: int, put: str) -> None:
    text = form_text(form)
    assert _by_lines(text) == form, "what the engine wrote is read by lines"
    place = int(at * len(text))
    changed = text[:place] + put + text[place + n :]
    by_lines, whole = _by_lines(changed), _as_a_whole(changed, "paper.yaml")
    assert by_lines is None or (by_lines, []) == whole
    assert parse_form(changed, "paper.yaml") == whole


@settings(max_examples=50, deadline=None)
@given(order=st.permutations("ABCDE").map("".join), letter=st.sampled_from("ABCDE"))
def test_printed_and_original_letters_are_each_others_inverse(order: str, letter: str) -> None:
    assert original_letter(order, printed_letter(order, letter)) == letter
    assert order[ord(printed_letter(order, letter)) - ord("A")] == letter


def a_form() -> Form:
    items = (
        FormItem("T-01", "single", f"{'a' * 16}.{'b' * 16}", "CADB", 1.0, {"key": "C"}, "A-A", "K1"),
        FormItem("T-02", "single", f"{'c' * 16}.{'d' * 16}", "ABCD", 0.0, {"key": "A"}, "A-A", "K2", scored=False,
                 worth=1.0),
    )
    judged = (FormItem("T-03", "true_false", f"{'e' * 16}.{'f' * 16}", "", 0.5, {"key": "true"}, "B", "K3"),)
    return Form(
        id="plan-1-A", blueprint="plan", title="试卷：一", subject="转炉炼钢工", language="zh", level=4, minutes=90,
        marks=2.5, cut=1.5, bank="steel", blueprint_digest="0" * 16, bank_digest="1" * 16, statistics_digest="none",
        as_of="2026-11-23", engine_version="1.0", seed=7,
        sections=(FormSection("单选", "single", 1.0, items), FormSection("判断", "true_false", 0.5, judged)),
        certificate=Certificate(0.0, 0.0, 0.0, (), "HiGHS", "judged", 3.05),
    )  # fmt: skip


def test_a_paper_on_disk_is_the_same_and_equal_papers_are_equal_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "one.yaml", tmp_path / "two.yaml"
    write_form(a_form(), first)
    write_form(a_form(), second)
    assert first.read_bytes() == second.read_bytes()
    assert read_form(first) == (a_form(), [])
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["one.yaml", "two.yaml"], "nothing is left behind"


# What is replaced in the file: everything that is printed or decides a mark.
TAMPERED = [
    ("order: CADB", "order: CABD"),
    ("id: T-01", "id: T-09"),
    ("key: C", "key: D"),
    ("key: 'true'", "key: 'false'"),
    (f"fingerprint: {'a' * 16}", f"fingerprint: {'a' * 15}b"),
    ("marks_each: 0.5", "marks_each: 1.5"),
    ("scored: false", "scored: true"),
    ("title: 试卷：一", "title: 试卷：二"),
    ("subject: 转炉炼钢工", "subject: 电炉炼钢工"),
    ("form: plan-1-A", "form: plan-1-B"),
]


@pytest.mark.parametrize(("old", "new"), TAMPERED, ids=[new for _, new in TAMPERED])
def test_a_paper_changed_by_hand_is_refused(old: str, new: str) -> None:
    text = form_text(a_form())
    assert text.count(old) == 1
    form, problems = parse_form(text.replace(old, new), "paper.yaml")
    assert form is None
    assert [(problem.code, problem.severity) for problem in problems] == [("F101", "error")]
    said = dict(problems[0].facts)
    assert said["digest"] == form_digest(a_form()) != said["found"]


def test_a_numeric_key_that_was_read_can_be_written_again() -> None:
    key = {"value": 1880.0, "tolerance": 5, "unit": "kg"}
    entry = FormItem("T-04", "numeric", f"{'a' * 16}.{'b' * 16}", "", 2.0, key, "B", "K4")
    form = replace(a_form(), sections=(FormSection("计算", "numeric", 2.0, (entry,)),))
    again, problems = parse_form(form_text(form), "paper.yaml")
    assert again == form and not problems
    assert form_text(again) == form_text(form)


def test_two_items_that_changed_places_are_refused() -> None:
    lines = form_text(a_form()).splitlines(keepends=True)
    first, second = (next(i for i, line in enumerate(lines) if f"id: {id}" in line) for id in ("T-01", "T-02"))
    lines[first], lines[second] = lines[second], lines[first]
    form, problems = parse_form("".join(lines), "paper.yaml")
    assert form is None
    assert [problem.code for problem in problems] == ["F101"]


def test_comments_and_layout_may_change() -> None:
    text = "# 存档\n" + form_text(a_form()).replace("level: 4", "level:   4   # 四级")
    assert parse_form(text, "paper.yaml") == (a_form(), [])


MISTAKES = [
    ("level: 4", "levle: 4", "S101", "level"),
    ("level: 4", "level: 4.5", "S103", "level"),
    ("language: zh", "language: fr", "S105", "language"),
    ("basis: judged", "basis: guessed", "S105", "basis"),
    ("domain: B,", "", "S102", "domain"),
    ("order: CADB", "ordre: CADB", "S101", "order"),
    ("seed: 7\n", "", "S102", "seed"),
    ("kind: true_false", "kind: [true_false]", "S103", "kind"),
    ("form: plan-1-A", "form: [plan-1-A", "Y001", None),
    ("title: 试卷：一", "title: 试卷：一\ntitle: 又一", "Y002", None),
]


@pytest.mark.parametrize(("old", "new", "code", "about"), MISTAKES, ids=[f"{m[2]} {m[1]}" for m in MISTAKES])
def test_a_file_of_another_shape_is_refused_at_its_place(old: str, new: str, code: str, about: str | None) -> None:
    text = form_text(a_form())
    assert text.count(old) == 1
    changed = text.replace(old, new)
    form, problems = parse_form(changed, "paper.yaml")
    found = [problem for problem in problems if problem.code == code]
    assert (form is None) == (code != "Y002")
    assert len(found) == 1
    assert 1 <= found[0].span.line <= changed.count("\n") + 1
    if code in ("S101", "S103", "S105"):
        assert found[0].span.line == text[: text.index(old)].count("\n") + 1
    if about is not None:
        facts = dict(found[0].facts)
        assert about in (facts["key"], facts.get("suggestion"))


@pytest.mark.parametrize("text", ["", "7\n", "- a\n", "form: x\n"])
def test_a_file_that_is_no_paper_is_refused_without_an_exception(text: str) -> None:
    form, problems = parse_form(text, "paper.yaml")
    assert form is None and problems


def test_a_paper_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    form, problems = read_form(tmp_path / "none.yaml")
    assert form is None
    assert [problem.severity for problem in problems] == ["error"]


def test_the_digest_covers_what_is_printed_and_marked_and_nothing_else() -> None:
    form = a_form()
    entry = form_items(form)[0]
    assert form_digest(replace(form, certificate=replace(form.certificate, objective=1.0))) == form_digest(form)
    assert form_digest(replace(form, as_of="2027-01-01")) == form_digest(form)
    other = replace(form.sections[0], items=(replace(entry, order="ABCD"), *form.sections[0].items[1:]))
    assert form_digest(replace(form, sections=(other, *form.sections[1:]))) != form_digest(form)


def test_a_certificate_of_earlier_days_is_read_and_a_whole_one_is_kept(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    write_form(a_form(), old)
    assert "cut_ability" not in old.read_text("utf-8")
    whole = replace(
        a_form().certificate, objective=-7.25, bound=-7.3, gap=0.05, goal="{maximise: information}", kind="information",
        later=(LaterGoal("{minimise: uses}", 3.0, 2.0),), cut_ability=-0.123456789012345, score_apart=0.01,
        information_apart=0.02, score_error=0.9, information_error=0.06,
    )  # fmt: skip
    form = replace(a_form(), certificate=whole)
    write_form(form, new)
    assert read_form(old)[0] == a_form() and read_form(new)[0] == form
    assert whole.gap_percent == pytest.approx(100 * 0.05 / 7.25) and a_form().certificate.gap_percent == 0.0


WORDS = st.one_of(
    st.text(alphabet="ab:#,{}[]-? '\"\n&*!|>%@`~01.eE+_是", max_size=8), st.integers(), st.floats(), st.booleans(), st.none()
)


@given(st.dictionaries(st.text("ab: ,#", max_size=5), st.one_of(WORDS, st.lists(WORDS, max_size=3)), max_size=3))
def test_a_place_on_one_line_is_what_the_writer_of_yaml_makes_of_it(place: dict[str, Any]) -> None:
    whole = yaml.safe_dump(place, allow_unicode=True, sort_keys=False, width=10**6, default_flow_style=True)
    assert _flow(place) + "\n" == whole


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), st.one_of(WORDS, st.builds(list), st.dictionaries(st.sampled_from("de"), WORDS, min_size=1)), min_size=1))
def test_the_head_of_a_paper_is_what_the_writer_of_yaml_makes_of_it(head: dict[str, Any]) -> None:
    whole = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10**6)
    assert (_block(head) or whole) == whole


def test_equal_places_with_other_numbers_are_written_each_its_own_way() -> None:
    def with_value(value: Any) -> str:
        form = a_form()
        first = replace(form.sections[0].items[0], marked={"value": value})
        return form_text(replace(form, sections=(replace(form.sections[0], items=(first,)), form.sections[1])))

    assert ["value: 1," in with_value(1) or "value: 1}" in with_value(1), "value: 1.0" in with_value(1.0), "value: true" in with_value(True)] == [True] * 3
    zero = replace(a_form(), certificate=replace(a_form().certificate, objective=-0.0))
    assert "objective: -0.0\n" in form_text(zero) and "objective: 0.0\n" in form_text(a_form())
