"""S-X2: how often persons of each sum score choose each category, against what the model says."""

from collections.abc import Iterator, Sequence

import numpy as np

from qbank.irt.blocks import Block, group_by_form
from qbank.irt.fit.evidence import Evidence
from qbank.irt.fit.predictive import PredictiveTables, predictive_tables
from qbank.irt.fit.sparse_cells import CellFit, cell_fit
from qbank.irt.models import FloatArray

LEAST_EXPECTED = 1.0
# Sum scores of a form are compared if so many persons sat it.
LEAST_PERSONS = 100


def sum_score_fit(evidence: Evidence, *, spread: str = "counted") -> dict[str, FloatArray]:
    """Return S-X2, its df, p, RMSEA and persons, each (n_items,).

    S-X2 = sum over sum scores k and categories z of (O_kz - E_kz)^2 / E_kz, Orlando & Thissen (2000), eq. 4, for
    more categories Kang & Chen (2008). df = cells - rows - values estimated for the item.

    Missing answers: every form (set of items seen) that LEAST_PERSONS persons or more sat has its own table, and
    chi-squares and df add up, the item's values being taken off once. The persons of smaller forms, down to one
    person a form as in an adaptive test, are pooled in groups of like score expected from their other answers
    (qbank.irt.fit.predictive): given these the answer has a known distribution, as it has given the sum score.
    """
    from scipy.special import chdtrc

    n_items = evidence.answers.shape[1]
    chi2, cells, persons = np.zeros((3, n_items))
    for item, n, found in _tables(evidence):
        chi2[item] += found.chi2
        cells[item] += found.df
        persons[item] += n
    df = cells - evidence.n_free - (evidence.spread_free if spread == "counted" else 0)
    found_any = cells > 0
    chi2, df = np.where(found_any, chi2, np.nan), np.where(found_any, df, np.nan)
    tested = df > 0
    p, rmsea = np.full((2, n_items), np.nan)
    p[tested] = chdtrc(df[tested], chi2[tested])
    many = tested & (persons > 1)
    rmsea[many] = np.sqrt(np.maximum(chi2[many] - df[many], 0.0) / (df[many] * (persons[many] - 1.0)))
    return {"s_x2": chi2, "s_x2_df": df, "s_x2_p": p, "s_x2_rmsea": rmsea, "s_x2_persons": persons}


def _tables(evidence: Evidence) -> Iterator[tuple[int, float, CellFit]]:
    """Yield items with the persons and the fit of each form, and of the pool of persons whose form has too few."""
    everybody = np.zeros(evidence.answers.shape[0], dtype=np.intp)
    pooled = np.zeros(everybody.size, dtype=bool)
    for form in group_by_form(evidence.answers, everybody, collapse=False):
        if form.seen is not None or form.persons.size < LEAST_PERSONS:
            pooled[form.persons] = True
        elif form.items.size > 1:
            yield from _of_form(evidence, form)
    if pooled.any():
        yield from _of_pool(predictive_tables(evidence, pooled))


def _of_form(evidence: Evidence, form: Block) -> Iterator[tuple[int, float, CellFit]]:
    """Yield each item's fit over the sum scores of one form.

    E_kz = N_k P(x = z | sum = k) = N_k sum over nodes of w P_z S*(k - z) / sum over nodes of w S(k), S* being the
    distribution of the sum without the item. Sums at which some category is impossible join the nearest at which
    all are possible; those of nothing and of everything right leave no doubt about the item.
    """
    share = np.bincount(evidence.group_of[form.persons], minlength=evidence.weights.shape[0])
    weights = share @ evidence.weights / form.persons.size
    total = form.scores.sum(axis=1, dtype=np.intp)
    tables = [
        np.exp(evidence.log_probability[evidence.first[item] : evidence.first[item + 1]])
        for item in form.items
    ]
    highest = sum(table.shape[0] - 1 for table in tables)
    persons = np.bincount(total, minlength=highest + 1).astype(np.float64)
    for place, rest in rest_distributions(tables):
        table = tables[place]
        n_categories = table.shape[0]
        joint = rest @ (table * weights).T
        shares = np.zeros((highest + 1, n_categories))
        for category in range(n_categories):
            shares[category : category + rest.shape[0], category] = joint[:, category]
        whole = shares.sum(axis=1)
        scale = np.divide(persons, whole, out=np.zeros_like(persons), where=whole > 0)
        observed = np.bincount(total * n_categories + form.scores[:, place], minlength=shares.size).reshape(
            shares.shape
        )
        found = cell_fit(
            _possible(observed.astype(np.float64)), _possible(shares * scale[:, None]), LEAST_EXPECTED
        )
        yield int(form.items[place]), float(form.persons.size), found


def _possible(table: FloatArray) -> FloatArray:
    """Return the rows of sums 1 to the highest less 1, those with impossible categories joined inwards."""
    step = table.shape[1] - 1
    low, high = step, table.shape[0] - 1 - step
    if low > high:
        return table[1:-1]
    inner = table[low : high + 1].copy()
    inner[0] += table[1:low].sum(axis=0)
    inner[-1] += table[high + 1 : -1].sum(axis=0)
    return inner


def rest_distributions(tables: Sequence[FloatArray]) -> Iterator[tuple[int, FloatArray]]:
    """Yield each item's place and the distribution of the sum of all other items, (n_sums, n_nodes).

    tables : for each item P of its categories, (n_categories, n_nodes)
    The recursion of Lord & Wingersky (1984) over halves: what is outside a half is known once for all its items.
    Cost: n log n items added instead of n^2, without any division.
    """
    n_nodes = tables[0].shape[1]
    waiting = [(0, len(tables), np.ones((1, n_nodes)))]
    while waiting:
        low, high, outside = waiting.pop()
        if high - low == 1:
            yield low, outside
            continue
        middle = (low + high) // 2
        waiting.append((middle, high, _with(outside, tables[low:middle])))
        waiting.append((low, middle, _with(outside, tables[middle:high])))


def _with(distribution: FloatArray, tables: Sequence[FloatArray]) -> FloatArray:
    """Return the distribution of a sum to which items are added."""
    for table in tables:
        longer = np.zeros((distribution.shape[0] + table.shape[0] - 1, distribution.shape[1]))
        for category, probability in enumerate(table):
            longer[category : category + distribution.shape[0]] += distribution * probability
        distribution = longer
    return distribution


def _of_pool(pool: PredictiveTables) -> Iterator[tuple[int, float, CellFit]]:
    for item, (observed, expected) in enumerate(zip(pool.observed, pool.expected, strict=True)):
        if observed.sum() > 0:
            yield item, float(observed.sum()), cell_fit(observed, expected, LEAST_EXPECTED)
