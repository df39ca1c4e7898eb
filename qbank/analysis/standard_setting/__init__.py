"""Standard setting: what a panel's judgements of items, booklets, persons or pass rates come to as a cut."""

from __future__ import annotations

from qbank.analysis.standard_setting.angoff import angoff, ebel, variance_components
from qbank.analysis.standard_setting.bookmark import booklet, bookmark, locations
from qbank.analysis.standard_setting.compromise import beuk, hofstee
from qbank.analysis.standard_setting.groups import borderline_group, contrasting_groups
from qbank.analysis.standard_setting.record import CutScore, fail_rate

__all__ = [
    "CutScore",
    "angoff",
    "beuk",
    "booklet",
    "bookmark",
    "borderline_group",
    "contrasting_groups",
    "ebel",
    "fail_rate",
    "hofstee",
    "locations",
    "variance_components",
]
