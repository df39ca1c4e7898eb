"""Coverage: whole numbers that add up, a commission that closes every gap, and figures counted by hand."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbank.core.bank import Bank, CoverageRules
from qbank.core.item import Item
from qbank.files.bank import read_bank
from qbank.kinds import KINDS
from qbank.lint.coverage import USUAL_PAPER, Coverage, coverage
from qbank.lint.plan import Part, apportion, per_grade, per_paper, table_with_margins
from qbank.messages import LANGUAGES, Language, has_text
from qbank.workflow.bank import check_bank
from qbank.workflow.coverage import cover, kind_word, write_commission, write_stubs
from tests.corpus import CORPUS
from tests.files.sound import BANK, SOUND, errors_of, write_bank

WEIGHTS = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(1, 30).map(float), min_size=1)
PARTS = st.lists(
    st.builds(Part, st.sampled_from(["single", "true_false", "essay"]), st.integers(1, 25), st.sampled_from([1.0, 2.0, 5.0])),
    min_size=1, max_size=3, unique_by=lambda part: part.kind,
)  # fmt: skip
STOCK = st.dictionaries(
    st.tuples(st.sampled_from("ABCDEFG"), st.sampled_from(["single", "true_false"]), st.integers(1, 5)), st.integers(0, 9)
)
SPREAD = {1: 15.0, 2: 30.0, 3: 30.0, 4: 20.0, 5: 5.0}


@given(WEIGHTS, st.integers(0, 300))
def test_shares_add_up_and_none_is_a_whole_item_off(weights: dict[str, float], total: int) -> None:
    shares = apportion(weights, total)
    assert sum(shares.values()) == total
    assert all(abs(shares[key] - total * weights[key] / sum(weights.values())) < 1 for key in weights)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.data())
def test_a_table_has_its_margins_and_uses_what_is_there(rows: list[int], data: st.DataObject) -> None:
    columns = list(apportion(dict(enumerate(data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=4)))), sum(rows)).values())
    stock = [[data.draw(st.integers(0, 4)) for _ in columns] for _ in rows]
    table = table_with_margins(rows, columns, stock)
    assert [sum(line) for line in table] == rows
    assert [sum(line[c] for line in table) for c in range(len(columns))] == columns
    plain = table_with_margins(rows, columns)
    assert lacking(table, stock) <= lacking(plain, stock)
    total = sum(rows)
    assert all(
        abs(plain[r][c] - rows[r] * columns[c] / total) < 1 for r in range(len(rows)) for c in range(len(columns)) if total
    ), "without a stock, every cell is its share rounded up or down"


def test_a_cell_never_falls_below_its_whole_share_so_that_others_are_rounded_up() -> None:
    """Row and column of the last cell have 5 of 8: its share is 3.125, and two would be less than a share rounded down."""
    assert table_with_margins([1, 1, 1, 5], [1, 1, 1, 5])[3][3] == 3


def lacking(table: list[list[int]], stock: list[list[int]]) -> int:
    return sum(max(0, n - there) for line, row in zip(table, stock, strict=True) for n, there in zip(line, row, strict=True))


@settings(deadline=None, max_examples=50)
@given(WEIGHTS, PARTS)
def test_a_paper_has_the_number_of_each_kind_and_the_weights(weights: dict[str, float], parts: list[Part]) -> None:
    paper = per_paper(weights, parts)
    for part in parts:
        assert sum(n for (_, kind), n in paper.items() if kind == part.kind) == part.n_items
    if len({part.marks_each for part in parts}) == 1:
        total = sum(part.n_items for part in parts)
        for domain, weight in weights.items():
            n = sum(n for (where, _), n in paper.items() if where == domain)
            assert abs(n - total * weight / sum(weights.values())) < 1


@settings(deadline=None, max_examples=50)
@given(WEIGHTS, STOCK, st.integers(1, 4))
def test_grades_have_the_spread_in_each_kind(weights: dict[str, float], stock: dict[Any, int], n_forms: int) -> None:
    need = {key: n_forms * n for key, n in per_paper(weights, USUAL_PAPER).items()}
    graded = per_grade(need, SPREAD, stock)
    for key, n in need.items():
        assert sum(graded[(*key, grade)] for grade in SPREAD) == n
    for part in USUAL_PAPER:
        wanted = apportion(SPREAD, n_forms * part.n_items)
        assert {g: sum(n for (_, kind, grade), n in graded.items() if (kind, grade) == (part.kind, g)) for g in SPREAD} == wanted


@pytest.fixture(scope="module")
def steel() -> Bank:
    bank = read_bank(CORPUS / "banks/steelmaking")[0].bank
    assert bank is not None
    return bank


def with_items(bank: Bank, items: list[Item], rules: CoverageRules | None = None) -> Bank:
    return dataclasses.replace(bank, items={item.id: item for item in items}, coverage=rules or bank.coverage)


def written(bank: Bank, found: Coverage) -> list[Item]:
    """Return the items of the commission, as writers would hand them in."""
    sample = next(iter(bank.items.values()))
    orders = [order for order in found.orders for _ in range(order.n)]
    return [
        dataclasses.replace(sample, id=f"N-{n}", kind=order.kind, competency=order.competency, level=found.level,
                            grade=order.grade, status="draft")
        for n, order in enumerate(orders)
    ]  # fmt: skip


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, 3))
def test_writing_the_commission_closes_every_gap(steel: Bank, seed: int, n_forms: int, least: int) -> None:
    """Law: what is there and what is missing covers the need of every cell; written, nothing is missing any more."""
    live = [item for item in steel.items.values() if item.status == "live"]
    kept = [item for n, item in enumerate(live) if (n * 7919 + seed) % 11 < 6]
    rules = CoverageRules(min_items_per_point=least)
    bank = with_items(steel, kept, rules)
    found = coverage(bank, 4, n_forms=n_forms)
    assert all(cell.live + cell.prepared + cell.missing >= cell.need for cell in found.cells)
    assert sum(cell.need for cell in found.cells) == 100 * n_forms
    assert sum(order.n for order in found.orders) >= sum(cell.missing for cell in found.cells)
    (use,) = (entry for entry in found.uses if entry.n_forms == n_forms)
    assert sum(use.missing.values()) == sum(cell.missing for cell in found.cells)
    complete = coverage(with_items(steel, [*kept, *written(bank, found)], rules), 4, n_forms=n_forms)
    assert complete.orders == ()
    assert [check.name for check in complete.checks if check.verdict == "gap"] == []
    assert sum(cell.prepared for cell in complete.cells) == sum(order.n for order in found.orders)


def test_the_commission_goes_first_to_competencies_with_fewest_items(steel: Bank) -> None:
    found = coverage(with_items(steel, []), 4, n_forms=2)
    numbers = Counter[str]()
    for order in found.orders:
        numbers[order.competency] += order.n
    assert sum(numbers.values()) == 200
    domains = {code: steel.standard.competencies[code].domain for code in numbers}
    for domain in set(domains.values()):
        of_domain = [numbers[code] for code in found.points if steel.standard.competencies[code].domain == domain]
        assert max(of_domain) - min(of_domain) <= 1


def test_only_what_is_or_will_be_usable_counts(steel: Bank) -> None:
    found = coverage(steel, 4, n_forms=2)
    n_items = sum(cell.live + cell.prepared for cell in found.cells)
    for status, counted in (("draft", 1), ("in_review", 1), ("approved", 1), ("suspended", 0), ("retired", 0), ("released", 0)):
        items = [dataclasses.replace(item, status=status) for item in steel.items.values()]
        again = coverage(with_items(steel, items), 4, n_forms=2)
        assert sum(cell.prepared for cell in again.cells) == counted * n_items
        assert sum(cell.live for cell in again.cells) == 0


def verdicts(found: Coverage) -> dict[str, tuple[str, str]]:
    return {check.name: (check.figure, check.verdict) for check in found.checks}


def test_the_checks_by_hand(tmp_path: Path) -> None:
    """Level 4 of the small bank: weights 40 and 60, three competencies, three items; one paper of 100 questions."""
    bank = read_bank(write_bank(tmp_path))[0].bank
    assert bank is not None
    assert [*verdicts(coverage(bank, 4, n_forms=1))] == ["weights_agree", "items_per_point", "kind_gaps", "grade_gaps"]
    found = verdicts(coverage(dataclasses.replace(bank, rules="national"), 4, n_forms=1))
    assert found["weights_agree"] == ("100", "ok")
    assert found["points_2_per_weight"] == ("0/2", "gap")
    assert found["points_total_200"] == ("3", "gap")
    assert found["importance"] == ("X 100.0%  Y 0.0%  Z 0.0%", "ok")
    assert found["items_per_point"] == ("1 / 1.00", "ok")
    assert found["kind_gaps"] == ("98", "gap")
    assert found["grade_gaps"][1] == "ok"
    assert "points_3_per_weight" in verdicts(coverage(bank, 4, n_forms=1, premium=True))


def test_settings_of_the_bank(tmp_path: Path) -> None:
    own = BANK + "coverage: {premium: true, min_items_per_point: 3, grades: {2: 50, 3: 50}}\n"
    bank = read_bank(write_bank(tmp_path, {**SOUND, "bank.yaml": own}))[0].bank
    assert bank is not None
    assert bank.coverage == CoverageRules(True, 3, {1: 0, 2: 50, 3: 50, 4: 0, 5: 0})
    found = coverage(bank, 4, n_forms=1)
    assert {order.grade for order in found.orders} == {2, 3}
    assert verdicts(found)["items_per_point"] == ("1 / 1.00", "gap")


@pytest.mark.parametrize(
    ("entry", "at", "code"),
    [
        ("{grades: {1: 50, 2: 40}}", "bank.yaml:5:20", "G101"),
        ("{grades: {6: 100}}", "bank.yaml:5:21", "S105"),
        ("{min_items_per_point: -1}", "bank.yaml:5:33", "S104"),
        ("{premium: yes}", "bank.yaml:5:21", "S103"),
        ("{premum: true}", "bank.yaml:5:12", "S101"),
    ],
)
def test_settings_that_mean_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, at: str, code: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_bank(Path(), {**SOUND, "bank.yaml": BANK + f"coverage: {entry}\n"})
    assert [(str(problem.span), problem.code) for problem in errors_of(Path())] == [(at, code)]


def test_stubs_are_drafts_that_check_asks_to_fill_in(tmp_path: Path) -> None:
    root = write_bank(tmp_path / "bank")
    found, problems = cover(root, n_forms=1)
    assert found is not None and problems == []
    n, problems = write_stubs(found, root / "items/ordered.yaml")
    assert problems == [] and n == sum(order.n for level in found.levels for order in level.orders)
    source, problems = check_bank(root)
    new = {id for id in source.texts if id not in ("Q-1", "Q-2", "Q-3")}
    assert len(new) == n
    assert {problem.code for problem in problems} == {"G105"}
    assert {problem.severity for problem in problems} == {"warning"} and len(problems) == n
    again, _ = cover(root, n_forms=1)
    assert again is not None and [level.orders for level in again.levels] == [()]


def test_a_stub_beyond_a_draft_is_an_error(tmp_path: Path) -> None:
    root = write_bank(tmp_path / "bank")
    found, _ = cover(root, n_forms=1)
    assert found is not None
    write_stubs(found, root / "items/ordered.yaml")
    path = root / "items/ordered.yaml"
    path.write_text(path.read_text("utf-8").replace("status: draft", "status: live", 1), "utf-8")
    assert [problem.code for problem in errors_of(root)] == ["G105"]


def test_a_file_of_stubs_is_never_overwritten(tmp_path: Path) -> None:
    root = write_bank(tmp_path / "bank")
    found, _ = cover(root)
    assert found is not None
    (tmp_path / "mine.yaml").write_text("mine", "utf-8")
    assert [problem.code for problem in write_stubs(found, tmp_path / "mine.yaml")[1]] == ["G104"]
    assert (tmp_path / "mine.yaml").read_text("utf-8") == "mine"


def test_the_commission_as_a_table(tmp_path: Path) -> None:
    found, _ = cover(CORPUS / "banks/steelmaking", n_forms=4)
    assert found is not None
    write_commission(found, tmp_path / "c.csv", "zh")
    data = (tmp_path / "c.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = data.decode("utf-8-sig").splitlines()
    assert header.split(",")[:4] == ["级别", "鉴定范围", "范围名称", "鉴定点"]
    assert sum(int(row.split(",")[8]) for row in rows) == sum(order.n for order in found.levels[0].orders)
    write_commission(found, tmp_path / "c.xlsx", "zh")
    assert (tmp_path / "c.xlsx").read_bytes().startswith(b"PK")


def test_a_blueprint_gives_level_kinds_and_number_of_papers(tmp_path: Path) -> None:
    found, problems = cover(CORPUS / "banks/steelmaking", blueprint=CORPUS / "blueprints/bof-4-theory.yaml")
    assert found is not None and problems == []
    assert [(one.level, one.n_forms) for one in found.levels] == [(4, 2)]
    for level, code in ((3, "G103"), (9, "G102")):
        blueprint = CORPUS / "blueprints/bof-4-theory.yaml"
        assert [p.code for p in cover(CORPUS / "banks/steelmaking", level=level, blueprint=blueprint)[1]] == [code]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_word_and_every_check_a_name(steel: Bank, language: Language) -> None:
    assert len({kind_word(kind, language) for kind in KINDS}) == len(KINDS)
    names = {check.name for premium in (False, True) for check in coverage(steel, 4, n_forms=2, premium=premium).checks}
    assert len(names) == 9
    assert all(has_text(language, f"cli.coverage.check.{name}") for name in names)
