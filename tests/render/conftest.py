"""Golden files of the renderers: plain files in ``tests/golden/render``, rewritten by ``QBANK_GOLDEN=update``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent / "golden" / "render"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Return the check that a text is what stands in the golden file of that name."""

    def check(name: str, text: str) -> None:
        file = GOLDEN / name
        if os.environ.get("QBANK_GOLDEN") == "update":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        assert file.exists(), f"{name} is not there yet: QBANK_GOLDEN=update pytest"
        assert text == file.read_text(encoding="utf-8")

    return check
