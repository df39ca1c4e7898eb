"""Every text that a person reads, one catalogue per language, one module per group.

A key is ``group.name``; the group is a module of ``qbank/messages/zh`` and ``qbank/messages/en`` with a dict
``TEXTS``. Groups load when first asked for. A text is a `str.format` template; a missing key raises
``KeyError`` (a test proves that both catalogues hold the same keys with the same fields).
"""

from __future__ import annotations

import importlib
import locale
import os
import re
from functools import cache
from typing import Literal, cast

from qbank.problem import Problem

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
ENGINE_WORDS = {
    "U102": ("what",),
    "Y001": ("detail",), "Y012": ("name",), "Y013": ("name",), "Y014": ("name",), "S103": ("expected", "found"), "P105": ("reason",), "P107": ("detail",), "P167": ("expected",), "P151": ("why",), "W110": ("what",), "W122": ("why",), "W133": ("number",),
    "W155": ("what",), "S111": ("said",), "S112": ("said",), "J101": ("what",), "R111": ("form",),
    "I140": ("reason",), "I202": ("reason",), "H101": ("stage",), "N140": ("stage",), "H102": ("stage",), "H104": ("stage",),
    "H106": ("stage",), "H107": ("stage",), "R302": ("reason",), "R323": ("step",), "R325": ("step",), "Z712": ("detail",),
}  # fmt: skip
"""Facts of a problem that are words of the engine, not of the user."""
_NEAREST = re.compile(r"[；;][^；;]*[：:]\s*$")
"""The end of a hint that names what is nearest, where nothing is near."""


@cache
def group_texts(language: Language, group: str) -> dict[str, str]:
    """Return the texts of one group: name → template."""
    module = importlib.import_module(f"qbank.messages.{language}.{group}")
    return cast("dict[str, str]", module.TEXTS)


def text(language: Language, key: str, /, **fields: object) -> str:
    """Return the text of ``group.name`` with its fields filled in.

    >>> text("en", "paper.page", page=1, pages=8)
    'Page 1 of 8'
    """
    group, name = key.split(".", 1)
    template = group_texts(language, group)[name]
    return template.format(**fields) if fields else template


def has_text(language: Language, key: str) -> bool:
    """Return whether the catalogue of that language holds the key."""
    group, name = key.split(".", 1)
    return name in group_texts(language, group)


def problem_message(problem: Problem, language: Language) -> str:
    """Return the sentence that says what is wrong."""
    return text(language, f"problem.{problem.code}", **_worded(problem, language))


def problem_hint(problem: Problem, language: Language) -> str:
    """Return what to do about it, or an empty text."""
    key = f"problem.{problem.code}.hint"
    if not has_text(language, key):
        return ""
    facts = _worded(problem, language)
    hint = text(language, key, **facts)
    return _NEAREST.sub("", hint) if facts.get("suggestion") == "" else hint


def _worded(problem: Problem, language: Language) -> dict[str, str]:
    """Return the facts of a problem with the engine's own words (kinds of value, reasons) in the language."""
    facts = dict(problem.facts)
    for name in ENGINE_WORDS.get(problem.code, ()):
        key = f"problem.word.{facts[name]}"
        if has_text(language, key):
            facts[name] = text(language, key)
    if problem.code == "V110":  # what is wrong with one variant: another problem's sentence, filled in with the same facts
        facts["problem"] = text(language, f"problem.{facts['problem']}", **facts)
    return facts


def locale_language() -> Language:
    """Return ``zh`` where the environment's locale is Chinese, else ``en``."""
    words = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    named = next((word for word in words if word), "")
    if not named and os.name == "nt":
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
