"""Why a plan gives no papers: the explanation, its commission as stubs and tables, its moves as patches."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from qbank.assemble.compile import read_rules
from qbank.assemble.explain.ladder import Explanation, explain_fully
from qbank.assemble.explain.moves import DROP, Move
from qbank.assemble.explain.problems import problems_of, where_of
from qbank.assemble.explain.relaxation import Relaxation
from qbank.assemble.item_columns import vocabulary
from qbank.assemble.setting import make_setting, of_other_marks
from qbank.core.item import Item
from qbank.files.bank import read_bank, shown_path
from qbank.files.blueprint import read_blueprint
from qbank.files.disk import read_text, write_text
from qbank.files.tables import Cell, write_csv, write_xlsx
from qbank.kinds.skeleton import item_skeleton
from qbank.messages import Language, text
from qbank.problem import Problem, Span, error, has_errors
from qbank.workflow.bank import history_of, usable_bank
from qbank.workflow.coverage import kind_word
from qbank.workflow.new_item import next_id
from qbank.workflow.papers import bank_root
from qbank.workflow.past import near_copies, past_papers
from qbank.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Explained:
    """found : why there are no papers ; patches : for each relaxation the changed text of the plan as a unified diff,
    empty where it cannot be written so ; root : folder of the bank
    """

    found: Explanation
    path: Path
    root: Path
    patches: tuple[str, ...]


def explain_papers(
    path: Path, workspace: Workspace, *, n_forms: int | None = None, as_of: str
) -> tuple[Explained | None, list[Problem]]:
    """Return why the papers of a blueprint cannot be built and what would help; nothing is written."""
    blueprint, problems = read_blueprint(path)
    if blueprint is None:
        return None, problems
    blueprint = replace(blueprint, n_forms=n_forms or blueprint.n_forms)
    root = bank_root(blueprint, path)
    bank, wrong = usable_bank(root)
    if bank is None:
        return None, [*problems, *wrong]
    if has_errors(problems):
        return None, problems + read_rules(blueprint, vocabulary(bank))[1]
    setting, wrong = make_setting(
        blueprint, bank, history_of(workspace, bank.name), as_of=as_of, past=past_papers(blueprint, workspace, ()),
        alike=near_copies(blueprint, bank),
    )  # fmt: skip
    problems += wrong
    if setting is None:
        return None, problems
    found = explain_fully(setting)
    source = read_text(path, shown_path(path))[0] or ""
    patches = tuple(unified(source, one, shown_path(path)) for one in found.relaxations)
    problems += problems_of(found) + (of_other_marks(blueprint, bank) if found.reason != "none" else [])
    return Explained(found, path, root, patches), problems


def unified(source: str, relaxation: Relaxation, path: str) -> str:
    """Return the moves of a relaxation as a unified diff of the plan's text."""
    changed = patched(source, relaxation.moves)
    if changed is None:
        return ""
    before, after = source.splitlines(keepends=True), changed.splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, path, path, n=1))


def patched(source: str, moves: tuple[Move, ...]) -> str | None:
    """Return the text after some moves, each written at the old value's own place; nothing where one is not found.

    >>> at = Span("plan.yaml", 2, 20)
    >>> patched("constraints:\\n  - overlap: {max: 0}  # ours\\n", (Move(0, "max", "0", "4", "overlap", at, 1.0),))
    'constraints:\\n  - overlap: {max: 4}  # ours\\n'
    """
    lines = source.splitlines(keepends=True)
    for move in sorted(moves, key=lambda move: (move.span.line, move.span.column), reverse=True):
        row, column = move.span.line - 1, move.span.column - 1
        if not 0 <= row < len(lines):
            return None
        if move.key == DROP:
            dash = len(lines[row]) - len(lines[row].lstrip())
            last = row + 1
            while last < len(lines) and lines[last].strip() and len(lines[last]) - len(lines[last].lstrip()) > dash:
                last += 1
            del lines[row:last]
            continue
        rest = lines[row][column:]
        quote = rest[:1] if rest[:1] in ("'", '"') else ""
        if not rest[len(quote) :].startswith(move.old):
            return None
        start = column + len(quote)
        lines[row] = lines[row][:start] + move.new + lines[row][start + len(move.old) :]
    return "".join(lines)


def write_patch(explained: Explained, path: Path) -> list[Problem]:
    """Write the first relaxation that has a patch as a unified diff."""
    found = next((patch for patch in explained.patches if patch), "")
    if not found:
        return [error("A230", explained.found.setting.blueprint.span)]
    write_text(path, found)
    return []


def commission_rows(explained: Explained, language: Language) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of the commission: one row for each line and competency."""
    standard, level = explained.found.setting.bank.standard, explained.found.setting.blueprint.level
    titles = {domain.code: domain.title for domain in standard.domains}
    names = ("level", "domain", "domain_title", "competency", "competency_title", "importance", "kind", "grade")
    header = [text(language, f"cli.coverage.{name}") for name in names]
    rows: list[list[Cell]] = []
    for line in explained.found.lines:
        for code in line.competencies or ("",):
            point = standard.competencies.get(code)
            rows.append([
                level, line.domain, titles.get(line.domain, ""), code, point.title if point else "",
                point.importance if point else " ".join(line.importance), kind_word(line.kind, language),
                grades_text(line.grades), line.each if code else line.n, where_of(line),
            ])  # fmt: skip
    return [*header, text(language, "cli.coverage.count"), text(language, "cli.explain.where")], rows


def grades_text(grades: tuple[int, ...]) -> str:
    """Return grades as a range where they are one.

    >>> grades_text((3, 4, 5)), grades_text((2,)), grades_text(()), grades_text((1, 3))
    ('3–5', '2', '', '1, 3')
    """
    if len(grades) > 1 and list(grades) == list(range(grades[0], grades[-1] + 1)):
        return f"{grades[0]}–{grades[-1]}"
    return ", ".join(map(str, grades))


def write_table(explained: Explained, path: Path, language: Language) -> None:
    """Write the commission as XLSX where the file is called so, else as CSV."""
    header, rows = commission_rows(explained, language)
    if path.suffix.lower() == ".xlsx":
        write_xlsx(path, text(language, "cli.coverage.sheet"), header, rows)
    else:
        write_csv(path, header, rows)


def write_stubs(explained: Explained, path: Path) -> tuple[int, list[Problem]]:
    """Write a stub for each item of the commission and return how many; a file that exists is left alone."""
    if path.exists():
        return 0, [error("G104", Span(shown_path(path)))]
    bank = explained.found.setting.bank
    taken = set(read_bank(explained.root)[0].declared)
    stubs = []
    for item in explained.found.items:
        id = next_id(bank, taken, item.competency, item.level)
        taken.add(id)
        stubs.append(_stub(item, id, explained))
    if stubs:
        head = text(bank.language, "cli.coverage.stubs_head", n=len(stubs))
        write_text(path, f"# {head}\nitems:\n" + "\n".join(stubs))
    return len(stubs), []


def _stub(item: Item, id: str, explained: Explained) -> str:
    """Return the stub of an item with the attributes that the commission asks for."""
    bank = explained.found.setting.bank
    stub = item_skeleton(
        item.kind, bank.language, id=id, competency=item.competency,
        title=bank.standard.competencies[item.competency].title, level=item.level, grade=item.grade,
    )  # fmt: skip
    asked = {"marks": f"{item.marks:g}", "cognitive": item.cognitive, "seconds": str(item.seconds)}
    for key, value in asked.items():
        stub = re.sub(rf"(?m)^(    {key}: )\S+", rf"\g<1>{value}", stub, count=1)
    return stub
