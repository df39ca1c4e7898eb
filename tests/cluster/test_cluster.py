"""Calibration on workers: the numbers of one process, whatever becomes of the workers."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbank.irt import Calibration, calibrate, item_parameters
from qbank.irt.ability import ABILITIES, regression
from qbank.irt.blocks import Block, Head
from qbank.irt.models import MODELS
from qbank.irt.respondents import RespondentsHere, answers_here
from tests.irt.samples import items_of, sample, sample_of

pytest.importorskip("distributed", reason="the extra `cluster` is not installed: calibration on workers is not tested")

from qbank.cluster import (
    Cluster,
    ClusterError,
    MatrixSource,
    SimulatedSource,
    calibrate_blocks,
    calibrate_matrix,
    file_sources,
    open_cluster,
    simulated_sources,
)
from qbank.cluster.respondents import SpreadRespondents, spread

# Gradients and sums of thousands of terms in another order differ by about 1e-15 of their size.
SAME = 1e-8


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with open_cluster("local:2") as opened:
        yield opened


@dataclass
class Done:
    """What has been done already, as a future."""

    found: Any
    status: str = "finished"

    def result(self, timeout: float) -> Any:
        return self.found


class Direct(Cluster):
    """A cluster that does everything at once in this process, by the same sums in the same order."""

    def __init__(self) -> None:
        super().__init__(self, "here")

    def submit(self, act: Callable[..., Any], *args: Any, key: str, pure: bool) -> Done:
        return Done(act(*(arg.found if isinstance(arg, Done) else arg for arg in args)))

    def finish(self, future: Any) -> None:
        pass


def cut(scores: NDArray[np.int8], n_rows: int, groups: list[str] | None = None) -> list[MatrixSource]:
    return [
        MatrixSource(scores[low : low + n_rows], None if groups is None else tuple(groups[low : low + n_rows]))
        for low in range(0, scores.shape[0], n_rows)
    ]


def assert_same(found: Calibration, expected: Calibration) -> None:
    assert found.converged and expected.converged
    assert found.status == expected.status
    assert (found.n_persons, found.n_free, found.groups) == (expected.n_persons, expected.n_free, expected.groups)
    np.testing.assert_array_equal(found.n_answers, expected.n_answers)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, abs=SAME)
    np.testing.assert_allclose(found.parameters.estimates, expected.parameters.estimates, rtol=0, atol=SAME)
    for name in expected.parameters.names:
        one, other = found.parameters.errors[name], expected.parameters.errors[name]
        np.testing.assert_allclose(one, other, rtol=0, atol=SAME)
    np.testing.assert_allclose(found.ability_mean, expected.ability_mean, atol=SAME)
    np.testing.assert_allclose(found.ability_sd, expected.ability_sd, atol=SAME)
    for name, error in expected.ability_errors.items():
        np.testing.assert_allclose(found.ability_errors[name], error, atol=SAME)
    assert found.settings["information"] == expected.settings["information"]


def test_a_test_of_right_and_wrong_items_is_the_same_on_workers(cluster: Cluster) -> None:
    scores = sample(2000, 20, 1)
    assert_same(calibrate_blocks(cut(scores, 300), cluster), calibrate(scores))


def test_guessing_with_its_prior_is_the_same_on_workers(cluster: Cluster) -> None:
    scores, priors = sample_of(["3pl"] * 20, 2000, 2), {"c": ("beta", 5, 17)}
    on_workers = calibrate_blocks(cut(scores, 700), cluster, model="3pl", priors=priors)
    assert_same(on_workers, calibrate(scores, model="3pl", priors=priors))


SMALL: dict[str, tuple[list[str], int, dict[str, Any]]] = {
    "3pl with its prior": (["3pl"] * 15, 2000, {"model": "3pl", "priors": {"c": ("beta", 5, 17)}}),
    "4pl with its priors": (
        ["4pl"] * 10, 1500, {"model": "4pl", "priors": {"c": ("beta", 5, 17), "u": ("beta", 17, 5)}},
    ),
    "3pl without a prior": (["3pl"] * 12, 5000, {"model": "3pl"}),
    "gpcm": (["gpcm"] * 10, 1000, {"model": "gpcm"}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "seed"),
    [(what, seed) for what in SMALL for seed in range(103 if what == "3pl without a prior" else 100, 106)],
)
def test_small_samples_that_tell_little_are_the_same_in_blocks(what: str, seed: int) -> None:
    words, n_persons, options = SMALL[what]
    scores = sample_of(words, n_persons, seed)
    assert_same(calibrate_blocks(cut(scores, 400), Direct(), **options), calibrate(scores, **options))


def test_a_search_along_a_flat_direction_ends_at_the_maximum() -> None:
    scores = sample_of(["3pl"] * 15, 5000, 1)
    fit = calibrate(scores, model="3pl")
    near = calibrate(scores, model="3pl", tolerance=1e-8)
    np.testing.assert_allclose(fit.parameters.estimates, near.parameters.estimates, rtol=0, atol=SAME)
    assert fit.gradient_norm < 1e-9


def test_marks_in_part_in_groups_with_anchors_are_the_same_on_workers(cluster: Cluster) -> None:
    words = ["gpcm"] * 10 + ["2pl"] * 10
    scores = sample_of(words, 2000, 3)
    groups = ["south" if person % 3 else "north" for person in range(2000)]
    fixed = {0: {"a": 1.1, "b1": -0.8, "b2": 0.1, "b3": 0.9}, 12: {"a": 1.0, "b": 0.3}}
    found = calibrate_blocks(cut(scores, 450, groups), cluster, model=words, fixed=fixed)
    assert_same(found, calibrate(scores, model=words, groups=groups, fixed=fixed))


def test_forms_that_are_spread_over_blocks_are_put_together(cluster: Cluster) -> None:
    scores = sample(2000, 20, 4, forms=3)
    scores[::7, 3] = -1
    assert_same(calibrate_blocks(cut(scores, 333), cluster), calibrate(scores))


def test_persons_with_answers_missing_at_random_share_a_block_with_a_mask(cluster: Cluster) -> None:
    scores = sample(1500, 20, 5, sparse=0.2)
    # Small forms: no block of three hundred persons can tell by itself which of them are.
    assert_same(calibrate_blocks(cut(scores, 300), cluster, errors="sandwich"), calibrate(scores, errors="sandwich"))


def test_the_sample_for_the_start_is_that_of_one_process(cluster: Cluster) -> None:
    scores = sample(26_000, 40, 6, forms=3)
    assert_same(calibrate_blocks(cut(scores, 7001), cluster), calibrate(scores))


LAID_OUT: dict[str, tuple[NDArray[np.int8], list[str] | None]] = {
    "forms": (sample(26_000, 40, 6, forms=3), None),
    "groups": (sample(26_000, 30, 6), ["south" if person % 5 else "north" for person in range(26_000)]),
    "missing at random": (sample(1500, 20, 5, sparse=0.2), None),
    "a few persons of many forms beside a large one": (
        np.concatenate((sample(13_000, 20, 14), sample(900, 20, 15, sparse=0.2))), None,
    ),
    "a short test": (sample(3000, 8, 7), None),
}  # fmt: skip


@pytest.mark.parametrize("what", LAID_OUT)
def test_blocks_and_sample_are_those_of_one_process(what: str, cluster: Cluster) -> None:
    scores, groups = LAID_OUT[what]
    used = np.arange(scores.shape[1])
    expected = answers_here(scores, groups).respondents(used, None)
    found = spread(cut(scores, 1 + scores.shape[0] // 4, groups), cluster).respondents(used, None)
    assert sorted(map(described, found.heads)) == sorted(map(described, expected.heads))
    assert (found.sample is None) == (expected.sample is None)
    for one, other in by_items(found.sample, expected.sample):
        np.testing.assert_array_equal(one.scores, other.scores)
        assert (one.seen is None) == (other.seen is None)
        np.testing.assert_array_equal(one.seen if one.seen is not None else 0, other.seen if other.seen is not None else 0)


def described(head: Head) -> tuple[Any, ...]:
    return (head.group, head.masked, tuple(head.items.tolist()), head.n_persons, head.n_rows)


def by_items(found: RespondentsHere | None, expected: RespondentsHere | None) -> list[tuple[Block, Block]]:
    if found is None or expected is None:
        return []
    one, other = (
        {(block.group, block.seen is None, tuple(block.items.tolist())): block for block in persons.blocks}
        for persons in (found, expected)
    )
    assert one.keys() == other.keys()
    return [(one[key], other[key]) for key in one]


def test_equal_answers_of_a_short_test_are_joined_on_each_worker(cluster: Cluster) -> None:
    scores = sample(3000, 8, 7)
    assert_same(calibrate_blocks(cut(scores, 700), cluster), calibrate(scores))


SENT: dict[str, dict[str, Any]] = {
    "guessing that the answers hardly tell": {"model": "3pl"},
    "a histogram of ability": {"ability": "histogram", "max_iterations": 30},
    "covariates in groups": {"covariates": {"hours": np.arange(900) % 7.0}, "groups": ["a", "b", "c"] * 300},
}


@pytest.mark.parametrize("what", SENT)
def test_a_matrix_that_is_sent_to_workers_gives_the_same_to_the_last_bit(what: str, cluster: Cluster) -> None:
    scores, options = sample(900, 12, 13, forms=3, sparse=0.05), SENT[what]
    found, expected = calibrate_matrix(scores, cluster, **options), calibrate(scores, **options)
    assert found.trace == expected.trace and found.log_likelihood == expected.log_likelihood
    np.testing.assert_array_equal(found.parameters.estimates, expected.parameters.estimates)
    for name in expected.parameters.names:
        np.testing.assert_array_equal(found.parameters.errors[name], expected.parameters.errors[name])
    np.testing.assert_array_equal(found.weights, expected.weights)


def test_forms_that_nothing_connects_are_refused_on_workers_too(cluster: Cluster) -> None:
    scores = sample(600, 12, 8)
    scores[::2, :6], scores[1::2, 6:] = -1, -1
    found, expected = calibrate_blocks(cut(scores, 250), cluster), calibrate(scores)
    assert [problem.code for problem in found.problems] == ["C110"]
    assert found.problems == expected.problems and found.status == expected.status


def test_a_worker_that_is_killed_changes_nothing(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = sample_of(["3pl"] * 20, 2000, 9)
    options: dict[str, Any] = {"model": "3pl", "priors": {"c": ("beta", 5, 17)}}
    sums, plain = [], SpreadRespondents.sum

    def killing(persons: SpreadRespondents, work: Any, chosen: Any = None) -> Any:
        sums.append(work)
        if len(sums) == 3:
            held = sum(len(keys) for keys in cluster.client.has_what().values())
            assert held >= 4
            os.kill(min(cluster.client.run(os.getpid).values()), signal.SIGKILL)
        return plain(persons, work, chosen)

    monkeypatch.setattr(SpreadRespondents, "sum", killing)
    before = set(cluster.client.run(os.getpid).values())
    found = calibrate_blocks(cut(scores, 500), cluster, **options)
    assert len(sums) > 3
    cluster.client.wait_for_workers(2, timeout=120)
    assert set(cluster.client.run(os.getpid).values()) != before
    assert_same(found, calibrate(scores, **options))


def test_workers_read_files_and_draw_answers_themselves(cluster: Cluster, tmp_path: Path) -> None:
    items = items_of(["2pl"] * 12, 10)
    sources = simulated_sources(items, 1000, seed=3, n_rows=400)
    scores = np.concatenate([np.asarray(source.read()[0]) for source in sources])
    expected = calibrate(scores)
    assert_same(calibrate_blocks(sources, cluster), expected)
    np.save(tmp_path / "answers.npy", scores)
    assert_same(calibrate_blocks(file_sources(tmp_path / "answers.npy", n_rows=300), cluster), expected)


def test_simulated_blocks_differ_and_are_the_same_again() -> None:
    items = item_parameters("2pl", a=[1.0] * 8, b=[0.0] * 8)
    one, other = SimulatedSource(items, 50, 1, 0), SimulatedSource(items, 50, 1, 1)
    assert (np.asarray(one.read()[0]) == np.asarray(one.read()[0])).all()
    assert (np.asarray(one.read()[0]) != np.asarray(other.read()[0])).any()


def test_blocks_that_do_not_fit_together_are_refused(cluster: Cluster, tmp_path: Path) -> None:
    scores = sample(60, 6, 11)
    with pytest.raises(ValueError, match="covariates"):
        calibrate_blocks(cut(scores, 30), cluster, covariates=np.arange(60.0))  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="ability 'histogram'"):
        calibrate_blocks(cut(scores, 30), cluster, ability="histogram")
    with pytest.raises(ValueError, match="same items"):
        calibrate_blocks([MatrixSource(scores), MatrixSource(scores[:, :5])], cluster)
    with pytest.raises(ValueError, match="groups"):
        calibrate_blocks([MatrixSource(scores), MatrixSource(scores, ("a",) * 60)], cluster)
    with pytest.raises(ValueError, match=r"block 2: scores must be 0 or more"):
        calibrate_blocks([MatrixSource(scores), MatrixSource(scores - 3)], cluster)
    with pytest.raises(ValueError, match="no blocks"):
        calibrate_blocks([], cluster)
    with pytest.raises(FileNotFoundError):
        file_sources(tmp_path / "nothing.npy")


@pytest.mark.parametrize(
    ("where", "reason"),
    [("local:0", "address"), ("local:many", "address"), ("nowhere", "address"), ("tcp://127.0.0.1:1", "unreachable")],
)
def test_a_cluster_that_is_not_there_is_an_error_in_words(
    where: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbank.cluster.connection.CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError) as told:
        open_cluster(where)
    assert told.value.reason == reason and told.value.place == where


CALLER = """
import time
from qbank.cluster import open_cluster
if __name__ == "__main__":
    with open_cluster("local:1") as cluster:
        print("open", flush=True)
        time.sleep(600)
