"""Versions of one paper through the loop: made, audited, sat side by side, and analysed as the same questions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from qbank.cli.__main__ import main
from qbank.core.form import Form, answer_names, answer_places, form_digest, form_items
from qbank.files.forms import read_form
from qbank.kinds import KINDS
from qbank.workflow.analyse import analyse_sitting
from qbank.workflow.bank import usable_bank
from qbank.workflow.calibration import calibrate_sitting
from qbank.workflow.papers import assemble_papers, audit_papers
from qbank.workflow.printing import print_papers
from qbank.workflow.scoring import score_sitting
from qbank.workflow.simulate import simulate_sitting
from qbank.workflow.sitting import add_responses
from tests.workflow.places import DATE, Place, write_table


@pytest.fixture
def versions(place: Place) -> tuple[Form, ...]:
    """Return the two versions of one paper, written to forms/two."""
    made, problems = assemble_papers(
        place.blueprint, place.workspace, n_forms=1, n_versions=2, series="9", as_of=DATE, into=place.root / "forms/two"
    )
    assert made is not None, problems
    return made.forms


def key_of(form: Form) -> dict[str, str]:
    """Return what a person who knows everything marks, by printed number."""
    return {
        name: KINDS[entry.kind].show_answer(KINDS[entry.kind].key_label(entry.marked), entry.order, "zh")
        for name, entry in zip(answer_names(form), answer_places(form), strict=True)
    }


def test_each_version_is_a_form_file_of_its_own_and_prints(place: Place, versions: tuple[Form, ...]) -> None:
    names = sorted(path.stem for path in (place.root / "forms/two").iterdir())
    assert names == ["bof-4-theory-9-A", "bof-4-theory-9-A-v2"]
    folder = place.root / "forms/two"
    files, problems = print_papers((folder,), place.workspace, to="txt", parts=("key",), into=place.root / "out")
    assert not problems
    first, second = (path.read_text("utf-8") for path in files)
    assert "bof-4-theory-9-A-v2" in second
    assert first.splitlines()[4:] != second.splitlines()[4:]


def test_the_map_of_versions_is_printed_with_them_and_says_what_their_keys_say(place: Place, versions: tuple[Form, ...]) -> None:
    folder = place.root / "forms/two"
    files, problems = print_papers((folder,), place.workspace, to="txt", into=place.root / "maps")
    assert not problems
    maps = [path for path in files if path.stem.endswith("version-map")]
    assert [path.stem for path in maps] == [f"{form.id}-version-map" for form in versions]
    keys = [key_of(form) for form in versions]
    for own, path in enumerate(maps):
        rows = [line.split() for line in path.read_text("utf-8").splitlines() if re.match(r"\d+ ", line)]
        assert len(rows) == 100
        for number, key, other, key_there in rows:
            assert (keys[own][number], keys[1 - own][other]) == (key, key_there)
            here, there = form_items(versions[own])[int(number) - 1], form_items(versions[1 - own])[int(other) - 1]
            assert here.id == there.id
    alone, problems = print_papers((folder / f"{versions[1].id}.yaml",), place.workspace, to="txt", into=place.root / "alone")
    assert not problems
    assert not any("version-map" in path.stem for path in alone)


def test_persons_with_different_versions_are_marked_by_their_own_and_share_one_column_an_item(
    place: Place, versions: tuple[Form, ...]
) -> None:
    names = answer_names(versions[0])
    rows = [[f"P{n}", form.id, *(key_of(form)[name] for name in names)] for n, form in enumerate(versions)]
    rows.append(["P2", versions[1].id, *(key_of(versions[0])[name] for name in names)])
    path = write_table(place.root / "mixed" / "answers.csv", ["person", "form", *names], rows)
    done, problems = add_responses(path, (place.root / "forms/two",), place.workspace, id="M", date=DATE, design="none")
    assert done is not None, problems
    assert done.n_items == 100
    scored, problems = score_sitting("M", place.workspace)
    assert scored is not None and not problems
    assert scored.scores.total[:2].tolist() == [100.0, 100.0]
    assert scored.scores.total[2] < 60  # the neighbour's key is worth little


def test_a_sitting_with_two_versions_is_analysed_and_calibrated_as_one_paper(
    place: Place, versions: tuple[Form, ...]
) -> None:
    bank, _ = usable_bank(place.bank)
    assert bank is not None
    made = simulate_sitting(versions, bank, n_persons=60, seed=3, into=place.root / "s", sitting="S", date=DATE)
    done, problems = add_responses(
        made.responses, (place.root / "forms/two",), place.workspace, id="S", date=DATE, design="none"
    )
    assert done is not None, problems
    analysed, problems = analyse_sitting("S", place.workspace, into=place.root / "report")
    assert analysed is not None, problems
    assert analysed.analysis.forms == (versions[0].id,)
    assert set(analysed.analysis.items["n"]) == {60}
    rates = analysed.analysis.rates
    by_version = {value: n for by, value, n in rates.select("by", "value", "n").iter_rows() if by == "version"}
    assert by_version == {form.id: 30 for form in versions}
    fit, problems = calibrate_sitting("S", place.workspace, model="rasch")
    assert fit is not None, problems
    assert len(fit.items) == 100 - len(fit.left_out)
    assert fit.fit.n_persons == 60


def test_the_audit_counts_versions_and_finds_one_that_is_not_of_its_paper(
    place: Place, versions: tuple[Form, ...]
) -> None:
    folder = place.root / "forms/two"
    done, problems = audit_papers((folder,), place.workspace)
    assert done is not None and done.versions == {versions[0].id: tuple(form.id for form in versions)}
    assert done.audit.forms == (versions[0].id,)
    assert {check.rule for check in done.audit.checks if check.form == versions[1].id} == {
        "version: questions as on the paper", "version: number of questions", "version: map back to the paper",
        "version: longest run of one key",
    }  # fmt: skip
    assert not [problem for problem in problems if problem.severity == "error"]
    spoil(folder / f"{versions[1].id}.yaml")
    _, problems = audit_papers((folder,), place.workspace)
    found = [dict(problem.facts)["rule"] for problem in problems if problem.code == "A205"]
    assert found == ["version: map back to the paper"]


def spoil(path: Path) -> None:
    """Exchange two numbers of a version's map, with a digest that is right for it."""
    form, _ = read_form(path)
    assert form is not None
    source = yaml.safe_load(path.read_text("utf-8"))
    places = source["base_places"]
    places[0], places[1] = places[1], places[0]
    spoilt = Form(**{name: getattr(form, name) for name in Form.__slots__} | {"base_places": tuple(places)})
    source["digest"] = form_digest(spoilt)
    path.write_text(yaml.safe_dump(source, allow_unicode=True), "utf-8")
    again, problems = read_form(path)
    assert again is not None and not problems
    assert len(form_items(again)) == 100


def test_the_command_line_tells_versions_from_papers(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place.root)
    with pytest.raises(SystemExit):
        main(["assemble", "blueprints/bof-4-theory.yaml", "--forms", "1", "--versions", "3", "--series", "8", "--json"])
    result = json.loads(capsys.readouterr().out)["result"]
    name = "bof-4-theory-8-A"
    assert result["versions"] == {name: [name, f"{name}-v2", f"{name}-v3"]}
    assert len(result["forms"]) == 3
