"""Sound files of answers in every format that is read, to be damaged."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Sequence

import polars as pl

from qbank.core.form import Form, answer_places
from qbank.kinds import KINDS
from qbank.kinds.answer_texts import answer_texts
from tests.files.answers.papers import every_kind

Rows = Sequence[Sequence[str]]


def csv_bytes(rows: Rows, encoding: str = "utf-8") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode(encoding)


def xlsx_bytes(sheets: dict[str, Rows]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return buffer.getvalue()


def parquet_bytes(rows: Rows) -> bytes:
    header, *data = rows
    buffer = io.BytesIO()
    pl.DataFrame({name: [row[n] for row in data] for n, name in enumerate(header)}).write_parquet(buffer)
    return buffer.getvalue()


@functools.cache
def answers() -> Rows:
    """Return a table of answers of two persons, one row a person."""
    form, _ = every_kind()
    places = answer_places(form)
    labels = [KINDS[place.kind].key_label(place.marked) for place in places]
    shown = [KINDS[place.kind].show_answer(label, place.order, "zh") for place, label in zip(places, labels, strict=True)]
    return [
        ["准考证号", "姓名", "考点", "status", *(place.id for place in places)],
        ["001", "甲", "东站", "", *shown], ["００２", "乙", "东站", "缺考", *("" for _ in places)],
    ]  # fmt: skip


@functools.cache
def moodle() -> Rows:
    """Return Moodle's report of responses with the texts of the questions."""
    form, bank = every_kind()
    texts = answer_texts((form,), bank)
    ids = [entry.id for entry in answer_places(form) if entry.kind not in ("task", "essay")]
    given = {"fill": "CaO; 3", "matching": "硫 -> 热脆; 磷 -> 冷脆", "ordering": "装料; 吹炼; 出钢", "single": "A", "true_false": "对", "numeric": "12.5", "multiple": "石灰; 萤石", "short": "……"}
    kinds = {entry.id: entry.kind for entry in answer_places(form)}
    header = ["姓", "名", "学号", "状态", "开始于", "成绩/38.50", *(w for n in range(1, len(ids) + 1) for w in (f"问题 {n}", f"回应 {n}"))]
    row = ["张", "三", "001", "已完成", "9:00", "30.00", *(w for id in ids for w in (texts[id]["stem"], given[kinds[id]]))]
    return [header, row, ["总平均分", "", "", "", "", "30.00", *("" for _ in header[6:])]]


RATINGS: Rows = [
    ["准考证号", "试题", "步骤", "考评员", "得分", "否定项"], ["001", "K-8", "1", "张三", "4", ""], ["001", "K-8", "2", "张三", "5", "×"],
    ["001", "K-8", "准备", "李四", "3", ""], ["001", "K-8", "测温", "李四", "5.5", ""], ["002", "K-10", "", "李四", "", ""],
]  # fmt: skip
WIDE_RATINGS: Rows = [["考号", "K-8.步骤1@a", "K-8.step2@a", "K-8@b", "K-8.veto@b"], ["001", "4", "6", "9", ""], ["002", "", "1", "3", "√"]]
QTI = """<?xml version="1.0" encoding="UTF-8"?>
<results xmlns="http://www.imsglobal.org/xsd/imsqti_result_v2p1"><assessmentResult><context sourcedId="001">
<sessionIdentifier sourceID="candidateName" identifier="张三"/></context><testResult identifier="every-1-A" datestamp="2026-11-23T09:00:00"/>
<itemResult identifier="Q-1" sequenceIndex="1" datestamp="2026-11-23T09:00:00" sessionStatus="final">
<responseVariable identifier="RESPONSE" cardinality="single" baseType="identifier"><candidateResponse><value>choiceA</value></candidateResponse></responseVariable>
<outcomeVariable identifier="SCORE" cardinality="single" baseType="float"><value>1</value></outcomeVariable></itemResult>
<itemResult identifier="K-5" datestamp="2026-11-23T09:00:00" sessionStatus="pendingSubmission">
<responseVariable identifier="RESPONSE" cardinality="multiple" baseType="directedPair"><candidateResponse><value>P1 B</value><value>P2 A</value></candidateResponse></responseVariable></itemResult>
<itemResult identifier="K-8" datestamp="2026-11-23T09:00:00" sessionStatus="final">
<outcomeVariable identifier="SCORE" cardinality="single" baseType="float"><value>8.5</value></outcomeVariable>
<outcomeVariable identifier="MAXSCORE" cardinality="single" baseType="float"><value>10</value></outcomeVariable></itemResult>
</assessmentResult><assessmentResult><context sourcedId="002"/></assessmentResult></results>
"""


def long_rows() -> Rows:
    """Return the answers with one row a response."""
    header, *rows = answers()
    return [["person", "item", "answer"], *([row[0], id, cell] for row in rows for id, cell in zip(header[4:], row[4:], strict=True))]


@functools.cache
def corpus(name: str) -> list[bytes]:
    """Return sound files by the name of what reads them."""
    sound = {
        "answers-csv": lambda: [csv_bytes(answers()), csv_bytes(answers(), "gb18030"), csv_bytes(long_rows()), csv_bytes(answers(), "utf-16")],
        "answers-xlsx": lambda: [xlsx_bytes({"答题": answers()}), xlsx_bytes({"a": [["说明"]], "b": long_rows()})],
        "answers-parquet": lambda: [parquet_bytes(answers()), parquet_bytes(long_rows())],
        "qti-results": lambda: [QTI.encode()],
        "moodle-responses": lambda: [csv_bytes(moodle()), csv_bytes(moodle(), "gb18030"), xlsx_bytes({"quiz": moodle()}), moodle_json()],
        "ratings": lambda: [csv_bytes(RATINGS), csv_bytes(WIDE_RATINGS), xlsx_bytes({"张三": WIDE_RATINGS, "李四": RATINGS})],
    }  # fmt: skip
    return sound[name]()


NAMES = ("answers-csv", "answers-xlsx", "answers-parquet", "qti-results", "moodle-responses", "ratings")


def moodle_json() -> bytes:
    import json

    header, *rows = moodle()
    return json.dumps([[dict(zip(header, row, strict=True)) for row in rows]], ensure_ascii=False).encode()


def only_form() -> tuple[Form, ...]:
    return (every_kind()[0],)
