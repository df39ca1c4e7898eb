"""What the ledger's calibrations know about the items of a sitting, brought to the arrays of its analysis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qbank.analysis import SittingData
from qbank.analysis.calibrated import CalibratedItems, calibrated_items
from qbank.core.history import History
from qbank.kinds.scoring import calibration_share
from qbank.ledger import StoredCalibration
from qbank.workflow.scoring import ScoredSitting


def calibrated_of(
    scored: ScoredSitting, data: SittingData, history: History, calibrations: Sequence[StoredCalibration] = ()
) -> CalibratedItems | None:
    """Return the items of the sitting that have parameters on the present scale, None where there are none.

    calibrations : of this sitting; the population of the one that holds is that of the sitting, where it is on the same
    scale; else that of the latest calibration

    Parameters belong to the revision that was marked; those of an earlier sitting serve until this one is calibrated.
    Items that were credited or dropped, and those that are held, have none.
    """
    known = {}
    for n, item in enumerate(data.items):
        print_ = scored.marking[item].fingerprint
        estimate = history.estimates.get(print_)
        settled = item in scored.credited or item in scored.dropped or print_ in history.held
        if estimate is not None and not settled:
            known[item] = (n, estimate)
    scales = [estimate.scale for _, estimate in known.values()]
    if not scales or not data.n_persons:
        return None
    # the whole of calibrating comes with these: a sitting without parameters does without
    from qbank.workflow.calibration.anchors import parameters_of
    from qbank.workflow.calibration.categories import placed, right_or_wrong

    present = max(dict.fromkeys(scales), key=scales.count)
    known = {item: found for item, found in known.items() if found[1].scale == present}
    share = calibration_share(scored.scores, scored.stored.responses)[data.row]
    codes = [
        right_or_wrong(share[:, n]) if one.shares == (0.0, 1.0) else placed(share[:, n], one.tops)
        for n, one in known.values()
    ]
    own = [one.record for one in calibrations if one.current and one.record.scale == present]
    ability = (own[-1].ability_mean, own[-1].ability_sd) if own else (history.ability_mean, history.ability_sd)
    return calibrated_items(
        data, parameters_of({item: one for item, (_, one) in known.items()}, present),
        [n for n, _ in known.values()], np.stack(codes, axis=1),
        [tuple(part * data.marks_max[n] for part in one.shares) for n, one in known.values()],
        ability=ability,
    )  # fmt: skip
