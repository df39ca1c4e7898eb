"""The corpus is what it was, and only tests that hold for banks of any size read the repository's own banks."""

from __future__ import annotations

import hashlib
import re

from tests.corpus import CORPUS
from tests.workflow.places import REPOSITORY

DIGEST = "6e7af66922dc218caeb5918d91df7e9be9de682cbafa1b753b413f52f4b7b4bd"
OF_ANY_SIZE = {"tests/banks/test_banks.py", "tests/banks/test_quality.py", "tests/files/test_blueprints.py", "tests/files/test_cache.py", "tests/files/test_schema.py"}
"""Tests that read banks/ and blueprints/ as they are today, and may count nothing in them."""
READS_BANKS = re.compile(r"""(?:REPOSITORY|ROOT|parents\[\d\]\)?)\s*/\s*f?["'](?:banks|blueprints)\b""")


def test_no_item_of_the_corpus_was_changed_added_or_taken_away() -> None:
    files = [path for name in ("banks", "blueprints") for path in (CORPUS / name).rglob("*") if path.is_file()]
    whole = hashlib.sha256()
    for name in sorted(path.relative_to(CORPUS).as_posix() for path in files):
        whole.update(f"{name}\n".encode() + (CORPUS / name).read_bytes().replace(b"\r\n", b"\n"))
    assert whole.hexdigest() == DIGEST, "tests/corpus never changes: correct the item in banks/ instead (tests/corpus/README.md)"


def test_only_tests_that_hold_for_banks_of_any_size_read_the_repositorys_banks() -> None:
    sources = [path for folder in ("tests", "benchmarks") for path in (REPOSITORY / folder).rglob("*.py")]
    found = {path.relative_to(REPOSITORY).as_posix() for path in sources if READS_BANKS.search(path.read_text("utf-8"))}
    assert found == OF_ANY_SIZE
