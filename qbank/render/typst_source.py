"""The Typst source of each part of a paper: data laid into calls of the templates.

Plain words go in as strings, converted texts as content; a comment before each question names its item, so
that a complaint of the compiler finds its way back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qbank.core.presentation import Paper, Part
from qbank.render.typst_key import guide_source, key_source, map_source
from qbank.render.typst_paper import paper_source
from qbank.render.typst_sheet import sheet_source
from qbank.render.typst_task import notice_source, record_source, task_source

SOURCES: Mapping[Part, Callable[[Paper], str]] = {
    "paper": paper_source,
    "key": key_source,
    "answer-sheet": sheet_source,
    "marking-guide": guide_source,
    "version-map": map_source,
    "task-notice": notice_source,
    "task-paper": task_source,
    "task-record": record_source,
}
