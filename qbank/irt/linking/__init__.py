"""Linking: calibrations of different sittings on one scale, and the anchors that must not carry it."""

from qbank.irt.linking.bootstrap import LinkDraws, bootstrap_link, parametric
from qbank.irt.linking.chain import Scales, average_links, chain_links, link_chain
from qbank.irt.linking.drift import DRIFT_STATISTICS, Drift, find_drift
from qbank.irt.linking.record import Link, compose, inverse
from qbank.irt.linking.rescaling import rescale
from qbank.irt.linking.together import link_all
from qbank.irt.linking.two_scales import METHODS, link

__all__ = [
    "DRIFT_STATISTICS",
    "METHODS",
    "Drift",
    "Link",
    "LinkDraws",
    "Scales",
    "average_links",
    "bootstrap_link",
    "chain_links",
    "compose",
    "find_drift",
    "inverse",
    "link",
    "link_all",
    "link_chain",
    "parametric",
    "rescale",
]
