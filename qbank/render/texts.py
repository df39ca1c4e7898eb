"""The texts of a paper in the order in which they are printed, converted and put back into their places."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from qbank.core.presentation import (
    Deduction,
    GuidePoint,
    Paper,
    PaperSection,
    Part,
    Question,
    SharedText,
    Task,
    TaskStep,
    VersionMap,
)
from qbank.render.markup import Source, Target, convert
from qbank.render.places import is_task, is_written, leaves
from qbank.render.stems import holds_table, with_completed_stems

TASK_PARTS: tuple[Part, ...] = ("task-notice", "task-paper", "task-record")

Turn = Callable[[Source], str]
"""What is done with each text that is printed: noted, or replaced by what it became."""


def parts_of(paper: Paper) -> tuple[Part, ...]:
    """Return the parts that a paper has: sheets of tasks only where there are tasks, a guide where people mark."""
    questions = [question for section in paper.sections for question in section.questions]
    answered = [question for question in questions if not is_task(question)]
    parts: list[Part] = []
    if answered or not questions:
        parts += ["paper", "key", "answer-sheet"]
    if any(is_guided(question) for question in answered):
        parts.append("marking-guide")
    if answered and paper.version_map is not None:
        parts.append("version-map")
    return (*parts, *(TASK_PARTS if len(answered) < len(questions) else ()))


def is_guided(question: Question) -> bool:
    """Return whether a marker needs more than the key: rubric points, a model answer, alternatives, parts."""
    return any(one.guide or is_written(one) or one.kind == "fill" for one in leaves(question))


def prints(question: Question, part: Part) -> bool:
    """Return whether a part prints a question: the sheets of tasks print tasks, keys and answer sheets the others."""
    return part == "paper" or is_task(question) == (part in TASK_PARTS)


def of_part(paper: Paper, part: Part) -> Paper:
    """Return the paper with the questions that a part prints; a section may come to be empty. Task sheets name themselves."""
    sections = tuple(
        replace(section, questions=tuple(one for one in section.questions if prints(one, part)))
        for section in paper.sections
    )
    return replace(paper, title=bare_title(paper) if part in TASK_PARTS else paper.title, sections=sections)


def bare_title(paper: Paper) -> str:
    """Return the title without the Chinese word for a paper at its end: what follows says what kind of paper it is.

    操作技能考核试卷 → 操作技能, before 考核准备通知单, 考核试卷, 考核评分记录表; 理论知识练习卷 → 理论知识, before 练习册.
    """
    if paper.language != "zh":
        return paper.title
    return re.sub("(?:考核)?(?:试卷)?$|练习卷$", "", paper.title, count=1) or paper.title


def converted(paper: Paper, part: Part, target: Target, *, drawn: bool = True) -> Paper:
    """Return what the part prints of the paper, every text in the target's markup; one run of pandoc.

    drawn : false where pictures are told in words. Raises `UnprintableText`, which names every item whose text
    cannot be printed.
    """
    shown = with_completed_stems(paper) if part == "paper" else of_part(paper, part)
    sources: list[Source] = []

    def note(source: Source) -> str:
        sources.append(source)
        return source.text

    turned_paper(shown, part, note)
    bodies = iter(convert(sources, target, language=paper.language, media=paper.media, drawn=drawn))
    return turned_paper(shown, part, lambda _: next(bodies))


def turned_paper(paper: Paper, part: Part, turn: Turn) -> Paper:
    """Return the paper with every text that the part prints turned, in reading order."""
    notices = paper.notices
    if part == "paper":
        notices = tuple(
            turn(Source("", f"notice {number}", notice, inline=True))
            for number, notice in enumerate(paper.notices, start=1)
        )
    sections = tuple(_section(section, index, part, turn) for index, section in enumerate(paper.sections, start=1))
    shown = replace(paper, notices=notices, sections=sections)
    return replace(shown, version_map=paper.version_map and turned_map(paper.version_map, turn)) if part == "version-map" else shown


def turned_map(found: VersionMap, turn: Turn) -> VersionMap:
    """Return a map of versions with its keys turned."""
    sections = tuple(
        tuple(
            tuple(replace(one, answer=turn(Source(one.item, "answer", one.answer, inline=True))) if one.answer else one for one in row)
            for row in rows
        )
        for rows in found.sections
    )
    return replace(found, sections=sections)


def _section(section: PaperSection, index: int, part: Part, turn: Turn) -> PaperSection:
    instruction = section.instruction
    if part == "paper":
        instruction = turn(Source("", f"instruction {index}", instruction, inline=True))
    questions = tuple(_shared_too(turned_question(one, part, turn), part, turn) for one in section.questions)
    return replace(section, instruction=instruction, questions=questions)


def _shared_too(question: Question, part: Part, turn: Turn) -> Question:
    return replace(question, shared=turned_shared(question.shared, part, turn)) if question.shared else question


def turned_shared(shared: SharedText, part: Part, turn: Turn) -> SharedText:
    """Return a stimulus with its texts turned, where the part prints it."""
    if part not in ("paper", "task-paper"):
        return shared
    title = turn(Source(shared.stimulus, "title", shared.title, inline=True)) if shared.title else ""
    return replace(shared, title=title, text=turn(Source(shared.stimulus, "text", shared.text, inline=False)))


def turned_question(question: Question, part: Part, turn: Turn) -> Question:
    """Return the question with the texts that the part prints turned."""

    def one(place: str, words: str, *, inline: bool = True) -> str:
        return turn(Source(question.item, place, words, inline))

    if part in TASK_PARTS or (part == "paper" and question.task):
        stem = question.stem if part in ("task-notice", "task-record") else one("stem", question.stem, inline=False)
        return replace(question, stem=stem, task=question.task and turned_task(question.task, part, one))
    if part == "paper":
        stem = one("stem", question.stem, inline=False)
        prompts = tuple([(number, one(f"prompt {number}", words)) for number, words in question.prompts])
        options = tuple(
            [(letter, one(f"option {letter}", words, inline=not holds_table(words))) for letter, words in question.options]
        )
        parts = tuple([turned_question(each, part, turn) for each in question.parts])
        if stem == question.stem and options == question.options and prompts == question.prompts and parts == question.parts:
            return question  # its texts are noted only: a copy would take longer than the rest
        return replace(question, stem=stem, prompts=prompts, options=options, parts=parts)
    if part in ("key", "marking-guide"):
        answer = question.answer
        if not question.parts:
            answer = one("answer", question.answer, inline=not is_written(question))
        guide = question.guide
        if part == "marking-guide":
            guide = tuple(
                GuidePoint(one(f"rubric {number}", point.text), point.marks)
                for number, point in enumerate(question.guide, start=1)
            )
        parts = tuple(turned_question(each, part, turn) for each in question.parts)
        return replace(question, answer=answer, guide=guide, parts=parts)
    return question


def turned_task(task: Task, part: Part, one: Callable[[str, str], str]) -> Task:
    """Return the task with the texts that its sheet prints turned; names and quantities of supplies are plain words."""
    if part == "task-notice":
        return task
    marked = part == "task-record"
    steps = tuple(_step(step, number, one, marked=marked) for number, step in enumerate(task.steps, start=1))
    if marked:
        vetoes = tuple(one(f"veto {number}", veto) for number, veto in enumerate(task.vetoes, start=1))
        return replace(task, steps=steps, vetoes=vetoes)
    requirements = tuple(
        one(f"requirement {number}", words) for number, words in enumerate(task.requirements, start=1)
    )
    return replace(task, requirements=requirements, steps=steps)


def _step(step: TaskStep, number: int, one: Callable[[str, str], str], *, marked: bool) -> TaskStep:
    title, demand = one(f"step {number}", step.title), one(f"step {number}", step.demand)
    if not marked:
        return replace(step, title=title, demand=demand)
    deductions = tuple(Deduction(one(f"step {number}", each.text), each.marks) for each in step.deductions)
    return replace(step, title=title, demand=demand, deductions=deductions)
