"""Calibration of a sitting whose items give marks in part: what is stored is what the estimation engine says of it."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from qbank.assemble.expected import expected_of, item_information, mark_variance, probability
from qbank.assemble.pool import make_pool
from qbank.cli.calibrate import calibrate as verb
from qbank.core.form import Form, answer_places
from qbank.core.history import History
from qbank.core.responses import NOT_REACHED, OMITTED
from qbank.core.scoring_rules import CalibrationRules, ScoringRules
from qbank.irt import (
    calibrate,
    expected_score,
    from_reported,
    information,
    item_parameters,
    score_variance,
    shrink,
    simulate,
)
from qbank.irt.models import MODELS as IRT_MODELS
from qbank.kinds import KINDS
from qbank.ledger import calibrations_of, links_of
from qbank.problem import Problem
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.calibration import Calibrated, calibrate_sitting
from qbank.workflow.calibration.categories import Categories, categories_of, placed
from qbank.workflow.calibration.models import MODELS, word_of
from qbank.workflow.scoring import score_sitting
from qbank.workflow.sitting import add_responses
from qbank.workflow.workspace import Workspace
from tests.workflow.places import write_table
from tests.workflow.test_every_kind import answers, made, printed, workspace_with

Array = NDArray[np.float64]
WHOLE = ("Q-1", "K-9", "Q-3", "K-3", "K-7.1")
IN_PART = {"K-1": 0.5, "K-2": 0.5, "K-5": 0.5, "K-6": 0.5, "K-7.2": 0.5, "K-4": 0.625, "K-10": 0.75, "K-8": 0.85}
"""share of the marks of an answer that earns a part of them"""


def truth() -> tuple[tuple[str, ...], NDArray[np.int8], Array]:
    """Return the items, drawn scores of 500 persons in categories, and their abilities."""
    items = (*WHOLE, *IN_PART)
    rng = np.random.default_rng(3)
    middle = np.linspace(-1.2, 1.2, len(items))
    steps = np.column_stack((middle - 0.5, middle + 0.5))
    steps[: len(WHOLE)] = np.nan
    known = item_parameters(
        ["2pl"] * len(WHOLE) + ["gpcm"] * len(IN_PART), a=np.exp(rng.normal(0.2, 0.2, len(items))), b=middle, steps=steps
    )
    theta = rng.normal(0, 1, 500)
    return items, np.asarray(simulate(known, theta, seed=4)), theta


def cells_of(form: Form) -> dict[str, tuple[str, ...]]:
    """Return for each item what is written for category 0, 1, ...; of right and wrong a wrong answer, not a blank."""
    at = {place.id: place for place in answer_places(form)}
    given = answers(form)
    wrong = {"Q-1": printed(at["Q-1"], "B"), "K-9": "对", "Q-3": "1", "K-3": "50", "K-7.1": printed(at["K-7.1"], "B")}
    nothing = {"K-1": printed(at["K-1"], "AB"), "K-2": "x；9", "K-5": "", "K-6": "", "K-7.2": "0", "K-4": "0", "K-10": "0", "K-8": "0"}
    whole = {item: (wrong[item], given["甲"][item]) for item in WHOLE}
    return whole | {item: (nothing[item], given["乙"][item], given["甲"][item]) for item in IN_PART}


def write_answers(
    workspace: Workspace, form: Form, scores: NDArray[np.int8], *, name: str, first: str = "N", blank: Mapping[tuple[int, str], str] | None = None
) -> Path:
    """Write a file of answers with these scores; blank : (row, item) → another cell."""
    items = truth()[0]
    cells = cells_of(form)
    rows = [
        [f"{first}{row:04d}", *((blank or {}).get((row, item), cells[item][int(scores[row, n])]) for n, item in enumerate(items))]
        for row in range(len(scores))
    ]
    return write_table(workspace.root / "answers" / f"{name}.csv", ["person", *items], rows)


def add(workspace: Workspace, path: Path, *, id: str, date: str) -> None:
    added, problems = add_responses(path, (workspace.forms / "every",), workspace, id=id, date=date)
    assert added is not None and {problem.code for problem in problems} <= {"H220"}, problems


@dataclass(frozen=True)
class Place:
    workspace: Workspace
    form: Form
    scores: NDArray[np.int8]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a workspace in which 500 persons sat a paper with every kind of item."""
    workspace = workspace_with(tmp_path_factory.mktemp("every"))
    form = made(workspace)
    scores = truth()[1]
    add(workspace, write_answers(workspace, form, scores, name="S"), id="S", date="2026-11-25")
    return Place(workspace, form, scores)


