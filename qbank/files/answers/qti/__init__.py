"""Results in the format of QTI: documents, names, answers and marks."""

from __future__ import annotations

from qbank.files.answers.qti.answer_text import answer_text
from qbank.files.answers.qti.packed_xml import is_archive_of_xml
from qbank.files.answers.qti.results import looks_like_results, parse_results, read_qti_results

__all__ = ["answer_text", "is_archive_of_xml", "looks_like_results", "parse_results", "read_qti_results"]
