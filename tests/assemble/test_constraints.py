"""Every constraint's compiled rows admit exactly the selections that its words admit, by enumeration."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qbank.assemble.compile import candidates_of, compile_program, read_rules
from qbank.assemble.constraints import CONSTRAINTS
from qbank.assemble.constraints.between import shared_counts, told_pairs
from qbank.assemble.direct import direct_program
from qbank.assemble.expected import item_information, probability
from qbank.assemble.item_columns import vocabulary
from qbank.assemble.pool import make_pool
from qbank.assemble.program import Draft, violations, with_indicators
from qbank.assemble.scene import PastPaper, Scene, Selection
from qbank.assemble.setting import Setting, scene_of
from qbank.assemble.solve import LinearProgram, elastic, solve
from qbank.assemble.verify import Check
from qbank.assemble.weights import domain_targets
from qbank.core.blueprint import Blueprint
from qbank.core.history import NO_HISTORY, Use
from qbank.core.item import Item
from tests.assemble.samples import compared_at, mixed_items, tiny_bank, tiny_blueprint, tiny_item

Places = list[tuple[Item, float]]
USES = {"T-01": 1, "T-02": 2, "T-05": 3}
KINDS = frozenset({"single", "true_false"})
SITTINGS = {"S1": ("2026-06-01", 300), "S2": ("2026-07-01", 200), "S3": ("2026-08-01", 50), "S0": ("2020-01-01", 900)}
"""The day of each sitting and how many persons it had; an item was used in the first ones, T-07 long ago."""
HISTORY = replace(
    NO_HISTORY,
    uses=tuple(
        Use(id, "f", sitting, *SITTINGS[sitting], 0.5, 0.2, ())
        for id, sitting in [
            *((id, sitting) for id, n in USES.items() for sitting in ("S1", "S2", "S3")[:n]),
            ("T-07", "S0"),
        ]
    ),
)
PAST = (
    PastPaper("OLD-A", "2024-05-01", frozenset({"T-01", "T-02", "T-04", "GONE"})),
    PastPaper("OLD-B", "2025-05-01", frozenset({"T-03", "T-05"})),
)
ALIKE = (("T-01", "T-04", 0.9), ("T-02", "T-05", 0.8), ("T-03", "T-06", 0.7), ("T-02", "GONE", 1.0))


def setting_of(blueprint: Blueprint, items: Sequence[Item]) -> Setting:
    """Return the setting over a tiny bank, some of whose items were used before."""
    bank = tiny_bank(items)
    rules, problems = read_rules(blueprint, vocabulary(bank))
    assert not problems
    pool = make_pool(bank, NO_HISTORY, level=4, kinds=KINDS, uses=USES)
    return Setting(
        blueprint, bank, rules, pool, candidates_of(blueprint, rules, pool), HISTORY, "2026-11-23", True, PAST, ALIKE
    )  # fmt: skip


def scene_at(setting: Setting, points: Sequence[float] = (0.0,)) -> Scene:
    blueprint = replace(setting.blueprint, objective=compared_at(*points))
    return scene_of(replace(setting, blueprint=blueprint))


def draft_of(setting: Setting) -> Draft:
    candidates = setting.candidates
    return Draft(candidates.item, candidates.role, len(setting.pool.ids), setting.blueprint.n_forms)


def every_subset(n: int) -> NDArray[np.float64]:
    """Return all 2ⁿ selections as rows of 0 and 1."""
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)


def admitted(program: LinearProgram, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return for each point (n_points, n_columns) whether it satisfies all rows and column bounds."""
    found = np.asarray(program.matrix @ points.T).T
    rows = (found >= program.low - 1e-9) & (found <= program.high + 1e-9)
    inside = (points >= program.lower - 1e-9) & (points <= program.upper + 1e-9)
    return np.asarray(rows.all(axis=1) & inside.all(axis=1))


def admitted_by_rows(setting: Setting) -> NDArray[np.bool_]:
    """Return for every selection of candidates whether the rows of the rules admit it on one paper."""
    draft = draft_of(setting)
    for rule in setting.rules:
        CONSTRAINTS[rule.word].compile(rule, scene_at(setting), draft)
    program = draft.freeze()
    subsets = every_subset(program.n_candidates).astype(np.bool_)
    wide = np.hstack([subsets, np.zeros((len(subsets), len(program.sets)), dtype=np.bool_)])
    return np.array([not violations(program, with_indicators(program, subset[None, :])) for subset in wide])


