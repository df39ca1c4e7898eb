"""Which option may be the true key, and how certain that is: never more certain than the persons allow."""

from __future__ import annotations

import numpy as np
import polars as pl

from qbank.analysis.arrays import FloatArray, IntArray, column_deviations, ratio
from qbank.analysis.criterion import THIRDS, group_weights, rest_scores
from qbank.analysis.distractors import Choices, choices, group_shares
from qbank.analysis.intervals import CONFIDENCE, correlation_interval
from qbank.analysis.key_evidence import certainty_of, key_evidence
from qbank.analysis.sitting import SittingData


def likely_keys(data: SittingData, *, confidence: float = CONFIDENCE) -> pl.DataFrame:
    """Return for every item with printed options the distractor that correlates best with the rest of the paper.

    item, option, n, key (option keyed; of several the best), r_key, r_option, lead = r_option − r_key, lead_low (its lower
    bound at ``confidence`` over all distractors of the item), evidence, certainty, share_high, suggested, status (ok, no_key,
    no_distractor, few_choosers, constant).

    r is Pearson's between choosing and the marks on the other items. The error of the lead is that of the difference of two
    dependent correlations, from each person's influence ψ = z_x z_y − r (z_x² + z_y²)/2 (Devlin, Gnanadesikan & Kettenring
    1975), s = sd(ψ_option − ψ_key)/√n. By the lead alone certainty = 1 − m·(1 − Φ(lead / s)) for m distractors (Bonferroni), at least 0.
    evidence: how much the option looks like the keys of this paper and the key like its distractors, in r and in share (`key_evidence`, a
    natural logarithm; NaN with fewer than three options, several keys, fewer than ten such items); one key in a hundred taken to be wrong,
    it makes a certainty too, and the greater of both stands.
    ``suggested`` only where r_key is not above 0 by its own interval, and either lead_low > 0 and r_option is above 0 by its own interval, or
    the evidence reaches ``confidence``, r_option is above 0 and the lead greater than its error: of sound items at 30 persons a rule without intervals suggests a
    false key for 14 in 100. A distractor that fewer than 5 persons chose has no influence worth the name: few_choosers.

    >>> from qbank.analysis import sitting_data
    >>> rng = np.random.default_rng(4)
    >>> right = rng.random((300, 1)) > rng.random((300, 9))
    >>> answer = np.where(right, 0, rng.integers(1, 4, (300, 9)))
    >>> keys = [{0}] * 8 + [{1}]
    >>> marks = [[float(a in k) for a, k in zip(row, keys)] for row in answer]
    >>> data = sitting_data(list("abcdefghi"), marks, 1, answer=answer, labels=["ABCD"] * 9, key=keys)
    >>> likely_keys(data).filter("suggested").select("item", "option").rows()
    [('i', 'A')]
    """
    from scipy.special import ndtr, ndtri

    cells = choices(data)
    n_categories = len(cells.item)
    counts = np.bincount(cells.category, minlength=n_categories)
    r, power = _moments(data, cells, counts)
    high = group_shares(data, cells, group_weights(data, THIRDS))[:, -1]
    rows = []
    starts = np.searchsorted(cells.item, np.arange(data.n_items), side="left")
    looks = _looks(data, cells, counts, r)
    for item in np.flatnonzero(data.choice).tolist():
        labels = data.labels[item]
        keyed = [starts[item] + index for index in sorted(data.key[item])]
        others = [starts[item] + index for index in range(len(labels)) if index not in data.key[item]]
        if not labels:
            continue
        best = max(keyed, key=lambda place: np.nan_to_num(r[place], nan=-2.0), default=-1)
        rival = max(others, key=lambda place: np.nan_to_num(r[place], nan=-2.0), default=-1)
        persons = int(cells.n[item])
        status = "no_key" if best < 0 else "no_distractor" if rival < 0 else "ok"
        if status == "ok" and counts[rival] < 5:
            status = "few_choosers"
        if status == "ok" and np.isnan(r[rival]):
            status = "constant"
        r_key = float(r[best]) if best >= 0 else np.nan
        r_option = float(r[rival]) if rival >= 0 else np.nan
        lead = r_option - float(np.nan_to_num(r_key))
        whole = power[starts[item] : starts[item] + len(labels) + 2].sum(axis=0)
        error = _lead_error(float(np.nan_to_num(r_key)), r_option, whole, power[best], power[rival]) if status == "ok" else np.nan
        m = max(len(others), 1)
        certainty = max(0.0, 1 - m * float(1 - ndtr(lead / error))) if error > 0 else np.nan
        low = lead - float(ndtri(1 - (1 - confidence) / m)) * error
        own, of_key = (float(correlation_interval(value, persons)[0]) for value in (r_option, np.nan_to_num(r_key)))
        evidence = float(looks[rival] - looks[best]) if status == "ok" else np.nan
        alike = float(certainty_of(np.array(evidence))) if r_option > 0 and lead > error else np.nan
        certainty = float(np.fmax(certainty, alike))
        suggested = bool(status == "ok" and ((low > 0 and own > 0) or alike >= confidence) and not of_key > 0)
        rows.append(
            (
                data.items[item], labels[rival - starts[item]] if rival >= 0 else "", persons,
                labels[best - starts[item]] if best >= 0 else "", r_key, r_option, lead, low, evidence, certainty,
                float(high[rival]) if rival >= 0 else np.nan, suggested, status,
            )
        )  # fmt: skip
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_SCHEMA = pl.Schema(
    {
        "item": pl.String(), "option": pl.String(), "n": pl.Int64(), "key": pl.String(), "r_key": pl.Float64(),
        "r_option": pl.Float64(), "lead": pl.Float64(), "lead_low": pl.Float64(), "evidence": pl.Float64(),
        "certainty": pl.Float64(), "share_high": pl.Float64(), "suggested": pl.Boolean(), "status": pl.String(),
    }
)  # fmt: skip


