"""show: every kind of item in words, and variants of templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qbank.cli.__main__ import main
from tests.files.sound import BANK, STANDARD, write_bank

ITEMS = """\
defaults: {level: 4, grade: 2, cognitive: apply, seconds: 60, competency: A-001}
items:
  - id: T-1
    kind: single
    parameters: {m: [80, 90, 100], c: [0.1, 0.2]}
    stem: 铁水 {{ m }} t，含 $\\ce{CO2}$ {{ c }} %，求（　　）。
    options: {A: "{{ m * c * 10 }} kg", B: "{{ m * c }} kg"}
    key: A
    misconception: {B: "漏乘 10，得 {{ m * c }}"}
  - id: C-1
    kind: case
    marks: 3
    stem: 某炉铁水 {{ m }} t。
    parameters: {m: [80, 90]}
    parts:
      - {kind: numeric, marks: 1, stem: "两炉共 ____ t。", key: {value: "{{ m * 2 }}", tolerance: 1}}
      - {kind: short, marks: 2, stem: 怎样称量？, key: 用天车秤, rubric: [{points: 2, text: "写出 {{ m }}"}]}
  - id: M-1
    kind: matching
    stem: 连线。
    prompts: [石灰, 萤石]
    options: {A: CaO, B: CaF2, C: SiO2}
    key: [A, B]
"""
BIG = """\
  - id: T-2
    kind: numeric
    parameters: {a: {from: 1, to: 999}, b: {from: 1, to: 999}}
    conditions: [a > b]
    stem: 求 {{ a }} 与 {{ b }} 的差 ____ 。
    key: {value: "{{ a - b }}"}
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return the command line in the folder of a bank: words → (exit status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    write_bank(tmp_path, {"bank.yaml": BANK, "standard.yaml": STANDARD, "items/a.yaml": ITEMS + BIG})

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


def shown(run: Run, *words: str) -> Any:
    status, out, err = run("show", *words, "--json")
    assert status == 0, err
    return json.loads(out)


def test_variants_are_shown_with_key_and_mistakes(run: Run) -> None:
    status, out, _ = run("show", "T-1", "--variants", "3", "--lang", "zh")
    assert status == 0
    assert "参数题：参数 m, c，共 6 个变式" in out
    assert out.count("\n变式 ") == 3 and out.count("答案: A") == 3
    assert out.count("← 漏乘 10，得 ") == 3 and "CO₂" in out and "{{" not in out


def test_variants_in_json_are_different_and_follow_from_the_seed(run: Run) -> None:
    one = shown(run, "T-1", "--variants", "5", "--seed", "4")
    assert one["n_variants"] == 6 and one["parameters"]["m"] == [80, 90, 100]
    assert len({variant["draw"] for variant in one["variants"]}) == 5
    assert shown(run, "T-1", "--variants", "5", "--seed", "4") == one
    assert shown(run, "T-1", "--variants", "5", "--seed", "5")["variants"] != one["variants"]
    for variant in one["variants"]:
        m, c = (float(part.split("=")[1]) for part in variant["draw"].split(", "))
        assert variant["options"]["A"] == f"{m * c * 10:g} kg" and variant["key"] == "A"


def test_no_more_variants_are_shown_than_there_are(run: Run) -> None:
    assert len(shown(run, "T-1", "--variants", "50")["variants"]) == 6


def test_where_there_are_too_many_nobody_counts_them(run: Run) -> None:
    assert shown(run, "T-2", "--variants", "2")["n_variants"] is None
    assert "too many" in run("show", "T-2", "--lang", "en")[1]


def test_without_variants_a_template_is_shown_as_its_first(run: Run) -> None:
    record = shown(run, "T-1")
    assert "variants" not in record and record["options"] == {"A": "80 kg", "B": "8 kg"}


def test_parts_prompts_and_marking_points_are_shown(run: Run) -> None:
    status, out, _ = run("show", "C-1", "--variants", "2", "--lang", "zh")
    assert status == 0 and "(1) 计算填空题 · 1 分" in out and "答案: 用天车秤" in out
    assert "2  写出 80" in out and "2  写出 90" in out and "答案: 180 ± 1" in out
    record = shown(run, "C-1")
    assert [(part["id"], part["answer"]) for part in record["parts"]] == [("C-1.1", "160 ± 1"), ("C-1.2", "用天车秤")]
    out = run("show", "M-1", "--lang", "en")[1]
    assert "  1. 石灰" in out and "key: 1-A 2-B" in out


def test_variants_of_an_item_without_parameters_are_a_wrong_call(run: Run) -> None:
    status, _, err = run("show", "M-1", "--variants", "2", "--lang", "en")
    assert status == 2 and "no parameters" in err


def test_a_sound_item_is_shown_whatever_is_wrong_elsewhere(run: Run) -> None:
    path = Path("items/b.yaml")
    path.write_text("items:\n  - {id: X-1, kind: single}\n", "utf-8")
    assert run("show", "M-1")[0] == 0
    status, _, err = run("show", "X-1", "--lang", "en")
    assert status == 1 and "items/b.yaml:2:5" in err and "B006" in err
