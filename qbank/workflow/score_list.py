"""The working list of a scoring run: marks by person before anything is released."""

from __future__ import annotations

import math
from pathlib import Path

from qbank.core.responses import STANDINGS
from qbank.core.scoring_rules import in_words
from qbank.files.disk import write_text
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.messages import Language, text
from qbank.workflow.cut_words import cut_words
from qbank.workflow.scoring import ScoredSitting
from qbank.workflow.scoring_run import passed


def scores_table(scored: ScoredSitting, number: int, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows: number of the person, paper, marks by section, total, verdict, and that it is preliminary.

    In place of a verdict stands of somebody without marks whether absent, void or withheld.
    number : of the run, 0 for one that was only tried
    """
    responses, scores = scored.stored.responses, scored.scores
    header = [text(language, f"result.{name}") for name in ("person", "form")]
    header += [*scores.sections, text(language, "result.total"), text(language, "result.verdict"), text(language, "result.standing")]
    words = {here: text(language, f"result.{word}") for here, word in ((True, "pass"), (False, "fail"))}
    waiting = text(language, "result.waiting")
    without = [text(language, f"cli.standing.{standing}") for standing in STANDINGS]
    word = "pilot" if scored.stored.record.settings.get("pilot") else "preliminary"
    mark = text(language, f"result.{word}", number=number)
    holds = [{section.title for section in form.sections} for form in scored.forms]
    verdict = passed(scores.total, scored.cut).tolist()
    sections, totals, sat = scores.by_section.tolist(), scores.total.tolist(), scores.present.tolist()
    rows: list[list[Cell]] = []
    for row, person in enumerate(responses.persons):
        form = int(responses.form[row])
        known = scored.identities.get(person)
        cells: list[Cell] = [known.number if known else person, responses.forms[form]]
        if sat[row]:
            marks = zip(scores.sections, sections[row], strict=True)
            cells += [_rounded(earned) if title in holds[form] else None for title, earned in marks]
            cells += [_rounded(totals[row]), waiting if math.isnan(totals[row]) else words[verdict[row]]]
        else:
            cells += [*([None] * len(scores.sections)), None, without[int(responses.standing[row])]]
        rows.append([*cells, mark])
    return header, rows


def _rounded(marks: float) -> float | None:
    """Return marks to two decimals, nothing where they are yet to come."""
    return None if math.isnan(marks) else round(marks, 2)


def write_scores(scored: ScoredSitting, number: int, folder: Path, language: Language) -> tuple[Path, ...]:
    """Write the working list as CSV (with BOM) and XLSX, and the rules that it follows: below the list and as text."""
    header, rows = scores_table(scored, number, language)
    foot = [text(language, "scoring.title")]
    foot += [f"{name}: {words}" for name, words in in_words(scored.scores.rules, language)]
    for key, items in (("credited", scored.credited), ("dropped", scored.dropped)):
        if items:
            foot.append(text(language, f"result.{key}", items=", ".join(sorted(items))))
    if scored.stored.cuts:
        foot.append(text(language, "result.cut_line", cut=cut_words(scored.stored, language)))
    base = f"{scored.stored.record.id}-scores"
    files = tuple(folder / f"{base}{end}" for end in (".csv", ".xlsx", "-notes.txt"))
    write_csv(files[0], header, rows)
    write_xlsx(files[1], text(language, "result.preliminary_sheet"), header, [*rows, [], *([line] for line in foot)])
    write_text(files[2], "\n".join(foot) + "\n", bom=True)
    return files