def _looks(data: SittingData, cells: Choices, counts: IntArray, r: FloatArray) -> FloatArray:
    """Return what `key_evidence` says of every category by r and share together; a key that nobody chose has the evidence of its share."""
    single = np.array([bool(printed) and len(key) == 1 and len(words) >= 3
                       for printed, key, words in zip(data.choice, data.key, data.labels, strict=True)])  # fmt: skip
    role = np.array(cells.role, dtype=object)
    own = single[cells.item] if len(cells.item) else np.zeros(0, bool)
    found = key_evidence(r, counts, cells.n[cells.item], own & (role == "key"), own & (role == "distractor"))
    return np.asarray(np.where(np.isnan(found.r), found.share, found.r + found.share))


def _moments(data: SittingData, cells: Choices, counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return r of each category with the rest score, and Σ z⁰…z⁴ of its choosers, (n_categories, 5)."""
    seen = ~np.isnan(data.marks)
    deviations = column_deviations(rest_scores(data), seen)
    sd = np.sqrt(ratio(np.einsum("pi,pi->i", deviations, deviations), seen.sum(axis=0)))
    z = np.nan_to_num(ratio(deviations[cells.person, cells.column], sd[cells.column]))
    power = np.empty((len(cells.item), 5))
    power[:, 0] = counts
    product = np.ones_like(z)
    for degree in range(1, 5):
        product = product * z
        power[:, degree] = np.bincount(cells.category, product, minlength=len(cells.item))
    n = cells.n[cells.item]
    share = ratio(counts, n)
    r = np.where(sd[cells.item] > 0, ratio(power[:, 1], n) * ratio(1.0, np.sqrt(share * (1 - share))), np.nan)
    return r, power


def _lead_error(
    r_key: float, r_option: float, whole: FloatArray, of_key: FloatArray, of_option: FloatArray
) -> float:
    """Return the standard error of r_option − r_key from Σ z⁰…z⁴ of all persons, of the key's and of the option's choosers."""
    persons = float(whole[0])
    total = 0.0
    share_key, share_option = of_key[0] / persons, of_option[0] / persons
    scale_key = np.sqrt(share_key * (1 - share_key))
    scale_option = np.sqrt(share_option * (1 - share_option))
    if not scale_option > 0:
        return float("nan")
    classes = (
        (of_option, 1.0, 0.0),
        (of_key, 0.0, 1.0),
        (whole - of_option - of_key, 0.0, 0.0),
    )
    for sums, chose_option, chose_key in classes:
        x_option = (chose_option - share_option) / scale_option
        x_key = (chose_key - share_key) / scale_key if scale_key > 0 else 0.0
        # ψ_option − ψ_key = a + b·z + c·z²
        a = -(r_option * x_option**2 - r_key * x_key**2) / 2
        b = x_option - x_key
        c = -(r_option - r_key) / 2
        squares = np.array([a * a, 2 * a * b, b * b + 2 * a * c, 2 * b * c, c * c])
        total += float(squares @ sums)
    return float(np.sqrt(max(total, 0.0)) / persons)
