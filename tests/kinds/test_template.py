"""Drawing variants: every admissible combination, each as often as the others, the same in any process."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.item import Item, Template, fingerprint
from qbank.files.items import ItemPlaces, read_items
from qbank.files.yaml_text import parse_yaml
from qbank.kinds.template import (
    MAX_TRIED,
    combination,
    combinations,
    draw_text,
    draws,
    n_variants,
    read_text,
    shown,
    shuffled,
    variant,
    variant_seeds,
)

D = Decimal
ITEM = """\
items:
  - id: T-1
    kind: numeric
    level: 4
    grade: 2
    cognitive: apply
    seconds: 60
    competency: A-001
    parameters:
      m: {from: 80, to: 120, step: 5}
      c: {from: 0.1, to: 0.3, step: 0.1}
      steel: [Q235, 45钢]
    conditions: ["m * c < 30", "steel == 'Q235' or m > 80"]
    stem: 铁水 {{ m }} t，含碳 {{ c | 2 }} %，冶炼 {{ steel }}，求 ____ kg。
    key: {value: "{{ m * c * 10 }}", tolerance: 1%, unit: kg}
    rationale: $10 m c = {{ m * c * 10 }}$
"""


def item_of(source: str = ITEM) -> Item:
    """Return the only item of a text, which must be sound."""
    node, problems = parse_yaml(source, "t.yaml")
    assert node is not None and not problems
    texts, _, problems = read_items(node, ItemPlaces("t.yaml"))
    assert not [problem for problem in problems if problem.severity == "error"], problems
    return texts[0].item


def template_of(source: str = ITEM) -> Template:
    template = item_of(source).template
    assert template is not None
    return template


def brute_force(template: Template) -> list[dict[str, Any]]:
    """Return the admissible combinations of `ITEM`, its conditions written in Python."""
    values = template.parameters
    return [
        {"m": m, "c": c, "steel": steel}
        for m in values["m"] for c in values["c"] for steel in values["steel"]
        if m * c < 30 and (steel == "Q235" or m > 80)
    ]  # fmt: skip


def test_ranges_count_in_decimals() -> None:
    values = template_of().parameters
    assert values["c"] == (D("0.1"), D("0.2"), D("0.3"))
    assert values["m"] == tuple(D(m) for m in range(80, 121, 5))


def test_the_item_in_the_bank_is_its_first_variant() -> None:
    item = item_of()
    assert item.stem == "铁水 80 t，含碳 0.10 %，冶炼 Q235，求 ____ kg。"
    assert item.rationale == "$10 m c = 80$"
    assert item.body.marked() == {"value": 80.0, "tolerance": 0.8, "unit": "kg"}
    first = variant(item, 0)
    assert (first.stem, first.body, first.rationale, first.template) == (item.stem, item.body, item.rationale, None)


def test_a_seed_draws_every_admissible_combination_once_and_no_other() -> None:
    template = template_of()
    expected = brute_force(template)
    assert list(draws(template, 0)) == expected
    for seed in (1, 2, 20261125):
        found = list(draws(template, seed))
        assert found != expected and sorted(map(str, found)) == sorted(map(str, expected))
    assert n_variants(template) == len(expected) == 41


def test_every_admissible_combination_is_drawn_as_often_as_the_others() -> None:
    template = template_of()
    n, cells = 4100, 41
    counts = Counter(draw_text(next(iter(draws(template, seed)))) for seed in range(1, n + 1))
    assert len(counts) == cells
    statistic = sum((count - n / cells) ** 2 / (n / cells) for count in counts.values())
    assert statistic < 73.4  # chi-square with 40 degrees of freedom, upper 0.1 %


def test_another_process_draws_the_same() -> None:
    program = (
        "import sys; sys.path.insert(0, '.'); from tests.kinds.test_template import item_of, variant\n"
        "print([variant(item_of(), seed).stem for seed in (1, 2, 3, 4000000000)])"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, encoding="utf-8", check=True,
        cwd=Path(__file__).parents[2], env={"PYTHONHASHSEED": "7", "PATH": ""},
    )  # fmt: skip
    assert done.stdout.strip() == str([variant(item_of(), seed).stem for seed in (1, 2, 3, 4000000000)])


def test_the_variants_of_a_few_seeds_are_these() -> None:
    """Papers are printed again from the seed alone: what it draws may never change."""
    found = [draw_text(next(iter(draws(template_of(), seed)))) for seed in (1, 2, 3, 4000000000)]
    assert found == FROZEN


FROZEN = [
    "m=85, c=0.3, steel=45钢", "m=100, c=0.2, steel=45钢", "m=95, c=0.2, steel=Q235", "m=80, c=0.1, steel=Q235",
]  # fmt: skip


@settings(deadline=None)
@given(st.integers(1, 60), st.integers())
def test_a_shuffle_is_a_permutation(n: int, seed: int) -> None:
    assert sorted(shuffled(n, random.Random(seed))) == list(range(n))


def test_a_shuffle_of_a_billion_stops() -> None:
    found = list(shuffled(10**9, random.Random(1)))
    assert len(found) == len(set(found)) == MAX_TRIED


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_combinations_are_counted_in_written_order(sizes: list[int]) -> None:
    template = Template({f"p{n}": tuple(map(D, range(size))) for n, size in enumerate(sizes)}, (), {})
    found = [tuple(combination(template, index).values()) for index in range(combinations(template))]
    assert found == sorted(set(found)) and len(found) == combinations(template)


def test_too_many_combinations_are_not_counted_but_drawn() -> None:
    big = ITEM.replace("{from: 80, to: 120, step: 5}", "{from: 80, to: 120, step: 0.01}")
    template = template_of(big)
    assert combinations(template) > MAX_TRIED and n_variants(template) is None
    drawn = [next(iter(draws(template, seed))) for seed in range(1, 30)]
    assert len(set(map(str, drawn))) == 29
    assert all(draw["m"] * draw["c"] < 30 for draw in drawn)


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [("{{ m }}", 85, "85"), ("{{ m | 2 }}", 85.0, "85.00"), (" {{ c }} ", 0.2, "0.2"), ("{{ m * c | 0 }}", 17, "17")],
)
def test_a_text_that_is_one_expression_becomes_a_number_that_knows_how_it_is_written(
    text: str, value: float, written: str
) -> None:
    from qbank.kinds.template import filled_text

    pieces, faults = read_text(text.strip(), frozenset("mc"))
    assert not faults
    found = filled_text(pieces, {"m": D(85), "c": D("0.2"), "m * c": D(17)})
    assert found == value and found.text == written


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(D("1E+3"), None, "1000"), (D("0.10"), None, "0.1"), (D("0.125"), 2, "0.13"), (D("-0.125"), 2, "-0.13"), (D("-0.001"), 1, "0.0"),
     (D(5), 2, "5.00"), ("Q235", None, "Q235")],
)  # fmt: skip
def test_how_values_are_written(value: Any, decimals: int | None, text: str) -> None:
    assert shown(value, decimals) == text


def test_braces_of_mathematics_are_no_expressions() -> None:
    pieces, faults = read_text(r"$\frac{{{ m }}}{2_{3}}$", frozenset("m"))
    assert not faults and len(pieces) == 3
    assert (pieces[0], pieces[2]) == (r"$\frac{", r"}{2_{3}}$")


# ------------------------------------------------------------------------------------------- papers, fingerprints


def test_parallel_papers_get_different_seeds_that_draw_different_variants() -> None:
    item = item_of()
    for seed in range(5):
        seeds = variant_seeds(item, seed, 6)
        assert len({variant(item, one).stem for one in seeds}) == 6
        assert seeds == variant_seeds(item, seed, 6) and 0 not in seeds
        assert seeds[:3] == variant_seeds(item, seed, 3)
    assert variant_seeds(item, 1, 2) != variant_seeds(item, 2, 2)


def test_more_papers_than_variants_share_them() -> None:
    item = item_of(ITEM.replace("{from: 80, to: 120, step: 5}", "[80]").replace("{from: 0.1, to: 0.3, step: 0.1}", "[0.1, 0.2]"))
    seeds = variant_seeds(item, 1, 5)
    assert len(seeds) == 5 and len({variant(item, seed).stem for seed in seeds}) == 2


@pytest.mark.parametrize(
    ("old", "new", "seen", "marked"),
    [
        ("rationale: $10 m c", "rationale: 按比例，$10 m c", False, False),
        ("step: 5}", "step: 10}", True, False),
        ("m * c < 30", "m * c < 29", True, False),
        ("c: {from: 0.1, to: 0.3, step: 0.1}", "c: [0.10, 0.2, 0.30]", False, False),
        ("含碳 {{ c | 2 }}", "含碳 {{ c | 1 }}", True, False),
        ('"{{ m * c * 10 }}", tol', '"{{ m * c * 20 / 2 }}", tol', False, True),
        ("tolerance: 1%", "tolerance: 2%", False, True),
    ],
)
def test_what_changes_the_fingerprint(old: str, new: str, seen: bool, marked: bool) -> None:
    """Numbers that are drawn belong to no revision; the text that they are drawn for does."""
    assert ITEM.count(old) == 1
    before, after = (fingerprint(item_of(source)).split(".") for source in (ITEM, ITEM.replace(old, new)))
    assert [one != other for one, other in zip(before, after, strict=True)] == [seen, marked]


def test_an_item_of_pages_of_expressions_is_checked_with_fewer_draws_and_a_usual_one_with_200() -> None:
    from qbank.kinds.template import Filler
    from qbank.kinds.variants import FEWEST_DRAWS, N_DRAWS, draws_for

    assert draws_for(Filler(template_of())) == N_DRAWS
    long = "".join("{{ " + " + ".join([f"exp(m + {n})"] * 25) + " }}" for n in range(200))
    hostile = Template({"m": (D(1), D(2))}, (), {"stem": long})
    assert draws_for(Filler(hostile)) == FEWEST_DRAWS
