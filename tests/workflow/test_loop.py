"""The whole loop: what a sitting teaches decides what the next papers may hold, and on which scale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from qbank.assemble.pool import Pool, make_pool
from qbank.cli.calibrate import calibrate
from qbank.core.form import form_items
from qbank.core.history import History
from qbank.files.forms import form_text, write_form
from qbank.kinds.questions import find_question
from qbank.problem import Problem
from qbank.workflow.analyse import Analysed, analyse_sitting
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.calibration import Calibrated, calibrate_sitting, compare_models
from qbank.workflow.calibration.report import calibration_data
from qbank.workflow.decide import decide
from qbank.workflow.papers import assemble_papers
from qbank.workflow.rekeying import Asked
from qbank.workflow.scoring_run import run_scoring
from qbank.workflow.sitting import add_responses
from tests.undrawn import draw_nothing
from tests.workflow.places import (
    DATE,
    REPOSITORY,
    SITTING,
    Place,
    added,
    copy_place,
    edit_item,
    entries,
    make_place,
    prepared,
    read_table,
    write_table,
)

KINDS = frozenset({"single", "true_false"})


def codes(problems: list[Problem]) -> set[str]:
    return {problem.code for problem in problems}


@dataclass(frozen=True, slots=True)
class Sat:
    """600 persons added, analysed and calibrated (2PL)."""

    place: Place
    analysed: Analysed
    calibrated: Calibrated


@pytest.fixture(scope="module")
def sat(tmp_path_factory: pytest.TempPathFactory) -> Sat:
    place = make_place(tmp_path_factory.mktemp("loop") / "place", n_persons=600)
    added(place)
    with pytest.MonkeyPatch.context() as patch:
        draw_nothing(patch)
        analysed, problems = analyse_sitting(SITTING, place.workspace, into=place.root / "reports")
    assert analysed is not None and not problems, problems
    calibrated, problems = calibrate_sitting(SITTING, place.workspace, model="2pl")
    assert calibrated is not None and codes(problems) == {"C103"}, problems
    return Sat(place, analysed, calibrated)


@pytest.fixture
def here(sat: Sat, tmp_path: Path) -> Place:
    """Return a copy of the place in which 600 persons sat."""
    return copy_place(sat.place, tmp_path / "here")


def pool_of(place: Place) -> tuple[Pool, History]:
    bank, problems = usable_bank(place.bank)
    assert bank is not None, problems
    history = history_of(place.workspace, "steelmaking")
    return make_pool(bank, history, level=4, kinds=KINDS, uses={}), history


def print_of(place: Place, item: str) -> str:
    return (entries(place.forms[0]) | entries(place.forms[1]))[item].fingerprint


def verdict(place: Place, word: str) -> None:
    assert decide(SITTING, place.miskeyed, place.workspace, verdict=word, why="seen", who="me", at="now")[1] == []


# ---------------------------------------------------------------------------------------------- the flag


def test_analysis_flags_exactly_the_planted_miskey_and_suggests_the_right_option(sat: Sat) -> None:
    assert dict(sat.analysed.held) == {sat.place.miskeyed: ("miskey", sat.place.simulated.right)}
    assert sat.place.simulated.right != sat.place.simulated.key
    page, _, data, *tables = sat.analysed.files
    assert page.suffix == ".html" and data.suffix == ".json" and tables
    assert all(path.stat().st_size > 0 for path in sat.analysed.files)
    assert sat.place.miskeyed in page.read_text("utf-8")


def test_a_flagged_item_stays_out_of_calibration_history_and_pool(sat: Sat) -> None:
    place = sat.place
    assert set(sat.calibrated.left_out) == {place.miskeyed}
    assert place.miskeyed not in sat.calibrated.items and len(sat.calibrated.items) == 199
    pool, history = pool_of(place)
    assert set(history.held) == {print_of(place, place.miskeyed)}
    assert print_of(place, place.miskeyed) not in history.estimates
    assert len(history.estimates) > 190
    assert place.miskeyed not in pool.ids


@pytest.mark.usefixtures("unwritten")
def test_an_item_flagged_after_its_calibration_loses_its_estimate(tmp_path: Path) -> None:
    place = copy_place(prepared(), tmp_path / "place")
    added(place)
    calibrated, _ = calibrate_sitting(SITTING, place.workspace, model="rasch")
    assert calibrated is not None and not calibrated.left_out
    assert print_of(place, place.miskeyed) in pool_of(place)[1].estimates
    analysed, _ = analyse_sitting(SITTING, place.workspace, into=tmp_path / "report")
    assert analysed is not None and place.miskeyed in analysed.held
    pool, history = pool_of(place)
    assert print_of(place, place.miskeyed) not in history.estimates and place.miskeyed not in pool.ids


def test_keep_lets_the_item_back(here: Place) -> None:
    verdict(here, "keep")
    pool, history = pool_of(here)
    assert here.miskeyed in pool.ids and not history.held
    calibrated, _ = calibrate_sitting(SITTING, here.workspace, model="rasch")
    assert calibrated is not None and here.miskeyed in calibrated.items and not calibrated.left_out
    assert print_of(here, here.miskeyed) in pool_of(here)[1].estimates


def test_credit_keeps_the_item_out(here: Place) -> None:
    verdict(here, "credit")
    pool, history = pool_of(here)
    assert here.miskeyed not in pool.ids
    assert dict(history.held) == {print_of(here, here.miskeyed): "credit"}
    calibrated, _ = calibrate_sitting(SITTING, here.workspace, model="rasch")
    assert calibrated is not None and dict(calibrated.left_out) == {here.miskeyed: "credit"}
    assert print_of(here, here.miskeyed) not in pool_of(here)[1].estimates


@pytest.mark.usefixtures("unwritten")
def test_a_corrected_key_clears_the_flag_and_the_item_comes_back(here: Place) -> None:
    edit_item(here, here.miskeyed, rf"^    key: {here.simulated.key}$", f"    key: {here.simulated.right}")
    run, _ = run_scoring(SITTING, here.workspace, Asked(corrected=True))
    assert run is not None and run.scored.marking[here.miskeyed].corrected
    analysed, _ = analyse_sitting(SITTING, here.workspace, into=here.root / "again")
    assert analysed is not None and not analysed.held
    calibrated, _ = calibrate_sitting(SITTING, here.workspace, model="rasch")
    assert calibrated is not None and not calibrated.left_out and here.miskeyed in calibrated.items
    pool, history = pool_of(here)
    bank, _ = usable_bank(here.bank)
    assert bank is not None and bank.fingerprints[here.miskeyed] in history.estimates
    assert here.miskeyed in pool.ids


# ---------------------------------------------------------------------------------------------- revisions


def test_an_edited_stem_loses_its_estimate_and_keeps_its_exposure(here: Place) -> None:
    item = next(entry for entry in form_items(here.forms[0]) if entry.id != here.miskeyed)
    pool, history = pool_of(here)
    index = pool.ids.index(item.id)
    assert pool.calibrated[index] and item.fingerprint in history.estimates
    judged = pool.difficulty[index]
    edit_item(here, item.id, r"^    stem: ", "    stem: 新增条件下，")
    pool, history = pool_of(here)
    index = pool.ids.index(item.id)
    assert not pool.calibrated[index] and pool.difficulty[index] != judged
    assert [use.sitting for use in history.uses if use.item == item.id] == [SITTING]


def blueprint_of_one(place: Place, max_uses: int) -> Path:
    plan = yaml.safe_load(place.blueprint.read_text("utf-8"))
    plan["blueprint"], plan["forms"] = "one", 1
    plan["constraints"] = [rule for rule in plan["constraints"] if set(rule) not in ({"overlap"}, {"exposure"})]
    plan["constraints"].append({"exposure": {"max_uses": max_uses, "within_months": 24}})
    path = place.root / "blueprints/one.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True), "utf-8")
    return path


def test_exposure_counts_by_id_through_revisions(place: Place) -> None:
    """Paper A was sat twice; its items are used up, also the one that was revised in between."""
    header, rows = read_table(place.responses)
    ids = entries(place.forms[0])
    keep = [n for n, name in enumerate(header) if name in ("person", "form") or name in ids]
    mine = [[row[n] for n in keep] for row in rows[:60] if row[1] == place.forms[0].id]
    path = write_table(place.root / "x/r.csv", [header[n] for n in keep], mine)
    paper = (place.form_folder / f"{place.forms[0].id}.yaml",)
    for name, day in (("one", "2026-11-23"), ("two", "2026-12-23")):
        done, problems = add_responses(path, paper, place.workspace, id=name, date=day)
        assert done is not None and codes(problems) <= {"H220"}
    revised = form_items(place.forms[0])[0].id
    edit_item(place, revised, r"^    stem: ", "    stem: 新增条件下，")
    plan = blueprint_of_one(place, 2)
    made, problems = assemble_papers(plan, place.workspace, series="2", as_of="2027-01-10")
    assert made is not None, problems
    assert revised not in entries(made.forms[0])
    assert not ids.keys() & entries(made.forms[0]).keys()
    plan.write_text(
        plan.read_text("utf-8").replace("constraints:\n", f"constraints:\n- include: [{revised}]\n"), "utf-8"
    )
    made, problems = assemble_papers(plan, place.workspace, series="3", as_of="2027-01-10")
    assert made is None and problems, "a used-up item cannot be included"
    made, problems = assemble_papers(plan, place.workspace, series="4", as_of="2029-01-10")
    assert made is not None and revised in entries(made.forms[0]), problems


# ---------------------------------------------------------------------------------------------- one scale


def test_papers_without_a_declared_link_are_not_calibrated_together(place: Place) -> None:
    added(place, design="none")
    done, problems = calibrate_sitting(SITTING, place.workspace, model="rasch")
    assert done is None
    assert [problem.code for problem in problems] == ["C101"]
    assert not history_of(place.workspace, "steelmaking").estimates


def test_an_anchor_design_without_common_items_is_refused(place: Place) -> None:
    added(place, design="anchor")
    done, problems = calibrate_sitting(SITTING, place.workspace, model="rasch")
    assert done is None
    assert [problem.code for problem in problems] == ["C102"]
    assert dict(problems[0].facts)["forms"] == place.forms[1].id
    assert not history_of(place.workspace, "steelmaking").estimates


def test_an_anchor_design_with_common_items_is_calibrated(place: Place) -> None:
    """Paper B with the first twenty items of paper A in place of its own."""
    first, second = place.forms
    part, other = first.sections[0], second.sections[0]
    mixed = replace(other, items=(*part.items[:20], *other.items[20:]))
    second = replace(second, sections=(mixed, *second.sections[1:]))
    folder = place.root / "anchored"
    folder.mkdir()
    for form in (first, second):
        write_form(form, folder / f"{form.id}.yaml")
    header, rows = read_table(place.responses)
    gone = {entry.id for entry in other.items[:20]}
    keep = [n for n, name in enumerate(header) if name not in gone]
    for number, row in enumerate(rows):
        if row[1] == second.id:
            for entry in part.items[:20]:
                row[header.index(entry.id)] = rows[number - 1][header.index(entry.id)]
    path = write_table(place.root / "x/r.csv", [header[n] for n in keep], [[row[n] for n in keep] for row in rows])
    done, problems = add_responses(path, (folder,), place.workspace, id="a", date=DATE, design="anchor")
    assert done is not None and not problems, problems
    calibrated, problems = calibrate_sitting("a", place.workspace, model="rasch")
    assert calibrated is not None and not problems and calibrated.fit.converged


def test_too_few_persons_is_said_and_not_refused(place: Place) -> None:
    header, rows = read_table(place.responses)
    added(place, write_table(place.root / "x/r.csv", header, rows[:20]), id="few")
    done, problems = calibrate_sitting("few", place.workspace, model="rasch")
    assert done is not None
    assert [(p.code, p.severity) for p in problems if p.code == "C103"] == [("C103", "warning")]
    facts = dict(problems[0].facts)
    assert facts == {"few": facts["items"], "items": facts["items"], "n": "9", "model": "rasch", "least": "100"}


def test_a_second_sitting_of_the_same_items_is_anchored_on_the_first(here: Place) -> None:
    header, rows = read_table(here.responses)
    others = [["B" + row[0], *row[1:]] for row in rows[:400]]
    added(here, write_table(here.root / "x/r.csv", header, others), id="2027-05-A", date="2027-05-10")
    known = pool_of(here)[1].estimates
    calibrated, problems = calibrate_sitting("2027-05-A", here.workspace, model="2pl")
    assert calibrated is not None and codes(problems) == {"C103"}, problems
    assert calibrated.anchored == len(known)
    assert calibrated.fit.parameters.scale == f"steelmaking:{SITTING}"
    history = history_of(here.workspace, "steelmaking")
    assert history.estimates.keys() >= known.keys()
    assert all(history.estimates[found].sitting == SITTING for found in known)


def test_an_anchor_that_leaked_is_named_and_not_held(here: Place) -> None:
    header, rows = read_table(here.responses)
    form = entries(here.forms[0])
    known = pool_of(here)[1].estimates
    hard = max(
        (entry for entry in form.values() if entry.fingerprint in known and entry.kind == "single"),
        key=lambda entry: known[entry.fingerprint].values["a"] * (known[entry.fingerprint].values["b"] > 0),
    )
    column = header.index(hard.id)
    right = next(row for row in rows if row[1] == here.forms[0].id and hard_is_right(here, hard.id, row[column]))
    for number, row in enumerate(rows):
        row[0] = f"B{row[0]}"
        if row[1] == here.forms[0].id and number % 10:
            row[column] = right[column]
    added(here, write_table(here.root / "x/r.csv", header, rows), id="2027-05-A", date="2027-05-10")
    calibrated, problems = calibrate_sitting("2027-05-A", here.workspace, model="2pl")
    assert calibrated is not None and calibrated.drift is not None
    assert calibrated.drift.removed == (hard.id,)
    assert [dict(problem.facts) for problem in problems if problem.code == "C112"] == [{"n": "1", "items": hard.id}]
    assert calibrated.anchored == len(known) - 1
    table, plot = calibrated.anchor_files
    columns, told = read_table(table)
    assert columns == ["item", "b", "b_scale", "wald", "verdict", "removed_at"]
    assert [row[0] for row in told if row[4] == "removed"] == [hard.id]
    assert [row[0] for row in told] == list(calibrated.drift.items)
    assert f">{hard.id}<" in plot.read_text("utf-8")
    assert calibrated.fit.status[calibrated.items.index(hard.id)] == "ok"


def hard_is_right(place: Place, id: str, marked: str) -> bool:
    """Return whether a mark is the key of a paper's item."""
    bank, _ = usable_bank(place.root / "banks" / "steelmaking")
    assert bank is not None
    found = find_question(bank, id)
    return found is not None and str(getattr(found[0].body, "key", "")) == marked


