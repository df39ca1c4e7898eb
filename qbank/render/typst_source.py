"""The Typst source of a paper, a key and an answer sheet. The source is data laid into calls of the templates:
plain words go in as strings, converted texts as content."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Protocol

import segno

from qbank.core.presentation import Paper, PaperSection, Question
from qbank.messages import text
from qbank.render import sheet as places
from qbank.render.labels import conditions, letter_label, number_label, ordinal, page_words, section_heading, section_note
from qbank.render.texts import answer_lines, needs_answer_line, needs_bracket
