"""Reports of sittings without their pictures and their PDF, which cost seconds and hundreds of megabytes each.

What the drawings and the PDF look like is tested in tests/report; tests marked ``whole_report`` write everything.
"""

from __future__ import annotations

import pytest

from qbank.report import Report


@pytest.fixture(autouse=True)
def undrawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `write_report` draw nothing, except in tests marked ``whole_report``."""
    if request.node.get_closest_marker("whole_report") is None:
        draw_nothing(monkeypatch)


def draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `write_report` draw nothing while the patch holds, for fixtures that are made once for several tests."""
    from qbank.workflow import analysed_report

    monkeypatch.setattr(analysed_report, "drawings_of", empty_drawings)
    monkeypatch.setattr(analysed_report, "to_pdf", lambda *_: b"%PDF-1.7\n")


@pytest.fixture
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let analyses write no report: for tests of what they leave in the ledger."""
    write_nothing(monkeypatch)


def write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let analyses write no report while the patch holds."""
    from qbank.workflow import analyse

    monkeypatch.setattr(analyse, "write_report", lambda *_: ())


def empty_drawings(report: Report) -> list[str]:
    """Return an empty drawing for each figure of a report."""
    from qbank.report.blocks import Figure, walk

    return ["<svg></svg>" for block in walk(report.blocks) if isinstance(block, Figure)]