@pytest.fixture(scope="module")
def calibrated(place: Place) -> tuple[Calibrated, list[Problem], History]:
    done, problems = calibrate_sitting("S", place.workspace, model="2pl")
    assert done is not None, problems
    return done, problems, history_of(place.workspace, "tiny")


def directly(scores: NDArray[np.int8], words: list[str], **options: object) -> object:
    return calibrate(scores, model=words, design="spiralled", **options)  # type: ignore[arg-type]


def test_items_with_partial_credit_are_calibrated_in_the_steps_of_their_marks(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History]
) -> None:
    done, problems, history = calibrated
    assert {problem.code for problem in problems} <= {"C103", "C113"} and not done.left_out
    models = dict(zip(done.items, done.fit.parameters.model, strict=True))
    assert models == dict.fromkeys(WHOLE, "2pl") | dict.fromkeys(IN_PART, "gpcm")
    order = [truth()[0].index(item) for item in done.items]
    assert np.array_equal(done.scores, place.scores[:, order]), "the categories are those that the answers were made from"
    direct = calibrate(place.scores[:, order], model=[models[item] for item in done.items], design="spiralled")
    assert done.fit.log_likelihood == pytest.approx(direct.log_likelihood)
    prints = dict(zip(done.items, done.fit.parameters.fingerprints, strict=True))
    for n, item in enumerate(done.items):
        stored = history.estimates[prints[item]]
        assert stored.model == models[item] and stored.n_categories == int(direct.parameters.n_categories[n])
        assert set(stored.values) == set(IRT_MODELS[stored.model].reported(stored.n_categories))
        for name, value in stored.values.items():
            assert value == pytest.approx(direct.parameters.values[name][n])
            assert stored.errors[name] == pytest.approx(direct.parameters.errors[name][n], nan_ok=True)
        width = len(stored.covariance)
        assert np.array(stored.covariance) == pytest.approx(direct.parameters.covariance[n, :width, :width])
        assert stored.shares == ((0.0, 1.0) if item in WHOLE else (0.0, IN_PART[item], 1.0))
        assert stored.n_answers == 500 and stored.sitting == "S"


def test_what_was_stored_makes_the_expected_marks_of_the_next_papers(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History]
) -> None:
    done, _, history = calibrated
    bank, _ = usable_bank(place.workspace.root / "banks" / "tiny")
    assert bank is not None
    pool = make_pool(bank, history, level=4, kinds=frozenset(KINDS), uses={})
    theta = np.array([-1.5, 0.0, 1.1])
    found = probability(pool, theta)
    parameters = done.fit.parameters
    score = expected_score(parameters, theta)
    for item in ("K-9", "K-2"):
        share = score[done.items.index(item)] / (1 if item in WHOLE else 2)
        assert found[pool.ids.index(item)] == pytest.approx(share)
    chance = np.exp(IRT_MODELS["gpcm"].log_probability(parameters.estimates[[done.items.index("K-10")], :3], theta))[0]
    assert found[pool.ids.index("K-10")] == pytest.approx(0.75 * chance[1] + chance[2])
    assert {id for id, known in zip(pool.ids, pool.calibrated, strict=True) if not known} == {"Q-2"}, "it is on no paper"


def test_a_case_brings_what_its_questions_bring(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History]
) -> None:
    """One question of 1 mark, right or wrong, and one of 3 marks in steps of a half."""
    done, _, history = calibrated
    bank, _ = usable_bank(place.workspace.root / "banks" / "tiny")
    assert bank is not None
    pool = make_pool(bank, history, level=4, kinds=frozenset(KINDS), uses={})
    theta = np.array([-1.5, 0.0, 1.1])
    case, parameters = pool.ids.index("K-7"), done.fit.parameters
    score, info = expected_score(parameters, theta), information(parameters, theta)
    variance = score_variance(parameters, theta)
    one, other = (done.items.index(name) for name in ("K-7.1", "K-7.2"))
    assert probability(pool, theta)[case] == pytest.approx((score[one] + 3 * score[other] / 2) / 4)
    assert item_information(pool, theta)[case] == pytest.approx(info[one] + info[other])
    assert mark_variance(pool, theta)[case] == pytest.approx((variance[one] + 9 * variance[other] / 4) / 16)
    alone = expected_of(pool, case, 1.1)
    assert (alone.share, alone.variance, alone.information) == pytest.approx(
        (probability(pool, theta)[case, 2], mark_variance(pool, theta)[case, 2], item_information(pool, theta)[case, 2])
    )
    assert probability(pool, pool.difficulty[[case]])[case, 0] == pytest.approx(0.5, abs=1e-3)
    assert 0.3 < pool.facility[case] < 0.7 and np.isfinite(pool.slope[case])


