"""An explanation as problems, each at its place in the blueprint."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.assemble.constraints.between import worn_items
from qbank.assemble.explain.commission import Line
from qbank.assemble.explain.contradiction import Clash
from qbank.assemble.explain.ladder import Explanation
from qbank.assemble.explain.moves import DROP
from qbank.assemble.explain.pooled_rows import Group
from qbank.assemble.setting import Setting
from qbank.core.blueprint import Blueprint
from qbank.problem import Problem, Span, error, note, warning

GRADES = range(1, 6)


def problems_of(found: Explanation, most: int | None = None) -> list[Problem]:
    """Return what an explanation says: an error that tells why there are no papers, then its parts as notes.

    most : lines of a commission that are told one by one; the rest are counted
    """
    blueprint = found.setting.blueprint
    if found.reason == "none":
        return [note("A226", blueprint.span, forms=blueprint.n_forms)]
    if found.reason == "shortage":
        problems = _shortage(found, blueprint, most)
    elif found.reason == "contradiction":
        problems = _contradiction(found.clashes, blueprint)
        problems += [note("A234", group.span, rule=group.label) for group in of_sets(found)]
    elif found.reason == "packing":
        broken = "; ".join(f"{label} ({amount:g})" for label, amount in found.broken.items())
        problems = [error("A224", blueprint.span, forms=blueprint.n_forms, broken=broken)]
    else:
        problems = [error("A225", blueprint.span, forms=blueprint.n_forms)]
    for move in found.relaxations[0].moves if found.relaxations else ():
        if move.key == DROP:
            problems.append(note("A235", move.span, rule=move.label))
        else:
            problems.append(note("A228", move.span, rule=move.label, key=move.key, old=move.old, new=move.new))
    return problems + worn_out(found.setting)


def _shortage(found: Explanation, blueprint: Blueprint, most: int | None) -> list[Problem]:
    problems = [error("A201", blueprint.span, forms=blueprint.n_forms, n=found.n_missing, bound=found.bound)]
    for line in found.lines[:most]:
        span, where = section_of(line, blueprint), where_of(line)
        if len(line.competencies) > 1:
            problems.append(note("A229", span, n=line.n, each=line.each, where=where))
        else:
            problems.append(note("A220", span, n=line.n, where=where))
    rest = found.lines[len(found.lines[:most]) :]
    if rest:
        problems.append(note("A233", blueprint.span, lines=len(rest), n=sum(line.n for line in rest)))
    if not found.proved:
        problems.append(warning("A227", blueprint.span, forms=blueprint.n_forms, n=found.n_missing))
    return problems


def _contradiction(clashes: Sequence[Clash], blueprint: Blueprint) -> list[Problem]:
    first = clashes[0].group.span if clashes else blueprint.span
    problems = [error("A202", first, related=tuple(c.group.span for c in clashes[1:]), n=len(clashes))]
    for clash in clashes:
        span, rule = clash.group.span, clash.group.label
        if clash.side == "min":
            problems.append(note("A221", span, rule=rule, row=_part(clash), asked=f"{clash.asked:g}", reached=f"{clash.reached:g}"))
        elif clash.side == "max":
            problems.append(note("A222", span, rule=rule, row=_part(clash), asked=f"{clash.asked:g}", reached=f"{clash.reached:g}"))
        elif clash.side == "crossed":
            problems.append(note("A231", span, rule=rule, asked=f"{clash.asked:g}", reached=f"{clash.reached:g}"))
        elif clash.side == "step":
            problems.append(note("A232", span, rule=rule, step=f"{clash.reached:g}"))
        else:
            problems.append(note("A223", span, rule=rule))
    return problems


def of_sets(found: Explanation) -> list[Group]:
    """Return the rules of a contradiction that ask for sets, of which only those of the bank are known."""
    words = {rule.index: rule.word for rule in found.setting.rules}
    return [clash.group for clash in found.clashes if words.get(clash.group.rule) == "sets"]


def _part(clash: Clash) -> str:
    return f" ({clash.row})" if clash.row not in ("", clash.group.label) else ""


def worn_out(setting: Setting) -> list[Problem]:
    """Return how many items each exposure rule leaves out, where papers cannot be built."""
    pool = setting.pool
    worn = [
        (rule, int(worn_items(rule, pool, setting.history, setting.as_of, same_day=setting.same_day).sum()))
        for rule in setting.rules
        if rule.word == "exposure"
    ]
    return [warning("A208", rule.span, rule=rule.label, n=n, pool=len(pool.ids)) for rule, n in worn if n]


def section_of(line: Line, blueprint: Blueprint) -> Span:
    """Return the place of the first section that items of a line could fill."""
    fits = [s.span for s in blueprint.sections if (s.kind, s.marks_each) == (line.kind, line.marks)]
    return fits[0] if fits else blueprint.span


def where_of(line: Line) -> str:
    """Return what the items of a line are, as an expression of the blueprint's own language."""
    parts = [f'kind == "{line.kind}"']
    if line.competencies:
        parts.append(_one_of("competency", line.competencies))
    elif line.domain:
        parts.append(f'domain == "{line.domain}"')
    if line.importance:
        parts.append(_one_of("importance", line.importance))
    if line.grades:
        parts.append(_range("grade", line.grades))
    if line.cognitive:
        parts.append(_one_of("cognitive", line.cognitive))
    if line.seconds is not None:
        parts.append(f"seconds == {line.seconds}")
    parts += [f'tags == "{tag}"' for tag in line.tags]
    return " and ".join(parts)


def _one_of(column: str, words: Sequence[str]) -> str:
    if len(words) == 1:
        return f'{column} == "{words[0]}"'
    return f"{column} in [" + ", ".join(f'"{word}"' for word in words) + "]"


def _range(column: str, values: Sequence[int]) -> str:
    """Return the shortest expression for some grades.

    >>> _range("grade", (3, 4, 5)), _range("grade", (1, 2)), _range("grade", (2, 4))
    ('grade >= 3', 'grade <= 2', 'grade in [2, 4]')
    """
    found = sorted(values)
    if len(found) == 1:
        return f"{column} == {found[0]}"
    if found == list(range(found[0], GRADES[-1] + 1)):
        return f"{column} >= {found[0]}"
    if found == list(range(GRADES[0], found[-1] + 1)):
        return f"{column} <= {found[-1]}"
    return f"{column} in [{', '.join(map(str, found))}]"
