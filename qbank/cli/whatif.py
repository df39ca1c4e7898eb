"""capacity, why."""

from __future__ import annotations

import datetime
import math
from functools import partial
from pathlib import Path
from typing import Any

import click

from qbank.cli.output import HelpCommand, common, finish, here, iso_date, shown, table, working
from qbank.messages import Language, has_text, text
from qbank.messages.lists import some
from qbank.problem import Span
from qbank.report.graph import cut
from qbank.workflow import whatif as work
from qbank.workflow.coverage import kind_word

FILE = click.Path(path_type=Path)
SHOWN_CELLS = 15
SHOWN_RULES = 8
TITLE_WIDTH = 14


@click.command(cls=HelpCommand)
@click.argument("blueprint", type=FILE)
@click.option("--as-of", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@click.option("--overlap", type=click.IntRange(0), default=0, metavar="K")
@click.option("--every", type=click.IntRange(1, 120), default=6, metavar="M")
@click.option("--max", "most", type=click.IntRange(1, 1000), default=50, metavar="N")
@click.option("--quick", is_flag=True)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), default=None)
@common
def capacity(
    blueprint: Path, as_of: str | None, overlap: int, every: int, most: int, quick: bool, csv_file: Path | None,
    lang: str | None, as_json: bool,
) -> None:  # fmt: skip
    workspace = here(lang)
    language = workspace.language
    date = as_of or datetime.date.today().isoformat()
    with working(language, "cli.capacity.working"):
        found, problems = work.count_papers(
            blueprint, workspace, as_of=date, overlap=overlap, most=most, every=every, quick=quick
        )
    if found is not None and csv_file is not None:
        work.write_cells(found, csv_file, language)
    if found is not None and not as_json:
        parts = (_papers(found, overlap, language), _growth(found, language), _sittings(found, language), [] if overlap else _cells(found, language))
        click.echo("\n\n".join("\n".join(part) for part in parts if part))
        if csv_file is not None:
            click.echo(text(language, "cli.coverage.wrote", path=shown(csv_file)))
    finish(problems, language, as_json=as_json, result=_record(found) if found else None)


def _papers(found: work.Supported, overlap: int, language: Language) -> list[str]:
    """Return how many papers were found, how many there can be, and what stands in the way of one more."""
    result, blueprint = found.capacity, found.setting.blueprint
    size = sum(section.items for section in blueprint.sections)
    what = text(language, "cli.capacity.overlapping" if overlap else "cli.capacity.apart", overlap=overlap)
    lines = [
        text(language, "cli.capacity.head", blueprint=blueprint.name, n=len(found.setting.pool.ids), size=size),
        text(language, "cli.capacity.found", what=what, n=result.found),
        text(language, "cli.capacity.capped", n=result.bound) if result.capped
        else text(language, "cli.capacity.bound", n=result.bound, proof=text(language, f"cli.capacity.{result.proof}")),
    ]  # fmt: skip
    if result.binding:
        lines.append(text(language, "cli.capacity.binding", n=result.bound + 1))
    for rules in result.binding:
        for number, rule in enumerate(rules):
            key = "alone" if len(rules) == 1 else "first" if number == 0 else "also"
            short = text(language, "cli.capacity.never") if math.isnan(rule.short) else (
                text(language, "cli.capacity.by", n=f"{rule.short:.4g}"))
            lines.append(f"  {text(language, f'cli.capacity.{key}')}{rule.label}  {short}  {_place(rule.origin)}")
    return lines


def _place(span: Any) -> str:
    return f"{span.path}:{span.line}" if span.path else ""


def _growth(found: work.Supported, language: Language) -> list[str]:
    """Return the smallest commission for some papers more, the first one in detail."""
    if not found.growth:
        return []
    say = partial(text, language)
    rows = [
        [str(step.papers), str(step.total) if step.possible else "–", str(step.least) if step.possible else "–",
         say(f"cli.capacity.{'proved' if step.proved else 'not_proved' if step.possible else 'impossible'}")]
        for step in found.growth
    ]  # fmt: skip
    words = ("papers_wanted", "to_write", "at_least", "then")
    lines = [say("cli.capacity.growth"), table([say(f"cli.capacity.{word}") for word in words], rows)]
    first = found.growth[0]
    if first.lines:
        lines.append(say("cli.capacity.orders", n=first.total, papers=first.papers))
        orders = [
            [kind_word(line.kind, language), _domain(found.setting, line.domain), ", ".join(line.importance),
             "、".join(f"{grade}" for grade in line.grades), ", ".join(f"{code}×{line.each}" if line.each > 1 else code for code in line.competencies),
             str(line.n)]
            for line in first.lines[:SHOWN_CELLS]
        ]  # fmt: skip
        header = [say(f"cli.capacity.{word}") for word in ("kind", "domain", "importance", "grade", "competencies", "n")]
        lines.append(table(header, orders, left=5))
        if len(first.lines) > SHOWN_CELLS:
            lines.append(say("cli.capacity.more_orders", n=len(first.lines) - SHOWN_CELLS))
    return lines


