"""Local dependence: pairs of items that have more in common than ability. Q3, aQ3 and LD-X2."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from qbank.irt.blocks import Block, group_by_form
from qbank.irt.display import shown
from qbank.irt.models import FloatArray, IndexArray
from qbank.irt.parameters import (
    Calibration,
    ItemParameters,
    batches_of,
    checked_calibration,
    first_rows,
    frozen,
    log_probability_table,
)
from qbank.irt.scoring.persons import score_persons
from qbank.irt.scoring.population import answers_to, population

# Cells of the table of persons by categories that is worked on at a time.
CELLS = 1 << 20
# Cells of a table that expect fewer persons are joined before the table is tested.
LEAST_EXPECTED = 1.0


@dataclass(frozen=True, slots=True)
class LocalDependence:
    """Dependence of each pair of items beyond ability, arrays (n_items, n_items), symmetric, NaN where unknown.

    q3         correlation of the residuals at EAP;  mean_q3: of all pairs, below 0 where nothing is wrong
    aq3        q3 - mean_q3
    ld_x2      Chen & Thissen's X2;  ld_v: Cramer's V, with the sign
    ld_sign    1 where the items go together more than expected, −1 where less
    ld_z       (X2 - df) / sqrt(2 df) with the sign, ld_df and ld_p its degrees of freedom and tail of chi-squared,
               the sparse cells of the table joined
    n_persons  who saw both items
    """

    __repr__ = shown

    items: tuple[str, ...]
    q3: FloatArray
    mean_q3: float
    aq3: FloatArray
    ld_x2: FloatArray
    ld_df: FloatArray
    ld_p: FloatArray
    ld_sign: FloatArray
    ld_v: FloatArray
    ld_z: FloatArray
    n_persons: IndexArray

    def __post_init__(self) -> None:
        for name in ("q3", "aq3", "ld_x2", "ld_df", "ld_p", "ld_sign", "ld_v", "ld_z"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class SuspiciousPair:
    """A pair of items that stands out. items: labels; one, other: their places; why: the thresholds it passes."""

    items: tuple[str, str]
    one: int
    other: int
    q3: float
    aq3: float
    ld_x2: float
    ld_z: float
    n_persons: int
    why: tuple[str, ...]


def local_dependence(scores: ArrayLike, fit: Calibration, *, groups: Sequence[str] | None = None) -> LocalDependence:
    """Return how far each pair of items departs from independence given ability.

    scores : (n_persons, n_items), category 0..K−1, −1 not seen, that the calibration was made from
    groups : (n_persons,) labels, when the calibration has groups

    q3 = correlation of x_j - E(x_j | EAP) over the persons who saw both items, Yen (1984). Residuals sum to nearly 0,
    so that without dependence q3 is about −1 / (n_items − 1): aq3 takes the mean of all pairs off, Christensen,
    Makransky & Horton (2017).
    ld_x2 = sum of (O - E)^2 / E over the categories of both items, E = persons * integral of P_j P_k over ability;
    Chen & Thissen (1997). ld_df, ld_p and ld_z are those of the table in which the cells that expect less than one
    person are one cell, left out where it still expects less: one stray answer in an empty corner is no dependence.
    Of right/wrong items and larger samples that is the table itself, with df = (K_j − 1)(K_k − 1).
    ld_sign is that of observed less expected gamma, Goodman & Kruskal (1954).

    >>> from qbank.irt import calibrate, item_parameters, simulate
    >>> items = item_parameters("2pl", a=[1.0, 1.5, 0.8, 1.2, 1.0], b=[-1.0, 0.0, 0.5, 1.0, 0.0])
    >>> scores = simulate(items, np.random.default_rng(1).normal(size=1000), seed=1)
    >>> scores[:, 4] = np.where(np.arange(1000) % 2, scores[:, 3], scores[:, 4])
    >>> found = local_dependence(scores, calibrate(scores, model="rasch"))
    >>> suspicious_pairs(found)[0].items
    ('4', '5')
    """
    fit = checked_calibration(fit)
    # scipy brings a BLAS of its own, which can be held to one thread only once it is loaded.
    from scipy.special import chdtrc

    answers = answers_to(fit.parameters, scores)
    group = population(fit, None, groups, answers.shape[0], fit.nodes).index
    apart = ~np.eye(len(fit.parameters.items), dtype=bool)
    with threadpool_limits(1, user_api="blas"):
        theta = score_persons(answers, fit, method="eap", groups=groups).theta
        blocks = group_by_form(answers, group, collapse=False)
        q3, n = _q3(blocks, fit.parameters, theta)
        tables = _tables(blocks, fit)
    met = q3[apart & np.isfinite(q3)]
    mean_q3 = float(met.mean()) if met.size else np.nan
    unknown = ~apart | (n == 0)
    x2, pooled, df, sign = (np.where(unknown, np.nan, table) for table in _statistics(*tables))
    df = np.where(df > 0, df, np.nan)
    steps = fit.parameters.n_categories - 1
    persons = np.where(unknown, np.nan, n * np.minimum.outer(steps, steps))
    return LocalDependence(
        items=fit.parameters.items,
        q3=q3,
        mean_q3=mean_q3,
        aq3=np.where(apart, q3 - mean_q3, np.nan),
        ld_x2=x2,
        ld_df=df,
        ld_p=chdtrc(df, pooled),
        ld_sign=sign,
        ld_v=sign * np.sqrt(x2 / persons),
        ld_z=sign * (pooled - df) / np.sqrt(2.0 * df),
        n_persons=n,
    )


def suspicious_pairs(
    found: LocalDependence, *, aq3: float = 0.2, ld_z: float = 10.0, level: float = 0.05
) -> tuple[SuspiciousPair, ...]:
    """Return the pairs that stand out, the highest residual correlation first.

    aq3 : a residual correlation so far above the mean of all pairs, Christensen, Makransky & Horton (2017)
    ld_z : a standardised LD-X2 above it, with the items going together more than expected; Chen & Thissen's program
        takes 10 for likely dependence and 5 for possible. It grows with the number of persons, aq3 does not
    level : neither counts unless chance would bring so much to any of all pairs with at most this probability
        (Bonferroni): few persons make large correlations, many pairs make large statistics
    """
    from scipy.special import ndtr

    upper = np.triu(np.ones(found.q3.shape, dtype=bool), k=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        by_chance = ndtr(-np.arctanh(np.clip(found.aq3, -1.0, 1.0)) * np.sqrt(np.maximum(found.n_persons - 3, 0)))
        apart = upper & (found.aq3 > aq3)
        apart &= by_chance * (upper & np.isfinite(found.aq3)).sum() <= level
        dependent = upper & (found.ld_z > ld_z)
        dependent &= found.ld_p * (upper & np.isfinite(found.ld_p)).sum() <= level
    pairs = []
    for one, other in np.argwhere(apart | dependent).tolist():
        why: tuple[str, ...] = (f"aQ3 above {aq3:g}",) if apart[one, other] else ()
        if dependent[one, other]:
            why += (f"standardised LD-X2 above {ld_z:g}",)
        pairs.append(
            SuspiciousPair(
                items=(found.items[one], found.items[other]),
                one=one,
                other=other,
                q3=float(found.q3[one, other]),
                aq3=float(found.aq3[one, other]),
                ld_x2=float(found.ld_x2[one, other]),
                ld_z=float(found.ld_z[one, other]),
                n_persons=int(found.n_persons[one, other]),
                why=why,
            )
        )
    return tuple(sorted(pairs, key=lambda pair: (-np.nan_to_num(pair.aq3, nan=-9.0), pair.one, pair.other)))


def _q3(blocks: Sequence[Block], parameters: ItemParameters, theta: FloatArray) -> tuple[FloatArray, IndexArray]:
    """Return the correlations of the residuals at theta and how many persons saw both items."""
    n_items = len(parameters.items)
    # Sums over those who saw both: persons, residual of the row's item, its square, product of both.
    persons, sums, squares, products = (np.zeros((n_items, n_items)) for _ in range(4))
    for block in blocks:
        own = np.ix_(block.items, block.items)
        for residual, seen in _residuals(block, parameters, theta):
            products[own] += residual.T @ residual
            if seen is None:
                persons[own] += residual.shape[0]
                sums[own] += residual.sum(axis=0)[:, None]
                squares[own] += (residual**2).sum(axis=0)[:, None]
            else:
                persons[own] += seen.T @ seen
                sums[own] += residual.T @ seen
                squares[own] += (residual**2).T @ seen
    at_all = np.maximum(persons, 1.0)
    variance = squares / at_all - (sums / at_all) ** 2
    scale = np.sqrt(np.where((persons > 1) & (variance > 1e-12), variance, np.nan))
    return (products / at_all - sums * sums.T / at_all**2) / (scale * scale.T), persons.astype(np.intp)


def _residuals(
    block: Block, parameters: ItemParameters, theta: FloatArray
) -> Iterator[tuple[FloatArray, FloatArray | None]]:
    """Yield residuals (n_rows, n_block_items), 0 where not seen, and a mask of what was seen, None for all."""
    batches = batches_of(parameters, block.items)
    for rows in _chunks(block, parameters.n_categories):
        ability = theta[block.persons[rows]]
        residual = block.scores[rows].astype(np.float64)
        for batch in batches:
            probability = np.exp(batch.model.log_probability(batch.values, ability))
            expected = np.einsum("jkn,k->nj", probability, np.arange(batch.n_categories, dtype=np.float64))
            residual[:, np.searchsorted(block.items, batch.items)] -= expected
        seen = None if block.seen is None else block.seen[rows].astype(np.float64)
        yield (residual if seen is None else residual * seen), seen


def _chunks(block: Block, n_categories: IndexArray) -> Iterator[slice]:
    """Yield rows of a block, so few that a table of their categories stays small."""
    size = max(64, CELLS // int(n_categories[block.items].sum()))
    for low in range(0, block.persons.size, size):
        yield slice(low, low + size)


def _tables(blocks: Sequence[Block], fit: Calibration) -> tuple[FloatArray, FloatArray, IndexArray]:
    """Return the persons in each category of one item and each of another, observed and expected.

    Both (n_rows, n_rows), and the first row of each item (n_items + 1,); 0 for an item without an estimate.
    """
    n_categories = fit.parameters.n_categories
    first = first_rows(n_categories)
    probability = np.exp(log_probability_table(fit.parameters, fit.nodes))
    observed, expected = (np.zeros((first[-1], first[-1])) for _ in range(2))
    for block in blocks:
        own = n_categories[block.items]
        item = np.repeat(np.arange(own.size), own)
        category = np.arange(item.size) - first_rows(own)[item]
        together = np.zeros((item.size, item.size))
        for rows in _chunks(block, n_categories):
            # Whole numbers up to the rows of a chunk: exact in half the width.
            chosen = (block.scores[rows][:, item] == category).astype(np.float32)
            if block.seen is not None:
                chosen *= block.seen[rows][:, item]
            together += chosen.T @ chosen
        place = first[block.items][item] + category
        model = probability[place]
        persons = _by_pair(together, first_rows(own))[np.ix_(item, item)]
        observed[np.ix_(place, place)] += together
        expected[np.ix_(place, place)] += persons * ((model * np.atleast_2d(fit.weights)[block.group]) @ model.T)
    return observed, expected, first


def _statistics(
    observed: FloatArray, expected: FloatArray, first: IndexArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return X2 of each pair; X2 and df with the sparse cells joined; and the sign of the dependence."""
    squares = _quotient((observed - expected) ** 2, expected)
    sparse = expected < LEAST_EXPECTED
    cells = _by_pair(np.ones_like(expected), first)
    n_sparse, seen_there, expected_there = (
        _by_pair(np.where(sparse, table, 0.0), first) for table in (np.ones_like(expected), observed, expected)
    )
    joined = expected_there >= LEAST_EXPECTED
    rest = np.where(joined, _quotient((seen_there - expected_there) ** 2, expected_there), 0.0)
    pooled = _by_pair(np.where(sparse, 0.0, squares), first) + rest
    steps = np.diff(first) - 1
    df = np.where(cells > 0, np.outer(steps, steps) - n_sparse + joined, 0.0)
    more = _gamma(observed, first) - _gamma(expected, first)
    # The sums of a pair and of its mirror image differ in rounding.
    x2, pooled, more = (0.5 * (table + table.T) for table in (_by_pair(squares, first), pooled, more))
    return x2, pooled, df, np.sign(more)


