"""Moodle's JSON download as a table."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl

from qbank.files.answers.table import AnswerTable
from qbank.problem import Problem, Span, error


def json_table(data: bytes, name: str) -> tuple[AnswerTable | None, list[Problem]]:
    """Return the table of Moodle's JSON download: a list of records, one a person, perhaps inside another list."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        return None, [error("R317", Span(name, 1, 1), detail=str(fault)[:120])]
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    records: list[dict[str, str]] = []
    lines: list[int] = []
    at = len(re.match(r"[\s\[]*", text).group())  # type: ignore[union-attr]
    line, counted = 1, 0
    while at < len(text) and text[at] == "{":
        line, counted = line + text.count("\n", counted, at), at
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as fault:
            return None, [error("R317", Span(name, line, 1), detail=str(fault)[:120])]
        records.append({str(key): _word(value) for key, value in record.items()})
        lines.append(line)
        at += len(re.compile(r"[\s,\[\]]*").match(text, at).group())  # type: ignore[union-attr]
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