"""


def test_a_caller_that_is_told_to_end_leaves_no_folder_behind(tmp_path: Path) -> None:
    program, folder = tmp_path / "caller.py", tmp_path / "temporary"
    folder.mkdir()
    program.write_text(CALLER, encoding="utf-8")
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": root}
    with subprocess.Popen([sys.executable, program], env=environment, stdout=subprocess.PIPE, text=True) as caller:
        assert caller.stdout is not None and caller.stdout.readline() == "open\n"
        assert list(folder.glob("qbank-cluster-*"))
        caller.terminate()
        assert caller.wait(timeout=120) == 128 + signal.SIGTERM
    assert not list(folder.iterdir())


def test_two_clusters_leave_the_signal_as_it_was() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        for _ in range(2):
            with open_cluster("local:1"):
                pass
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_inner_of_two_clusters_leaves_the_outer_one_its_end_in_order() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with open_cluster("local:1"):
            protected = signal.getsignal(signal.SIGTERM)
            with open_cluster("local:1"):
                pass
            assert signal.getsignal(signal.SIGTERM) is protected is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_models_and_abilities_travel_by_name() -> None:
    for known in (*MODELS.values(), *ABILITIES.values()):
        assert pickle.loads(pickle.dumps(known)) is known
    assert pickle.loads(pickle.dumps(regression(2))).start(np.zeros(3)).tolist() == [0.0] * 4
