"""Estimations in this process, or on the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from qbank.irt import Calibration, calibrate
from qbank.problem import Problem, Span, error

Estimator = Callable[..., Calibration]
"""What takes scores and the options of ``qbank.irt.calibrate``."""


class ClusterRefused(Exception):
    """The cluster that was asked for cannot be used; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@contextmanager
def estimator(cluster: str | None) -> Iterator[Estimator]:
    """Yield ``qbank.irt.calibrate``, or the same on the workers of a cluster; raises `ClusterRefused`.

    cluster : ``local``, ``local:2``, ``tcp://HOST:PORT``, or None
    """
    if cluster is None:
        yield calibrate
        return
    from qbank.cluster import ClusterError, calibrate_matrix, open_cluster

    try:
        with open_cluster(cluster) as opened:
            yield partial(calibrate_matrix, cluster=opened)
    except ClusterError as fault:
        raise ClusterRefused(_problem(fault.reason, fault.place, fault.detail)) from fault


def _problem(reason: str, place: str, detail: str) -> Problem:
    span = Span("--cluster")
    match reason:
        case "missing":
            return error("C140", span)
        case "address":
            return error("C141", span, found=place)
        case "unreachable":
            return error("C142", span, place=place)
        case "no workers":
            return error("C143", span, place=place)
        case "version":
            return error("C144", span, place=place, detail=detail)
        case "lost":
            return error("C145", span, place=place)
    return error("C146", span, place=place, detail=detail)