def test_how_items_fit_is_written_beside_their_parameters(sat: Sat) -> None:
    path = sat.calibrated.files[0]
    assert path.name == f"{SITTING}-calibration.csv"
    header, rows = read_table(path)
    assert header[:8] == ["item", "model", "status", "answers", "a", "se_a", "b", "se_b"]
    assert [row[0] for row in rows] == list(sat.calibrated.items)
    infit = [float(row[header.index("infit")]) for row in rows]
    assert all(0.7 < value < 1.3 for value in infit)


def test_the_verb_prints_where_its_report_is(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here.root)
    done = CliRunner().invoke(calibrate, [SITTING, "--lang", "en", "--json"])
    assert done.exit_code == 0, done.output
    page = here.root / f"reports/{SITTING}/{SITTING}-calibration.html"
    result = json.loads(done.stdout)["result"]
    assert [Path(path).name for path in result["files"][-2:]] == [page.name, f"{SITTING}-calibration.json"]
    words = page.read_text("utf-8")
    assert all(f">{item}</th>" in words for item in (*result["left_out"], *(row["id"] for row in result["items"])))
    data = json.loads(page.with_suffix(".json").read_text("utf-8"))
    rows = next(
        block["rows"] for part in data["blocks"] for block in part["blocks"] if block.get("name") == "items" and "rows" in block
    )
    shown = {row["item"]: (row["b"], row["s_x2_p"]) for row in rows if row["b"] is not None and row["s_x2_p"] is not None}
    told = {row["id"]: (row["b"], row["s_x2_p"]) for row in result["items"] if row["s_x2_p"] is not None}
    assert shown == told and len(told) > 150


