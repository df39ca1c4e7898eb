"""Answers given on screen: a file a candidate, its checksum and signature, and what becomes of several."""

from __future__ import annotations

from qbank.files.answers.exam.documents import exam_paths
from qbank.files.answers.exam.take_in import take_in_exam

__all__ = ["exam_paths", "take_in_exam"]
