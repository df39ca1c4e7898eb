"""A form and its bank → the paper as a candidate meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby

from qbank.core.bank import Bank
from qbank.core.exam import printed_digest
from qbank.core.form import Form, FormItem, FormSection, full_marks, printed_letter
from qbank.core.item import Item, seen_part
from qbank.core.presentation import Language, Paper, PaperSection, Question, SharedText
from qbank.kinds import KINDS
from qbank.kinds.template import variant
from qbank.messages import has_text, text
from qbank.problem import Problem, Span, error


def present_paper(form: Form, bank: Bank, notices: tuple[str, ...] = ()) -> tuple[Paper | None, list[Problem]]:
    """Return the paper, or the items that are no longer what the form was made of.

    The key shown is the bank's present one: a key corrected after printing is the one to mark by.
    """
    problems = changed_items(form, bank)
    if problems:
        return None, problems
    language = form.language
    sections, number = [], 1
    for section in form.sections:
        sections.append(_section(section, bank, number, language))
        number += len(section.items)
    paper = Paper(
        title=form.title or text(language, "form.title"), subject=form.subject, code=form.id,
        digest="", language=language, minutes=form.minutes, marks=form.marks,
        notices=notices or customary_notices(form, bank), fields=tuple(text(language, "form.fields").split("|")), sections=tuple(sections),
    )  # fmt: skip
    return replace(paper, digest=printed_digest(paper)), []


def customary_notices(form: Form, bank: Bank) -> tuple[str, ...]:
    """Return the notices of a paper whose blueprint has none of its own."""
    return tuple(
        text(form.language, f"form.notice_{n}", minutes=form.minutes, occupation=bank.standard.occupation.title)
        for n in range(1, 6)
    ) + ranking_notices(form)


def ranking_notices(form: Form) -> tuple[str, ...]:
    """Return what candidates are told of how equal totals are ranked, nothing where nobody is."""
    if form.ranking is None:
        return ()
    language = form.language
    ties = [text(language, f"form.ranking_{tie.first}", what=tie.title) for tie in form.ranking.ties]
    if not ties:
        return (text(language, "form.ranking_plain"),)
    return (text(language, "form.ranking", ties=text(language, "form.ranking_then").join(ties)),)


def changed_items(form: Form, bank: Bank) -> list[Problem]:
    """Return a problem for every item that left the bank or is seen differently since the form was made."""
    problems = []
    for section in form.sections:
        for entry in section.items:
            item = bank.items.get(entry.id)
            if item is None:
                problems.append(error("F102", Span(bank.root), item=entry.id, form=form.id))
            elif seen_part(bank.fingerprints[entry.id]) != seen_part(entry.fingerprint):
                problems.append(error("F103", item.span, item=entry.id, form=form.id))
    return problems


def default_subject(bank: Bank, level: int) -> str:
    """Return the line under the title: occupation, trade, level."""
    occupation = bank.standard.occupation
    trade = f"（{occupation.trade}）" if occupation.trade and bank.language == "zh" else ""
    key = f"form.level_{level}"
    word = text(bank.language, key) if has_text(bank.language, key) else str(level)
    return f"{occupation.title}{trade} {word}"


def _section(section: FormSection, bank: Bank, first: int, language: Language) -> PaperSection:
    shared = _shared_texts(section, bank, first)
    questions = (
        _question(entry, bank, number, section.marks_each, language) for number, entry in enumerate(section.items, start=first)
    )
    told = tuple(replace(one, shared=shared[one.number]) if one.number in shared else one for one in questions)
    return PaperSection(section.title, _instruction(section, language, "instruction"), section.marks_each, told)


def on_screen(paper: Paper, form: Form) -> Paper:
    """Return a paper as it is told on a screen: customary instructions speak of clicking and typing, not of brackets and
    lines. Those that a blueprint writes itself stay."""
    sections = tuple(
        replace(shown, instruction=_instruction(section, paper.language, "screen"))
        for section, shown in zip(form.sections, paper.sections, strict=True)
    )
    return replace(paper, sections=sections)


def _instruction(section: FormSection, language: Language, where: str) -> str:
    if section.instruction:
        return section.instruction
    rule = _common_rule(section)
    key = f"form.credit_{section.kind}_{rule}"
    return text(language, f"form.{where}_{section.kind}") + (text(language, key) if rule and has_text(language, key) else "")


def _shared_texts(section: FormSection, bank: Bank, first: int) -> Mapping[int, SharedText]:
    """Return what is printed above the first place of each run of places with one stimulus, by its number.

    The stimulus is the one that the item names now: what it shows is part of the item's fingerprint, its id is not.
    """
    found: dict[int, SharedText] = {}
    number = first
    for name, run in groupby(section.items, key=lambda entry: entry.stimulus):
        entries = tuple(run)
        stimulus = bank.stimuli.get(bank.items[entries[0].id].stimulus)
        if name and stimulus is not None:
            last = number + len(entries) - 1
            found[number] = SharedText(stimulus.id, stimulus.title, stimulus.text, number, last)
        number += len(entries)
    return found


def _common_rule(section: FormSection) -> str:
    """Return the rule by which every question of a section is credited, or nothing where they differ."""
    rules = {str(entry.marked.get("credit", "")) for entry in section.items}
    return rules.pop() if len(rules) == 1 else ""


def _question(entry: FormItem, bank: Bank, number: int, marks: float, language: Language) -> Question:
    item = variant(bank.items[entry.id], entry.variant)
    if not entry.parts:
        return _shown(item, entry, number, marks, language)
    parts = tuple(
        _shown(replace(part, stem=_told(part, language)), place, index, full_marks(place), language)
        for index, (part, place) in enumerate(zip(KINDS[item.kind].parts(item), entry.parts, strict=False), start=1)
    )
    return replace(_shown(item, entry, number, marks, language), parts=parts)


def _told(part: Item, language: Language) -> str:
    """Return the stem of a part with what the heading of a section would say: how to answer, and what a part earns."""
    rule = f"form.credit_{part.kind}_{part.body.marked().get('credit', '')}"
    if not has_text(language, f"form.part_{part.kind}"):
        return part.stem
    how = text(language, f"form.part_{part.kind}", credit=text(language, rule).strip())
    return how + part.stem if part.stem[:1] not in "|!#>-*" else f"{how}\n\n{part.stem}"


def _shown(item: Item, entry: FormItem, number: int, marks: float, language: Language) -> Question:
    kind = KINDS[item.kind]
    by_letter = dict(kind.options(item))
    options = tuple(
        (printed_letter(entry.order, letter), by_letter[letter]) for letter in entry.order
    )
    more = kind.printed(item, marks, language)
    answer = more.answer or ("" if kind.rated else kind.show_answer(kind.key_label(item.body.marked()), entry.order, language))
    return Question(
        entry.id, number, item.kind, item.stem, options, answer, kind.space, marks, prompts=more.prompts,
        n_lines=more.n_lines, guide=more.guide, task=more.task, scored=entry.scored,
    )  # fmt: skip
