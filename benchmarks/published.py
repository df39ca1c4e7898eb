"""Assembly problems that other programs publish, converted from their own tables into programs of ours.

    python benchmarks/published.py [--case CASE] [--seed N] [--json]

science, bayes: one paper of 30 from 1,000 mixed-model and from 320 3PL items, by the peer's own constraint table
(counts over R expressions, enemies, all-or-none, include, exclude); the largest total information at θ = −1.2, 0 and
1.2 is known to be 41.38657 and 25.90770. booklets: 80 items into 14 booklets, each used once, formats and difficulty
classes balanced, times as near to 10 minutes as can be. groups: 366 Rasch items, three groups of 8 papers of 36–40
items with rules of their own, friends that stand together, enemy sets, use ≤ 7, overlap ≤ 14, information near 7.5.
enemies: 4,998 2PL items with 3,648 enemy pairs (written both ways: 7,296) into 20 papers of equal information.

The tables are read from the folder ``shared`` beside the checkout (GPL and MIT); nothing of them is kept here.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from qbank.assemble.program import Draft, Overlap, Program, Source, Terms, violations  # noqa: E402
from qbank.assemble.search import Outcome, search_papers  # noqa: E402
from qbank.problem import Span  # noqa: E402

TABLES = ROOT.parent / "shared" / "reference" / "assembly"
ABILITIES = np.array([-1.2, 0.0, 1.2])

Array = NDArray[np.float64]


def read(name: str, separator: str = ",") -> pl.DataFrame:
    """Return a table with every column as text."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=separator))
    return pl.DataFrame(rows, infer_schema_length=None)


def numbers(table: pl.DataFrame, column: str) -> Array:
    """Return a column as numbers, NaN where it is empty."""
    return np.array([float(text) if text not in ("", "NA", None) else np.nan for text in table[column]])


def logistic_information(a: Array, b: Array, c: Array, theta: Array) -> Array:
    """Return the information of 3PL items, Lord (1980), eq. 5-9; shape (n_items, n_theta)."""
    p = c[:, None] + (1 - c[:, None]) / (1 + np.exp(-a[:, None] * (theta - b[:, None])))
    return np.asarray(a[:, None] ** 2 * ((p - c[:, None]) / (1 - c[:, None])) ** 2 * (1 - p) / p)


def partial_credit_information(a: float, steps: Array, theta: Array) -> Array:
    """Return the information of a generalised partial credit item, a² Var(X | θ), Muraki (1993); shape (n_theta,)."""
    exponent = np.cumsum(np.vstack([np.zeros(theta.size), a * (theta - steps[:, None])]), axis=0)
    share = np.exp(exponent - exponent.max(axis=0))
    share /= share.sum(axis=0)
    category = np.arange(share.shape[0])[:, None]
    mean = (category * share).sum(axis=0)
    return np.asarray(a**2 * ((category**2 * share).sum(axis=0) - mean**2))


def holds(condition: str, table: pl.DataFrame) -> NDArray[np.bool_]:
    """Return where an R condition holds: comparisons, ``%in% c(…)``, ``&`` and ``|`` over the columns of a table."""
    if not condition:
        return np.ones(table.height, dtype=np.bool_)
    sql = re.sub(r"%in%\s*c\(", "IN (", condition).replace("==", "=").replace("&", " AND ").replace("|", " OR ")
    sql = re.sub(r"\b[A-Z_]+\.[A-Z_]+\b", lambda found: f'"{found[0]}"', sql.replace('"', "'"))
    return table.select(pl.sql_expr(sql)).to_series().to_numpy().astype(np.bool_)


def one_paper(pool: str, attributes: str, constraints: str) -> Program:
    """Return the program of one paper of most information from a pool, its attributes and its constraint table."""
    items, table = read(pool), read(attributes)
    typed = [
        pl.Series(name.upper(), numbers(table, name)) if re.fullmatch(r"-?[0-9.]+", table[name][0]) else
        table[name].alias(name.upper())
        for name in table.columns
    ]  # fmt: skip
    table = pl.DataFrame(typed)
    parameters = np.column_stack([numbers(items, name) for name in items.columns if name.startswith("PAR")])
    information = np.array(
        [
            partial_credit_information(row[0], row[1:][np.isfinite(row[1:])], ABILITIES)
            if model == "GPC"
            else logistic_information(row[:1], row[1:2], row[2:3], ABILITIES)[0]
            for model, row in zip(items["MODEL"], parameters, strict=True)
        ]
    )
    n = table.height
    draft = Draft(np.arange(n), np.zeros(n, np.int64), n, 1)
    for rule in read(constraints).rows(named=True):
        source = Source(f"{rule['CONSTRAINT_ID']} {rule['TYPE']} {rule['CONDITION']}", Span(constraints))
        if rule["ONOFF"] != "OFF":
            columns = np.flatnonzero(holds(rule["CONDITION"], table)) if rule["TYPE"] not in ("Order", "Sum") else None
            apply(rule, columns, draft, source)
    return draft.freeze(cost=-information.sum(axis=1))


