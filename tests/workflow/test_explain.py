"""What `qbank check --explain` says of a code."""

from __future__ import annotations

import pytest

from qbank.lint import RULES, code_of
from qbank.messages import LANGUAGES, Language, group_texts
from qbank.workflow.bank import CODES, explain_code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_explained_in_the_readers_language_and_a_rule_by_its_page_too(language: Language) -> None:
    rules = {code_of(rule) for rule in RULES.values()}
    assert rules <= CODES
    for code in sorted(CODES):
        sentence, *rest = explain_code(code, language).split("\n")
        assert sentence.split("{")[0] == f"{code}: {group_texts(language, 'problem')[code]}".split("{")[0]
        assert "!r" not in sentence and "[" not in "".join(part.split("}")[0] for part in sentence.split("{")[1:])
        assert any(line.startswith("→ ") for line in rest)
        assert (f"{code}:" in "\n".join(rest)) == (code in rules)