@pytest.mark.parametrize(
    ("model", "polytomous", "words"),
    [
        ("rasch", None, ("rasch", "pcm")), ("1pl", None, ("1pl", "gpcm")), ("2pl", "grm", ("2pl", "grm")),
        ("grm", None, ("2pl", "grm")), ("pcm", None, ("rasch", "pcm")), ("rsm", None, ("rasch", "rsm")),
        ("nominal", None, ("2pl", "nominal")), ("mixed", None, ("2pl", "gpcm")), ("2pl", "pcm", ("2pl", "pcm")),
    ],
)  # fmt: skip
def test_every_model_is_stored_and_read_back(
    place: Place, tmp_path: Path, model: str, polytomous: str | None, words: tuple[str, str]
) -> None:
    workspace = copied(place, tmp_path, calibrated=False)
    done, problems = calibrate_sitting("S", workspace, model=model, polytomous=polytomous)
    assert done is not None, problems
    parameters = done.fit.parameters
    models = dict(zip(done.items, parameters.model, strict=True))
    assert models == dict.fromkeys(WHOLE, words[0]) | dict.fromkeys(IN_PART, words[1])
    history = history_of(workspace, "tiny")
    known = [history.estimates[found] for found in parameters.fingerprints if found in history.estimates]
    assert len(known) == len(done.items) - sum(word not in ("ok", "fixed") for word in done.fit.status) > 8
    again = from_reported([one.model for one in known], [one.n_categories for one in known], [one.values for one in known])
    rows = [parameters.fingerprints.index(one.fingerprint) for one in known]
    assert np.allclose(again.estimates, parameters.estimates[rows][:, : again.estimates.shape[1]], equal_nan=True)


def copied(place: Place, root: Path, *, calibrated: bool = True) -> Workspace:
    """Return a copy of the workspace; without any calibration, whichever test came first, where that is asked for."""
    shutil.copytree(place.workspace.root, root / "copy")
    if not calibrated:
        with sqlite3.connect(root / "copy" / "ledger.db") as connection:
            for table in ("parameter", "planned", "link", "calibration"):
                connection.execute(f"DELETE FROM {table}")
    return Workspace(root / "copy", "en", str(root / "copy" / "ledger.db"))


def test_guessed_items_have_an_asymptote_with_a_prior_at_one_over_their_options(place: Place, tmp_path: Path) -> None:
    workspace = copied(place, tmp_path, calibrated=False)
    done, problems = calibrate_sitting("S", workspace, model="3pl")
    assert done is not None, problems
    models = dict(zip(done.items, done.fit.parameters.model, strict=True))
    assert {item for item, word in models.items() if word == "3pl"} == {"Q-1", "K-9", "K-7.1"}, "numbers are not guessed"
    history = history_of(workspace, "tiny")
    c = {item: history.estimates[print_].values["c"] for item, print_ in zip(done.items, done.fit.parameters.fingerprints, strict=True)
         if models[item] == "3pl"}  # fmt: skip
    assert all(0 < value < 0.6 for value in c.values()) and c["K-9"] > c["Q-1"]


# ---------------------------------------------------------------------------------------------- what counts as what