def selection(setting: Setting, subset: NDArray[np.float64]) -> Selection:
    """Return a paper of some candidates."""
    chosen, candidates = np.flatnonzero(subset), setting.candidates
    return Selection(
        candidates.item[chosen], candidates.section[chosen], candidates.scored[chosen], candidates.marks[chosen]
    )


def admitted_by_count(setting: Setting) -> NDArray[np.bool_]:
    scene, answers = scene_at(setting), []
    for subset in every_subset(setting.candidates.item.size):
        chosen = selection(setting, subset)
        found = [f for rule in setting.rules for f in CONSTRAINTS[rule.word].count(rule, scene, chosen)]
        answers.append(all(Check("", "", *finding[:3]).holds for finding in found))
    return np.array(answers)


def examples(word: str) -> list[str]:
    """Return the lines ``- word: …`` of a constraint's manual page."""
    return re.findall(rf"``(- {word}: .+?)``", CONSTRAINTS[word].compile.__doc__ or "")


@pytest.mark.parametrize("word", CONSTRAINTS)
def test_every_constraint_has_a_manual_page_with_an_example(word: str) -> None:
    page = CONSTRAINTS[word].compile.__doc__ or ""
    assert page.startswith(f"{word}: "), "the page starts with the word itself"
    assert examples(word)
    assert CONSTRAINTS[word].compile.__name__ == f"compile_{word}"


@pytest.mark.parametrize("word", CONSTRAINTS)
def test_the_rows_of_every_manual_example_admit_what_its_count_admits(word: str) -> None:
    for example in examples(word):
        setting = setting_of(tiny_blueprint(example), truth_items())
        assert np.array_equal(admitted_by_rows(setting), admitted_by_count(setting))


def truth_items() -> list[Item]:
    """Return nine items, some about stimuli, one whose options keep their order."""
    stimuli = {1: "S-1", 4: "S-1", 7: "S-1", 2: "S-2", 3: "S-2", 6: "S-3"}
    items = [replace(item, stimulus=stimuli.get(index, "")) for index, item in enumerate(mixed_items(9))]
    for index in (5, 8):
        items[index] = replace(items[index], body=replace_body(items[index], shuffle=False))
    return items


def replace_body(item: Item, **changed: Any) -> Any:
    """Return the body of an item with some keys changed."""
    return item.body.model_copy(update=changed)  # type: ignore[attr-defined]


def _times(values: Sequence[str]) -> int:
    return max(Counter(values).values(), default=0)


def _number(x: Places, *ids: str) -> int:
    return sum(i.id in ids for i, _ in x)


def _mean(pairs: list[tuple[float, float]]) -> float:
    return sum(m * v for m, v in pairs) / sum(m for m, _ in pairs)


FACILITY = {1: 0.88, 2: 0.77, 3: 0.65, 4: 0.52, 5: 0.40}


@cache
def _difficulty(grade: int) -> float:
    """Return the difficulty of slope 1 at which the persons, N(0, 1), get the facility of a judged grade."""
    low, high = -8.0, 8.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    for _ in range(60):
        middle = (low + high) / 2
        share = float((weights / (1 + np.exp(-(nodes - middle)))).sum() / weights.sum())
        low, high = (middle, high) if share > FACILITY[grade] else (low, middle)
    return low


def _p(item: Item, theta: float) -> float:
    """Return the chance of a right answer that a judged grade stands for: slope 1, difficulty by the facility."""
    return float(1 / (1 + np.exp(-(theta - _difficulty(item.grade)))))


def _information(places: Places, theta: float) -> float:
    return sum(_p(item, theta) * (1 - _p(item, theta)) for item, _ in places)


