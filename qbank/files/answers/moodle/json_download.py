"""Moodle's JSON download as a table."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl

from qbank.files.answers.table import AnswerTable
from qbank.problem import Problem, Span, error

_BEGINNING, _BETWEEN = re.compile(r"[\s\[]*"), re.compile(r"[\s,\[\]]*")


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return where a run of such characters ends, at once where there is none."""
    found = pattern.match(text, at)
    return found.end() if found else at


def json_table(data: bytes, name: str) -> tuple[AnswerTable | None, list[Problem]]:
    """Return the table of Moodle's JSON download: a list of records, one a person, perhaps inside another list."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        return None, [error("R317", Span(name, 1, 1), detail=str(fault)[:120])]
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    records: list[dict[str, str]] = []
    lines: list[int] = []
    at = _after(_BEGINNING, text, 0)
    line, counted = 1, 0
    while at < len(text) and text[at] == "{":
        line, counted = line + text.count("\n", counted, at), at
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as fault:
            return None, [error("R317", Span(name, line, 1), detail=str(fault)[:120])]
        records.append({str(key): _word(value) for key, value in record.items()})
        lines.append(line)
        at = _after(_BETWEEN, text, at)
    if at < len(text) or not records:
        return None, [error("R317", Span(name, line, 1), detail=text[at : at + 20] or "[]")]
    headers = list(dict.fromkeys(key for record in records for key in record))
    frame = pl.DataFrame({key: [record.get(key, "") for record in records] for key in headers}, schema=dict.fromkeys(headers, pl.String))
    if not headers:
        return None, [error("R317", Span(name, 1, 1), detail="{}")]
    return AnswerTable(name, "", frame, np.array(lines, dtype=np.int64), (1,) * len(headers), 1), []


def _word(value: object) -> str:
    if value is None:
        return ""
    return str(value) if not isinstance(value, (dict, list)) else json.dumps(value, ensure_ascii=False)[:200]
