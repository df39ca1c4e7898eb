"""show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from qbank.cli.editorial import status_lines
from qbank.cli.output import HelpCommand, common, finish, here, json_text, shown, table
from qbank.cli.stimuli import items_of, set_lines, set_record, stimulus_lines, stimulus_record
from qbank.core.history import Estimate
from qbank.core.item import Item
from qbank.core.presentation import Question, Task
from qbank.ledger import ItemFlag
from qbank.ledger.flags import CALIBRATION_FLAGS
from qbank.messages import Language, has_text, text
from qbank.problem import Span, error
from qbank.workflow import show as work

INDENT = "    "
Words = Callable[[str], str]


@click.command(cls=HelpCommand)
@click.argument("id")
@click.option("--bank", "root", type=click.Path(path_type=Path), default=None)
@click.option("--variants", "n", type=click.IntRange(1, 1000), default=None)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1)
@common
def show(id: str, root: Path | None, n: int | None, seed: int, lang: str | None, as_json: bool) -> None:
    workspace = here(lang)
    language = workspace.language
    roots = (root,) if root else tuple(sorted(path.parent for path in workspace.root.glob("banks/*/bank.yaml")))
    roots = roots or (Path.cwd(),)
    view, problems = work.find_item(id, roots, workspace, language)
    if view is None and (found := work.find_stimulus(id, roots)) is not None:
        bank, stimulus = found
        if as_json:
            click.echo(json_text(set_record(bank, stimulus)))
            return
        words = _readable([stimulus.title, stimulus.text, *(item.stem for item in items_of(bank, stimulus))], language)
        for line in set_lines(bank, stimulus, words, language):
            click.echo(line)
        return
    if view is None:
        unknown = error("B006", Span(", ".join(shown(folder) for folder in roots)), id=id)
        finish([*problems, unknown], language, as_json=as_json)
        return
    if n is not None and view.item.template is None:
        raise click.BadParameter(text(language, "cli.show.no_template", id=id), param_hint="--variants")
    variants = work.draw_variants(view.item, n or 0, seed, language)
    if as_json:
        click.echo(json_text(_record(view, variants, language)))
        return
    questions = [variant.question for variant in variants] or [view.question]
    items = [view.item, *(variant.item for variant in variants)]
    texts = [words for item in items for words in (item.rationale, *_mistakes(item).values())]
    shared = view.bank.stimuli.get(view.item.stimulus)
    texts += [shared.title, shared.text] if shared else []
    words = _readable([*(text for question in questions for text in _texts(question)), *texts], language)
    lines = _variant_lines(view, variants, words, language) if variants else _item_lines(view, words, language)
    for line in lines:
        click.echo(line)


def _record(view: work.ItemView, variants: tuple[work.Variant, ...], language: Language) -> dict[str, Any]:
    from qbank.report.history.words import raised_record
    from qbank.report.history.words import texts as words_of

    item = view.item
    record: dict[str, Any] = {
        "id": item.id, "kind": item.kind, "competency": item.competency, "level": item.level, "status": item.status,
        "marks": item.marks, **stimulus_record(view.bank.stimuli.get(item.stimulus)), **_question_record(view.question), "key": view.key, "rationale": item.rationale,
        "reference": item.reference, "fingerprint": view.fingerprint,
        "estimate": _estimate_record(view.estimates.get(item.id)),
        "part_estimates": {id: _estimate_record(one) for id, one in view.estimates.items() if id != item.id},
        "uses": [{n: getattr(use, n) for n in use.__slots__} for use in view.uses], "held": view.held,
        "raised": [raised_record(flag, words_of(language)) for flag in _raised(view)],
        "written": view.bank.fallen.get(item.id, item.status), "author": item.author,
        "log": [{n: getattr(step, n) for n in step.__slots__} for step in item.steps],
    }  # fmt: skip
    if item.template is not None:
        values = {name: [_plain(value) for value in values] for name, values in item.template.parameters.items()}
        record |= {"parameters": values, "conditions": item.template.conditions, "n_variants": view.n_variants}
    if variants:
        record["variants"] = [
            {"draw": variant.draw, **_question_record(variant.question), "key": variant.key,
             "rationale": variant.item.rationale}
            for variant in variants
        ]  # fmt: skip
    return record


def _estimate_record(estimate: Estimate | None) -> dict[str, Any] | None:
    return {name: getattr(estimate, name) for name in estimate.__slots__} if estimate else None


def _plain(value: object) -> object:
    return value if isinstance(value, str) else float(str(value))


def _question_record(question: Question) -> dict[str, Any]:
    """Return a question as plain data; what a kind does not have is left out."""
    record: dict[str, Any] = {"stem": question.stem, "options": dict(question.options), "answer": question.answer}
    if question.prompts:
        record["prompts"] = dict(question.prompts)
    if question.guide:
        record["guide"] = [asdict(point) for point in question.guide]
    if question.task:
        record["task"] = asdict(question.task)
    if question.parts:
        record["parts"] = [
            {"id": part.item, "kind": part.kind, "marks": part.marks, **_question_record(part)} for part in question.parts
        ]
    return record


def _texts(question: Question) -> Iterator[str]:
    """Yield every text of a question that may hold mathematics or a table."""
    yield question.stem
    yield question.answer
    yield from (words for _, words in (*question.options, *question.prompts))
    yield from (point.text for point in question.guide)
    for part in question.parts:
        yield from _texts(part)


def _readable(texts: Iterable[str], language: Language) -> Words:
    """Return what turns a text into words for a terminal: formulae and tables in one run of the converter.

    Where the converter is not installed or refuses one of them, texts are shown as they are written.
    """
    marked = [words for words in dict.fromkeys(texts) if any(mark in words for mark in ("$", "|", "\\", "**", "!["))]
    if not marked:
        return str
    try:
        from qbank.render import UnprintableText, html_fragments
        from qbank.render.readable import readable
    except ImportError:
        return str
    try:
        bodies = html_fragments(marked, language=language)
    except UnprintableText:
        return str
    found = {words: readable(body) for words, body in zip(marked, bodies, strict=True)}
    return lambda words: found.get(words, words)


def question_lines(
    question: Question, words: Words, language: Language, indent: str = "", *, mistakes: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yield a question of any kind for a terminal: stem, prompts, options, parts, answer, marking guide, task.

    mistakes : for a wrong option, the mistake that leads to it
    """
    yield from _indented(words(question.stem), indent)
    for number, prompt in question.prompts:
        yield from _indented(f"{number}. {words(prompt)}", indent + "  ")
    for letter, option in question.options:
        mistake = (mistakes or {}).get(letter, "")
        yield from _indented(f"{letter}  {words(option)}{f'  ← {words(mistake)}' if mistake else ''}", indent + "  ")
    for part in question.parts:
        kind = text(language, f"authored.kind.{part.kind}")
        yield f"\n{indent}({part.number}) {kind} · {text(language, 'cli.show.marks', marks=f'{part.marks:g}')}"
        yield from question_lines(part, words, language, indent + INDENT)
    if question.task:
        yield from _task_lines(question.task, language, indent)
    if question.answer:
        lines = words(question.answer).splitlines()
        yield f"{indent}{text(language, 'cli.show.key')}: {lines[0] if lines else ''}"
        yield from (f"{indent}{INDENT}{line}" for line in lines[1:])
    for point in question.guide:
        yield from _indented(f"{point.marks:g}  {words(point.text)}", indent + "  ")


