"""How the scale of one sitting is carried onto the bank's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qbank.irt import Link, link, rescale
from qbank.irt.parameters import Calibration, ItemParameters
from qbank.ledger import LinkRecord

METHODS = ("anchors", "mean-sigma", "haebara", "stocking-lord")
"""How: ``anchors`` holds known items at their values while the others are estimated; the others calibrate the sitting
by itself and then carry its scale over by a line."""
LEAST_LINKED = 2


def linked(alone: Calibration, known: ItemParameters, anchors: Sequence[str], method: str) -> tuple[Calibration, Link]:
    """Return a free calibration on the scale of known items, and the line that carried it there.

    The errors of its parameters are those of the calibration and of the line together.
    """
    line = link(alone.parameters, known, method=method, anchors=list(anchors))
    moved = rescale(alone.parameters, line, errors="calibration and link")
    slope = line.slope
    errors = dict(alone.ability_errors)
    errors |= {name: factor * errors[name] for name, factor in (("mean", slope), ("sd", slope), ("variance", slope**2)) if name in errors}
    done = replace(
        alone, parameters=moved, nodes=slope * alone.nodes + line.intercept,
        ability_mean=slope * alone.ability_mean + line.intercept, ability_sd=slope * alone.ability_sd,
        ability_errors=errors, settings={**alone.settings, "link": method},
    )  # fmt: skip
    return done, line


def link_record(sitting: str, line: Link, own_scale: str) -> LinkRecord:
    """Return an estimated line as the ledger keeps it, with its errors."""
    settings = {
        "slope_error": _finite(line.slope_error), "intercept_error": _finite(line.intercept_error),
        "criterion": _finite(line.criterion), "status": line.status,
        "left_out": [list(pair) for pair in line.left_out],
        **{name: str(value) for name, value in line.settings.items()},
    }  # fmt: skip
    return LinkRecord(sitting, line.method, own_scale, line.to_scale, line.slope, line.intercept, line.anchors, settings)


def implied_record(sitting: str, fit: Calibration, own_scale: str, anchors: Sequence[str]) -> LinkRecord:
    """Return the line that held anchors imply: from a scale on which those who sat have mean 0, and SD 1 where slopes are
    estimated, to that of the anchors. Of a sitting by several groups, that of the first.
    """
    free_slope = any(word not in ("rasch", "pcm", "rsm") for word in fit.parameters.model)
    mean, sd = (float(np.ravel(values)[0]) for values in (fit.ability_mean, fit.ability_sd))
    errors = {name: float(np.ravel(fit.ability_errors[name])[0]) for name in ("mean", "sd") if name in fit.ability_errors}
    settings = {
        "slope_error": _finite(errors.get("sd", np.nan)) if free_slope else 0.0,
        "intercept_error": _finite(errors.get("mean", np.nan)),
    }
    slope = sd if free_slope else 1.0
    return LinkRecord(sitting, "anchors", own_scale, fit.parameters.scale, slope, mean, tuple(anchors), settings)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