@pytest.mark.parametrize("rule", ["not_seen", "wrong"])
def test_what_was_not_reached_counts_by_the_rule_and_what_was_omitted_as_wrong(
    place: Place, tmp_path: Path, rule: str
) -> None:
    workspace = copied(place, tmp_path, calibrated=False)
    form = place.form
    order = [entry.id for entry in answer_places(form)]
    last = order[-1] if order[-1] in truth()[0] else order[-2]
    blank = {(0, "Q-3"): ""} | {(row, item): "" for row in (1, 2) for item in order[order.index("K-7.1") :]}
    scores = place.scores[:300].copy()
    add(workspace, write_answers(workspace, form, scores, name="R", first="R", blank=blank), id="R", date="2026-11-25")
    scored, _ = score_sitting("R", workspace)
    assert scored is not None
    items = scored.stored.responses.items
    given = scored.stored.responses.answer
    assert given[0, items.index("Q-3")] == OMITTED and given[1, items.index(last)] == NOT_REACHED
    if rule == "wrong":
        rules = ScoringRules(calibration=CalibrationRules(not_reached="wrong"))
        workspace = replace(workspace, scoring=rules)
    done, problems = calibrate_sitting("R", workspace, model="rasch", new_scale=True)
    assert done is not None, problems
    assert done.answers.counts_as == {"omitted": "wrong", "not_reached": rule}
    assert done.scores[0, done.items.index("Q-3")] == 0
    assert done.scores[1, done.items.index(last)] == (-1 if rule == "not_seen" else 0)
    ledger = workspace.open()
    (stored,) = calibrations_of(ledger, "R")
    ledger.close()
    assert stored.record.settings["not_reached"] == rule and stored.record.settings["omitted"] == "wrong"


# ---------------------------------------------------------------------------------------------- categories


def test_rare_marks_are_joined_with_their_neighbours_and_named(place: Place, tmp_path: Path) -> None:
    workspace = copied(place, tmp_path, calibrated=False)
    scores = place.scores.copy()
    column = truth()[0].index("K-4")
    few = np.flatnonzero(scores[:, column] == 1)[4:]
    scores[few, column] = 2
    add(workspace, write_answers(workspace, place.form, scores, name="J", first="J"), id="J", date="2026-11-25")
    done, problems = calibrate_sitting("J", workspace, model="2pl", new_scale=True)
    assert done is not None, problems
    assert [dict(problem.facts) for problem in problems if problem.code == "C121"] == [{"n": "1", "items": "K-4"}]
    n = done.items.index("K-4")
    own = done.answers.categories[n]
    persons = np.array([4, int((scores[:, column] == 2).sum())])
    smaller = int((scores[:, column] == 0).sum()) <= persons[1]
    assert done.fit.parameters.n_categories[n] == 2 and done.fit.parameters.model[n] == "2pl"
    if smaller:
        assert own.tops == (0.625, 1.0)
        assert own.shares[0] == pytest.approx(4 * 0.625 / (4 + int((scores[:, column] == 0).sum())))
    else:
        assert own.tops == (0.0, 1.0) and own.shares[1] == pytest.approx((4 * 0.625 + persons[1]) / persons.sum())
    bank, _ = usable_bank(workspace.root / "banks" / "tiny")
    assert bank is not None
    history = replace(history_of(workspace, "tiny"), held={})
    pool = make_pool(bank, history, level=4, kinds=frozenset(KINDS), uses={})
    at = np.array([0.3])
    right = expected_score(done.fit.parameters, at)[n, 0]
    expected = own.shares[0] * (1 - right) + own.shares[1] * right
    assert probability(pool, at)[pool.ids.index("K-4"), 0] == pytest.approx(expected)


def test_categories_hold_ten_persons_and_are_ten_at_most() -> None:
    rng = np.random.default_rng(0)
    share = rng.integers(0, 41, 3000) / 40
    own = categories_of(share)
    category = placed(share, own.tops)
    counts = np.bincount(category)
    assert len(own.shares) == 10 and counts.min() >= 10 and own.joined == 31
    for k, mean in enumerate(own.shares):
        assert mean == pytest.approx(share[category == k].mean(), abs=1e-6)
    assert (np.diff(own.shares) > 0).all() and own.tops[-1] == 1.0


@pytest.mark.parametrize(
    ("share", "found"),
    [
        ([], Categories((0.0, 1.0), (0.0, 1.0))),
        ([0.5] * 30, Categories((0.0, 1.0), (0.0, 1.0))),
        ([0.0, 1.0], Categories((0.0, 1.0), (0.0, 1.0))),
        ([0.0] * 20 + [1 / 3] * 20 + [1.0] * 20, Categories((0.0, round(1 / 3, 6), 1.0), (0.0, round(1 / 3, 6), 1.0))),
        ([0.5, 1.0, math.nan], Categories((0.5, 1.0), (0.5, 1.0))),
    ],
)  # fmt: skip
def test_few_marks_and_none_make_categories_too(share: list[float], found: Categories) -> None:
    assert categories_of(np.array(share)) == found