def _mistakes(item: Item) -> Mapping[str, str]:
    return dict(getattr(item.body, "misconception", {}))


def _indented(words: str, indent: str) -> Iterator[str]:
    return (indent + line for line in words.splitlines())


def _task_lines(task: Task, language: Language, indent: str) -> Iterator[str]:
    yield indent + text(language, "cli.show.time", minutes=task.minutes, preparation=task.preparation_minutes)
    for name, supplies in (("site", task.site), ("candidate", task.candidate)):
        if supplies:
            yield indent + text(language, f"cli.show.{name}")
            for one in supplies:
                words = " ".join(filter(None, (one.name, one.spec, f"{one.quantity}{one.unit}", one.note)))
                yield f"{indent}  {words}"
    yield from (f"{indent}- {requirement}" for requirement in task.requirements)
    for number, step in enumerate(task.steps, start=1):
        yield f"{indent}{number}. {step.title} · {text(language, 'cli.show.marks', marks=f'{step.marks:g}')}"
        yield from _indented(step.demand, indent + INDENT)
        for deduction in step.deductions:
            yield f"{indent}{INDENT}−{deduction.marks:g}  {deduction.text}"
    for veto in task.vetoes:
        yield indent + text(language, "cli.show.veto", text=veto)


def _heading(view: work.ItemView, language: Language) -> str:
    item = view.item
    kind, marks = text(language, f"authored.kind.{item.kind}"), text(language, "cli.show.marks", marks=f"{item.marks:g}")
    competency = f"{item.competency} {view.competency}".strip()
    return f"{item.id}  {kind} · {marks}  {competency}  ({item.span})"


