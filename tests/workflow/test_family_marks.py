"""equate --family: marks of a family's papers on one scale, and a cut of its own for each paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from qbank.assemble.family.papers import papers_of_family
from qbank.assemble.family.sampling import sample_papers
from qbank.cli.__main__ import group
from qbank.core.form import form_items
from qbank.core.history import History, Use, logistic
from qbank.core.scoring_rules import ScoringRules
from qbank.files.family import read_family
from qbank.ledger import Decision, Step, read_history, write_analysis, write_decision
from qbank.messages import problem_hint, problem_message, text
from qbank.workflow import family_marks as marks_history
from qbank.workflow import official
from qbank.workflow.accepted_cuts import accept_these
from qbank.workflow.bank import usable_bank
from qbank.workflow.cut_words import cut_words
from qbank.workflow.decide import decide
from qbank.workflow.family import give_papers
from qbank.workflow.family_curves import shown_shares
from qbank.workflow.family_marks import (
    FamilyScored,
    accepted_marks,
    family_cuts,
    marks_by_family,
    score_by_family,
)
from qbank.workflow.official_files import candidate_pages
from qbank.workflow.scoring import ScoredSitting, outdated_cuts, score_sitting
from qbank.workflow.simulate import simulate_sitting
from qbank.workflow.sitting import add_responses
from tests.workflow.places import read_table
from tests.workflow.test_family import codes, file, root, workspace_at

__all__ = ["root"]
SITTING = "2026-12-F"


@pytest.fixture
def sat(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a workspace where 60 persons sat 15 papers of a family whose items all have a calibration."""
    workspace = workspace_at(root)
    given, problems = give_papers(file(root), workspace, persons=tuple(f"{n}" for n in range(15)))
    assert given is not None, problems
    bank, _ = usable_bank(root / "banks/steelmaking")
    assert bank is not None
    simulate_sitting(given.forms, bank, n_persons=60, seed=3, into=root / "sittings/F", sitting=SITTING, date="2026-12-01")
    done, problems = add_responses(
        root / "sittings/F/responses.csv", (root / "forms/small-1",), workspace, id=SITTING, date="2026-12-01", design="none"
    )
    assert done is not None, problems
    rng = np.random.default_rng(5)
    prints = [print_ for slot in given.family.slots for print_ in slot.fingerprints if print_]
    known = {
        print_: logistic(print_, "2pl", "s", float(rng.lognormal(0, 0.2)), float(rng.normal(-0.4, 0.8)), 0.1, 0.1, 400, "S")
        for print_ in prints
    }

    def calibrated(*given: object, **more: object) -> History:
        return replace(read_history(*given, **more), estimates=known)  # type: ignore[arg-type]

    monkeypatch.setattr("qbank.workflow.family_marks.read_history", calibrated)
    monkeypatch.chdir(root)
    yield root