def apply(rule: dict[str, str], columns: NDArray[np.int64] | None, draft: Draft, source: Source) -> None:
    """Add one line of a constraint table."""
    if columns is None:
        return
    ones = np.ones(columns.size)
    match rule["TYPE"]:
        case "Number":
            draft.add(columns, ones, float(rule["LB"]), float(rule["UB"]), source)
        case "Enemy":
            draft.add(columns, ones, -np.inf, 1.0, source)
        case "Include":
            draft.add(columns, ones, float(columns.size), np.inf, source)
        case "Exclude":
            draft.forbid(columns, source)
        case "AllOrNone":
            for other in columns[1:]:
                draft.add(np.array([columns[0], other]), np.array([1.0, -1.0]), 0.0, 0.0, source)
        case other:
            raise ValueError(other)


def science() -> Program:
    """Return 30 of 1,000 items, 36 constraints."""
    return one_paper("TestDesign_itempool_science_1000.csv", "TestDesign_itemattrib_science_1000.csv",
                     "TestDesign_constraints_science_1000.csv")  # fmt: skip


def bayes() -> Program:
    """Return 30 of 320 items, 14 constraints."""
    return one_paper("TestDesign_itempool_bayes_320.csv", "TestDesign_itemattrib_bayes_320.csv",
                     "TestDesign_constraints_bayes_320.csv")  # fmt: skip


def booklets() -> Program:
    """Return 80 items in 14 booklets of 5 or 6: together the booklets have 80 places, so every item is used once."""
    items = read("eatATA_items_vera.csv")
    n, n_forms, here = items.height, 14, Span("eatATA_items_vera.csv")
    draft = Draft(np.arange(n), np.zeros(n, np.int64), n, n_forms)
    draft.limit_uses(np.arange(n), 1, Source("each item once", here))
    every = np.arange(n)
    draft.add(every, np.ones(n), 5.0, 6.0, Source("items", here))
    for name in ("MC", "CMC", "short_answer", "open", *(f"diff_{k}" for k in range(1, 6))):
        values = numbers(items, name)
        low, high = np.floor(values.sum() / n_forms), np.ceil(values.sum() / n_forms)
        columns = np.flatnonzero(values)
        draft.add(columns, np.ones(columns.size), float(low), float(high), Source(name, here))
    position = {id: place for place, id in enumerate(items["item"])}
    for place, excluded in enumerate(items["exclusions"]):
        for id in filter(None, (excluded or "").replace("NA", "").split(", ")):
            draft.add_enemies(place, position[id])
    minutes = numbers(items, "time")
    terms = Terms(("minutes",), minutes[None, :], np.full((n_forms, 1), 10.0), np.ones(1), np.zeros(1, np.int64),
                  np.ones(1), np.full(1, np.inf))  # fmt: skip
    program = draft.freeze(terms)
    lengths = np.where(np.arange(n_forms) < n - 5 * n_forms, 6.0, 5.0)
    program.low[:, 0], program.high[:, 0] = lengths, lengths
    return program


def groups(width: float = 0.05, each: int = 8) -> Program:
    """Return 366 items, three groups of papers; width : by which information may miss 7.5 ; each : papers of a group, 8 in the
    published problem
    """
    items, rules = read("ATAjl_bank_366.csv", ";"), read("ATAjl_constraints.csv", ";")
    n, n_groups, here = items.height, 3, Span("ATAjl_bank_366.csv")
    every, n_forms = np.arange(n), each * n_groups
    draft = Draft(every, np.zeros(n, np.int64), n, n_forms)
    draft.limit_uses(every, 7, Source("item use ≤ 7", here))
    draft.overlaps.append(Overlap(0, 14, Source("overlap ≤ 14", here)))
    draft.add(every, np.ones(n), 36.0, 40.0, Source("length", here))
    right = numbers(items, "PROP_CORR")
    draft.add(every, right - 0.50, 0.0, np.inf, Source("mean share right ≥ 0.50", here))
    draft.add(every, right - 0.57, -np.inf, 0.0, Source("mean share right ≤ 0.57", here))
    for name, members in sets_of(items, "UNIT").items():
        for other in members[1:]:
            draft.add(np.array([members[0], other]), np.array([1.0, -1.0]), 0.0, 0.0, Source(f"friends {name}", here))
    for name, members in sets_of(items, "ENEMY_SET").items():
        draft.add(np.array(members), np.ones(len(members)), -np.inf, 1.0, Source(f"enemies {name}", here))
    bounds: list[tuple[int, float, float]] = [(0, -np.inf, np.inf)] * len(draft.rows)
    for rule in rules.rows(named=True):
        columns = np.flatnonzero(np.array([value == rule["value"] for value in items[rule["var"]]]))
        if columns.size:
            draft.add(columns, np.ones(columns.size), -np.inf, np.inf, Source(f"{rule['var']} {rule['value']}", here))
            low, high = (float(rule[key]) if rule[key] else end for key, end in (("min", -np.inf), ("max", np.inf)))
            bounds.append((int(rule["group"]), low, high))
    b = numbers(items, "b")
    for group, theta in enumerate((-0.6, 0.3, 0.6), start=1):
        information = logistic_information(np.ones(n), b, np.zeros(n), np.array([theta]))[:, 0]
        draft.add(every, information, -np.inf, np.inf, Source(f"information at {theta}", here))
        bounds.append((group, 7.5 - width, 7.5 + width))
    program = draft.freeze()
    for row, (group, low, high) in enumerate(bounds):
        if group:
            forms = slice((group - 1) * each, group * each)
            program.low[forms, row], program.high[forms, row] = low, high
    return program