def test_without_what_draws_figures_the_calibration_is_stored_and_told(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here.root)
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    done = CliRunner().invoke(calibrate, [SITTING, "--lang", "en", "--model", "rasch"])
    assert isinstance(done.exception, ModuleNotFoundError) and done.exception.name == "vl_convert"
    assert "rasch: 600 persons" in done.output and "report:" not in done.output
    assert {found.model for found in history_of(here.workspace, "steelmaking").estimates.values()} == {"rasch"}


def test_marks_of_a_paper_are_those_of_its_own_items(sat: Sat) -> None:
    data = calibration_data(sat.calibrated, "en", model="2pl")
    held = {entry.id for form in sat.place.forms for entry in form_items(form)} - set(data.items)
    for paper, form in zip(data.papers, sat.place.forms, strict=True):
        own = {entry.id for entry in form_items(form)}
        assert {item for item, marks in zip(data.items, paper.marks, strict=True) if marks} == own - held
        assert paper.full == form.marks and paper.cut == form.cut


def test_a_small_sitting_gets_difficulties_for_planning(place: Place) -> None:
    header, rows = read_table(place.responses)
    added(place, write_table(place.root / "x/r.csv", header, rows[:60]), id="small")
    done, _ = calibrate_sitting("small", place.workspace, model="rasch")
    assert done is not None and done.planned is not None
    assert done.planned.purpose == "planning"
    assert done.files[1].name == "small-planning.csv"
    assert (done.planned.low < done.planned.difficulties).all()
    # What the ledger holds is the plain calibration.
    stored = [found.values["b"] for found in history_of(place.workspace, "steelmaking").estimates.values()]
    assert not set(stored) & set(done.planned.difficulties.tolist())


