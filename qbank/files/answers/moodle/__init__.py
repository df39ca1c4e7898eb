"""Moodle's quiz reports: their columns, questions, answers and marks."""

from __future__ import annotations

from qbank.files.answers.moodle.columns import looks_like_moodle
from qbank.files.answers.moodle.json_download import json_table
from qbank.files.answers.moodle.take_in import take_in_moodle

__all__ = ["json_table", "looks_like_moodle", "take_in_moodle"]