@cache
def _reference() -> tuple[Any, ...]:
    """Return nodes, weights and what a paper of the average items of the pool is expected to bring at each node."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    kinds: dict[str, list[Any]] = {"true_false": [], "single": []}
    for item in mixed_items(9):
        kinds[item.kind].append(np.array([_p(item, float(theta)) for theta in nodes]))
    return nodes, weights / weights.sum(), 2 * np.mean(kinds["true_false"], axis=0) + 2 * np.mean(kinds["single"], axis=0)


@cache
def _grade_along(grade: int) -> float:
    nodes, weights, whole = _reference()
    one = np.array([_p(tiny_item(0, grade=grade), float(theta)) for theta in nodes])
    spread = np.sqrt(((whole - whole @ weights) ** 2) @ weights)
    return float(((one - one @ weights) * (whole - whole @ weights)) @ weights / spread)


def _along(item: Item) -> float:
    return _grade_along(item.grade)


# Each rule in the user's words, and the same said again over the plain items of a paper; the tiny plan has
# 2 true/false items at 1 mark and 1 single-choice item at 2 marks: 3 places, 4 marks.
TRUTHS: list[tuple[str, Callable[[Places], bool]]] = [
    ("- count: {where: 'grade >= 3', min: 1, max: 2}", lambda x: 1 <= sum(i.grade >= 3 for i, _ in x) <= 2),
    ("- count: {max: 3}", lambda x: len(x) <= 3),
    ("- count: {where: 'kind == \"single\"', min: 60%}", lambda x: sum(i.kind == "single" for i, _ in x) >= 1.8),
    ("- count: {where: 'tags == \"even\"', max: 34 %}", lambda x: sum("even" in i.tags for i, _ in x) <= 1.02),
    (
        "- count: {where: 'domain == \"A\" and not grade == 3', max: 1}",
        lambda x: sum(i.competency in ("K0", "K1", "K3", "K4") and i.grade != 3 for i, _ in x) <= 1,
    ),
    (
        "- marks: {where: 'cognitive in [\"apply\", \"analyse\"]', min: 2, max: 3}",
        lambda x: 2 <= sum(m for i, m in x if i.cognitive in ("apply", "analyse")) <= 3,
    ),
    ("- marks: {where: 'seconds > 50', max: 50%}", lambda x: sum(m for i, m in x if i.seconds > 50) <= 2),
    ("- sum: {of: seconds, min: 100, max: 200}", lambda x: 100 <= sum(i.seconds for i, _ in x) <= 200),
    (
        "- sum: {of: grade, where: 'importance != \"X\"', max: 6}",
        lambda x: sum(i.grade for i, _ in x if i.competency not in ("K0", "K3")) <= 6,
    ),
    ("- sum: {of: uses, max: 2}", lambda x: sum(USES.get(i.id, 0) for i, _ in x) <= 2),
    (
        "- mean: {of: grade, min: 2.5, max: 3.25}",
        lambda x: not x or 2.5 - 1e-9 <= _mean([(m, i.grade) for i, m in x]) <= 3.25 + 1e-9,
    ),
    (
        "- mean: {of: facility, where: 'grade <= 3', min: 70%}",
        lambda x: not any(i.grade <= 3 for i, _ in x)
        or _mean([(m, {1: 0.88, 2: 0.77, 3: 0.65}[i.grade]) for i, m in x if i.grade <= 3]) >= 0.7 - 1e-9,
    ),
    ("- once_per: competency", lambda x: max(Counter(i.competency for i, _ in x).values(), default=0) <= 1),
    ("- once_per: domain", lambda x: max(Counter(int(i.competency[1:]) % 3 for i, _ in x).values(), default=0) <= 1),
    ("- sum: {of: calibrated, min: 1}", lambda x: False),
    ("- sum: {of: characters, max: 21}", lambda x: sum(3 + 8 * (i.kind == "single") for i, _ in x) <= 21),
    ("- count: {where: 'characters <= 3 and key != \"true\"', max: 1}",
     lambda x: sum(i.kind == "true_false" and not _true(i) for i, _ in x) <= 1),
    ("- count: {section: 判断题, where: 'grade >= 3', max: 50%}",
     lambda x: sum(i.kind == "true_false" and i.grade >= 3 for i, _ in x) <= 1),
    ("- share: {where: 'grade >= 3', min: 40%, max: 0.8}",
     lambda x: not x or 0.4 - 1e-9 <= sum(m for i, m in x if i.grade >= 3) / sum(m for _, m in x) <= 0.8 + 1e-9),
    ("- share: {of: items, where: 'key == \"true\"', among: 'kind == \"true_false\"', max: 60%}",
     lambda x: sum(_true(i) for i, _ in x) <= 0.6 * sum(i.kind == "true_false" for i, _ in x) + 1e-9),
    ("- crossed: {by: [domain, cognitive], cells: {A: {remember: 0-1, apply: 1+}, B: {analyse: 0}}}",
     lambda x: _cell(x, "A", "remember") <= 1 and _cell(x, "A", "apply") >= 1 and not _cell(x, "B", "analyse")),
    ("- crossed: {of: marks, by: [grade, kind], cells: {4-5: {single: 0-50%}, 1: {true_false: {min: 1}}}}",
     lambda x: sum(m for i, m in x if i.grade >= 4 and i.kind == "single") <= 2
     and sum(m for i, m in x if i.grade == 1 and i.kind == "true_false") >= 1),
    ("- crossed: {by: [importance], cells: {X: 1–2, Y: 34%}, section: 判断题}",
     lambda x: 1 <= sum(i.kind == "true_false" and i.competency in ("K0", "K3") for i, _ in x) <= 2
     and sum(i.kind == "true_false" and i.competency in ("K1", "K4") for i, _ in x) == 0.68),
    ("- keys: {min: 40%, max: 60%}", lambda x: sum(_true(i) for i, _ in x) == 1),
    ("- keys: {kind: single, max: 0}", lambda x: not _number(x, "T-05", "T-08")),
    ("- once_per: stimulus",
     lambda x: _number(x, "T-01", "T-04", "T-07") <= 1 and _number(x, "T-02", "T-03") <= 1),
    ("- once_per: {of: tags, prefix: e}", lambda x: sum("even" in i.tags for i, _ in x) <= 1),
    ("- once_per: {of: tags, prefix: odd}", lambda x: True),
    ("- once_per: {of: domain, where: 'grade >= 3', max: 2}",
     lambda x: _times([str(int(i.competency[1:]) % 3) for i, _ in x if i.grade >= 3]) <= 2),
    ("- all_or_none: [T-01, T-03, T-04]", lambda x: _number(x, "T-01", "T-03", "T-04") in (0, 3)),
    ("- all_or_none: [T-01, NOBODY]", lambda x: not _number(x, "T-01")),
    ("- all_or_none: {where: 'stimulus == \"S-2\"'}", lambda x: _number(x, "T-02", "T-03") in (0, 2)),
    ("- at_most_one: [T-01, T-03, NOBODY]", lambda x: _number(x, "T-01", "T-03") <= 1),
    ("- at_most_one: {where: 'grade == 5'}", lambda x: sum(i.grade == 5 for i, _ in x) <= 1),
    ("- at_most: {items: [T-01, T-03, T-04, T-05], max: 2}",
     lambda x: _number(x, "T-01", "T-03", "T-04", "T-05") <= 2),
    ("- if_then: {if: 'grade == 1', then: 'grade >= 3', min: 2, max: 3}",
     lambda x: not any(i.grade == 1 for i, _ in x) or 2 <= sum(i.grade >= 3 for i, _ in x) <= 3),
    ("- if_then: {if: 'tags == \"even\"', then: 'tags == \"even\"', min: 67%}",
     lambda x: sum("even" in i.tags for i, _ in x) != 1 and sum("even" in i.tags for i, _ in x) != 2),
    ("- if_then: {if: 'id == \"T-02\"', then: 'id == \"T-03\"', max: 0}",
     lambda x: _number(x, "T-02", "T-03") <= 1),
    ("- place: {item: T-01, at: 2}", lambda x: _number(x, "T-01") == 1),
    ("- place: {item: T-02, at: 3}", lambda x: _number(x, "T-02") == 1),
    ("- place: {item: T-02, at: 1, section: 单项选择题}", lambda x: _number(x, "T-02") == 1),
    ("- sets: {of: stimulus, items: 2-3, number: 1}",
     lambda x: sorted(_by_stimulus(x).values()) in ([2], [3])),
    ("- sets: {items: 1+, marks: 2-3}",
     lambda x: all(2 <= sum(m for i, m in x if i.stimulus == s) <= 3 for s in _by_stimulus(x))),
    ("- sets: {section: 判断题, items: 2}",
     lambda x: all(n == 2 for n in _by_stimulus([p for p in x if p[0].kind == "true_false"]).values())),
    ("- sets: {where: 'stimulus == \"S-1\"', items: 2+, number: 1}", lambda x: _number(x, "T-01", "T-04", "T-07") >= 2),
    ("- sets: {of: competency, items: 2, number: 0-1}",
     lambda x: list(Counter(i.competency for i, _ in x).values()) in ([], [2])),
    ("- anchor: {items: 1}", lambda x: True),
    ("- pretest: {section: 判断题, items: 1, where: 'grade == 1'}", lambda x: sum(not m for _, m in x) == 1),
    ("- pretest: {section: 单项选择题, items: 2, where: 'grade > 1', places: end}", lambda x: sum(not m for _, m in x) == 2),
    ("- apart: {similarity: 0.8}",
     lambda x: _number(x, "T-01", "T-04") < 2 and _number(x, "T-02", "T-05") < 2),
    ("- overlap: {max: 1, with: [OLD-A]}", lambda x: _number(x, "T-01", "T-02", "T-04") <= 1),
    ("- overlap: {exact: 2, with: [OLD]}",
     lambda x: _number(x, "T-01", "T-02", "T-04") == 2 and _number(x, "T-03", "T-05") == 2),
    ("- overlap: {max: 0, since: 2025-01-01}", lambda x: not _number(x, "T-03", "T-05")),
    ("- overlap: {min: 2, since: 2024-01-01, with: [OLD-B]}",
     lambda x: _number(x, "T-01", "T-02", "T-04") >= 2 and _number(x, "T-03", "T-05") >= 2),
    ("- exposure: {max_persons: 300}", lambda x: not _number(x, "T-02", "T-05")),
    ("- exposure: {max_uses: 1, within_months: 120}", lambda x: not _number(x, "T-01", "T-02", "T-05", "T-07")),
    ("- exposure: {max_uses: 1, within_months: 4}", lambda x: not _number(x, "T-05")),
    ("- include: {where: 'id in [\"T-01\", \"T-03\"]'}", lambda x: _number(x, "T-01", "T-03") == 2),
    ("- exclude: {where: 'grade == 5'}", lambda x: not any(i.grade == 5 for i, _ in x)),
    ("- exposure: {max_uses: 2}", lambda x: all(USES.get(i.id, 0) < 2 for i, _ in x)),
    ("- exposure: {max_uses: 0}", lambda x: not x),
    ("- include: [T-01, T-03]", lambda x: {"T-01", "T-03"} <= {i.id for i, _ in x}),
    ("- include: [T-01, NOBODY]", lambda x: False),
    ("- exclude: [T-01, T-03, NOBODY]", lambda x: not {"T-01", "T-03"} & {i.id for i, _ in x}),
    ("- expected_score: {at: [0], min: 1, max: 50%}", lambda x: 1 <= sum(m * _p(i, 0) for i, m in x) <= 2),
    ("- expected_score: {at: population, min: 40%}", lambda x: sum(m * FACILITY[i.grade] for i, m in x) >= 1.6 - 1e-9),
    ("- sd: {min: 0.3, max: 0.6}", lambda x: 0.3 <= sum(m * _along(i) for i, m in x) <= 0.6),
    ("- information: {at: [-1, 0.5], min: 0.4}", lambda x: min(_information(x, -1), _information(x, 0.5)) >= 0.4),
    (
        "- information: {at: {from: 0, to: 0.5}, max: 0.7}",
        lambda x: max(_information(x, theta) for theta in (0, 0.25, 0.5)) <= 0.7,
    ),
    ("- csem: {at: [0], min: 0.5, max: 1.1}", lambda x: 0.25 <= sum(m * m * _p(i, 0) * (1 - _p(i, 0)) for i, m in x) <= 1.21),
    (
        "- characteristic: {at: [-1, 1], target: [1, 60%], within: 0.5}",
        lambda x: abs(sum(m * _p(i, -1) for i, m in x) - 1) <= 0.5 and abs(sum(m * _p(i, 1) for i, m in x) - 2.4) <= 0.5,
    ),
    ("- characteristic: {within: 0.5}", lambda x: True),
    ("- overlap: {max: 0}", lambda x: True),
]


def _true(item: Item) -> bool:
    return item.kind == "true_false" and item.body.key  # type: ignore[attr-defined, no-any-return]


def _cell(x: Places, domain: str, cognitive: str) -> int:
    competencies = {"A": ("K0", "K1", "K3", "K4"), "B": ("K2", "K5")}[domain]
    return sum(i.competency in competencies and i.cognitive == cognitive for i, _ in x)


def _by_stimulus(x: Places) -> Counter[str]:
    return Counter(i.stimulus for i, _ in x if i.stimulus)


def test_every_constraint_has_a_truth_said_in_plain_words() -> None:
    assert {re.match(r"- (\w+):", text)[1] for text, _ in TRUTHS} == set(CONSTRAINTS)  # type: ignore[index]


@pytest.mark.parametrize(("text", "truth"), TRUTHS, ids=[text for text, _ in TRUTHS])
def test_rows_and_count_admit_exactly_what_the_words_say(text: str, truth: Callable[[Places], bool]) -> None:
    setting = setting_of(tiny_blueprint(text), truth_items())
    pool, candidates = setting.pool, setting.candidates
    marks = candidates.marks
    expected = np.array(
        [
            truth([(pool.items[candidates.item[c]], marks[c]) for c in np.flatnonzero(subset)])
            for subset in every_subset(candidates.item.size)
        ]
    )
    assert np.array_equal(admitted_by_count(setting), expected)
    assert np.array_equal(admitted_by_rows(setting), expected)


COMBINED = [(text, truth) for text, truth in TRUTHS if not text.startswith(("- pretest", "- anchor"))]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(COMBINED), min_size=2, max_size=4, unique_by=lambda entry: entry[0]), st.permutations(range(7)))
def test_rules_together_admit_what_each_of_them_admits_in_any_order_of_items(
    rules: list[tuple[str, Callable[[Places], bool]]], order: list[int]
) -> None:
    items = [truth_items()[index] for index in [1, 2, 3, 4, 5, 6, 8]]
    setting = setting_of(tiny_blueprint(*(text for text, _ in rules)), [items[index] for index in order])
    pool, marks = setting.pool, {"true_false": 1.0, "single": 2.0}
    papers = [[(pool.items[p], marks[pool.items[p].kind]) for p in np.flatnonzero(subset)] for subset in every_subset(7)]
    expected = [all(truth(paper) for _, truth in rules) for paper in papers]
    assert admitted_by_rows(setting).tolist() == expected
    assert admitted_by_count(setting).tolist() == expected


WHERES = ("True", "grade >= 3", 'domain == "A"', 'not kind == "single"', 'importance in ["X", "Y"] or seconds < 50')


@st.composite
def bounded_rules(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(["count", "marks", "sum", "mean"]))
    parts = [f"where: {draw(st.sampled_from(WHERES))!r}"]
    if word in ("sum", "mean"):
        parts.append(f"of: {draw(st.sampled_from(['seconds', 'grade', 'facility', 'marks', 'uses']))}")
    amount = st.one_of(
        st.integers(0, 250).map(str), st.integers(0, 100).map(lambda n: f"{n}%"), st.integers(0, 600).map(lambda n: f"{n / 100:.2f}")
    )
    least, most = draw(amount), draw(amount)
    which = draw(st.sampled_from(["min", "max", "both"]))
    parts += [f"min: {least}"] if which != "max" else []
    parts += [f"max: {most}"] if which != "min" else []
    return f"- {word}: {{{', '.join(parts)}}}"


@settings(max_examples=60, deadline=None)
@given(text=bounded_rules(), indices=st.lists(st.integers(0, 30), min_size=5, max_size=7, unique=True))
def test_rows_and_count_agree_for_any_bounded_rule_on_any_pool(text: str, indices: list[int]) -> None:
    items = [tiny_item(index, kind="single" if index % 3 == 2 else "true_false") for index in indices]
    setting = setting_of(tiny_blueprint(text), items)
    assert np.array_equal(admitted_by_rows(setting), admitted_by_count(setting))


@pytest.mark.parametrize(("n_items", "n_forms", "most"), [(6, 2, 0), (6, 2, 1), (5, 2, 3), (4, 3, 0), (4, 3, 1)])
def test_overlap_rows_admit_exactly_papers_that_share_few_items(n_items: int, n_forms: int, most: int) -> None:
    setting = setting_of(tiny_blueprint(f"- overlap: {{max: {most}}}", n_forms=n_forms), mixed_items(n_items))
    draft, (rule,) = draft_of(setting), setting.rules
    CONSTRAINTS["overlap"].compile(rule, scene_at(setting), draft)
    program = draft.freeze()
    papers = every_subset(n_items * n_forms).reshape(-1, n_forms, n_items)
    pairs = list(combinations(range(n_forms), 2))
    shared = np.stack([papers[:, a] * papers[:, b] for a, b in pairs], axis=1)
    expected = (shared.sum(axis=2) <= most).all(axis=1)
    assert [not violations(program, paper.astype(np.bool_)) for paper in papers] == expected.tolist()
    linear = direct_program(program)
    extra = shared.reshape(len(papers), -1) if most else np.zeros((len(papers), 0))
    assert np.array_equal(admitted(linear, np.hstack([papers.reshape(len(papers), -1), extra])), expected)
    if most:
        silent = admitted(linear, np.hstack([papers.reshape(len(papers), -1), np.zeros_like(extra)]))
        assert np.array_equal(silent, (shared.sum(axis=(1, 2)) == 0)), "a shared item cannot go unnoticed"


def rows_labelled(program: LinearProgram, start: str) -> LinearProgram:
    """Return the program with only the rows whose label starts so."""
    keep = np.array([label.startswith(start) for label in program.labels])
    assert keep.any()
    return replace(
        program, matrix=program.matrix[keep], low=program.low[keep], high=program.high[keep],
        labels=tuple(label for label in program.labels if label.startswith(start)),
        origins=tuple(o for o, kept in zip(program.origins, keep, strict=True) if kept), hard=program.hard[keep],
    )  # fmt: skip


def program_of(
    blueprint: Blueprint, items: Sequence[Item], points: Sequence[float] = (0.0,)
) -> tuple[LinearProgram, Setting]:
    setting = setting_of(blueprint, items)
    return direct_program(compile_program(setting.rules, scene_at(setting, points))), setting


def test_enemies_never_stand_together_whoever_names_whom() -> None:
    items = mixed_items(7)
    items[1] = tiny_item(1, enemies=("T-03", "T-04", "ELSEWHERE"))
    items[4] = tiny_item(4, enemies=("T-01", "T-04"))
    items[6] = tiny_item(6, enemies=("BOF4-BCC-01",))
    program, setting = program_of(tiny_blueprint(), items)
    chosen = [{setting.pool.ids[p] for p in np.flatnonzero(subset)} for subset in every_subset(7)]
    pairs = ({"T-01", "T-03"}, {"T-01", "T-04"}, {"T-06", "BOF4-BCC-01"})
    expected = [not any(pair <= ids for pair in pairs) for ids in chosen]
    assert admitted(rows_labelled(program, "enemies"), every_subset(7)).tolist() == expected


def test_sections_ask_for_their_number_of_each_kind() -> None:
    program, setting = program_of(tiny_blueprint(true_false=3, single=1), mixed_items(8))
    n_single = [sum(setting.pool.items[p].kind == "single" for p in np.flatnonzero(subset)) for subset in every_subset(8)]
    expected = [one == 1 and subset.sum() == 4 for one, subset in zip(n_single, every_subset(8), strict=True)]
    both = admitted(rows_labelled(program, "判断题"), every_subset(8))
    both &= admitted(rows_labelled(program, "单项选择题"), every_subset(8))
    assert both.tolist() == expected


def test_weights_keep_every_leaf_domain_within_the_tolerance() -> None:
    blueprint = tiny_blueprint(true_false=3, single=1, weights_tolerance=0.75)
    items = mixed_items(8)
    targets = domain_targets(blueprint, tiny_bank(items).standard)
    assert targets == {"A-A": 2.0, "A-B": 1.0, "B": 2.0}, "1.5, 1.5 and 2 marks by largest remainder"
    program, setting = program_of(blueprint, items)
    expected = []
    for subset in every_subset(8):
        carried = Counter[str]()
        for p in np.flatnonzero(subset):
            carried[setting.pool.domain[p]] += 2 if setting.pool.items[p].kind == "single" else 1
        expected.append(all(abs(carried[code] - target) <= 0.75 for code, target in targets.items()))
    assert any(expected)
    assert admitted(rows_labelled(program, "weights"), every_subset(8)).tolist() == expected


RULES = ("- count: {where: 'grade >= 3', min: 1}", "- sum: {of: seconds, max: 190}", "- once_per: domain")


def selections(setting: Setting) -> list[NDArray[np.int64]]:
    """Return every single paper that the plan admits, by counting."""
    wanted = Counter({section.kind: section.items for section in setting.blueprint.sections})
    scene, found = scene_at(setting), []
    for subset in combinations(range(setting.candidates.item.size), sum(wanted.values())):
        chosen = selection(setting, np.isin(np.arange(setting.candidates.item.size), subset))
        counts = (f for rule in setting.rules for f in CONSTRAINTS[rule.word].count(rule, scene, chosen))
        kinds = Counter(setting.pool.items[p].kind for p in subset)
        if kinds == wanted and all(Check("", "", *finding[:3]).holds for finding in counts):
            found.append(np.array(subset))
    return found


def test_the_solver_finds_the_single_paper_with_most_information() -> None:
    items = mixed_items(9)
    blueprint = tiny_blueprint(*RULES)
    program, setting = program_of(blueprint, items, (0.3,))
    papers = selections(setting)
    assert 2 < len(papers) < 40
    information = item_information(setting.pool, np.array([0.3]))[:, 0]
    best = max(information[paper].sum() for paper in papers)
    assert solve(program, seed=1, absolute_gap=0.0, max_nodes=1000).objective == pytest.approx(-best, abs=1e-9)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_the_solver_finds_the_two_papers_that_differ_least(most: int) -> None:
    items = mixed_items(9)
    blueprint = tiny_blueprint(*RULES, f"- overlap: {{max: {most}}}", n_forms=2)
    points = np.array([-0.5, 0.4])
    program, setting = program_of(blueprint, items, tuple(points))
    papers = selections(setting)
    scores = probability(setting.pool, points) * setting.candidates.marks[:, None]
    information = item_information(setting.pool, points)
    information = information / (information.mean(axis=0) * 3)
    quantities = np.hstack([scores, information])

    def difference(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
        return float(np.abs(quantities[first].sum(axis=0) - quantities[second].sum(axis=0)).max())

    best = min(difference(a, b) for a in papers for b in papers if len(set(a) & set(b)) <= most)
    found = solve(program, seed=1, absolute_gap=0.0, max_nodes=2000)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(best, abs=1e-7)
    assert found.bound <= found.objective + 1e-9


DROPPED = (
    ("- count: {where: 'grade >= 3', min: 1}", "- mean: {of: facility, min: 0.5, max: 0.8}", "- once_per: domain",
     "- overlap: {max: 1}"),
    ("- keys: {min: 1, max: 1}", "- if_then: {if: 'grade >= 4', then: 'grade <= 2', min: 1}",
     "- all_or_none: [T-01, T-03]", "- crossed: {by: [domain, kind], cells: {A: {true_false: 1+}}}"),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    grades=st.lists(st.integers(1, 5), min_size=9, max_size=9), dropped=st.integers(0, 3), n_forms=st.integers(1, 2),
    some=st.sampled_from(DROPPED),
)  # fmt: skip
def test_dropping_a_constraint_never_worsens_the_objective(
    grades: list[int], dropped: int, n_forms: int, some: tuple[str, ...]
) -> None:
    items = [tiny_item(i, kind="single" if i % 3 == 2 else "true_false", grade=g) for i, g in enumerate(grades)]
    rules = list(some)
    changed: dict[str, Any] = {"n_forms": n_forms, "objective": compared_at(0.0)}
    whole = solve(program_of(tiny_blueprint(*rules, **changed), items)[0], seed=1, absolute_gap=0.0, max_nodes=2000)
    rules.pop(dropped)
    freer = solve(program_of(tiny_blueprint(*rules, **changed), items)[0], seed=1, absolute_gap=0.0, max_nodes=2000)
    if whole.values.size:
        assert freer.objective <= whole.objective + 1e-6
    elif not freer.values.size:
        assert freer.status == "infeasible"


def test_the_elastic_program_says_by_how_much_a_rule_falls_short() -> None:
    blueprint = tiny_blueprint("- count: {where: 'grade >= 6', min: 2}", "- count: {max: 4}")
    program, _ = program_of(blueprint, mixed_items(8))
    assert solve(program, seed=1, absolute_gap=0.0, max_nodes=100).status == "infeasible"
    relaxed = elastic(program)
    answer = solve(relaxed, seed=1, absolute_gap=0.0, max_nodes=100)
    assert answer.objective == pytest.approx(2.0)
    slack = answer.values[program.cost.size :].reshape(2, -1).sum(axis=0)
    short = {label: amount for label, amount in zip(program.labels, slack, strict=True) if amount > 1e-6}
    assert list(short) == ["count: {where: grade >= 6, min: 2}"]


def test_of_many_papers_the_pairs_with_least_middle_and_most_are_told_and_stand_for_all() -> None:
    rng = np.random.default_rng(4)
    items = [np.sort(rng.choice(40, 9, replace=False)) for _ in range(80)]
    shared = shared_counts(items, 40)
    assert all(shared[a, b] == len({*items[a]} & {*items[b]}) for a in range(80) for b in range(80))
    pairs, part = told_pairs(shared)
    every = sorted(int(shared[a, b]) for a in range(80) for b in range(a))
    assert [int(shared[pair]) for pair in pairs] == [every[0], every[len(every) // 2], every[-1]]
    assert part == "3,160 pairs"
