"""``qbank audit`` in a terminal: a column a paper, or of many papers a spread; and the reports that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qbank.assemble.lines import MANY
from qbank.cli.audit import audit_table
from qbank.messages import LANGUAGES, Language, text
from tests.cli.test_cli import Run, run  # noqa: F401
from tests.report.papers_sample import sample
from tests.workflow.places import Place


def test_up_to_eight_papers_have_a_column_each() -> None:
    audit, _ = sample(MANY - 1)
    lines = audit_table(audit, "en").splitlines()
    assert lines[0].split() == ["measure", *audit.forms, "standard"]
    assert lines[2].split() == ["domain", "A-A", "3", "3", "3", "5", "3", "3", "3", "3", "3"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_more_papers_are_lowest_median_highest_and_the_furthest(language: Language) -> None:
    audit, _ = sample(50)
    lines = audit_table(audit, language).splitlines()
    columns = ("measure", "target", "low", "median", "high", "furthest")
    assert lines[0].split() == " ".join(text(language, f"cli.audit.{name}") for name in columns).split()
    assert lines[2].split() == [text(language, "cli.audit.domain"), "A-A", "3", "3", "3", "5", "tiny-1-D"]
    assert max(map(len, lines[: lines.index("")])) < 80, "as wide as a terminal, however many papers"
    assert len(lines) == 2 + len(audit.lines) + 3


def test_of_many_papers_the_pair_that_shares_most_is_named() -> None:
    from dataclasses import replace

    from qbank.assemble.verify import Check

    audit, _ = sample(MANY)
    pairs = tuple(Check(f"{a} / {b}", "overlap", float(a + b == "tiny-1-Btiny-1-C"), -1e9, 1e9) for a in audit.forms for b in audit.forms if a < b)
    last = audit_table(replace(audit, checks=pairs), "en").splitlines()[-4]
    assert last.split() == ["shared", "items", "of", "a", "pair", "0", "0", "1", "tiny-1-B", "/", "tiny-1-C"]


def test_every_format_of_the_report_is_written_and_said(run: Run, place: Place) -> None:  # noqa: F811
    folder = str(place.root / "forms" / "bof-4-theory")
    wanted = [f"out/report{ending}" for ending in (".html", ".pdf", ".svg", ".png", ".json", ".csv")]
    status, out, _ = run("audit", folder, "--lang", "en", *(word for file in wanted for word in ("--report", file)))
    assert status == 0
    said = [line.removeprefix("report: ") for line in out.splitlines() if line.startswith("report: ")]
    assert set(wanted) <= set(said) and all(Path(file).stat().st_size > 40 for file in said)
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(Path(file).name for file in said)
    assert Path("out/report.csv").read_bytes().startswith(b"\xef\xbb\xbfmeasure,standard,")
    assert Path("out/report.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(Path("out/report.json").read_text("utf-8"))["language"] == "en"


def test_the_same_papers_give_the_same_report_byte_for_byte(run: Run, place: Place) -> None:  # noqa: F811
    for name in ("one.html", "two.html"):
        run("audit", str(place.root / "forms" / "bof-4-theory"), "--report", name)
    assert Path("one.html").read_bytes() == Path("two.html").read_bytes()


def test_json_names_the_reports_and_gives_the_papers_at_the_cut(run: Run, place: Place) -> None:  # noqa: F811
    status, out, _ = run("audit", str(place.root / "forms" / "bof-4-theory"), "--json", "--report", "r.svg")
    found = json.loads(out)["result"]
    assert status == 0 and found["reports"] == ["r.svg"]
    lines = {line["name"]: line["values"] for line in found["lines"]}
    at = found["at_cut"]
    assert lines[f"expected score at θ={at['theta']:.2f}"] == pytest.approx(at["expected_score"])
    assert len(at["sem"]) == len(found["forms"]) == 2


def test_a_report_of_an_unknown_kind_is_a_wrong_call_before_anything_is_read(run: Run) -> None:  # noqa: F811
    status, out, err = run("audit", "nowhere", "--report", "papers.docx")
    assert status == 2 and not out and "papers.docx" in err and ".html" in err