def _domain(setting: Any, code: str) -> str:
    title = next((domain.title for domain in setting.bank.standard.domains if domain.code == code), "")
    return f"{code} {cut(title, TITLE_WIDTH)}"


def _sittings(found: work.Supported, language: Language) -> list[str]:
    """Return how long the bank lasts at the present policy."""
    policy = found.policy
    if policy is None:
        return []
    facts = {"forms": policy.n_forms, "every": policy.every, "n": policy.n_built, "window": policy.window}
    head = text(language, "cli.capacity.policy" if policy.exposure else "cli.capacity.no_policy", rule=policy.exposure, **facts)
    rows = [
        [sitting.date, str(sitting.rested), text(language, f"cli.capacity.{'built' if sitting.built else 'not_built'}")]
        for sitting in policy.sittings
    ]
    lines = [head, table([text(language, f"cli.capacity.{word}") for word in ("date", "rested", "result")], rows)]
    if policy.for_ever:
        lines.append(text(language, "cli.capacity.for_ever" if policy.exposure else "cli.capacity.no_rest", **facts))
        return lines
    if policy.sittings[-1].built:
        lines.append(text(language, "cli.capacity.so_far", **facts))
        return lines
    lines.append(text(language, "cli.capacity.worn", date=policy.sittings[-1].date, **facts))
    key = "worn_bound" if policy.bound >= 0 else "worn_unproven"
    lines.append(text(language, f"cli.capacity.{key}", bound=policy.bound, window=policy.window))
    if policy.lasting_every:
        lines.append(text(language, "cli.capacity.lasting", months=policy.lasting_every))
    return lines


def _cells(found: work.Supported, language: Language) -> list[str]:
    """Return the tightest cells as a table."""
    titles = {domain.code: domain.title for domain in found.setting.bank.standard.domains}
    every = {(cell.section, cell.domain, cell.grade): cell for cell in found.capacity.cells}
    cells = [cell for cell in every.values() if cell.papers >= 0 and not _said_by_a_wider(cell, every)]
    anything = text(language, "cli.capacity.any")
    rows = [
        [
            cell.section or anything, f"{cell.domain} {cut(titles.get(cell.domain, ''), TITLE_WIDTH)}" if cell.domain else anything,
            str(cell.grade or anything), str(cell.have), f"{cell.least:.4g}", f"{cell.used:.4g}", str(cell.papers),
        ]
        for cell in cells[:SHOWN_CELLS]
    ]  # fmt: skip
    if not rows:
        return [text(language, "cli.capacity.no_cells")]
    header = [text(language, f"cli.capacity.{word}") for word in ("section", "domain", "grade", "have", "least", "used", "papers")]
    lines = [text(language, "cli.capacity.cells"), table(header, rows, left=2)]
    if len(cells) > SHOWN_CELLS:
        lines.append(text(language, "cli.capacity.more", n=len(cells) - SHOWN_CELLS))
    return lines


@click.command(cls=HelpCommand)
@click.argument("item")
@click.option("--form", "form", type=FILE, default=None)
@click.option("--blueprint", type=FILE, default=None)
@click.option("--as-of", default=None, callback=iso_date, metavar="YYYY-MM-DD")
@common
def why(
    item: str, form: Path | None, blueprint: Path | None, as_of: str | None, lang: str | None, as_json: bool
) -> None:
    workspace = here(lang)
    language = workspace.language
    date = as_of or datetime.date.today().isoformat()
    found, problems = work.explain_item(item, workspace, form_path=form, blueprint_path=blueprint, as_of=date)
    if found is not None and not as_json:
        click.echo("\n".join(why_text(found, language)))
    finish(problems, language, as_json=as_json, result=_why_record(found) if found else None)