def _item_lines(view: work.ItemView, words: Words, language: Language) -> Iterator[str]:
    item = view.item
    yield _heading(view, language)
    if item.template is not None:
        yield _template_line(view, language)
    yield ""
    if (shared := view.bank.stimuli.get(item.stimulus)) is not None:
        yield from stimulus_lines(shared, words, language)
        yield ""
    yield from question_lines(view.question, words, language, mistakes=_mistakes(item))
    rule = f"form.credit_{item.kind}_{item.body.marked().get('credit', '')}"
    if has_text(language, rule):
        yield f"{text(language, 'cli.show.credit')}: {text(language, rule).strip()}"
    yield ""
    facts = {"grade": item.grade, "cognitive": text(language, f"authored.cognitive.{item.cognitive}"), "seconds": item.seconds,
             "rationale": words(item.rationale), "reference": item.reference, "fingerprint": view.fingerprint}  # fmt: skip
    for name, value in facts.items():
        yield f"{text(language, f'cli.show.{name}')}: {value}"
    yield from status_lines(item, view.fingerprint, view.bank, language)
    if view.held:
        held = text(language, "cli.show.held", flag=_flag(view.held, language))
        yield text(language, "cli.show.credited") if view.held == "credit" else held
    yield from _raised_lines(view, language)
    yield from _statistics(view, language)


def _raised(view: work.ItemView) -> list[ItemFlag]:
    """Return the flags that calibrations raised against the item or its parts, whatever was decided."""
    whole = (view.history, *view.history.parts)
    return [flag for one in whole for flag in one.flags]


def _raised_lines(view: work.ItemView, language: Language) -> Iterator[str]:
    """Yield in words what calibrations found against the item, and that its history has it out of control."""
    from qbank.report.history.words import flag_word, raised_sentence, texts

    for flag in _raised(view):
        if flag.code in CALIBRATION_FLAGS:
            yield raised_sentence(flag, texts(language))
        else:
            facts = {"item": flag.item, "what": flag_word(flag.code, language), "sitting": flag.sitting, "date": flag.date}
            yield text(language, "cli.show.out_of_control", **facts)


def _template_line(view: work.ItemView, language: Language) -> str:
    template = view.item.template
    names = ", ".join(template.parameters) if template else ""
    if view.n_variants is None:
        return text(language, "cli.show.template_many", parameters=names)
    return text(language, "cli.show.template", n=view.n_variants, parameters=names)


def _variant_lines(
    view: work.ItemView, variants: tuple[work.Variant, ...], words: Words, language: Language
) -> Iterator[str]:
    yield _heading(view, language)
    yield _template_line(view, language)
    for number, variant in enumerate(variants, start=1):
        yield ""
        yield text(language, "cli.show.variant", number=number, draw=variant.draw)
        yield from question_lines(variant.question, words, language, INDENT, mistakes=_mistakes(variant.item))
        if variant.item.rationale:
            yield f"{INDENT}{text(language, 'cli.show.rationale')}: {words(variant.item.rationale)}"


def _statistics(view: work.ItemView, language: Language) -> Iterator[str]:
    """Yield the estimates and all uses; those of the parts of a case each with the part's id."""
    for id, e in view.estimates.items():
        values = text(language, "cli.show.list_comma").join(
            text(language, "cli.show.value", name=name, value=f"{value:.3f}", error=_figure(e.errors.get(name, math.nan)))
            for name, value in e.values.items()
            if math.isfinite(value) and not (name.startswith("d") and "b" in e.values)
        )
        line = text(
            language, "cli.show.estimate", model=e.model, values=values, n=e.n_answers, sitting=e.sitting
        )
        yield line if id == view.item.id else f"{id}  {line}"
    if view.uses:
        several = len(view.present) > 1
        names = ("sitting", "date", *(["item"] if several else []), "n", "facility", "item_rest", "flags")
        header = [text(language, f"cli.show.{name}") for name in names]
        rows = [
            [u.sitting, u.date, *([u.item] if several else []), str(u.n_seen), _figure(u.facility), _figure(u.item_rest),
             ", ".join([*([text(language, "cli.show.earlier")] if u.fingerprint != view.present[u.item] else []),
                        *(_flag(flag, language) for flag in u.flags)])]
            for u in sorted(view.uses, key=lambda use: (use.date, use.sitting))
        ]  # fmt: skip
        yield "\n" + table(header, rows)
    elif not view.estimates:
        yield text(language, "cli.show.unused")


def _flag(flag: str, language: Language) -> str:
    """Return the name of a flag as the report has it."""
    from qbank.report.history.words import flag_word

    return flag_word(flag, language)


def _figure(value: float) -> str:
    """Return a statistic, or a dash where there is none."""
    return f"{value:.3f}" if math.isfinite(value) else "–"
