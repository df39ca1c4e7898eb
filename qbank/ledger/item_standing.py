"""What holds of an item now, told from its history alone: the estimate that counts, and what keeps it off new papers.

`read_history` says the same of all items at once.
"""

from __future__ import annotations

from qbank.core.history import Estimate
from qbank.ledger.flags import CALIBRATION_FLAGS, SPOILING
from qbank.ledger.item_records import ItemHistory


def present_estimate(history: ItemHistory, fingerprint: str) -> Estimate | None:
    """Return the estimate of a revision that counts: on the present scale, of the most answers, none from before a drift or
    of a sitting whose persons knew the item; None where there is none, or the revision is held (`held_by`)."""
    if held_by(history, fingerprint):
        return None
    flags = [flag for flag in history.flags if flag.fingerprint == fingerprint and flag.code in CALIBRATION_FLAGS]
    since = max((flag.date for flag in flags if not flag.kept), default="")
    spoilt = {flag.sitting for flag in flags if flag.code in SPOILING}
    found: Estimate | None = None
    for entry in sorted(history.estimates, key=lambda entry: entry.estimate.sitting):
        one = entry.estimate
        counts = one.fingerprint == fingerprint and one.scale == history.scale and entry.date >= since
        if counts and one.sitting not in spoilt and (found is None or one.n_answers > found.n_answers):
            found = one
    return found


def held_by(history: ItemHistory, fingerprint: str) -> str:
    """Return what keeps a revision off new papers: the flags of an analysis or a calibration that nobody has decided on, or
    ``credit``; "" where nothing does."""
    verdicts = {decision.sitting: decision.verdict for decision in history.decisions if decision.fingerprint == fingerprint}
    held = ""
    for use in sorted(history.uses, key=lambda use: use.sitting):
        verdict = verdicts.get(use.sitting, "")
        if use.fingerprint == fingerprint and (verdict == "credit" or (use.held and verdict != "keep")):
            held = verdict or ", ".join(use.flags)
    if held:
        return held
    waiting = [flag.code for flag in history.flags if flag.fingerprint == fingerprint and flag.held and not flag.kept]
    return waiting[-1] if waiting else ""
