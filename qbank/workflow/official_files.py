"""results: the official 成绩单 of a released sitting and the candidates' own pages."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qbank.core.form import Form, answer_places
from qbank.core.responses import NOT_SEEN, VOID, WITHHELD
from qbank.core.scoring_rules import in_words
from qbank.core.standard import domain_paths, domain_titles
from qbank.files.disk import write_bytes, write_text
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.kinds.scoring import void_factor
from qbank.messages import Language, text
from qbank.messages.lists import some_papers
from qbank.problem import Problem, Span, error, warning
from qbank.report.candidate import CandidatePage, Part, candidate_html, candidates_pdf
from qbank.workflow.cut_words import cut_words
from qbank.workflow.naming import group_word
from qbank.workflow.official import Change, OfficialList, Result, official_list
from qbank.workflow.sitting import sitting_bank
from qbank.workflow.workspace import Workspace

PRINTING = ("jinja2", "typst")
"""Packages of the extra ``print``, without which there is no page and no PDF."""
DEEP = 2
"""Codes of the path of a domain by which the candidate's marks are added up: one further where that leaves one only."""


@dataclass(frozen=True, slots=True)
class Written:
    """files : what was written ; listed : the results"""

    listed: OfficialList
    files: tuple[Path, ...]


def write_official(id: str, workspace: Workspace, *, into: Path | None = None) -> tuple[Written | None, list[Problem]]:
    """Write the official results of a released sitting: CSV, XLSX, and where the extra ``print`` is there page and PDF."""
    listed, problems = official_list(id, workspace)
    if listed is None:
        return None, problems
    language, folder = workspace.language, into or workspace.root / "results" / id
    header, rows = list_table(listed, language)
    foot = foot_lines(listed, language)
    base = folder / f"{id}-official"
    files = [base.with_suffix(".csv"), base.with_suffix(".xlsx")]
    write_csv(files[0], header, rows)
    write_xlsx(files[1], text(language, "result.sheet"), header, [*rows, [], *([line] for line in foot)])
    files.append(folder / f"{id}-official-notes.txt")
    write_text(files[-1], "\n".join(foot) + "\n", bom=True)
    if listed.changes:
        files.append(folder / f"{id}-corrections.csv")
        write_csv(files[-1], *changes_table(listed, language))
    if can_print():
        files += _print(listed, header, rows, foot, base, language)
    else:
        problems.append(warning("H121", Span(id)))
    return Written(listed, tuple(files)), problems


def write_candidates(
    id: str, workspace: Workspace, *, person: str | None = None, appeal: str = "", into: Path | None = None
) -> tuple[Written | None, list[Problem]]:
    """Write the page of every candidate, or of one, by number or pseudonym; and the PDF of all where it can be made."""
    listed, problems = official_list(id, workspace)
    if listed is None:
        return None, problems
    language, folder = workspace.language, into or workspace.root / "results" / id / "candidates"
    rows = [n for n, line in enumerate(listed.results) if person is None or person in (line.number, line.person)]
    if not rows:
        return None, [*problems, error("H110", Span(id), id=id, person=person)]
    pages = candidate_pages(listed, rows, workspace, appeal=appeal)
    files, taken = [], set[str]()
    for row, page in zip(rows, pages, strict=True):
        name = file_name(listed.results[row])
        name = name if name.lower() not in taken else f"{name}-{listed.results[row].person}"
        taken.add(name.lower())
        files.append(folder / f"{name}.html")
        write_text(files[-1], candidate_html(page, language))
    if can_print():
        files.append(folder / (f"{id}-candidates.pdf" if person is None else f"{files[0].stem}.pdf"))
        write_bytes(files[-1], candidates_pdf(pages, text(language, "result.candidates_title", id=id), language))
    else:
        problems.append(warning("H121", Span(id)))
    return Written(listed, tuple(files)), problems


