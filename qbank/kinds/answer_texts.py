"""What the options, prompts and stems of the questions on some papers say: for files that name options by their texts."""

from __future__ import annotations

from typing import cast

from qbank.core.bank import Bank
from qbank.core.form import Form, answer_places
from qbank.kinds import KINDS
from qbank.kinds.matching import MatchingBody
from qbank.kinds.questions import find_question

STEM = "stem"


def answer_texts(forms: tuple[Form, ...], bank: Bank | None) -> dict[str, dict[str, str]]:
    """Return item → its texts as the bank has them: ``stem``, options by letter, prompts of a matching item by number.

    Questions that the bank no longer has, or has as another kind, are left out; without a bank all are.
    """
    texts: dict[str, dict[str, str]] = {}
    for entry in (place for form in forms for place in answer_places(form)):
        found = find_question(bank, entry.id, entry.variant) if bank and entry.id not in texts else None
        if found is None or found[0].kind != entry.kind:
            continue
        item = found[0]
        texts[entry.id] = {STEM: item.stem, **dict(KINDS[entry.kind].options(item))}
        if entry.kind == "matching":
            prompts = cast("MatchingBody", item.body).prompts
            texts[entry.id] |= {str(n): prompt for n, prompt in enumerate(prompts, start=1)}
    return texts