def said(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(group, ["--lang", "en", "equate", SITTING, *words])
    return done.exit_code, done.output


def test_everyone_has_marks_on_one_scale_and_each_paper_a_cut_of_its_own(sat: Path) -> None:
    found, problems = score_by_family(SITTING, file(sat), workspace_at(sat))
    assert found is not None, problems
    total, form = found.scored.scores.total, found.scored.stored.responses.form
    here = np.isfinite(total)
    by_cut = total[here] >= found.marks.paper_cut[form[here]]
    assert (found.verdict()[here] == by_cut).all()
    assert found.marks.paper_cut.min() < found.marks.paper_cut.max(), "papers of so wide a tolerance differ"
    assert abs(found.marks.paper_exact.mean() - 8) < 0.5
    easy, hard = int(found.marks.paper_exact.argmax()), int(found.marks.paper_exact.argmin())
    same = found.marks.exact[(form == easy) & here] - total[(form == easy) & here]
    other = found.marks.exact[(form == hard) & here] - total[(form == hard) & here]
    assert same.mean() < 0 < other.mean(), "marks of an easy paper are worth less"
    assert found.flips == tuple(np.flatnonzero(here & ((total >= 8) != found.verdict())))
    scores = found.scored.scores
    for off, rules, step in [(0.5, scores.rules, 1), (0.25, scores.rules, 1), (0.5, ScoringRules(penalty={"single": 0.5}), 0.5)]:
        other = replace(found.scored, scores=replace(scores, total=total - off, rules=rules))
        again, _ = marks_by_family(other, found.family, workspace_at(sat))
        assert again is not None
        own = again.marks.paper_cut[form[here]]
        assert (again.verdict()[here] == (total[here] - off >= own)).all(), "by the cut of the paper"
        assert (again.verdict()[here] == (again.marks.marks[here] >= 8)).all(), "by the marks that are shown"
        assert set(np.unique(again.marks.marks[here] % 1)) == ({0} if step == 1 else {0, 0.5})
        assert set(np.unique(again.marks.paper_cut % 1)) == ({0} if step == 1 else {0, 0.5})


def test_the_scale_is_the_mean_of_the_papers_and_not_of_all_that_the_slots_could_give(sat: Path) -> None:
    family, _ = read_family(file(sat))
    assert family is not None
    papers = papers_of_family(family, "", bytes(32))
    share = shown_shares(family)
    sample = sample_papers(papers.code, papers.translation, papers.sieve, 20_000, family.seed)
    assert len(sample.words) > 50
    for slot in range(len(family.slots)):
        for symbol in range(family.code.order):
            assert share[slot, symbol] == pytest.approx(sum(int(word[slot]) == symbol for word in sample.words) / len(sample.words))
    assert (share > 0).sum(axis=1).tolist() != share.sum(axis=1).tolist() and np.allclose(share.sum(axis=1), 1)


def test_cuts_of_many_papers_are_told_in_one_line(sat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qbank.cli.equate.MOST_FLIPS", 5)
    status, out = said("--family", str(file(sat)), "--accept", "--why", "one paper a person")
    assert status == 0 and "15 papers have a cut of their own from now on" in out, out
    assert "is passed with" not in out and "equal to 8 on small-1" in out


def test_accepted_cuts_hold_in_the_next_scoring_and_are_told_in_one_line(sat: Path) -> None:
    target = sat / "marks.csv"
    status, out = said("--family", str(file(sat)), "--accept", "--why", "one paper a person", "--csv", str(target))
    assert status == 0, out
    assert ("marks on" in out and "accepted by" in out) or "small-1" in out
    header, rows = read_table(target)
    assert len(header) == 8 and 50 <= len(rows) <= 60
    found, _ = score_by_family(SITTING, file(sat), workspace_at(sat))
    scored, _ = score_sitting(SITTING, workspace_at(sat))
    assert found is not None and scored is not None
    assert scored.cuts == tuple(found.marks.paper_cut)
    assert {cut.base for cut in scored.stored.cuts} == {"small-1"} and len(family_cuts(found, "x")) == 15
    assert "15 papers with cuts from" in cut_words(scored.stored, "en")
    alike = replace(scored.stored, cuts=tuple(replace(cut, cut=8.0) for cut in scored.stored.cuts))
    assert cut_words(alike, "en") == "8 (15 papers, all with the cut 8, equated)"
    assert text("en", f"report_equating.way_{scored.stored.cuts[0].method}")
    kept, problems = accepted_marks(scored, workspace_at(sat))
    assert kept is not None and not problems and np.array_equal(kept.marks.marks, found.marks.marks, equal_nan=True)
    other = replace(scored, scores=replace(scored.scores, total=scored.scores.total + 1))
    assert outdated_cuts(other) == [], "cuts by a family do not depend on totals"
    worth = replace(scored, scores=replace(scored.scores, counted=scored.scores.counted * 2))
    assert codes(outdated_cuts(worth)) == ["N121"]
    aside = file(sat).rename(sat / "aside")
    assert accepted_marks(scored, workspace_at(sat))[0] is None and codes(accepted_marks(scored, workspace_at(sat))[1]) == ["N153"]
    aside.rename(file(sat))
    status, out = said("--take-back", "--why", "again")
    assert status == 0 and score_sitting(SITTING, workspace_at(sat))[0].cuts == (8.0,) * 15  # type: ignore[union-attr]


def test_a_question_with_another_key_makes_the_accepted_cuts_outdated_until_it_is_as_printed_again(sat: Path) -> None:
    assert said("--family", str(file(sat)), "--accept", "--why", "w")[0] == 0
    scored, problems = score_sitting(SITTING, workspace_at(sat))
    assert scored is not None and "N121" not in codes(problems)
    (one, marking), (two, other), (free, third) = [(id, each) for id, each in sorted(scored.marking.items()) if each.kind == "single"][:3]
    new = next(letter for letter in "ABC" if {"key": letter} != marking.marked)
    prints = {one: marking.fingerprint, two: other.fingerprint, free: third.fingerprint}
    for verdicts, outdated in [
        ({one: f"rekey {new}"}, True), ({one: "keep"}, False), ({one: f"accept {new}"}, True), ({one: "keep", two: "revise"}, False),
        ({free: "credit"}, True), ({free: "keep"}, False),
    ]:  # fmt: skip
        decide_all(sat, verdicts, prints)
        told = [problem for problem in score_sitting(SITTING, workspace_at(sat))[1] if problem.code == "N121"]
        assert [dict(each.facts)["n"] for each in told] == ["15"] * outdated, verdicts
    workspace = workspace_at(sat)
    made, told = decide(SITTING, one, workspace, verdict="rekey", named=new, why="w", who="x", at="now", into_bank=False)
    assert made is not None and codes(told) == ["N121"], told
    assert "(15)" in problem_message(told[0], "en")
    assert f"qbank equate {SITTING} --family families/small-1.family.json" in problem_hint(told[0], "zh")


def test_plain_equating_points_to_the_family_file(sat: Path) -> None:
    status, out = said()
    assert status == 1
    assert "N154" in out and f"qbank equate {SITTING} --family families/small-1.family.json" in out


def test_without_a_reason_nothing_is_accepted(sat: Path) -> None:
    status, out = said("--family", str(file(sat)), "--accept", "--json")
    found = json.loads(out)
    assert status == 1 and found["result"]["accepted"] is None
    assert [each["code"] for each in found["problems"]] == ["N120"]
    assert len(found["result"]["papers"]) == 15


def test_papers_of_another_family_and_items_without_calibration_are_refused(sat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other:
        other.setattr("qbank.workflow.family_marks.family_digest", lambda _: "another")
        assert codes(score_by_family(SITTING, file(sat), workspace_at(sat))[1])[-1] == "N151"
    monkeypatch.setattr("qbank.workflow.family_marks.read_history", read_history)
    found, problems = score_by_family(SITTING, file(sat), workspace_at(sat))
    family, _ = read_family(file(sat))
    assert found is None and family is not None
    (problem,) = [each for each in problems if each.code == "N152"]
    assert dict(problem.facts)["n"] == str(family.n_items)


def test_items_that_await_a_decision_or_have_another_key_are_told_apart_from_those_never_calibrated(
    sat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored, _ = score_sitting(SITTING, workspace_at(sat))
    assert scored is not None
    there = [(id, scored.marking[id].fingerprint) for id in sorted(scored.stored.responses.items) if scored.marking[id].kind == "single"]
    (waiting, _), (kept, _), (back, _), (never, gone), (key, old), (out, gone_too) = there[:6]
    ledger = workspace_at(sat).open()
    uses = [Use(id, print_of, SITTING, "", 60, 0.4, -0.1, ("negative",)) for id, print_of in there[:3]]
    write_analysis(ledger, SITTING, [(use, True) for use in uses])
    other = "B" if scored.marking[key].marked != {"key": "B"} else "C"
    decide_all(sat, {kept: "keep", back: "revise", key: f"rekey {other}", out: "drop"}, dict(there))
    ledger.close()
    told = marks_history.read_history

    def history(*given: object, **more: object) -> History:
        found = told(*given, **more)  # type: ignore[arg-type]
        return replace(found, estimates={key: one for key, one in found.estimates.items() if key not in (gone, gone_too)})

    monkeypatch.setattr(marks_history, "read_history", history)
    found, problems = score_by_family(SITTING, file(sat), workspace_at(sat))
    told_of = [problem for problem in problems if problem.severity == "error"]
    assert found is None and codes(told_of) == ["N155", "N156", "N152"], problems
    assert [dict(problem.facts)["items"] for problem in told_of] == [waiting, key, never], "revised: as it was; dropped: not asked about"
    assert dict(told_of[0].facts)["sitting"] == SITTING and f"qbank decide {SITTING} {waiting} keep" in problem_hint(told_of[0], "en")
    assert f"qbank calibrate {SITTING} --model 2pl" in problem_hint(told_of[1], "en")

    def by_the_new_key(*given: object, **more: object) -> History:
        found = told(*given, **more)  # type: ignore[arg-type]
        again = score_sitting(SITTING, workspace_at(sat))[0]
        assert again is not None and again.marking[key].fingerprint != old
        return replace(found, held={}, estimates=found.estimates | {again.marking[key].fingerprint: found.estimates[gone]})

    monkeypatch.setattr(marks_history, "read_history", by_the_new_key)
    found, problems = score_by_family(SITTING, file(sat), workspace_at(sat))
    assert found is not None, "a calibration by the new key serves"


def decide_all(root: Path, verdicts: dict[str, str], prints: dict[str, str]) -> None:
    ledger = workspace_at(root).open()
    for id, verdict in verdicts.items():
        word, _, named = verdict.partition(" ")
        write_decision(ledger, Decision(SITTING, id, prints[id], word, "w", "x", "2026-12-02T08:00:00+00:00", named))
    ledger.close()


def test_a_dropped_and_a_credited_item_agree_with_a_calculation_by_hand_up_to_the_page(sat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, _ = score_sitting(SITTING, workspace_at(sat))
    assert before is not None
    on = {form.id: [entry.id for entry in form_items(form)] for form in before.forms}
    out, free, back = sorted(before.stored.responses.items, key=lambda id: (-sum(id in ids for ids in on.values()), id))[:3]
    assert 1 < sum(out in ids for ids in on.values()) < 15
    decide_all(sat, {out: "drop", free: "credit", back: "retire"}, {id: each.fingerprint for id, each in before.marking.items()})
    for dropped in ("as_is", "rescale"):
        workspace = replace(workspace_at(sat), scoring=ScoringRules(dropped=dropped))  # type: ignore[arg-type]
        found, problems = score_by_family(SITTING, file(sat), workspace)
        assert found is not None, problems
        cuts = by_hand(found, before, on, out, free, 14 / 13 if dropped == "rescale" else 1.0)
        assert dict(zip(found.scored.stored.responses.forms, found.marks.paper_cut, strict=True)) == cuts
    assert len(set(cuts.values())) > 1 and any(cut % 1 for cut in cuts.values()), "a paper whose totals are rescaled"
    made, problems = accept_these(found.scored, family_cuts(found, "w"), [], workspace, why="w")
    assert made is not None, problems
    monkeypatch.setattr(official, "release_problems", lambda *_: [])
    monkeypatch.setattr(official, "steps_of", lambda *_: [Step(1, "released", True, "2026-12-03T08:00:00+00:00", "x", "w", {})])
    listed, problems = official.official_list(SITTING, workspace)
    assert listed is not None and not problems, problems
    for row, line in enumerate(listed.results):
        if line.total is not None and line.family_marks is not None:
            assert (line.total, line.family_marks) == (found.scored.scores.total[row], found.marks.marks[row])
            assert line.passed == (line.total >= cuts[line.form]) == (line.family_marks >= 8)
    row = next(row for row, line in enumerate(listed.results) if line.total is not None and cuts[line.form] % 1)
    (page,) = candidate_pages(listed, [row], workspace)
    assert (page.total, page.cut) == (found.scored.scores.total[row], cuts[listed.results[row].form])
    assert f"{found.marks.marks[row]:g}" in page.converted


def by_hand(
    found: FamilyScored, before: ScoredSitting, on: dict[str, list[str]], out: str, free: str, factor: float
) -> dict[str, float]:  # fmt: skip
    """Return the cut of each paper where one item was dropped and another credited; every paper of the family is added up."""
    theta, family = np.linspace(-10, 10, 4001), found.family
    known = marks_history.read_history(workspace_at(Path.cwd()).open()).estimates
    print_of = {id: print_ for slot in family.slots for id, print_ in zip(slot.ids, slot.fingerprints, strict=True)}
    curve = {id: 1 / (1 + np.exp(known[print_].values["a"] * (known[print_].values["b"] - theta))) for id, print_ in print_of.items() if id}
    curve |= {out: np.zeros(theta.size), free: np.ones(theta.size)}
    papers = papers_of_family(family, "", bytes(32))
    words = sample_papers(papers.code, papers.translation, papers.sieve, 20_000, family.seed).words
    shown = dict.fromkeys(curve, 0.0)
    for word in words.tolist():
        ids = [slot.ids[k] for slot, k in zip(family.slots, word, strict=True)]
        for id in ids:
            shown[id] += (factor if out in ids else 1.0) / len(words)
    scale = np.sum([often * curve[id] for id, often in shown.items()], axis=0)
    cuts = {}
    for form, ids in on.items():
        times = factor if out in ids else 1.0
        here = times * np.sum([curve[id] for id in ids], axis=0)
        rungs = [x for x in np.arange(0, 14, 0.5 if times != 1 else 1) if here[0] < x < here[-1]]
        cuts[form] = next(x for x in rungs if np.floor(np.interp(x, here, scale) + 0.5) >= 8)
        for row in np.flatnonzero(np.array(before.stored.responses.forms)[before.stored.responses.form] == form):
            share = dict(zip(before.stored.responses.items, before.scores.share[row], strict=True)) | {out: 0.0, free: 1.0}
            total = np.floor(2 * times * sum(share[id] for id in ids) + 0.5 + 1e-9) / 2
            if np.isfinite(total):
                assert found.scored.scores.total[row] == total
                assert not here[0] < total < here[-1] or found.marks.exact[row] == pytest.approx(np.interp(total, here, scale), abs=2e-3)
    return cuts
