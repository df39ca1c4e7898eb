"""The words of a paper on a screen: customary instructions speak of clicking and typing, never of brackets and lines."""

from __future__ import annotations

import pytest

from qbank.kinds import KINDS
from qbank.kinds.presentation import on_screen, present_paper
from qbank.messages import LANGUAGES, Language, text
from qbank.workflow.papers import assemble_papers
from qbank.workflow.workspace import Workspace
from tests.corpus import CORPUS

PAPER_WORDS = {"zh": ("括号", "横线", "√", "写出", "空白处"), "en": ("Write", "in the blank", "write", "T if")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_instruction_for_screens_that_speaks_of_no_paper(kind: str, language: Language) -> None:
    words = text(language, f"form.screen_{kind}")
    assert not [word for word in PAPER_WORDS[language] if word in words]


def test_a_paper_on_a_screen_keeps_what_its_blueprint_says_and_how_marks_are_given(tmp_path_factory: pytest.TempPathFactory) -> None:
    from dataclasses import replace

    from qbank.workflow.bank import usable_bank

    root = tmp_path_factory.mktemp("screen")
    made, problems = assemble_papers(CORPUS / "blueprints/all-kinds.yaml", Workspace(root, "zh", str(root / "ledger.db")), as_of="2026-11-25")
    assert made is not None, problems
    bank, _ = usable_bank(CORPUS / "banks/all-kinds")
    assert bank is not None
    form = made.forms[0]
    first = replace(form.sections[0], instruction="照章作答。")
    form = replace(form, sections=(first, *form.sections[1:]))
    paper, problems = present_paper(form, bank)
    assert paper is not None, problems
    shown = on_screen(paper, form)
    assert shown.sections[0].instruction == "照章作答。"
    for section, printed, told in zip(form.sections[1:], paper.sections[1:], shown.sections[1:], strict=True):
        usual = text("zh", f"form.instruction_{section.kind}")
        assert told.instruction == text("zh", f"form.screen_{section.kind}") + printed.instruction.removeprefix(usual)
    assert replace(shown, sections=paper.sections) == paper
