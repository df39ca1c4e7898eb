"""Files of answers: tables in any of the usual shapes and encodings → the answers of persons, with positions."""

from __future__ import annotations

from qbank.files.answers.exam import exam_paths
from qbank.files.answers.exam.checks import Accepting
from qbank.files.answers.files import read_answers
from qbank.files.answers.intake import Intake, take_in
from qbank.files.answers.mapping import MAPPING_FILE, MappingText, read_mapping
from qbank.files.answers.reading import Reading
from qbank.files.answers.table import AnswerTable

__all__ = ["MAPPING_FILE", "Accepting", "AnswerTable", "Intake", "MappingText", "Reading", "exam_paths", "read_answers", "read_mapping", "take_in"]
