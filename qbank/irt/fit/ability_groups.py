"""Q1 and G2: observed shares in groups of like ability against the model's curve."""

from dataclasses import dataclass

import numpy as np

from qbank.irt.fit.evidence import Evidence
from qbank.irt.models import MODELS, FloatArray, IndexArray

# Abilities that differ by less are one: the same answers must not be split by rounding.
DECIMALS = 9


@dataclass(frozen=True, slots=True)
class AbilityGroups:
    """One item's persons in groups of rising ability.

    theta     (n_groups,) mean ability;  persons: (n_groups,), not always whole where equal abilities were divided
    observed  (n_groups, n_categories) persons in each category
    expected  (n_groups, n_categories) the same as the model's curve at theta has it
    """

    theta: FloatArray
    persons: FloatArray
    observed: FloatArray
    expected: FloatArray


def grouped_fit(evidence: Evidence, n_groups: int = 10) -> dict[str, FloatArray]:
    """Return Q1 and G2 with their df, p and RMSEA, each (n_items,).

    Q1 = sum over groups and categories of (O - E)^2 / E, Yen (1981), for any categories;
    G2 = 2 sum of O log(O / E), McKinley & Mills (1985), over cells with O > 0;
    E = persons of the group times the curve at their mean ability. df = cells - groups - values estimated for the
    item. RMSEA = sqrt(max(0, X - df) / (df (n - 1))).
    Estimates of ability lie nearer the middle than abilities do, so that in tests of fewer than some 40 items both
    reject items that fit; S-X2 does not. Where sum scores tie persons (Rasch) both are on the small side.
    """
    from scipy.special import chdtrc

    n_items = evidence.answers.shape[1]
    found = {
        f"{name}{part}": np.full(n_items, np.nan)
        for name in ("q1", "g2")
        for part in ("", "_df", "_p", "_rmsea")
    }
    order, n_free = np.argsort(evidence.theta, kind="stable"), evidence.n_free
    for item in np.flatnonzero(evidence.parameters.estimated).tolist():
        groups = ability_groups(evidence, item, order, n_groups)
        n = groups.persons.sum()
        if n <= 0:
            continue
        kept = groups.persons > 0
        o, e = groups.observed[kept], np.maximum(groups.expected[kept], 1e-300)
        used = o > 0
        ratio = np.log(np.where(used, o, 1.0) / np.where(used, e, 1.0))
        for name, chi2, df in (
            ("q1", ((o - e) ** 2 / e).sum(), o.size - kept.sum() - n_free[item]),
            ("g2", 2.0 * (o * ratio).sum(), used.sum() - kept.sum() - n_free[item]),
        ):
            found[name][item], found[f"{name}_df"][item] = chi2, df
            if df > 0:
                found[f"{name}_p"][item] = chdtrc(df, max(chi2, 0.0))
                if n > 1:
                    found[f"{name}_rmsea"][item] = np.sqrt(max(chi2 - df, 0.0) / (df * (n - 1.0)))
    return found


def ability_groups(evidence: Evidence, item: int, order: IndexArray, n_groups: int) -> AbilityGroups:
    """Return the persons who saw an item in groups of equal size by their point estimates.

    order : persons by rising ability. The group of the person of rank r among n is that of r on n_groups equal
    stretches of [1, n]. Persons of equal ability are divided between two groups in proportion, so that the order
    of the persons plays no part.
    """
    answers = evidence.answers[order, item]
    theta = np.round(evidence.theta[order], DECIMALS)
    used = (answers >= 0) & np.isfinite(theta)
    answers, theta = answers[used], theta[used]
    word, n_categories = evidence.parameters.model[item], int(evidence.parameters.n_categories[item])
    observed = np.zeros((n_groups, n_categories))
    if not theta.size:
        return AbilityGroups(np.full(n_groups, np.nan), np.zeros(n_groups), observed, observed)
    ends = np.append(np.flatnonzero(np.diff(theta)) + 1, theta.size)
    cuts = np.floor(1.0 + np.arange(1, n_groups) * ((theta.size - 1) / n_groups) + 1e-9)
    cuts = np.concatenate(([0.0], cuts, [float(theta.size)]))

    def divided(values: FloatArray) -> FloatArray:
        upto = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)[ends - 1]))
        return np.diff(np.interp(cuts, np.concatenate(([0.0], ends)), upto))

    for category in range(n_categories):
        observed[:, category] = divided((answers == category).astype(np.float64))
    persons = np.diff(cuts)
    mean = np.divide(divided(theta), persons, out=np.full(n_groups, np.nan), where=persons > 0)
    model = MODELS[word]
    values = evidence.parameters.estimates[item : item + 1, : len(model.parameters(n_categories))]
    curve = np.exp(model.log_probability(values, np.where(persons > 0, mean, 0.0)))[0].T
    return AbilityGroups(mean, persons, observed, persons[:, None] * curve)