def test_every_word_of_the_command_line_gives_each_item_a_model_that_can_hold_it() -> None:
    for model in MODELS:
        for polytomous in (None, "grm", "pcm", "gpcm", "rsm", "nominal"):
            for partial in (False, True):
                for guessed in (False, True):
                    word = word_of(model, polytomous, partial=partial, guessed=guessed, n_answers=2000)
                    low, high = IRT_MODELS[word].categories
                    assert low <= (4 if partial else 2) <= high


# ---------------------------------------------------------------------------------------------- one scale


def later(place: Place, workspace: Workspace, *, shift: float, n: int = 600, first: str = "L") -> NDArray[np.int8]:
    """Add a later sitting of the same paper by abler persons, and return its scores."""
    items = truth()[0]
    middle = np.linspace(-1.2, 1.2, len(items))
    steps = np.column_stack((middle - 0.5, middle + 0.5))
    steps[: len(WHOLE)] = np.nan
    rng = np.random.default_rng(3)
    known = item_parameters(
        ["2pl"] * len(WHOLE) + ["gpcm"] * len(IN_PART), a=np.exp(rng.normal(0.2, 0.2, len(items))), b=middle, steps=steps
    )
    theta = shift + np.random.default_rng(9).normal(0, 1, n)
    scores = np.asarray(simulate(known, theta, seed=10))
    add(workspace, write_answers(workspace, place.form, scores, name="L", first=first), id="L", date="2027-05-10")
    return scores


def test_known_items_of_every_model_are_held_and_the_implied_line_is_stored(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History], tmp_path: Path
) -> None:
    before = calibrated[2]
    workspace = copied(place, tmp_path)
    later(place, workspace, shift=0.7)
    done, problems = calibrate_sitting("L", workspace, model="2pl")
    assert done is not None, problems
    drifted = () if done.drift is None else done.drift.removed
    assert done.drift is not None and set(done.drift.items) == set(done.items), "steps are watched for drift as well"
    assert done.anchored == len(done.items) - len(drifted) >= 11
    assert done.fit.parameters.scale == "tiny:S"
    ledger = workspace.open()
    (line,) = links_of(ledger, "L")
    ledger.close()
    assert (line.method, line.from_scale, line.to_scale) == ("anchors", "tiny:L", "tiny:S")
    assert (line.slope, line.intercept) == pytest.approx((float(done.fit.ability_sd), float(done.fit.ability_mean)))
    assert line.intercept == pytest.approx(0.7, abs=0.2) and line.settings["intercept_error"] < 0.1
    assert set(line.anchors) == set(done.items) - set(drifted)
    for n, item in enumerate(done.items):
        if item in line.anchors:
            known = before.estimates[done.fit.parameters.fingerprints[n]]
            assert all(done.fit.parameters.values[name][n] == pytest.approx(value) for name, value in known.values.items())


@pytest.mark.parametrize("method", ["mean-sigma", "haebara", "stocking-lord"])
def test_a_sitting_calibrated_by_itself_is_carried_over_by_a_line(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History], tmp_path: Path, method: str
) -> None:
    workspace = copied(place, tmp_path)
    scores = later(place, workspace, shift=0.7)
    done, problems = calibrate_sitting("L", workspace, model="2pl", link=method)
    assert done is not None, problems
    ledger = workspace.open()
    (line,) = links_of(ledger, "L")
    ledger.close()
    assert (line.method, line.from_scale, line.to_scale) == (method, "tiny:L", "tiny:S")
    assert line.intercept == pytest.approx(0.7, abs=0.25) and line.slope == pytest.approx(1.0, abs=0.25)
    assert 0 < line.settings["slope_error"] < 0.2 and 0 < line.settings["intercept_error"] < 0.2
    order = [truth()[0].index(item) for item in done.items]
    alone = calibrate(scores[:, order], model=done.fit.parameters.model, design="spiralled")
    assert done.fit.parameters.values["a"] == pytest.approx(alone.parameters.values["a"] / line.slope)
    assert done.fit.parameters.values["b"] == pytest.approx(line.slope * alone.parameters.values["b"] + line.intercept)
    assert float(done.fit.ability_mean) == pytest.approx(line.intercept)
    assert done.fit.log_likelihood == pytest.approx(alone.log_likelihood)
    carried = expected_score(done.fit.parameters, np.array([0.4]))
    assert carried == pytest.approx(expected_score(alone.parameters, np.array([(0.4 - line.intercept) / line.slope])))
    assert history_of(workspace, "tiny").estimates.keys() == calibrated[2].estimates.keys()


