"""A tiny bank without a mistake, as the text of its files, and the ways in which tests write and check one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from qbank.core.bank import Bank
from qbank.problem import Problem, Span
from qbank.workflow.bank import check_bank

BANK = """\
bank: tiny
title: 小题库
language: zh
standard: standard.yaml
"""

STANDARD = """\
occupation:
  code: 6-17-02-02
  title: 炼钢工
official: false
levels: [4, 3]
domains:
  - code: A
    title: 基础知识
    weight: {4: 40, 3: 100}
    competencies:
      - {code: A-001, title: 安全, levels: [4, 3]}
      - {code: A-002, title: 识图, levels: [4], requires: [A-001]}
  - code: B
    title: 操作
    domains:
      - code: B-A
        title: 吹炼
        weight: {4: 60}
        competencies:
          - {code: B-A-001, title: 枪位, levels: [4]}
          - {code: B-A-002, title: 底吹, levels: [3]}
"""

ITEMS = """\
defaults: {kind: single, level: 4, grade: 2, cognitive: apply, seconds: 60}
items:
  - id: Q-1
    competency: A-001
    stem: 铁水的主要成分是什么？
    options:
      A: 铁
      B: 铜
      C: 铝
    key: A
    pin: [C]
  - id: Q-2
    kind: true_false
    competency: A-002
    stem: 炉渣碱度记作 $R$。
    key: true
    enemies: [Q-1]
  - id: Q-3
    kind: numeric
    competency: B-A-001
    stem: 求出钢温度。
    marks: 2
    key: {value: 1680, tolerance: 5, unit: ℃}
"""

SOUND: Mapping[str, str] = {"bank.yaml": BANK, "standard.yaml": STANDARD, "items/a.yaml": ITEMS}

Files = Mapping[str, str | bytes | None]


def changed(file: str, old: str, new: str) -> Files:
    """Return the files of the sound bank with one place of one of them rewritten; the place must be the only one."""
    assert SOUND[file].count(old) == 1, f"{old!r} stands {SOUND[file].count(old)} times in {file}"
    return {**SOUND, file: SOUND[file].replace(old, new)}


def write_bank(folder: Path, files: Files = SOUND) -> Path:
    """Write the files of a bank, those that are not None, in the order given."""
    (folder / "items").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def errors_of(folder: Path) -> list[Problem]:
    """Return the errors of the bank in a folder; warnings are left out."""
    return [problem for problem in check_bank(folder)[1] if problem.severity == "error"]


def sound_bank(folder: Path, files: Files = SOUND) -> Bank:
    """Return the bank that these files make, which must have no error."""
    source, problems = check_bank(write_bank(folder, files))
    assert [problem for problem in problems if problem.severity == "error"] == []
    assert source.bank is not None
    return source.bank


def lies_inside(span: Span, root: Path) -> bool:
    """Return whether a span names an existing place: a folder or file as a whole, or a line and column of a file."""
    path = root / span.path
    if not span.line:
        return path.exists() and span.column == 0
    text = path.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff")
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    return 1 <= span.line <= len(lines) and 1 <= span.column <= len(lines[span.line - 1]) + 1