def why_text(found: work.Explained, language: Language) -> list[str]:
    """Return the paragraph and the tables."""
    why, unit = found.why, _unit(found.kind, language)
    say = partial(text, language)
    title = next((d.title for d in found.setting.bank.standard.domains if d.code == why.domain), "")
    where = f"{why.domain} {title}".strip()
    key = why.standing.replace(" ", "_")
    head = say(f"cli.why.{key}", item=why.item, form=found.form or found.setting.blueprint.name, section=why.section, domain=where)
    lines = [head]
    lines += [f"  · {_refusal(entry, language)}" for entry in why.refused]
    if why.refused and found.printed:
        lines.append(say("cli.why.all_the_same"))
    if why.statistics is not None:
        facts = why.statistics
        key = "statistics" if facts.n > 1 else "statistics_alone"
        lines.append(say(
            f"cli.why.{key}", facility=f"{facts.facility:.2f}", chance=f"{facts.chance:.2f}",
            basis=say(f"cli.why.{'calibrated' if facts.calibrated else 'planned' if facts.planned else 'judged'}"),
            information=f"{facts.information:.3f}", rank=facts.rank, n=facts.n, on=facts.n_on_paper,
        ))  # fmt: skip
    if why.standing == "on the paper":
        lines += _on_paper(why, unit, language)
    elif why.standing == "kept out":
        lines += _kept_out(why, unit, language)
    elif why.standing == "eligible":
        lines.append(say("cli.why.cannot", rules=say("cli.why.and").join(why.impossible)) if why.impossible else say("cli.why.can"))
        if why.served:
            rows = [[entry.label, _range(entry.low, entry.high), _place(entry.origin)] for entry in why.served]
            lines += [say("cli.why.counted"), table([say(f"cli.why.{w}") for w in ("rule", "allowed_column", "place")], rows, left=3)]
    return lines


def _unit(kind: str, language: Language) -> str:
    """Return in what the objective counts; a number of items has its own name."""
    key = f"cli.why.unit_{kind}"
    return text(language, key) if has_text(language, key) else kind


def _refusal(entry: Any, language: Language) -> str:
    facts = dict(entry.facts)
    words = {"status", "allowed"} if entry.word == "status" else set()
    for name in words:
        facts[name] = ", ".join(text(language, f"cli.status.{word}") for word in facts[name].split(", "))
    key = "exposure_for_good" if entry.word == "exposure" and not facts["back"] else entry.word
    place = _place(entry.origin)
    return text(language, f"cli.why.refused.{key}", **facts) + (f"  {place}" if place else "")


def _on_paper(why: Any, unit: str, language: Language) -> list[str]:
    say = partial(text, language)
    lines = []
    needed = [entry for entry in why.served if entry.needed]
    if why.n_allowed:
        lines.append(say("cli.why.replaceable", n=why.n_allowed, tried=why.n_tried))
        lines.append(_change("cli.why.if_replaced", why.best, unit, language))
    else:
        lines.append(say("cli.why.irreplaceable", tried=why.n_tried))
    if not math.isnan(why.price) and (why.price > 1e-6):
        key = "no_paper_without" if math.isinf(why.price) else "worth"
        lines.append(say(f"cli.why.{key}", price=f"{why.price:.4f}", unit=unit))
    if why.elsewhere:
        lines.append(say("cli.why.elsewhere", papers=some(why.elsewhere)))
    if why.served:
        rows = [
            [entry.label, _number(entry.found), _number(entry.without), _range(entry.low, entry.high),
             say("cli.why.yes") if entry.needed else "", str(entry.replacements), _place(entry.origin)]
            for entry in why.served
        ]  # fmt: skip
        lines.append(say("cli.why.serves", n=len(why.served), needed=len(needed)))
        words = ("rule", "found", "without", "allowed_column", "needed", "replacements", "place")
        lines.append(table([say(f"cli.why.{word}") for word in words], rows))
    return lines


