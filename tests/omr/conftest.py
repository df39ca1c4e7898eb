"""Workspaces with papers whose answer sheets are read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qbank.workflow.papers import assemble_papers
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS
from tests.omr.sheets import Printed, printed
from tests.workflow.places import prepared

pytest.importorskip("cv2", reason="answer sheets are read with the extra omr")


@pytest.fixture(scope="session")
def theory() -> Printed:
    """Return a paper of 80 questions with one answer and 20 judgements, on one page."""
    place = prepared()
    return printed(place.form_folder / f"{place.forms[0].id}.yaml", place.root)


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    """Return a paper of every kind of question, on several pages."""
    root = tmp_path_factory.mktemp("sheets")
    shutil.copytree(CORPUS / "banks/all-kinds", root / "banks/all-kinds")
    (root / "blueprints").mkdir()
    shutil.copy(CORPUS / "blueprints/all-kinds.yaml", root / "blueprints")
    workspace = Workspace(root, "zh", str(root / "ledger.db"))
    made, _ = assemble_papers(root / "blueprints/all-kinds.yaml", workspace, as_of="2026-11-25")
    assert made is not None
    return printed(Path(made.paths[0]), root)
