"""The report of an analysed sitting, written: page, PDF, JSON, workbook, and a CSV a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from qbank import __version__
from qbank.analysis import SittingAnalysis
from qbank.core.bank import Bank
from qbank.core.form import form_digests
from qbank.core.scoring_rules import in_words
from qbank.files.disk import write_bytes, write_text
from qbank.files.tables import write_workbook
from qbank.kinds import KINDS
from qbank.kinds.marking import all_accepted
from qbank.kinds.questions import find_question
from qbank.messages import Language, text
from qbank.report import (
    CardExtra,
    ItemText,
    PaperInfo,
    Rich,
    SittingMeta,
    drawings_of,
    sitting_report,
    to_csv,
    to_html,
    to_json,
    to_pdf,
)
from qbank.workflow.analysed_log import NO_LOG, SittingLog
from qbank.workflow.naming import group_word
from qbank.workflow.report_sheets import report_sheets
from qbank.workflow.scoring import ScoredSitting


def write_report(
    scored: ScoredSitting, analysis: SittingAnalysis, bank: Bank | None, extras: Mapping[str, CardExtra], folder: Path,
    language: Language, log: SittingLog = NO_LOG,
) -> tuple[Path, ...]:  # fmt: skip
    """Write the report into a folder and return the files: the page, the PDF, the data, and a table each.

    log : the decisions about items, the markings of the answers so far, and the flags of earlier sittings
    """
    record = scored.stored.record
    meta = SittingMeta(
        title=text(language, "result.report_title", id=record.id), sitting=record.id, date=record.date,
        place=record.place,
        papers=tuple(
            PaperInfo(form.id, form.title, digest, (form.family.family, form.family.digest) if form.family else ("", ""))
            for form, digest in zip(scored.forms, form_digests(scored.forms), strict=True)
        ),
        versions=(("qbank", __version__), *((("bank", bank.digest),) if bank else ())),
        group_titles=tuple(
            (name, group_word(name, language))
            for name in (*(name for name, _ in scored.stored.responses.groups), "version")
        ),
        rules=in_words(scored.scores.rules, language), decisions=log.decisions, scorings=log.scorings, raised=log.raised,
        credited=tuple(sorted(scored.credited)), dropped=tuple(sorted(scored.dropped)), numbers=log.numbers, standings=log.standings,
    )  # fmt: skip
    report = sitting_report(analysis, meta, _item_texts(scored, bank, language), language, extras)
    files = [folder / f"{record.id}.{kind}" for kind in ("html", "pdf", "json", "xlsx")]
    drawings = drawings_of(report)
    write_text(files[0], to_html(report, drawings))
    write_bytes(files[1], to_pdf(report, drawings))
    write_text(files[2], to_json(report))
    write_workbook(files[3], report_sheets(report))
    for name, table in to_csv(report).items():
        files.append(folder / "csv" / f"{name}.csv")
        write_text(files[-1], table, bom=True)
    return tuple(files)


def _item_texts(scored: ScoredSitting, bank: Bank | None, language: Language) -> dict[str, ItemText]:
    if bank is None:
        return {}
    found = {id: known[0] for id in scored.stored.responses.items if (known := find_question(bank, id))}
    options = {id: KINDS[item.kind].options(item) for id, item in found.items()}
    flat = [option for id in found for _, option in options[id]]
    fragments = _rich([*(item.stem for item in found.values()), *flat], language)
    rest = iter(fragments[len(found) :])
    labels = dict(zip(scored.stored.responses.items, scored.stored.responses.labels, strict=True))
    texts = {}
    for (id, item), stem in zip(found.items(), fragments, strict=False):
        competency = bank.standard.competencies.get(item.competency)
        entry = scored.marking[id]
        kind = KINDS[entry.kind]
        letters = "".join(letter for letter, _ in options[id])
        written = kind.printed(item, entry.marks, language).answer if not entry.by_paper else ""
        shown = tuple(next(rest) for _ in options[id])
        if shown and not kind.one_letter:  # what is answered is several letters: no row of answers is one option's
            stem, shown = _with_list(stem, shown), ()
        texts[id] = ItemText(
            stem=stem, options=shown,
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
            words=tuple(
                (label, kind.show_answer(label, letters, language)) for label in labels[id] if label in kind.answers(entry.marked)
            ),
        )  # fmt: skip
    return texts


def _rich(texts: Sequence[str], language: Language) -> list[Rich]:
    """Return each text as the page and as the PDF show it; pictures are told in words."""
    from qbank.render import page_and_print_fragments

    pages, prints = page_and_print_fragments(texts, language=language)
    return [Rich(page, printed) for page, printed in zip(pages, prints, strict=True)]


def _with_list(stem: Rich, options: Sequence[Rich]) -> Rich:
    """Return a stem with its lettered options below it."""
    page = "".join(f"<li>{option.html}</li>" for option in options)
    printed = "".join(f"[{option.typst}], " for option in options)
    return Rich(f'{stem.html}<ol type="A">{page}</ol>', f'{stem.typst}\n\n#enum(numbering: "A.", {printed})')
