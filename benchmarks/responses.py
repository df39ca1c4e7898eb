"""The answers on which calibration is measured: python benchmarks/responses.py [--case b] [--seed N]

They are those on which mirt, TAM and girth were measured, number by number. For each case numpy's default_rng(seed)
draws a ~ LogNormal(0, 0.3), b ~ N(0, 1), c ~ Beta(5, 17), theta ~ N(0, 1), for the partial-credit case the steps, then
the answers. They are drawn in blocks of persons, so that nothing but the int8 matrix grows with the sample.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SEED = 20261123
BLOCK = 20_000
N_STEPS = 4
FORM_LENGTH = 100
FORM_SHIFT = 20

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A size; n_forms above 1: forms of 100 items in a ring, neighbours share 80."""

    title: str
    model: str
    n_persons: int
    n_items: int
    n_forms: int = 1
    peer: Mapping[str, float] = field(default_factory=dict)


# What other programs took on a quiet core with one thread, without errors, and reached with SEED on 61 nodes: mirt
# 1.47. best_log_likelihood: the highest that anybody reached; case e TAM 4.3, b, c and d quasi-Newton or accelerated EM
# (d at the maximum of the posterior, on 41 nodes; mirt stops off it).
CASES = {
    "b": Case("2PL 10,000 x 60", "2pl", 10_000, 60, peer={
        "mirt_cpu_s": 2.74, "mirt_log_likelihood": -324345.8907, "best_log_likelihood": -324345.8892}),
    "c": Case("2PL 100,000 x 100", "2pl", 100_000, 100, peer={
        "mirt_cpu_s": 70.0, "mirt_log_likelihood": -5260863.0913, "best_log_likelihood": -5260863.0852}),
    "d": Case("3PL 20,000 x 60, Beta(5, 17) on c", "3pl", 20_000, 60, peer={
        "mirt_cpu_s": 6.4, "mirt_log_likelihood": -711881.3019, "best_log_likelihood": -711843.747}),
    "e": Case("GPCM 20,000 x 40 x 5", "gpcm", 20_000, 40, peer={
        "mirt_cpu_s": 51.7, "mirt_log_likelihood": -956683.4163, "best_log_likelihood": -956683.1265}),
    "f": Case("Rasch 100,000 x 100", "rasch", 100_000, 100, peer={
        "mirt_cpu_s": 13.8, "mirt_log_likelihood": -5414155.7462, "best_log_likelihood": -5414155.7462}),
    "g": Case("2PL 50,000 x 1,000, 50 linked forms of 100", "2pl", 50_000, 1_000, n_forms=50, peer={
        "mirt_cpu_s": 314.0, "mirt_log_likelihood": -2705674.8809, "best_log_likelihood": -2705674.8809}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Responses:
    """scores : int8 (n_persons, n_items), −1 not seen ; true : a, b (mean of the steps), c, each (n_items,)"""

    scores: NDArray[np.int8]
    true: Mapping[str, Array]


def responses(case: Case, seed: int) -> Responses:
    """Return the answers of a case and what they were drawn from."""
    rng = np.random.default_rng(seed)
    true = {
        "a": rng.lognormal(0, 0.3, case.n_items),
        "b": rng.normal(0, 1, case.n_items),
        "c": rng.beta(5, 17, case.n_items),
    }
    theta = rng.normal(0, 1, case.n_persons)
    if case.model == "rasch":
        true["a"] = np.ones(case.n_items)
    if case.model == "gpcm":
        scores, steps = _partial_credit(rng, true, theta)
        return Responses(scores, {"a": true["a"], "b": steps.mean(axis=1)})
    c = true["c"] if case.model == "3pl" else None
    used = {name: true[name] for name in (("a", "b") if c is None else ("a", "b", "c"))}
    scores = np.full((case.n_persons, case.n_items), -1, dtype=np.int8)
    if case.n_forms == 1:
        for low in range(0, case.n_persons, BLOCK):
            scores[low : low + BLOCK] = _right(rng, true["a"], true["b"], c, theta[low : low + BLOCK])
        return Responses(scores, used)
    form_of = np.arange(case.n_persons) % case.n_forms
    for form in range(case.n_forms):
        items = (FORM_SHIFT * form + np.arange(FORM_LENGTH)) % case.n_items
        persons = np.flatnonzero(form_of == form)
        scores[np.ix_(persons, items)] = _right(rng, true["a"][items], true["b"][items], c, theta[persons])
    return Responses(scores, used)


def _right(rng: np.random.Generator, a: Array, b: Array, c: Array | None, theta: Array) -> NDArray[np.bool_]:
    probability = 1 / (1 + np.exp(-a * (theta[:, None] - b)))
    if c is not None:
        probability = c + (1 - c) * probability
    return rng.random(probability.shape) < probability


def _partial_credit(rng: np.random.Generator, true: Mapping[str, Array], theta: Array) -> tuple[NDArray[np.int8], Array]:
    """Return scores of 0 to 4 and the steps (n_items, 4): 0.7 b and sorted offsets with mean 0."""
    a, b = true["a"], true["b"]
    offsets = np.sort(rng.normal(0, 0.8, (b.size, N_STEPS)), axis=1)
    offsets -= offsets.mean(axis=1, keepdims=True)
    steps = 0.7 * b[:, None] + offsets
    scores = np.empty((theta.size, b.size), dtype=np.int8)
    start = np.zeros((theta.size, 1))
    for item in range(b.size):
        z = np.cumsum(np.concatenate((start, a[item] * (theta[:, None] - steps[item])), axis=1), axis=1)
        share = np.exp(z - z.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        passed = rng.random(theta.size)[:, None] > np.cumsum(share, axis=1)[:, :-1]
        scores[:, item] = passed.sum(axis=1)
    return scores, steps


def main() -> None:
    """Print the share of points and of answers not seen in each case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=sorted(CASES))
    parser.add_argument("--seed", type=int, default=SEED)
    options, _ = parser.parse_known_args()
    for name in options.case or CASES:
        scores = responses(CASES[name], options.seed).scores
        seen = scores >= 0
        print(f"{name}  {CASES[name].title:44} mean {scores[seen].mean():.4f}  not seen {1 - seen.mean():.3f}")


if __name__ == "__main__":
    main()
