"""The workspace that tests and benchmarks run on; README.md beside this file says why it never changes."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).resolve().parent