def _kept_out(why: Any, unit: str, language: Language) -> list[str]:
    say = partial(text, language)
    lines = []
    if why.enemies:
        lines.append(say("cli.why.enemies", items=", ".join(why.enemies)))
    if why.elsewhere:
        lines.append(say("cli.why.elsewhere", papers=some(why.elsewhere)))
    if why.n_allowed:
        lines.append(say("cli.why.allowed", n=why.n_allowed, tried=why.n_tried))
        lines.append(_change("cli.why.if_taken", why.best, unit, language))
    elif why.n_tried:
        lines.append(say("cli.why.blocked", tried=why.n_tried))
        broken = say("cli.why.and").join(_broken(entry, language) for entry in why.nearest.broken)
        lines.append(say("cli.why.nearest", item=why.nearest.item, broken=broken))
    if why.impossible:
        lines.append(say("cli.why.cannot", rules=say("cli.why.and").join(why.impossible)))
    if not math.isnan(why.price) and not why.impossible:
        key = "no_paper" if math.isinf(why.price) else "priced" if why.price > 1e-6 else "unpriced"
        lines.append(say(f"cli.why.{key}", price=f"{why.price:.4f}", unit=unit))
    if why.blocking:
        rows = [[_named(entry, language), str(n), _place(entry.origin)] for entry, n in why.blocking[:SHOWN_RULES]]
        lines.append(say("cli.why.blocking", tried=why.n_tried))
        lines.append(table([say(f"cli.why.{word}") for word in ("rule", "stops", "place")], rows))
        if len(why.blocking) > SHOWN_RULES:
            lines.append(say("cli.why.more", n=len(why.blocking) - SHOWN_RULES))
    return lines


def _change(key: str, exchange: Any, unit: str, language: Language) -> str:
    kind = "same" if abs(exchange.change) < 5e-5 else "worse" if exchange.change > 0 else "better"
    how = text(language, f"cli.why.{kind}", amount=f"{abs(exchange.change):.4f}", unit=unit)
    return text(language, key, item=exchange.item, how=how)


def _named(entry: Any, language: Language) -> str:
    word = {"enemies": "cli.why.enemy", "uses": "cli.why.uses", "cap": "cli.why.cap"}.get(entry.label)
    return text(language, word, other=entry.other) if word else entry.label + (f" ({entry.other})" if entry.other else "")


def _broken(entry: Any, language: Language) -> str:
    named = _named(entry, language)
    if entry.other or entry.label == "cap" or math.isnan(entry.found):
        return named
    return text(language, "cli.why.broken", rule=named, found=_number(entry.found), allowed=_range(entry.low, entry.high))


def _number(value: float) -> str:
    return f"{value:.4g}"


def _range(low: float, high: float) -> str:
    """Return bounds as one writes them.

    >>> _range(4, 6), _range(-math.inf, 1), _range(2, math.inf), _range(3, 3)
    ('4–6', '≤ 1', '≥ 2', '3')
    """
    if low == high:
        return _number(low)
    if math.isinf(low):
        return "" if math.isinf(high) else f"≤ {_number(high)}"
    return f"≥ {_number(low)}" if math.isinf(high) else f"{_number(low)}–{_number(high)}"


def _why_record(found: work.Explained) -> dict[str, Any]:
    return {"form": found.form, "papers": found.papers, **_plain(found.why)}


def _plain(record: Any) -> Any:
    if isinstance(record, Span):
        return str(record) if record.path else ""
    if isinstance(record, tuple):
        return [_plain(entry) for entry in record]
    if hasattr(record, "__slots__"):
        return {name: _plain(getattr(record, name)) for name in record.__slots__}
    return record


def _said_by_a_wider(cell: Any, every: dict[Any, Any]) -> bool:
    """Return whether a wider cell holds the same items and is needed as much."""
    wider = (
        every.get((section, domain, grade))
        for section in {"", cell.section} for domain in {"", cell.domain} for grade in {0, cell.grade}
        if (section, domain, grade) != (cell.section, cell.domain, cell.grade)
    )  # fmt: skip
    return any(one is not None and (one.have, one.least) == (cell.have, cell.least) for one in wider)


def _record(found: work.Supported) -> dict[str, Any]:
    def plain(record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in record.__slots__}

    result, policy = found.capacity, found.policy
    return {
        "blueprint": found.setting.blueprint.name, "items": len(found.setting.pool.ids), "found": result.found,
        "bound": result.bound, "proof": result.proof, "capped": result.capped,
        "binding": [[{**plain(rule), "origin": str(rule.origin)} for rule in rules] for rules in result.binding],
        "cells": [plain(cell) for cell in result.cells],
        "growth": [_plain(step) for step in found.growth],
        "policy": {**plain(policy), "sittings": [plain(sitting) for sitting in policy.sittings], "n_built": policy.n_built}
        if policy else None,
    }  # fmt: skip
