"""Person fit: the null distribution of lz*, who stands out, and the definitions by hand."""

import numpy as np
import pytest

from qbank.irt import calibrate, expected_score, item_parameters, score_persons, simulate
from qbank.irt.fit import persons
from qbank.irt.fit.persons import person_fit
from qbank.irt.parameters import ItemParameters, batches_of
from tests.irt.samples import sample


def long_test(kind: str) -> ItemParameters:
    rng = np.random.default_rng(1)
    a, b = rng.lognormal(0, 0.3, 40), np.linspace(-2.2, 2.2, 40)
    if kind == "grm":
        return item_parameters("grm", a=a[:20], steps=b[:40:2, None] * 0.7 + [-0.8, 0.0, 0.9])
    if kind == "3pl":
        return item_parameters("3pl", a=a, b=b, c=np.full(40, 0.2))
    if kind == "mixed":
        steps = np.full((30, 2), np.nan)
        steps[20:] = np.linspace(-1.0, 1.0, 10)[:, None] + [-0.5, 0.5]
        words = ["2pl"] * 20 + ["gpcm"] * 10
        return item_parameters(words, a=a[:30], b=[*b[::2], *[np.nan] * 10], steps=steps)
    return item_parameters(kind, a=np.ones(40) if kind == "rasch" else a, b=b)


@pytest.mark.parametrize("at", ["wle", "map", "ml"])
@pytest.mark.parametrize("kind", ["rasch", "2pl", "3pl", "grm", "mixed"])
def test_lz_star_is_nearly_standard_normal_where_lz_is_too_narrow(kind: str, at: str) -> None:
    items = long_test(kind)
    theta = np.random.default_rng(2).normal(0, 1, 2000)
    found = person_fit(simulate(items, theta, seed=3), items, at=at)
    known = np.isfinite(found.lz_star)
    assert known.mean() > 0.95
    assert found.lz_star[known].mean() == pytest.approx(0.0, abs=0.15)
    assert found.lz_star[known].std() == pytest.approx(1.0, abs=0.12)
    assert abs(found.lz[known].std() - 1.0) > abs(found.lz_star[known].std() - 1.0)
    assert 0.025 < (found.p[known] < 0.05).mean() < 0.09


def test_random_responders_are_found() -> None:
    scores = sample(1000, 40, 4)
    rng = np.random.default_rng(4)
    scores[:50] = rng.random((50, 40)) < 0.5
    found = person_fit(scores, calibrate(scores))
    assert (found.p[:50] < 0.05).mean() > 0.8
    assert (found.p[50:] < 0.05).mean() < 0.09
    assert (found.outfit[:50] > 1.2).mean() > 0.8
    assert np.median(found.outfit_z[:50]) > 2.0
    assert abs(np.median(found.outfit_z[50:])) < 0.5
    assert np.median(found.infit_z[:50]) > 2.0


def test_lz_infit_and_outfit_by_hand() -> None:
    items = item_parameters("2pl", a=[1.0, 1.5, 0.7, 1.2], b=[-1.0, 0.0, 0.5, 1.0])
    scores = np.array([[1, 0, 1, -1]])
    found = person_fit(scores, items)
    theta = score_persons(scores, items).theta
    assert found.theta[0] == theta[0]
    p = expected_score(items, theta)[:3, 0]
    x = scores[0, :3]
    likelihood = np.where(x == 1, np.log(p), np.log(1 - p)).sum()
    mean = (p * np.log(p) + (1 - p) * np.log(1 - p)).sum()
    variance = (p * (1 - p) * np.log(p / (1 - p)) ** 2).sum()
    assert found.lz[0] == pytest.approx((likelihood - mean) / np.sqrt(variance))
    v = p * (1 - p)
    assert found.outfit[0] == pytest.approx(((x - p) ** 2 / v).mean())
    assert found.infit[0] == pytest.approx(((x - p) ** 2).sum() / v.sum())
    fourth = v * ((1 - p) ** 3 + p**3)
    q = np.sqrt((fourth / v**2).sum() / 9 - 1 / 3)
    assert found.outfit_z[0] == pytest.approx((found.outfit[0] ** (1 / 3) - 1) * 3 / q + q / 3)
    q = np.sqrt((fourth - v**2).sum()) / v.sum()
    assert found.infit_z[0] == pytest.approx((found.infit[0] ** (1 / 3) - 1) * 3 / q + q / 3)


