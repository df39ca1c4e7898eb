"""check --watch: checks again at each save, says what is new and what is settled, and ends well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qbank.cli.check import _differences
from qbank.problem import Span, error
from tests.files.sound import ITEMS, write_bank
from tests.workflow.places import REPOSITORY

PATIENCE = 120.0


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_saving_checks_again_until_ctrl_c(tmp_path: Path) -> None:
    write_bank(tmp_path / "bank")
    path, out = tmp_path / "bank" / "items" / "a.yaml", tmp_path / "out.txt"
    with out.open("w", encoding="utf-8") as file, subprocess.Popen(
        [sys.executable, "-m", "qbank", "--lang", "en", "check", "--watch", "bank"], cwd=tmp_path, stdout=file,
        stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip

        def put(words: str) -> None:
            """Save as editors do: the watcher never sees half a file."""
            (tmp_path / "new.yaml").write_text(words, "utf-8")
            (tmp_path / "new.yaml").replace(path)

        def wait_for(words: str, *, save: str | None = None) -> None:
            begun = time.monotonic()
            while words not in out.read_text("utf-8") and time.monotonic() < begun + PATIENCE and process.poll() is None:
                time.sleep(0.2)
                if save is not None and time.monotonic() > begun + 15:  # the watcher may not have begun
                    put(save + "\n")
                    begun += 15
            assert words in out.read_text("utf-8")

        try:
            wait_for("Ctrl-C")
            broken = ITEMS.replace("key: A\n", "key: E\n")
            put(broken)
            wait_for("bank/items/a.yaml:10:10: error Q104", save=broken)
            put(ITEMS)
            wait_for("1 settled")
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
    assert "Traceback" not in out.read_text("utf-8")


def test_only_what_is_new_is_told_and_a_moved_line_is_not() -> None:
    old = (error("Q1", Span("a", 1, 1), x=1), error("Q1", Span("a", 2, 1), x=1), error("Q2", Span("a", 3, 1)))
    new = (error("Q1", Span("a", 9, 9), x=1), error("Q3", Span("a", 3, 1)))
    assert _differences(old, new) == ([new[1]], 2)
    assert _differences((), old) == (list(old), 0)