def sets_of(items: pl.DataFrame, column: str) -> dict[str, list[int]]:
    """Return the members of each set that a column names, of those with two or more."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(items[column]):
        if name:
            found.setdefault(name, []).append(place)
    return {name: members for name, members in found.items() if len(members) > 1}


def enemies() -> Program:
    """Return 20 papers of 10 from 4,998 items: domain 7 + 3, difficulty 3 + 4 + 3, equal information at four points."""
    items, pairs = read("FlexATA_items.csv"), read("FlexATA_enemies.csv")
    n, n_forms, here = items.height, 20, Span("FlexATA_items.csv")
    draft = Draft(np.arange(n), np.zeros(n, np.int64), n, n_forms)
    draft.limit_uses(np.arange(n), 1, Source("each item at most once", here))
    for column, shares in (("Domain", {"Domain_A": 7, "Domain_B": 3}), ("Difficulty", {"Easy": 3, "Medium": 4, "Hard": 3})):
        for value, share in shares.items():
            columns = np.flatnonzero((items[column] == value).to_numpy())
            draft.add(columns, np.ones(columns.size), float(share), float(share), Source(f"{column} {value}", here))
    position = {id: place for place, id in enumerate(items["ItemID"])}
    for first, second in pairs.rows():
        draft.add_enemies(position[first], position[second])
    theta = np.array([-0.6, -0.4, 0.2, 0.4])
    information = logistic_information(numbers(items, "IRT_a"), numbers(items, "IRT_b"), np.zeros(n), theta)
    usual = 10 * information.mean(axis=0)
    k = theta.size
    terms = Terms(tuple(f"information@{t}" for t in theta), information.T.copy(), np.full((n_forms, k), np.nan), usual,
                  np.zeros(k, np.int64), np.ones(k), np.full(k, np.inf))  # fmt: skip
    return draft.freeze(terms)


CASES: dict[str, Callable[[], Program]] = {
    "science": science, "bayes": bayes, "booklets": booklets, "groups": groups, "enemies": enemies,
}  # fmt: skip
KNOWN = {"science": -41.38657, "bayes": -25.90770, "booklets": 0.5}
"""The best objective that there is."""


def solved(case: str, seed: int) -> tuple[Program, Outcome]:
    """Return a problem and its papers."""
    program = CASES[case]()
    return program, searched(program, seed)


def searched(program: Program, seed: int) -> Outcome:
    """Return the papers of a problem."""
    gap = 1e-6 if program.n_forms == 1 else 1e-4
    return search_papers(program, seed=seed, effort=20, absolute_gap=gap, max_nodes=20_000)


def run(case: str, seed: int) -> dict[str, Any]:
    """Return one line of the table."""
    cpu, wall = time.process_time(), time.perf_counter()
    program, outcome = solved(case, seed)
    cost = {"cpu_s": round(time.process_time() - cpu, 3), "wall_s": round(time.perf_counter() - wall, 3)}
    row: dict[str, Any] = {"case": case, "seed": seed, **cost, "status": outcome.status}
    if len(outcome.chosen):
        row |= {"objective": round(outcome.objective, 6), "bound": round(outcome.bound, 6),
                "violations": len(violations(program, outcome.chosen))}  # fmt: skip
    return row | {"broken": outcome.broken} if outcome.broken else row


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not TABLES.is_dir():
        sys.exit(f"the published tables are not there: {TABLES.relative_to(ROOT.parent)}")
    for case in [options.case] if options.case else CASES:
        row = run(case, options.seed)
        print(json.dumps(row) if options.json else "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