def test_a_line_through_one_item_is_refused_in_words(place: Place, tmp_path: Path) -> None:
    workspace = copied(place, tmp_path)
    done, _ = calibrate_sitting("S", workspace, model="2pl")
    assert done is not None
    with sqlite3.connect(workspace.root / "ledger.db") as connection:
        connection.execute("DELETE FROM parameter WHERE item <> 'K-9'")
    later(place, workspace, shift=0.0)
    done, problems = calibrate_sitting("L", workspace, model="2pl", link="haebara")
    assert done is None
    (problem,) = [problem for problem in problems if problem.severity == "error"]
    assert problem.code == "C125" and dict(problem.facts) == {"n": "1", "least": "2", "method": "haebara"}
    assert history_of(workspace, "tiny").estimates and len(history_of(workspace, "tiny").estimates) == 1


def test_anchors_without_known_errors_are_held_unwatched(place: Place, tmp_path: Path) -> None:
    workspace = copied(place, tmp_path)
    done, _ = calibrate_sitting("S", workspace, model="2pl")
    assert done is not None
    with sqlite3.connect(workspace.root / "ledger.db") as connection:
        connection.execute("UPDATE parameter SET covariance = '[]' WHERE model = 'gpcm'")
    later(place, workspace, shift=0.0)
    done, problems = calibrate_sitting("L", workspace, model="2pl")
    assert done is not None
    told = [dict(problem.facts) for problem in problems if problem.code == "C124"]
    assert told == [{"n": "8", "of": "13"}]
    assert done.drift is not None and set(done.drift.items) == set(WHOLE)
    assert done.anchored == 13 - len(done.drift.removed)


# ---------------------------------------------------------------------------------------------- who sat before


def test_who_had_items_of_the_paper_before_is_left_out(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History], tmp_path: Path
) -> None:
    workspace = copied(place, tmp_path)
    scores = place.scores[:200]
    path = write_answers(workspace, place.form, scores, name="B", first="N")
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], *(f"X{line}" if n >= 30 else line for n, line in enumerate(lines[1:]))]) + "\n", "utf-8")
    add(workspace, path, id="B", date="2027-05-10")
    done, problems = calibrate_sitting("B", workspace, model="2pl")
    assert done is not None, problems
    assert done.answers.n_left_out == 30 and done.fit.n_persons == 170 and done.scores.shape[0] == 170
    assert [dict(p.facts) for p in problems if p.code == "C122"] == [{"n": "30", "of": "200", "sittings": "S"}]
    assert done.answers.before.seen[:30].tolist() == [13] * 30 and not done.answers.before.seen[30:].any()
    done, problems = calibrate_sitting("B", workspace, model="2pl", repeaters="include")
    assert done is not None and done.fit.n_persons == 200 and "C123" in {p.code for p in problems}
    ledger = workspace.open()
    found = calibrations_of(ledger, "B")
    ledger.close()
    assert [one.record.settings["repeaters_left_out"] for one in found] == [30, 0]


def test_when_everybody_sat_before_nothing_is_calibrated(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History], tmp_path: Path
) -> None:
    workspace = copied(place, tmp_path)
    add(workspace, write_answers(workspace, place.form, place.scores[:50], name="B"), id="B", date="2027-05-10")
    done, problems = calibrate_sitting("B", workspace, model="2pl")
    assert done is None
    assert [(p.code, dict(p.facts)) for p in problems if p.severity == "error"] == [("C127", {"n": "50", "sittings": "S"})]


def test_a_sitting_of_the_same_day_or_a_later_one_is_not_before(place: Place, tmp_path: Path) -> None:
    workspace = copied(place, tmp_path, calibrated=False)
    add(workspace, write_answers(workspace, place.form, place.scores, name="B"), id="B", date="2026-11-25")
    add(workspace, write_answers(workspace, place.form, place.scores, name="C"), id="C", date="2027-11-25")
    done, problems = calibrate_sitting("B", workspace, model="2pl")
    assert done is not None and done.answers.n_left_out == 0, problems


