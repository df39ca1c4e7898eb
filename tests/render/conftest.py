"""Golden files of the renderers: plain files in ``tests/golden/render``, rewritten by ``pytest --snapshot-update`` or QBANK_GOLDEN=update."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent / "golden" / "render"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return the check that a text is what stands in the golden file of that name."""

    def check(name: str, text: str) -> None:
        file = GOLDEN / name
        asked = request.config.getoption("--snapshot-update", default=False)
        if asked or os.environ.get("QBANK_GOLDEN") == "update":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        assert file.exists(), f"{name} is not there yet: pytest --snapshot-update"
        assert text == file.read_text(encoding="utf-8")

    return check
