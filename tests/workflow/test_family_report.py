"""qbank family report: from a family file alone, without the secret, to page, paper and data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from qbank.assemble.family.papers import papers_of_family
from qbank.assemble.family.sampling import sample_papers
from qbank.assemble.family.sieve import passes
from qbank.cli.family_report import family_record
from qbank.files.family import read_family
from qbank.workflow.family_report import report_family, write_family_report
from tests.workflow.test_family import codes, file, root, workspace_at

__all__ = ["root"]


def test_the_report_needs_no_secret_and_is_the_same_each_time(root: Path) -> None:
    (root / "families/small-1.secret").unlink()
    found, problems = report_family(file(root), workspace_at(root), "zh", compared=150)
    assert found is not None and not [each for each in problems if each.severity == "error"]
    facts = found.facts
    assert facts.comparability.n_papers == 150 and facts.comparability.marks == 14 and facts.comparability.cut == 8
    assert facts.shared.most <= facts.overlap <= 3
    assert abs(facts.shown.share.sum() - 14) < 1e-9
    assert len(facts.ids) == found.family.n_items <= facts.n_eligible
    written = write_family_report(found, file(root), root / "out", "zh")
    assert sorted(path.name for path in written) == [
        "small-1-curves.csv", "small-1-exposure.csv", "small-1-report.html", "small-1-report.json", "small-1-report.pdf",
    ]  # fmt: skip
    again, _ = report_family(file(root), workspace_at(root), "zh", compared=150)
    assert again is not None
    assert json.dumps(family_record(again.facts)) == json.dumps(family_record(facts))
    assert json.loads((root / "out/small-1-report.json").read_text("utf-8"))["language"] == "zh"


def test_an_edited_family_file_is_not_reported(root: Path) -> None:
    target = file(root)
    target.write_text(target.read_text("utf-8").replace('"seed":7', '"seed":8'), encoding="utf-8")
    found, problems = report_family(target, workspace_at(root), "en")
    assert found is None and codes(problems) == ["F602"]


def test_papers_are_drawn_from_all_that_meet_the_rules(root: Path) -> None:
    family, _ = read_family(file(root))
    assert family is not None
    papers = papers_of_family(family, "digest", bytes(32))
    some = sample_papers(papers.code, papers.translation, papers.sieve, 50, 3)
    assert len(some.words) == 50 and not some.every and passes(papers.sieve, some.words).all()
    again = sample_papers(papers.code, papers.translation, papers.sieve, 50, 3)
    assert np.array_equal(some.words, again.words)
    assert not np.array_equal(some.words, sample_papers(papers.code, papers.translation, papers.sieve, 50, 4).words)
    if papers.code.size <= 1_000_000:
        every = sample_papers(papers.code, papers.translation, papers.sieve, 10**7, 3)
        assert every.every and len(every.words) == family.size.papers