def test_the_analysis_says_how_many_sat_before(
    place: Place, calibrated: tuple[Calibrated, list[Problem], History], tmp_path: Path
) -> None:
    workspace = copied(place, tmp_path)
    add(workspace, write_answers(workspace, place.form, place.scores[:50], name="B"), id="B", date="2027-05-10")
    done, problems = analyse_sitting("B", workspace, into=tmp_path / "report")
    assert done is not None
    told = [dict(problem.facts) for problem in problems if problem.code == "C128"]
    assert told == [{"n": "50", "of": "50", "sittings": "S", "seen": "50"}]


# ---------------------------------------------------------------------------------------------- planning


def test_planning_difficulties_are_stored_apart_and_on_the_scale_of_the_calibration(place: Place, tmp_path: Path) -> None:
    workspace = copied(place, tmp_path, calibrated=False)
    items = workspace.root / "banks" / "tiny" / "items" / "kinds.yaml"
    text = items.read_text("utf-8")
    items.write_text(text.replace("    stem: 求石灰加入量。\n", "    stem: 求石灰加入量。\n    grade: 5\n"), "utf-8")
    add(workspace, write_answers(workspace, place.form, place.scores[:60], name="P", first="P"), id="P", date="2027-05-10")
    done, problems = calibrate_sitting("P", workspace, model="rasch", new_scale=True)
    assert done is not None and done.planned is not None, problems
    history = history_of(workspace, "tiny")
    assert {plan.item for plan in history.planned.values()} == set(WHOLE), "marks in part are not planned"
    columns = [done.items.index(item) for item in done.planned.items]
    direct = shrink(done.scores[:, columns], done.planned.grades)
    mean, sd = float(done.fit.ability_mean), float(done.fit.ability_sd)
    for n, item in enumerate(done.planned.items):
        plan = history.planned[done.fit.parameters.fingerprints[done.items.index(item)]]
        unit = sd / direct.ability_sd
        assert plan.difficulty == pytest.approx(mean + unit * direct.difficulties[n])
        assert plan.error == pytest.approx(unit * direct.errors[n]) and plan.slope == pytest.approx(1 / unit)
        assert (plan.sitting, plan.scale, plan.n_answers) == ("P", "tiny:P", 60)
        # the same persons, by either: a slope and a difficulty in other units give the same chances
        assert plan.slope * (mean + 0.5 * sd - plan.difficulty) == pytest.approx(0.5 * direct.ability_sd - direct.difficulties[n])
    assert not {id(one) for one in history.estimates.values()} & {id(one) for one in history.planned.values()}
    assert not {one.values["b"] for one in history.estimates.values()} & {p.difficulty for p in history.planned.values()}


# ---------------------------------------------------------------------------------------------- the verb


def run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.chdir(workspace.root)
    (workspace.root / "qbank.yaml").write_text("language: en\n", "utf-8")
    done = CliRunner().invoke(verb, [*words, "--lang", "en"])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_verb_says_by_which_models_and_lists_what_stands(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = copied(place, tmp_path)
    out = run(workspace, monkeypatch, "S", "--model", "2pl")
    assert "items by model: " in out and "gpcm 8" in out and "2pl 5" in out
    assert "omitted: wrong, not reached: not seen" in out
    run(workspace, monkeypatch, "S", "--model", "rasch")
    lines = [line for line in run(workspace, monkeypatch, "S", "--list").splitlines() if line][-2:]
    assert [line[:2] for line in lines] == ["  ", "* "] and all("500 persons" in line for line in lines)
    found = json.loads(run(workspace, monkeypatch, "S", "--list", "--json"))["result"]["calibrations"]
    assert [(one["current"], one["model"], one["items"]) for one in found[-2:]] == [
        (False, "mixed", 13), (True, "mixed", 13)]  # fmt: skip
    told = json.loads(run(workspace, monkeypatch, "S", "--json"))["result"]
    by_id = {one["id"]: one for one in told["items"]}
    assert by_id["K-10"]["marks"] == [0.0, 0.75, 1.0] and by_id["K-10"]["b1"] < by_id["K-10"]["b2"]
    assert by_id["K-9"]["b1"] is None and by_id["K-9"]["model"] == "2pl"