def _quotient(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _gamma(table: FloatArray, first: IndexArray) -> FloatArray:
    """Return Goodman & Kruskal's gamma of each pair of items in its table of persons, 0 where all are tied.

    table : (n_categories, n_categories) of all items' categories; gamma = (C - D) / (C + D), C and D being the pairs of
    persons that both items order alike and unlike.
    """
    low, high = (np.repeat(ends, np.diff(first)) for ends in (first[:-1], first[1:]))
    after = np.arange(1, table.shape[0] + 1)
    whole = np.zeros((table.shape[0] + 1, table.shape[1] + 1))
    whole[1:, 1:] = table.cumsum(axis=0).cumsum(axis=1)

    def within(rows: tuple[IndexArray, IndexArray], columns: tuple[IndexArray, IndexArray]) -> FloatArray:
        """Return the sum of the table from row and column to row and column, for every cell."""
        (top, bottom), (left, right) = rows, columns
        found: FloatArray = whole[np.ix_(bottom, right)] - whole[np.ix_(top, right)]
        return found - whole[np.ix_(bottom, left)] + whole[np.ix_(top, left)]

    alike = _by_pair(table * within((after, high), (after, high)), first)
    unlike = _by_pair(table * within((after, high), (low, after - 1)), first)
    both = alike + unlike
    return np.divide(alike - unlike, both, out=np.zeros_like(both), where=both > 1e-9)


def _by_pair(table: FloatArray, first: IndexArray) -> FloatArray:
    """Return the sums of a table of categories by categories over the categories of each pair of items."""
    if not table.size:
        return np.zeros((first.size - 1, first.size - 1))
    rows = np.add.reduceat(table, first[:-1], axis=0)
    summed: FloatArray = np.add.reduceat(rows, first[:-1], axis=1)
    return summed
