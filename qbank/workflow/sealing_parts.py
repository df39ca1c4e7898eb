"""Which archive a file goes into: that of the papers, or that of the keys, which travels apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from qbank.core.form import Form, form_digest
from qbank.core.presentation import PARTS
from qbank.files.forms import parse_form
from qbank.files.paths import shown_path
from qbank.files.sealing.manifest import PackedForm
from qbank.files.sealing.pack import Source
from qbank.problem import Problem

Place = Literal["papers", "keys"]
KEY_PARTS = ("key", "marking-guide", "version-map")
KEY_WORDS = frozenset({"key", "keys", "answers", "solution", "solutions", "marking", "guide", "rubric", "rubrics", "rationale", "rationales"})
KEY_CHARACTERS = ("答案", "评分标准", "评分细则", "对照表", "解析", "标答")
PAPER_WORDS = frozenset({"paper", "papers", "exam", "test", "sheet", "sheets", "booklet", "cover", "covers", "seating", "notice", "record", "room", "roster"})
PAPER_CHARACTERS = ("试卷", "试题", "答题卡", "答题纸", "通知单", "记录表", "封面", "座次", "考场")
WITH_KEYS = (".yaml", ".yml", ".zip", ".imscc", ".xml")
"""Papers' own files, banks, and packages for other systems: they hold what is right beside what is asked."""


def place_of(name: str) -> Place | None:
    """Return where a file belongs by its name, nothing where the name does not say.

    >>> [place_of(name) for name in ("x-1-A-paper.pdf", "x-1-A-key.pdf", "x-1-A-answer-sheet.pdf", "x.yaml", "标准答案.docx", "a.pdf")]
    ['papers', 'keys', 'papers', 'keys', 'keys', None]
    """
    path = Path(name)
    stem = path.stem.casefold()
    if path.suffix.casefold() in WITH_KEYS:
        return "keys"
    for part in PARTS:
        if stem == part or stem.endswith(f"-{part}"):
            return "keys" if part in KEY_PARTS else "papers"
    words = set(re.split(r"[^a-z]+", stem))
    if words & KEY_WORDS or any(word in stem for word in KEY_CHARACTERS):
        return "keys"
    if words & PAPER_WORDS or any(word in stem for word in PAPER_CHARACTERS):
        return "papers"
    return None


def packed_form(form: Form) -> PackedForm:
    """Return of a paper what its files can be rebuilt and audited from."""
    return PackedForm(
        form=form.id, digest=form_digest(form), blueprint=form.blueprint, blueprint_digest=form.blueprint_digest,
        bank=form.bank, bank_digest=form.bank_digest, statistics_digest=form.statistics_digest, seed=form.seed,
        as_of=form.as_of, engine_version=form.engine_version,
    )  # fmt: skip


def forms_among(sources: Sequence[Source], folder: Path) -> tuple[list[Form], list[Problem]]:
    """Return the papers that files are of: form files among them, and those of the workspace that printed files name.

    folder : of all papers of the workspace. A form file that was changed by hand is an error; other YAML is none.
    """
    stems = {Path(source.name).stem for source in sources}
    files = [source.path for source in sources if source.path.suffix.casefold() in (".yaml", ".yml")]
    files += [
        path for path in sorted(folder.glob("*/*.yaml"))
        if path not in files and any(stem == path.stem or stem.startswith(f"{path.stem}-") for stem in stems)
    ]  # fmt: skip
    forms: dict[str, Form] = {}
    problems: list[Problem] = []
    for path in files:
        try:
            source = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # said of by whoever reads it to pack it
        form, wrong = parse_form(source, shown_path(path)) if "\nblueprint_digest:" in source else (None, [])
        problems += [problem for problem in wrong if problem.code == "F101"]
        if form is not None:
            forms.setdefault(form.id, form)
    return list(forms.values()), problems
