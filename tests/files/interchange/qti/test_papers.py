"""Papers as QTI tests: valid, in printed order, marks and cut of the form, stimuli once, no key's explanation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qbank.core.form import Form, form_items, full_marks
from qbank.files.interchange.qti import QTI_VERSIONS, About, QtiPaper, QtiSection, Version, write_test
from qbank.problem import Span, has_errors
from qbank.workflow.packages import PACKAGES, PackageOptions
from qbank.workflow.papers import assemble_papers
from qbank.workflow.printing import print_papers
from qbank.workflow.qti import converter
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS
from tests.files.interchange.qti.making import OCCUPATION, asked
from tests.files.interchange.qti.schemas import files_of, package_faults, with_schemas


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Form]]]:
    """Yield a workspace with a paper of every kind and one whose questions share stimuli."""
    root = tmp_path_factory.mktemp("qti")
    shutil.copytree(CORPUS / "banks/all-kinds", root / "banks/all-kinds")
    (root / "blueprints").mkdir()
    forms = {}
    for name in ("all-kinds", "stimuli"):
        shutil.copy(CORPUS / f"blueprints/{name}.yaml", root / "blueprints")
        made, problems = assemble_papers(root / f"blueprints/{name}.yaml", Workspace(root, "zh", str(root / "ledger.db")), as_of="2026-11-25")
        assert made is not None, problems
        forms[name] = made.forms[0]
    yield root, forms


def printed(root: Path, name: str, version: Version, into: Path, *, shuffle: bool = False) -> bytes:
    files, problems = print_papers(
        (root / "forms" / name,), Workspace(root, "zh", str(root / "ledger.db")), to=version, into=into, options=PackageOptions(shuffle=shuffle)
    )
    assert not has_errors(problems) and len(files) == 1
    return files[0].read_bytes()


def names(root: Any, tag: str) -> list[Any]:
    """Return the elements of a name in either version."""
    first, *more = tag.split("-")
    return [*root.iter(f"{{*}}qti-{tag}"), *root.iter("{*}" + first + "".join(word.capitalize() for word in more))]


@with_schemas
@pytest.mark.parametrize("version", QTI_VERSIONS)
@pytest.mark.parametrize("name", ["all-kinds", "stimuli"])
def test_every_file_of_a_paper_is_valid(name: str, version: Version, place: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    assert package_faults(printed(place[0], name, version, tmp_path), version) == []


@pytest.mark.parametrize("version", QTI_VERSIONS)
@pytest.mark.parametrize("name", ["all-kinds", "stimuli"])
def test_a_paper_keeps_order_marks_minutes_and_cut(
    name: str, version: Version, place: tuple[Path, dict[str, Form]], tmp_path: Path
) -> None:
    form = place[1][name]
    found = files_of(printed(place[0], name, version, tmp_path))
    test = etree.fromstring(found[f"{form.id}.xml"])
    assert [node.get("identifier") for node in names(test, "assessment-item-ref")] == [entry.id for entry in form_items(form)]
    assert [node.get("title") for node in names(test, "test-part")[0] if node.get("title")] == [s.title for s in form.sections]
    limit = names(test, "time-limits")[0]
    assert {limit.get("max-time"), limit.get("maxTime")} == {None, str(60 * form.minutes)}
    starts = {node.get("identifier"): node.findtext(".//{*}value") or node.findtext(".//{*}qti-value") for node in names(test, "outcome-declaration")}
    assert (starts["CUT"], starts["MAXSCORE"]) == (f"{form.cut:g}", f"{form.marks:g}")
    for entry in form_items(form):
        item = etree.fromstring(found[f"items/{entry.id}.xml"])
        most = {node.get("identifier"): node for node in names(item, "outcome-declaration")}["MAXSCORE"]
        assert float("".join(most.itertext())) == full_marks(entry)


def test_options_stand_as_they_are_printed_or_are_shuffled_with_those_that_stay(
    place: tuple[Path, dict[str, Form]], tmp_path: Path
) -> None:
    form = place[1]["all-kinds"]
    chosen = [entry for entry in form_items(form) if entry.kind in ("single", "multiple")]
    plain, mixed = (files_of(printed(place[0], "all-kinds", "qti3", tmp_path / str(way), shuffle=way)) for way in (False, True))
    for entry in chosen:
        still, moving = (etree.fromstring(found[f"items/{entry.id}.xml"]) for found in (plain, mixed))
        assert "".join(node.get("identifier") for node in names(still, "simple-choice")) == entry.order
        assert names(still, "choice-interaction")[0].get("shuffle") == "false"
        assert "".join(node.get("identifier") for node in names(moving, "simple-choice")) == "".join(sorted(entry.order))
    assert any(entry.order != "".join(sorted(entry.order)) for entry in chosen)
    assert any(names(etree.fromstring(mixed[f"items/{e.id}.xml"]), "choice-interaction")[0].get("shuffle") == "true" for e in chosen)


def test_stimuli_stand_once_in_their_own_files_or_above_their_run(place: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    form = place[1]["stimuli"]
    shared = {entry.stimulus for entry in form_items(form) if entry.stimulus}
    assert len(shared) == 2
    three = files_of(printed(place[0], "stimuli", "qti3", tmp_path / "3"))
    assert {f"stimuli/{id}.xml" for id in shared} <= set(three)
    first = etree.fromstring(three[f"items/{next(e.id for e in form_items(form) if e.stimulus)}.xml"])
    assert names(first, "assessment-stimulus-ref")[0].get("identifier") in shared
    two = files_of(printed(place[0], "stimuli", "qti21", tmp_path / "21"))
    test = etree.fromstring(two[f"{form.id}.xml"])
    inner = [node for node in names(test, "assessment-section") if len(names(node.getparent(), "test-part")) == 0 and node.getparent().tag == node.tag]
    assert len(inner) == 2 and all(len(names(node, "assessment-item-ref")) >= 4 for node in inner)
    assert not any(b"qbank-stimulus" in data for name, data in two.items() if name.startswith("items/"))


def test_what_explains_the_key_never_enters_a_paper(place: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    found = files_of(printed(place[0], "all-kinds", "qti3", tmp_path))
    assert not any(b"modal-feedback" in data or b"qbank-rationale" in data for data in found.values())


def test_a_paper_with_a_text_that_cannot_be_shown_is_not_written() -> None:
    """Neither without the question, nor without the sentence above it."""
    about = About("P-1", "卷", "zh", OCCUPATION)
    good, bad = asked({"id": "Q-1", "kind": "true_false", "key": True}), r"解 $\frac{1$"
    broken = asked({"id": "Q-2", "kind": "true_false", "key": True, "stem": bad})
    for section in (QtiSection("一", "判断。", (good, broken)), QtiSection("一", bad, (good,))):
        data, problems = write_test(QtiPaper(about, 60, 4.0, 2.0, "v", (section,)), "qti3", converter("zh", lambda id, *_: Span(id)))
        assert data == b"" and has_errors(problems)
    data, problems = write_test(QtiPaper(about, 60, 2.0, 1.0, "v", (QtiSection("一", "判断。", (good,)),)), "qti3", converter("zh", lambda id, *_: Span(id)))
    assert data and not problems


def test_every_package_has_a_writer_and_no_word_is_a_renderers_too() -> None:
    from qbank.render import RENDERERS

    assert {"qti3", "qti21"} <= set(PACKAGES) and not set(PACKAGES) & set(RENDERERS)


def evaluated(node: Any, test: Any, scores: dict[str, float], outcomes: dict[str, Any]) -> Any:
    """Return what an expression of outcome processing is worth, by the words of QTI, for the few that are used here."""
    name = etree.QName(node).localname.removeprefix("qti-")
    inner = [evaluated(child, test, scores, outcomes) for child in node]
    if name == "variable":
        return outcomes[node.get("identifier")]
    if name == "base-value":
        return float(node.text)
    if name == "sum":
        return sum(value for one in inner for value in (one if isinstance(one, list) else [one]))
    if name == "gte":
        return inner[0] >= inner[1]
    assert name == "test-variables"
    (section,) = [one for one in names(test, "assessment-section") if one.get("identifier") == node.get("section-identifier")]
    found = []
    for one in names(section, "assessment-item-ref"):
        if node.get("include-category") in one.get("category").split():
            (weight,) = [float(each.get("value")) for each in one if each.get("identifier") == node.get("weight-identifier")]
            found.append(scores[one.get("identifier")] * weight)
    return found


@pytest.mark.parametrize(("earned", "passed"), [(1.0, True), (0.5, True), (0.49, False), (0.0, False)])
def test_what_counts_is_added_up_and_held_against_the_cut(earned: float, passed: bool) -> None:
    about = About("P-1", "卷", "zh", OCCUPATION)
    sections = tuple(
        QtiSection(f"{n}", "判断。", tuple(asked({"id": f"Q-{n}-{k}", "kind": "true_false", "key": True}, counts=k > 0) for k in range(3)))
        for n in range(2)
    )
    data, _ = write_test(QtiPaper(about, 60, 8.0, 4.0, "v", sections), "qti3", converter("zh", lambda id, *_: Span(id)))
    test = etree.fromstring(files_of(data)["P-1.xml"])
    scores = {one.get("identifier"): 2.0 * earned for one in names(test, "assessment-item-ref")}
    outcomes: dict[str, Any] = {"CUT": 4.0}
    for rule in names(test, "set-outcome-value"):
        outcomes[rule.get("identifier")] = evaluated(rule[0], test, scores, outcomes)
    assert outcomes["SCORE"] == pytest.approx(8 * earned)
    assert (outcomes["SCORE_1"], outcomes["PASS"]) == (pytest.approx(4 * earned), passed)
