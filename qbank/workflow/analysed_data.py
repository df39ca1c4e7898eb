"""What a scored sitting is to the analysis: arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qbank.analysis import SittingData, sitting_data
from qbank.core.form import Form, answer_places, papers_of
from qbank.core.responses import counted_answers
from qbank.kinds import KINDS
from qbank.kinds.marking import is_full
from qbank.kinds.scoring import score, statistics_share
from qbank.workflow.scoring import ScoredSitting


def analysed_data(scored: ScoredSitting) -> SittingData:
    """Return the arrays of a scored sitting: shares, options chosen and keys, papers, groups and the cut."""
    responses, scores = scored.stored.responses, scored.scores
    key, choice, labels = [], [], []
    for item, given in zip(responses.items, responses.labels, strict=True):
        entry = scored.marking[item]
        kind = KINDS[entry.kind]
        # numbers of marks that people awarded are no options: none of them can be a better key than another
        words = () if kind.rated else given
        labels.append(words)
        key.append(frozenset(n for n, word in enumerate(words) if is_full(entry, word)))
        choice.append(kind.one_letter or bool(kind.answers(entry.marked)))
    papers, paper = papers_of(scored.forms)
    # what tells one person from another is no group
    apart = {"seat", "minutes", *(tie.column.strip().casefold() for form in scored.forms if form.ranking for tie in form.ranking.ties if tie.is_time)}
    groups = {name: values for name, values in responses.groups if name.strip().casefold() not in apart}
    if len(papers) < len(scored.forms):
        groups["version"] = tuple(responses.forms[form] for form in responses.form)
    # every paper's own first version says what counts on it
    counted = scores.counted[[paper.index(number) for number in range(len(papers))]] > 0
    so_far = np.nan_to_num(scores.share * scores.counted[responses.form]).sum(axis=1)
    return sitting_data(
        responses.items, statistics_share(scores, responses) * scores.marks, scores.marks, answer=counted_answers(responses), labels=labels,
        key=key, choice=choice, form=np.array(paper, dtype=np.int64)[responses.form], forms=papers, groups=groups,
        cut=scored.stored.record.cut, cuts=[scored.stored.cut_of(name) for name in papers], scored=counted,
        strata=_strata(scored.forms, responses.items), printed=_printed(scored.forms, paper, responses.items), total=np.where(np.isnan(scores.total), so_far, scores.total),
    )  # fmt: skip


def as_answered(scored: ScoredSitting) -> ScoredSitting:
    """Return the sitting with the items that were credited to everybody marked by their keys: what was answered, not what it earned."""
    if not scored.credited:
        return scored
    rules = scored.scores.rules
    own = score(scored.stored.responses, scored.marking, scored.forms, rules, credited=frozenset(), dropped=scored.dropped)
    return replace(scored, scores=own, credited=frozenset())


def _strata(forms: Sequence[Form], items: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the section of every item by its title, and its domain two steps deep: what parts of a score stand for."""
    section: dict[str, str] = {}
    domain: dict[str, str] = {}
    for form in forms:
        for part in form.sections:
            for entry in answer_places(part):
                section.setdefault(entry.id, part.title)
                domain.setdefault(entry.id, "-".join(entry.domain.split("-")[:2]))
    return {name: tuple(found.get(item, "") for item in items) for name, found in (("section", section), ("domain", domain))}


def _printed(forms: Sequence[Form], paper: Sequence[int], items: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Return the questions of each paper in printed order; of one that was printed in several orders, that of its first."""
    place = {item: n for n, item in enumerate(items)}
    orders: dict[int, tuple[int, ...]] = {}
    for form, number in zip(forms, paper, strict=True):
        orders.setdefault(number, tuple(place[entry.id] for entry in answer_places(form) if entry.id in place))
    return tuple(orders[number] for number in sorted(orders))