@pytest.mark.parametrize("at", ["map", "wle"])
def test_lz_star_is_the_standardised_sum_of_corrected_weights(at: str) -> None:
    """What an estimate's equation adds to the score is what makes the sum of the corrected weights come out."""
    items = long_test("mixed")
    scores = simulate(items, np.random.default_rng(5).normal(0, 1, 20), seed=6)
    found = person_fit(scores, items, at=at)
    total, variance = np.zeros(20), np.zeros(20)
    parts = []
    for batch in batches_of(items):
        log_p = batch.model.log_probability(batch.values, found.theta)
        parts.append((batch, log_p, np.exp(log_p), batch.model.ability_gradient(batch.values, found.theta)))
    gain = sum((p * r * log_p).sum(axis=(0, 1)) for _, log_p, p, r in parts)
    information = sum((p * r**2).sum(axis=(0, 1)) for _, _, p, r in parts)
    for batch, log_p, p, r in parts:
        weight = log_p - gain / information * r
        weight -= (p * weight).sum(axis=1, keepdims=True)
        chosen = scores[:, batch.items].T[:, None] == np.arange(batch.n_categories)[:, None]
        total += (chosen * weight).sum(axis=(0, 1))
        variance += (p * weight**2).sum(axis=(0, 1))
    np.testing.assert_allclose(found.lz_star, total / np.sqrt(variance), atol=1e-5)


def test_lz_star_of_right_wrong_items_is_snijders() -> None:
    items = item_parameters("2pl", a=[1.0, 1.5, 0.7, 1.2], b=[-1.0, 0.0, 0.5, 1.0])
    scores = np.array([[1, 0, 1, 0]])
    found = person_fit(scores, items, at="map", ability=(0.2, 0.9))
    a, theta = items.values["a"], float(found.theta[0])
    p = expected_score(items, [theta])[:, 0]
    weight, slope = np.log(p / (1 - p)), a * p * (1 - p)
    share = (slope * weight).sum() / (slope * a).sum()
    corrected = weight - share * a
    spread = np.sqrt((corrected**2 * p * (1 - p)).sum())
    pull = (0.2 - theta) / 0.9**2
    assert found.lz_star[0] == pytest.approx((((scores[0] - p) * weight).sum() + share * pull) / spread, rel=1e-6)
    # The estimate's own equation makes it the sum of the corrected weights alone.
    assert found.lz_star[0] == pytest.approx(((scores[0] - p) * corrected).sum() / spread, rel=1e-5)


def test_persons_of_whom_nothing_can_be_said_are_flagged() -> None:
    items = item_parameters(["2pl", "2pl", "grm"], a=[1.0, 1.0, 1.0], b=[0.0, 1.0, np.nan], steps=[[np.nan] * 2, [np.nan] * 2, [-1.0, 1.0]])  # fmt: skip
    scores = [[1, 1, 2], [0, 0, 0], [-1, -1, -1], [1, -1, -1], [1, 0, 1]]
    found = person_fit(scores, items)
    assert found.status == ("all highest", "all lowest", "no answers", "too few answers", "ok")
    assert list(found.n_answers) == [3, 3, 0, 1, 3]
    assert np.isfinite(found.lz[[0, 1, 4]]).all()
    for name in ("lz", "lz_star", "p", "infit", "outfit", "infit_z", "outfit_z"):
        assert np.isnan(getattr(found, name)[[2, 3]]).all()
    # Maximum likelihood has no estimate for extreme answers.
    assert np.isnan(person_fit(scores, items, at="ml").lz[:2]).all()