def file_name(line: Result) -> str:
    """Return a name for a person's file: the number, without what file systems do not take.

    >>> file_name(Result("pabc", "../A 1", "", "", "", "", "", {}, "present", ()))
    'A-1'
    """
    return re.sub(r"[^\w-]+", "-", line.number, flags=re.ASCII).strip("-") or line.person


def list_table(listed: OfficialList, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the 成绩单."""

    def word(name: str) -> str:
        return text(language, f"result.{name}")

    header = [word(name) for name in ("person", "name", "form", "site", "room", "seat")]
    header += [group_word(name, language) for name in listed.group_names]
    on_family = [word("family_marks")] if listed.family else []
    header += [*listed.sections, word("total"), *on_family, word("verdict"), word("error"), word("low"), word("high")]
    header += [word("irt_error")] if listed.calibrated else []
    header += [word("rank")] if listed.competition else []
    rows: list[list[Cell]] = []
    for line in listed.results:
        verdict = "pass" if line.passed else "fail"
        cells: list[Cell] = [line.shown, line.name, line.form, line.site, line.room, line.seat]
        cells += [line.groups.get(name, "") for name in listed.group_names]
        cells += [_rounded(marks) for marks in line.sections]
        cells += [_rounded(line.total), *([_rounded(line.family_marks)] if listed.family else [])]
        cells += [word(verdict) if line.passed is not None else state_word(line, language)]
        cells += [_rounded(line.error), _rounded(line.low, 1), _rounded(line.high, 1)]
        cells += [_rounded(line.irt_error)] if listed.calibrated else []
        cells += [line.rank] if listed.competition else []
        rows.append(cells)
    return header, rows


def state_word(line: Result, language: Language) -> str:
    """Return what stands for the verdict of somebody without one."""
    return text(language, "result.waiting" if line.state == "waiting" else f"cli.standing.{line.standing}")


def changes_table(listed: OfficialList, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of whose result was corrected since the release before."""
    names = ("person", "name", "before", "after", "verdict_before", "verdict_after")
    verdicts = {True: text(language, "result.pass"), False: text(language, "result.fail"), None: text(language, "result.void")}

    def verdict_now(change: Change) -> str:
        none = change.passed_after is None and change.standing not in (None, "present")
        return text(language, f"cli.standing.{change.standing}") if none else verdicts[change.passed_after]

    rows: list[list[Cell]] = [
        [change.number or change.person, change.name, _rounded(change.before), _rounded(change.after),
         verdicts[change.passed_before], verdict_now(change)]
        for change in listed.changes
    ]  # fmt: skip
    return [text(language, f"result.{name}") for name in names], rows


def foot_lines(listed: OfficialList, language: Language) -> list[str]:
    """Return what stands below the list: counts, release, run, rules, and what the errors mean."""

    def say(name: str, **fields: object) -> str:
        return text(language, f"result.{name}", **fields)

    release, results = listed.release, listed.results
    counts = {word: sum(line.standing == word for line in results) for word in ("present", "absent", "void", "withheld")}
    lines = [
        say("counts", n=len(results), passed=sum(line.passed is True for line in results), cut=cut_words(listed.scored.stored, language), **counts),
        say("released", at=_minute(release.at), who=release.who, why=release.why, number=listed.number, run=release.facts.get("run", "–")),
    ]
    if listed.number > 1:
        lines.append(say("corrected", n=len(listed.changes)))
    lines += [f"{name}: {words}" for name, words in in_words(listed.scored.scores.rules, language)]
    for key, items in (("credited", listed.scored.credited), ("dropped", listed.scored.dropped)):
        if items:
            lines.append(say(key, items=", ".join(sorted(items))))
    if listed.family:
        lines.append(say("family_note", family=listed.family, cut=f"{listed.scored.stored.record.cut:g}"))
    lines += [say("error_note"), say("error_extremes")]
    papers: dict[tuple[str, ...], list[str]] = {}
    for form, titles in listed.left_out.items():
        papers.setdefault(titles, []).append(form)
    lines += [say("error_left_out", form=some_papers(forms, language), sections=", ".join(titles)) for titles, forms in papers.items()]
    if any(listed.scored.scores.rules.penalty.values()):
        lines.append(say("error_penalty"))
    if listed.calibrated:
        lines.append(say("irt_note"))
        if listed.not_calibrated:
            lines.append(say("irt_missing", n=listed.not_calibrated))
    if waiting := sum(line.state == "waiting" for line in results):
        lines.append(f"{say('waiting')}: {waiting}")
    forgotten = sum(not line.number for line in results)
    return lines + ([say("forgotten", n=forgotten)] if forgotten else [])


def candidate_pages(
    listed: OfficialList, rows: Sequence[int], workspace: Workspace, *, appeal: str = ""
) -> tuple[CandidatePage, ...]:
    """Return the pages of the persons in some rows of the list."""
    scored, language = listed.scored, workspace.language
    bank, _ = sitting_bank(scored.stored.record.bank, workspace, None)
    titles = domain_titles(bank.standard) if bank else {}
    paths = domain_paths(bank.standard) if bank else {}
    groups = [_domains(form, paths) for form in scored.forms]
    scores = scored.scores
    factor = void_factor(scored.stored.responses, scores.counted, scored.credited, scores.rules)
    return tuple(_page(listed, row, groups, titles, appeal, language, float(factor[row])) for row in rows)


def _void_notes(listed: OfficialList, row: int, language: Language) -> tuple[str, ...]:
    """Return in words what single answers of a person do not count as they stand on paper, and what that does to the marks."""
    scored = listed.scored
    responses, scores = scored.stored.responses, scored.scores
    counts = (scores.counted[responses.form[row]] > 0) & ~np.isin(responses.items, list(scored.credited))
    answer = responses.answer[row][counts]
    n_void, n_withheld = int((answer == VOID).sum()), int((answer == WITHHELD).sum())
    notes = []
    if n_void:
        rule = "nothing_left" if n_void == answer[answer != NOT_SEEN].size else scores.rules.void_answer
        notes.append(text(language, f"candidate.void_{rule}", n=n_void))
    if n_withheld:
        notes.append(text(language, "candidate.withheld_answers", n=n_withheld))
    return tuple(notes)


def _minute(at: str) -> str:
    """Return a time as it is printed, to the minute.

    >>> _minute("2026-11-26T08:14:15+00:00")
    '2026-11-26 08:14'
    """
    return at[:16].replace("T", " ")


def _page(
    listed: OfficialList, row: int, groups: Sequence[dict[str, list[str]]], titles: dict[str, str], appeal: str,
    language: Language, factor: float,
) -> CandidatePage:  # fmt: skip
    """Return one person's page; factor : by which void answers scale the marks of the others."""

    def say(name: str, **fields: object) -> str:
        return text(language, f"candidate.{name}", **fields)

    scored, line = listed.scored, listed.results[row]
    record, number = scored.stored.record, int(scored.stored.responses.form[row])
    form = scored.forms[number]
    facts = [
        (say("number"), line.shown), (say("name"), line.name), (say("occupation"), record.occupation),
        (say("level"), text(language, f"form.level_{record.level}") if record.level else ""), (say("sitting"), record.id), (say("date"), record.date),
        (say("site"), " ".join(filter(None, (line.site, line.room, line.seat)))), (say("paper"), line.form),
    ]  # fmt: skip
    sections = []
    for n, title in enumerate(listed.sections):
        ids = [entry.id for section in form.sections if section.title == title for entry in answer_places(section)]
        if ids and line.total is not None:
            sections.append(_part(listed, row, number, title, ids, factor, line.sections[n]))
    domains = [
        _part(listed, row, number, f"{code} {titles.get(code, '')}".strip(), ids, factor) for code, ids in groups[number].items()
    ]
    release = listed.release
    foot = [say("released", at=_minute(release.at), who=release.who, number=listed.number, run=release.facts.get("run", "–"))]
    if listed.number > 1:
        foot.append(say("corrected"))
    left = listed.left_out.get(form.id, ())
    foot.append(say("method", left_out=say("left_out", sections=", ".join(left)) if left else say("all_in")))
    if any(scored.scores.rules.penalty.values()):
        foot.append(say("penalty"))
    converted = text(language, "result.family_marks")
    on_family = "" if line.family_marks is None else say("converted", word=converted, marks=f"{line.family_marks:g}")
    how = (say("family", word=converted, cut=f"{record.cut:g}"),) if on_family else ()
    return CandidatePage(
        say("title", subject=form.subject or form.title), line.shown, tuple(facts), form.marks, scored.cuts[number], line.total,
        line.passed, line.error, line.low, line.high, state_word(line, language), tuple(sections),
        tuple(part for part in domains if part.questions) if line.total is not None else (), appeal or say("appeal"),
        tuple(foot), (*how, *_void_notes(listed, row, language)) if line.total is not None else (), on_family,
    )  # fmt: skip


def _part(
    listed: OfficialList, row: int, form: int, title: str, ids: Sequence[str], factor: float, marks: float | None = None
) -> Part:
    """Return what a person earned on some questions; factor : by which void answers scale the others ; marks : as scored,
    where penalties count too, and the factor is in them."""
    scores, items = listed.scored.scores, listed.scored.stored.responses.items
    place = {item: n for n, item in enumerate(items)}
    column = [place[id] for id in ids if scores.counted[form, place[id]] > 0]
    share, worth = scores.share[row, column], scores.counted[form, column]
    seen = np.isfinite(share)
    earned = factor * float(np.nansum(share * worth)) if marks is None else marks
    return Part(title, round(earned, 2), round(factor * float(worth[seen].sum()), 2), int((share[seen] > 1 - 1e-9).sum()), int(seen.sum()))


def _domains(form: Form, paths: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return the questions of a paper by domain, in the order of the codes: at the level that parts them at all."""
    for depth in (DEEP, DEEP + 1, 99):
        found: dict[str, list[str]] = {}
        for entry in answer_places(form):
            path = paths.get(entry.domain, (entry.domain,))
            found.setdefault(path[min(depth, len(path)) - 1], []).append(entry.id)
        if len(found) > 2:
            break
    return dict(sorted(found.items()))


def _print(
    listed: OfficialList, header: list[str], rows: list[list[Cell]], foot: list[str], base: Path, language: Language
) -> list[Path]:
    """Write the list as a page and as PDF."""
    from qbank.report import Block, Column, Report, Table, Text, to_html
    from qbank.report.pdf import to_pdf

    record = listed.scored.stored.record
    numeric = [any(isinstance(row[n], int | float) for row in rows) for n in range(len(header))]
    kept = [n for n in range(len(header)) if any(row[n] not in (None, "") for row in rows)]
    columns = tuple(Column(f"c{n}", header[n], "short" if numeric[n] else "text") for n in kept)
    title = text(language, "result.official_title", id=record.id)
    table = Table("results", text(language, "result.sheet"), columns, tuple(tuple(row[n] for n in kept) for row in rows), sortable=True)
    head = [record.occupation, record.date, record.place, ", ".join(dict.fromkeys(form.title for form in listed.scored.forms))]
    blocks: tuple[Block, ...] = (Text(foot[0]), Text(foot[1]), table, *(Text(line, "note") for line in foot[2:]))
    report = Report(title, blocks, language, " · ".join(filter(None, head)))
    write_text(base.with_suffix(".html"), to_html(report))
    write_bytes(base.with_suffix(".pdf"), to_pdf(report))
    return [base.with_suffix(".html"), base.with_suffix(".pdf")]


def can_print() -> bool:
    """Return whether the packages of the extra ``print`` are there."""
    return all(importlib.util.find_spec(name) is not None for name in PRINTING)


def _rounded(value: float | None, digits: int = 2) -> Cell:
    return None if value is None or not np.isfinite(value) else round(value, digits)