def test_the_models_are_compared_without_storing_anything(place: Place) -> None:
    added(place)
    before = history_of(place.workspace, "steelmaking").digest
    found, problems = compare_models(SITTING, place.workspace)
    assert found is not None and not [p for p in problems if p.severity == "error"]
    assert [one.model for one in found.candidates] == ["rasch", "2pl", "3pl"]
    assert found.candidates[2].status == "too few persons"
    assert history_of(place.workspace, "steelmaking").digest == before


def test_the_next_papers_use_what_was_learned(here: Place) -> None:
    plan = blueprint_of_one(here, 2)
    made, problems = assemble_papers(plan, here.workspace, series="2027-05", as_of="2027-05-10")
    assert made is not None, problems
    assert here.forms[0].statistics_digest == "none"
    assert made.forms[0].statistics_digest == history_of(here.workspace, "steelmaking").digest != "none"
    assert here.miskeyed not in entries(made.forms[0])
    calibrated = [values for name, values, _ in made.audit.lines if name == "calibrated items"]
    assert calibrated and calibrated[0][0] > 0


# ---------------------------------------------------------------------------------------------- same seed, same papers

ASSEMBLE = "assemble blueprints/bof-4-theory.yaml --series 1 --as-of 2026-11-23 --out again --json"


def forms_by_subprocess(place: Place, hash_seed: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": hash_seed}
    subprocess.run(
        [sys.executable, "-m", "qbank", *ASSEMBLE.split()], cwd=place.root, env=environment, check=True,
        capture_output=True,
    )  # fmt: skip
    return [path.read_bytes().decode() for path in sorted((place.root / "again").glob("*.yaml"))]


@pytest.mark.parametrize(("hash_seed", "renamed"), [("0", False), ("1", False), ("2", True)])
def test_the_same_seed_gives_the_same_papers_in_any_process(place: Place, hash_seed: str, renamed: bool) -> None:
    if renamed:
        files = sorted((place.bank / "items").rglob("*.yaml"))
        for number, path in enumerate(files):
            path.rename(path.with_name(f"{len(files) - number:03d}.yaml"))
    assert forms_by_subprocess(place, hash_seed) == [form_text(form) for form in place.forms]


def test_another_seed_gives_other_papers(place: Place) -> None:
    made, _ = assemble_papers(
        place.blueprint, place.workspace, seed=5, series="1", as_of=DATE, into=place.root / "other"
    )
    assert made is not None
    assert [form_items(form) for form in made.forms] != [form_items(form) for form in place.forms]


def test_a_paper_that_may_have_been_printed_is_not_overwritten(place: Place) -> None:
    made, problems = assemble_papers(place.blueprint, place.workspace, series="1", as_of=DATE)
    assert made is not None and "A206" not in [problem.code for problem in problems]
    made, problems = assemble_papers(place.blueprint, place.workspace, seed=5, series="1", as_of=DATE)
    assert made is None and {p.code for p in problems if p.severity == "error"} == {"A206"}
