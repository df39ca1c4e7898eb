"""Calibration over blocks of answers that a cluster holds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TypedDict, Unpack

from numpy.typing import ArrayLike

from qbank.cluster.connection import Cluster, open_cluster
from qbank.cluster.matrix import SentAnswers
from qbank.cluster.respondents import spread
from qbank.cluster.sources import BlockSource
from qbank.irt import Calibration
from qbank.irt.calibration.anchors import Fixed, GivenTies
from qbank.irt.calibration.estimate import calibrate_answers
from qbank.irt.priors import Priors
from qbank.irt.regression import Covariates
from qbank.irt.respondents import answers_here


class Options(TypedDict, total=False):
    """What `calibrate` of qbank.irt takes, by the same names and with the same defaults, but for `covariates`."""

    model: str | Sequence[str]
    fixed: Fixed | None
    equal: GivenTies
    priors: Priors | None
    ability: str
    design: str
    n_categories: ArrayLike | None
    items: Sequence[str] | None
    fingerprints: Sequence[str] | None
    scale: str
    errors: str
    n_nodes: int
    tolerance: float
    max_iterations: int
    n_starts: int


def calibrate_blocks(
    sources: Sequence[BlockSource], cluster: Cluster | str, **options: Unpack[Options]
) -> Calibration:
    """Return item parameters from blocks of answers, as `qbank.irt.calibrate` does from the matrix of all of them.

    sources : recipes for the blocks, in the order of the persons; a worker reads each once and holds it
    cluster : an open one, or what `open_cluster` takes
    The workers hold the persons; expected counts and other sums travel, once a source and iteration. The numbers do not
    depend on which worker held what, or was lost. From those of one process they differ by the rounding of sums in
    another order, less than 1e-8 in values and errors where there is a maximum: the search ends with the same last steps.
    Refused with a ValueError: covariates of persons, and a histogram of ability, whose search ends on a ridge where
    the rounding of the sums takes it.
    """
    if options.get("covariates") is not None:
        raise ValueError("covariates of persons cannot be spread over a cluster: calibrate in one process")
    if options.get("ability", "normal") != "normal":
        raise ValueError(f"ability {options['ability']!r} cannot be spread over a cluster: calibrate in one process")
    with open_cluster(cluster) if isinstance(cluster, str) else nullcontext(cluster) as opened:
        return calibrate_answers(spread(sources, opened), **options)


def calibrate_matrix(
    scores: ArrayLike,
    cluster: Cluster | str,
    *,
    groups: Sequence[str] | None = None,
    covariates: Covariates | None = None,
    **options: Unpack[Options],
) -> Calibration:
    """Return what `qbank.irt.calibrate` returns, estimated by workers to whom stretches of the matrix are sent.

    The same to the last bit, where the workers run on this machine or on its like.
    """
    answers = answers_here(scores, groups)
    with open_cluster(cluster) if isinstance(cluster, str) else nullcontext(cluster) as opened:
        return calibrate_answers(SentAnswers(opened, answers), covariates=covariates, **options)
