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

SHARED_ITEMS = """\
defaults: {kind: true_false, level: 4, grade: 2, cognitive: apply, seconds: 60, competency: A-001}
stimuli:
  - id: S-1
    title: 炉况
    text: 转炉装入铁水 110 t。
    enemies: [S-2]
  - id: S-2
    text: 转炉装入废钢 15 t，碱度 $R$ 为 3。
items:
  - id: U-1
    stimulus: S-1
    stem: 铁水比不足九成。
    key: true
  - id: U-2
    stimulus: S-1
    stem: 铁水不足百吨。
    key: false
  - id: U-3
    stimulus: S-2
    stem: 废钢超过十吨。
    key: true
"""

KIND_ITEMS = """\
defaults: {level: 4, grade: 2, cognitive: apply, seconds: 60, competency: A-001}
items:
  - id: K-1
    kind: multiple
    stem: 造渣材料有（　　）。
    options: {A: 石灰, B: 萤石, C: 白云石, D: 焦炭}
    key: [A, C]
    misconception: {D: 与高炉混淆}
    credit: subset
  - id: K-2
    kind: fill
    stem: 石灰的主要成分是____，碱度约为____。
    key:
      - [CaO, 氧化钙]
      - {accept: [3], pattern: '3(\\.[0-5])?'}
    fold: {case: false}
  - id: K-3
    kind: numeric
    stem: 求石灰加入量。
    key: {value: 42.8, tolerance: 1%, unit: kg/t, formula: 2.14*0.5*3.2*1000/80}
  - id: K-4
    kind: short
    stem: 为什么钢包必须干燥？
    marks: 4
    key: 水遇钢水汽化，会爆炸。
    rubric:
      - {points: 2, text: 水汽化}
      - {points: 2, text: 爆炸}
  - id: K-5
    kind: matching
    stem: 连线。
    prompts: [硫, 磷]
    options: {A: 冷脆, B: 热脆, C: 白点}
    key: [B, A]
  - id: K-6
    kind: ordering
    stem: 排序。
    options: {A: 出钢, B: 吹炼, C: 装料}
    key: [C, B, A]
    credit: pairs
  - id: K-7
    kind: case
    stem: 某炉次喷溅。
    marks: 4
    parts:
      - kind: single
        stem: 应（　　）。
        marks: 1
        options: {A: 提枪, B: 降枪}
        key: A
      - kind: short
        stem: 说明理由。
        marks: 3
        key: 渣中氧化铁多。
        rubric: [{points: 3, text: 氧化铁}]
  - id: K-8
    kind: task
    stem: 测温取样。
    marks: 10
    minutes: 20
    site: [{name: 测温枪, quantity: 1, unit: 支}]
    requirements: [穿戴防护用品]
    steps:
      - {title: 准备, demand: 检查测温枪, points: 4, deductions: [{text: 未检查, points: 4}]}
      - {title: 测温, demand: 插入深度合适, points: 6}
    veto: [违反安全规程]
  - id: K-9
    kind: true_false
    stem: 硫引起冷脆。
    key: false
    correction: 硫引起热脆。
  - id: K-10
    kind: essay
    stem: 论述返干的原因与处理。
    marks: 10
    key: 渣中氧化铁不足；提枪。
    rubric: [{points: 6, text: 原因}, {points: 4, text: 处理}]
    lines: 12
"""
"""One sound item of every other kind, and a false statement with its correction."""

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
