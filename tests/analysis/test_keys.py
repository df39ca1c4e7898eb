"""The likely true key: found where it is, hardly ever suggested where the key is right."""

from __future__ import annotations

import numpy as np
import polars as pl

from qbank.analysis import SittingData, group_table, likely_keys, sitting_data
from qbank.analysis.classical import generalised_upper_lower, upper_lower
from qbank.analysis.criterion import THIRDS, group_weights
from qbank.analysis.key_evidence import certainty_of, key_evidence
from tests.analysis.simulated import simulated_sitting


def sound(n_persons: int, seed: int) -> SittingData:
    return simulated_sitting(n_persons=n_persons, n_forms=1, n_items=50, seed=seed)


def test_of_sound_items_at_thirty_persons_hardly_any_gets_a_suggestion() -> None:
    suggested = sum(int(likely_keys(sound(31, seed))["suggested"].sum()) for seed in range(20))
    assert suggested <= 10  # of 1000: 1 in 100


def test_a_wrong_key_is_found_with_the_right_one_and_its_certainty() -> None:
    found = 0
    for seed in range(5):
        data = simulated_sitting(n_persons=200, n_forms=1, n_items=40, miskeyed=(3, 21), seed=seed)
        rows = likely_keys(data).filter("suggested")
        truth = {data.items[item]: "ABCD"[(min(data.key[item]) - 1) % 4] for item in (3, 21)}
        found += sum(truth.get(item) == option for item, option in rows.select("item", "option").iter_rows())
        assert set(rows["item"]) <= set(truth) and (rows["certainty"] > 0.95).all()
    assert found >= 9


def test_the_error_of_the_lead_is_its_spread() -> None:
    leads, lows, certain = [], [], 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        z = rng.normal(size=(120, 1))
        answer = np.argmax(z * np.array([0.9, 0.5, 0, 0]) + rng.gumbel(size=(120, 4)), axis=1)
        rest = (z + rng.normal(size=(120, 30)) > 0).astype(float)
        marks = np.column_stack([answer == 0, rest])
        codes = np.column_stack([answer, np.zeros((120, 30), int)])
        data = sitting_data([f"i{j}" for j in range(31)], marks, 1, answer=codes, key=[{0}, *[set()] * 30],
                            labels=["ABCD", *[[]] * 30])  # fmt: skip
        row = likely_keys(data).row(0, named=True)
        if row["option"] == "B":
            leads.append(row["lead"])
            lows.append((row["lead"] - row["lead_low"]) / 2.128)  # Φ⁻¹(1 − .05/3)
        certain += row["suggested"]
    assert np.mean(lows) == np.clip(np.mean(lows), 0.85 * np.std(leads), 1.15 * np.std(leads))
    assert certain == 0


def test_what_looks_like_a_distractor_of_its_paper_is_no_key_and_the_other_way_round() -> None:
    """One item keyed wrong, at which the lead alone is not clear: chosen by 12 of 200 with r = 0, an option by 150 with r = .15."""
    r = np.array([0.35, -0.15, -0.1] * 12 + [0.0, 0.15, -0.1])
    counts = np.array([120, 50, 30] * 12 + [12, 150, 38])
    keyed = np.arange(len(r)) % 3 == 0
    found = key_evidence(r, counts, np.full(len(r), 200), keyed, ~keyed)
    both = found.r + found.share
    assert certainty_of(both[[37]] - both[[36]])[0] > 0.95 and certainty_of(both[[1]] - both[[0]])[0] < 1e-4
    assert np.abs(found.share).max() <= 3
    # the same numbers are no evidence where the paper shows too few keys, or where keys are no different from distractors
    few = key_evidence(r[-12:], counts[-12:], np.full(12, 200), keyed[-12:], ~keyed[-12:])
    assert np.isnan(few.r).all() and np.isnan(few.share).all()
    alike = key_evidence(np.zeros(60), np.full(60, 50), np.full(60, 200), np.arange(60) % 3 == 0, np.arange(60) % 3 > 0)
    assert np.allclose(alike.r + alike.share, 0)


def test_a_true_key_twice_as_likely_to_be_popular_is_not_enough() -> None:
    # a hard item: few take the key, which still goes with the rest score; many take a distractor that does not
    z = np.random.default_rng(3).normal(size=(400, 1))
    rng = np.random.default_rng(5)
    right = rng.random((400, 30)) < 1 / (1 + np.exp(0.3 - 1.2 * z))
    answer = np.where(right, 0, rng.integers(1, 4, (400, 30)))
    hard = rng.random(400) < 0.08 + 0.3 / (1 + np.exp(1.5 - 1.5 * z[:, 0]))
    answer[:, 0] = np.where(hard, 0, rng.choice([1, 2, 3], size=400, p=[0.8, 0.1, 0.1]))
    data = sitting_data([f"i{j}" for j in range(30)], (answer == 0).astype(float), 1, answer=answer, labels=["ABCD"] * 30,
                        key=[{0}] * 30)  # fmt: skip
    row = likely_keys(data).row(0, named=True)
    assert np.bincount(answer[:, 0])[1] > 4 * np.bincount(answer[:, 0])[0] and not likely_keys(data)["suggested"].any()
    assert row["r_key"] > 0.1


def test_odd_items_get_a_status_and_no_suggestion() -> None:
    answer = np.zeros((40, 4), int)
    answer[:20, 1] = 1
    data = sitting_data(list("abcd"), (answer == 0).astype(float), 1, answer=answer,
                        labels=["AB", "AB", "A", "AB"], key=[{0}, {0}, {0}, set()])  # fmt: skip
    found = likely_keys(data)
    assert found["status"].to_list() == ["few_choosers", "constant", "no_distractor", "no_key"]
    assert not found["suggested"].any()
    assert likely_keys(sitting_data([], np.zeros((3, 0)), 1.0)).is_empty()


def test_the_index_of_three_groups_is_upper_minus_lower_third_and_groups_hold_all_choosers() -> None:
    data = sound(300, 1)
    whole = generalised_upper_lower(data, n_groups=3)
    assert np.allclose(whole, upper_lower(data, group_weights(data, THIRDS)))
    table = group_table(data, n_groups=5)
    sums = table.group_by("item", "group", maintain_order=True).agg(pl.col("share").sum())["share"]
    assert len(sums) == 250
    assert np.allclose(sums, 1.0)
