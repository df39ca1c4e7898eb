"""What a blueprint says of earlier papers is counted with those of the folder and those of the ledger."""

from __future__ import annotations

import shutil
from dataclasses import replace

import yaml

from qbank.files.blueprint import read_blueprint
from qbank.workflow.paper_files import find_blueprint
from qbank.workflow.papers import assemble_papers, audit_papers
from qbank.workflow.past import past_papers
from tests.workflow.places import DATE, Place, added, entries


def test_a_paper_that_was_sat_is_of_the_day_of_its_sitting_even_without_its_file(place: Place) -> None:
    added(place)
    plan = yaml.safe_load(place.blueprint.read_text("utf-8"))
    plan["blueprint"], plan["forms"] = "next", 1
    old = place.forms[0].id.rpartition("-")[0]
    plan["constraints"] = [{"overlap": {"max": 60, "with": [old]}}, {"apart": {"similarity": 0.7}}]
    path = place.root / "blueprints/next.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True), "utf-8")
    shutil.rmtree(place.form_folder)
    blueprint, problems = read_blueprint(path)
    assert blueprint is not None and not problems
    past = past_papers(blueprint, place.workspace, ())
    assert [(paper.id, paper.date) for paper in past] == [(form.id, DATE) for form in place.forms]
    assert past_papers(blueprint, place.workspace, {old}) == ()
    assert past_papers(replace(blueprint, rules=()), place.workspace, ()) == (), "nobody asks"
    made, problems = assemble_papers(path, place.workspace, as_of="2027-06-01")
    assert made is not None, problems
    for form in place.forms:
        assert len(entries(form).keys() & entries(made.forms[0]).keys()) <= 60
    audited, problems = audit_papers(made.paths, place.workspace)
    assert audited is not None
    named = [check.rule for check in audited.audit.checks if check.rule.startswith("overlap: {max: 60")]
    assert named == [f"overlap: {{max: 60, with: [{old}]}}: {form.id}" for form in place.forms]


def test_a_blueprint_is_found_by_the_name_that_it_says_where_its_file_has_another(place: Place) -> None:
    form, path = place.forms[0], place.blueprint
    assert find_blueprint(form, place.workspace) == path
    other = path.rename(path.with_name("spring.yaml"))
    assert find_blueprint(form, place.workspace) == other
    other.write_text(other.read_text("utf-8").replace(f"blueprint: {form.blueprint}", f"blueprint: {form.blueprint}-2"), "utf-8")
    assert find_blueprint(form, place.workspace) is None
