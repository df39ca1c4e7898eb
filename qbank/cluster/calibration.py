"""Calibration over blocks of answers that a cluster holds."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TypedDict, Unpack

from numpy.typing import ArrayLike

from qbank.cluster.connection import Cluster, open_cluster
from qbank.cluster.respondents import spread
from qbank.cluster.sources import BlockSource, matrix_sources
from qbank.irt import Calibration
from qbank.irt.calibration.anchors import Fixed, GivenTies
from qbank.irt.calibration.estimate import calibrate_answers
from qbank.irt.priors import Priors


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
    The workers hold the persons; expected counts and other sums travel, once a source and iteration. The numbers are
    those of one process up to the rounding of sums in another order, whatever the workers and even if some are lost.
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
    **options: Unpack[Options],
) -> Calibration:
    """Return item parameters from a matrix of this process that is cut into blocks and sent to the workers."""
    return calibrate_blocks(matrix_sources(scores, groups), cluster, **options)
