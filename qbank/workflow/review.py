"""analyse, decide: from marks to knowledge about items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from qbank import __version__
from qbank.analysis import SittingAnalysis, analyse, sitting_data
from qbank.core.bank import Bank
from qbank.core.form import answer_places, form_digest, papers_of
from qbank.core.history import Use
from qbank.core.responses import counted_answers
from qbank.core.scoring_rules import in_words
from qbank.files.disk import write_text
from qbank.kinds import KINDS
from qbank.kinds.marking import all_accepted, is_full
from qbank.kinds.questions import find_question
from qbank.kinds.scoring import statistics_share
from qbank.ledger import (
    Decision,
    write_analysis,
    write_decision,
)
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, warning
from qbank.report import ItemText, PaperInfo, SittingMeta, sitting_report, to_csv, to_html, to_json
from qbank.workflow.control import judge_sitting
from qbank.workflow.naming import some
from qbank.workflow.parts import case_uses
from qbank.workflow.repeaters import sat_before
from qbank.workflow.scoring import ScoredSitting, score_sitting
from qbank.workflow.sitting import sitting_bank
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Analysed:
    """analysis : all tables ; files : what was written ; held : item → (flag, suggested key)"""

    analysis: SittingAnalysis
    files: tuple[Path, ...]
    held: Mapping[str, tuple[str, str]]


def analyse_sitting(
    id: str, workspace: Workspace, *, into: Path, bank_path: Path | None = None
) -> tuple[Analysed | None, list[Problem]]:
    """Write the report of a sitting as HTML, JSON and CSV, and the item use into the ledger."""
    scored, problems = score_sitting(id, workspace, bank_path)
    if scored is None:
        return None, problems
    analysis = analyse(_data(scored), design=scored.stored.record.design)
    held: dict[str, tuple[str, str]] = {}
    for row in analysis.flags.filter(pl.col("holds")).iter_rows(named=True):
        held.setdefault(str(row["item"]), (str(row["code"]), str(row["option"] or "")))
    bank, _ = sitting_bank(scored.stored.record.bank, workspace, bank_path)
    files = _write_report(scored, analysis, bank, into, workspace.language)
    _store_use(scored, analysis, held, workspace)
    problems += _sat_before(scored, workspace)
    problems += _out_of_control(id, workspace)
    return Analysed(analysis, files, held), problems


def _sat_before(scored: ScoredSitting, workspace: Workspace) -> list[Problem]:
    """Return how many persons sat an earlier sitting, and how many of them had items of this one then."""
    ledger = workspace.open()
    try:
        before = sat_before(ledger, scored.stored.responses, scored.forms)
    finally:
        ledger.close()
    present = scored.scores.present
    n, seen = int((present & before.sat).sum()), int((present & (before.seen > 0)).sum())
    if not n:
        return []
    id = scored.stored.record.id
    return [warning("C128", Span(id), n=n, of=int(present.sum()), sittings=some(before.sittings), seen=seen)]


def _out_of_control(id: str, workspace: Workspace) -> list[Problem]:
    """Return a warning for each item of a sitting that is certainly not what it was, and keep it as a flag."""
    from qbank.report.history.words import flag_sentence, texts

    ledger = workspace.open()
    try:
        flags = judge_sitting(ledger, id)
    finally:
        ledger.close()
    words = texts(workspace.language)
    return [warning("C129", Span(id), item=flag.item, found=flag_sentence(flag, words)) for flag in flags]


def _data(scored: ScoredSitting) -> Any:
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
    groups = {name: values for name, values in responses.groups if name not in ("seat",)}
    if len(papers) < len(scored.forms):
        groups["version"] = tuple(responses.forms[form] for form in responses.form)
    # every paper's own first version says what counts on it
    counted = scores.counted[[paper.index(number) for number in range(len(papers))]] > 0
    so_far = np.nan_to_num(scores.share * scores.counted[responses.form]).sum(axis=1)
    return sitting_data(
        responses.items, statistics_share(scores, responses) * scores.marks, scores.marks, answer=counted_answers(responses), labels=labels,
        key=key, choice=choice, form=np.array(paper, dtype=np.int64)[responses.form], forms=papers, groups=groups,
        cut=scored.stored.record.cut, scored=counted, total=np.where(np.isnan(scores.total), so_far, scores.total),
    )  # fmt: skip


def _store_use(
    scored: ScoredSitting, analysis: SittingAnalysis, held: Mapping[str, tuple[str, str]], workspace: Workspace
) -> None:
    flags: dict[str, tuple[str, ...]] = {}
    for row in analysis.flags.iter_rows(named=True):
        flags[row["item"]] = (*flags.get(row["item"], ()), row["code"])
    record = scored.stored.record
    uses = []
    for row in analysis.items.iter_rows(named=True):
        item = row["item"]
        use = Use(
            item, scored.marking[item].fingerprint, record.id, record.date, int(row["n"]), _number(row["facility"]),
            _number(row["item_rest"]), tuple(dict.fromkeys(flags.get(item, ()))),
        )  # fmt: skip
        uses.append((use, item in held))
    for item, found, n in case_uses(scored.forms, scored.stored.responses):
        nothing = float("nan")
        uses.append((Use(item, found, record.id, record.date, n, nothing, nothing, ()), False))
    ledger = workspace.open()
    try:
        write_analysis(ledger, record.id, uses)
    finally:
        ledger.close()


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _write_report(
    scored: ScoredSitting, analysis: SittingAnalysis, bank: Bank | None, folder: Path, language: Language
) -> tuple[Path, ...]:
    record = scored.stored.record
    meta = SittingMeta(
        title=text(language, "result.report_title", id=record.id), sitting=record.id, date=record.date,
        place=record.place,
        papers=tuple(PaperInfo(form.id, form.title, form_digest(form)) for form in scored.forms),
        versions=(("qbank", __version__), *((("bank", bank.digest),) if bank else ())),
        group_titles=tuple(
            (name, text(language, f"result.{name}"))
            for name in (*(name for name, _ in scored.stored.responses.groups), "version")
        ),
        rules=in_words(scored.scores.rules, language),
    )  # fmt: skip
    report = sitting_report(analysis, meta, _item_texts(scored, bank, language), language)
    files = [folder / f"{record.id}.html", folder / f"{record.id}.json"]
    write_text(files[0], to_html(report))
    write_text(files[1], to_json(report))
    for name, table in to_csv(report).items():
        files.append(folder / "csv" / f"{name}.csv")
        write_text(files[-1], table, bom=True)
    return tuple(files)


def _item_texts(scored: ScoredSitting, bank: Bank | None, language: Language) -> dict[str, ItemText]:
    from qbank.render import html_fragments

    if bank is None:
        return {}
    found = {id: known[0] for id in scored.stored.responses.items if (known := find_question(bank, id))}
    options = {id: KINDS[item.kind].options(item) for id, item in found.items()}
    flat = [option for id in found for _, option in options[id]]
    fragments = html_fragments([*(item.stem for item in found.values()), *flat], language=language)
    rest = iter(fragments[len(found) :])
    texts = {}
    for (id, item), stem in zip(found.items(), fragments, strict=False):
        competency = bank.standard.competencies.get(item.competency)
        entry = scored.marking[id]
        kind = KINDS[entry.kind]
        letters = "".join(letter for letter, _ in options[id])
        written = kind.printed(item, entry.marks, language).answer if not entry.by_paper else ""
        shown = tuple(next(rest) for _ in options[id])
        if shown and not kind.one_letter:  # what is answered is several letters: no row of answers is one option's
            stem, shown = f'{stem}<ol type="A">{"".join(f"<li>{body}</li>" for body in shown)}</ol>', ()
        texts[id] = ItemText(
            stem_html=stem, options=shown,
            key=written
            or " / ".join(
                dict.fromkeys(
                    kind.show_answer(kind.key_label(marked), letters, language)
                    for keys in all_accepted(entry)
                    for marked in keys
                )
            ),
            domain=competency.domain if competency else "",
            competency=f"{item.competency} {competency.title if competency else ''}".strip(),
        )  # fmt: skip
    return texts


def decide(
    id: str, item: str, workspace: Workspace, *, verdict: str, why: str, who: str, at: str
) -> list[Problem]:
    """Record what was decided about a flagged item; ``keep`` lets it back, ``credit`` gives everybody the marks."""
    scored, problems = score_sitting(id, workspace)
    if scored is None:
        return problems
    if item not in scored.marking:
        return [*problems, error("L103", Span(id), item=item, id=id)]
    prints = {entry.id: entry.fingerprint for form in scored.forms for entry in answer_places(form)}
    ledger = workspace.open()
    try:
        decision = Decision(id, item, prints[item], verdict, why, who, at)
        write_decision(ledger, decision)
        now = scored.marking[item].fingerprint
        if now != decision.fingerprint:
            write_decision(ledger, replace(decision, fingerprint=now))
    finally:
        ledger.close()
    return problems