def test_a_person_is_judged_alike_alone_and_among_others() -> None:
    scores = sample(50, 12, 5, sparse=0.2)
    fit = calibrate(sample(500, 12, 5))
    together, alone = person_fit(scores, fit), person_fit(scores[[17]], fit)
    for name in ("lz", "lz_star", "infit", "outfit", "infit_z", "outfit_z"):
        assert getattr(together, name)[17] == pytest.approx(getattr(alone, name)[0], rel=1e-9)
    unseen = person_fit(np.insert(scores, 3, -1, axis=1), item_parameters(
        "2pl", a=np.insert(fit.parameters.values["a"], 3, np.nan), b=np.insert(fit.parameters.values["b"], 3, np.nan)
    ))  # fmt: skip
    np.testing.assert_allclose(unseen.lz, together.lz, rtol=1e-9)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (1, 1), (3, 0), (2, 3)])
@pytest.mark.parametrize("at", ["eap", "map", "ml", "wle"])
def test_tiny_matrices_do_not_crash(shape: tuple[int, int], at: str) -> None:
    scores = (np.arange(shape[0] * shape[1]).reshape(shape) % 2).astype(np.int8)
    found = person_fit(scores, item_parameters("rasch", a=np.ones(shape[1]), b=np.zeros(shape[1])), at=at)
    assert found.lz.shape == found.lz_star.shape == shape[:1]


def test_a_wrong_call_is_refused_at_once() -> None:
    items = item_parameters("rasch", a=[1.0, 1.0], b=[0.0, 1.0])
    with pytest.raises(ValueError, match="unknown at 'mean'"):
        person_fit([[1, 0]], items, at="mean")
    with pytest.raises(ValueError, match="3 items for parameters of 2"):
        person_fit([[1, 0, 1]], items)


@pytest.mark.parametrize("kind", ["rasch", "2pl", "3pl"])
@pytest.mark.parametrize("at", ["wle", "map", "ml"])
def test_the_short_way_for_two_categories_gives_what_the_long_one_gives(kind: str, at: str) -> None:
    """Whoever left an item out goes the long way; the others must get the same numbers by both."""
    items = long_test(kind)
    answers = simulate(items, np.random.default_rng(6).normal(0, 1.5, 300), seed=7)
    answers[0], answers[1], answers[2, 1:] = 0, 1, -1
    short = person_fit(answers, items, at=at)
    batches = batches_of(items, np.arange(40))
    rows = np.flatnonzero(np.isfinite(short.theta) & (answers >= 0).all(axis=1))
    long = persons._at(batches, answers[rows], short.theta[rows], plain=False)
    extra = -short.theta[rows] if at == "map" else np.zeros(len(rows))
    star = persons._corrected(batches, answers[rows], short.theta[rows], extra, warm=at == "wle")
    assert len(rows) >= 250
    names = ("lz", "infit", "outfit", "infit_z", "outfit_z")
    for name, wanted in zip((*names, "lz_star"), (*long, star), strict=True):
        assert np.allclose(getattr(short, name)[rows], wanted, rtol=1e-10, atol=1e-10, equal_nan=True), name


def test_odd_persons_and_papers_have_no_fit_and_a_word() -> None:
    items = long_test("2pl")
    answers = np.full((4, 40), -1)
    answers[1, 0], answers[2], answers[3] = 1, 0, 1
    found = person_fit(answers, items)
    assert found.status == ("no answers", "too few answers", "all lowest", "all highest")
    assert np.isnan(found.lz[:2]).all() and np.isnan(found.lz_star[:2]).all()
    assert person_fit(np.zeros((0, 40), int), items).lz.shape == (0,)
    one = person_fit(np.array([[1], [0]]), item_parameters("2pl", a=[1.0], b=[0.0]))
    assert one.status == ("too few answers",) * 2 and np.isnan(one.infit).all()
    # two items alike: given the estimate nothing is left that could vary
    flat = person_fit(np.array([[1, 0], [1, 1]]), item_parameters("rasch", a=[1.0, 1.0], b=[0.0, 0.0]))
    assert np.isnan(flat.lz_star).all() or np.abs(flat.lz_star[np.isfinite(flat.lz_star)]).max() < 10
