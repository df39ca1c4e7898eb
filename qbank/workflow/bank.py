"""check, new, show: the bank itself."""

from __future__ import annotations

import gc
import inspect
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from qbank.core.bank import Bank, settle
from qbank.core.history import NO_HISTORY, History
from qbank.core.opt_out import OptOut
from qbank.core.presentation import Language
from qbank.core.standard import Standard
from qbank.files.bank import BankSource, read_bank, shown_path
from qbank.files.cache import Cache, bank_cache, tidy
from qbank.files.disk import write_bytes
from qbank.files.item_files import keep_problems, kept_problems
from qbank.files.items import ItemText
from qbank.files.stimuli import StimulusSource
from qbank.lint import BANK_RULES, RULES, ItemInput, RuleInput, code_of, item_findings, stimulus_findings
from qbank.lint.silence import OPT_OUT_RULES, OptOutInput, opt_out_of_nothing, silence
from qbank.messages import group_texts
from qbank.problem import Problem, Span, error
from qbank.workflow.formulae import formula_findings
from qbank.workflow.workspace import Workspace

RULE_PAGES = {code_of(rule): inspect.cleandoc(rule.__doc__ or "") for rule in RULES.values()}
"""Code → the rule's page of the manual."""
CODES = frozenset(code for code in group_texts("en", "problem") if "." not in code)
"""The codes of all problems."""
ACCEPTABLE = frozenset(code for code in CODES if not code.startswith("W19"))
"""The codes that a comment beside an item can name; of these, errors are never accepted."""


def explain_code(code: str, language: Language) -> str:
    """Return what a code stands for: the sentence of the problem with its facts as names, what to do, the manual's page of its
    rule where it has one.

    >>> print(explain_code("Q104", "en"))
    Q104: key {key} is not an option of this item (options: {options})
    → change the key, or add option {key}
    """
    texts = group_texts(language, "problem")
    said = _FACT.sub(r"{\1}", f"{code}: {texts[code]}")
    hint = _FACT.sub(r"{\1}", texts.get(f"{code}.hint", ""))
    page = RULE_PAGES.get(code, "")
    return said + (f"\n→ {hint}" if hint else "") + (f"\n\n{page}" if page else "")


_FACT = re.compile(r"\{(\w+)[^{}]*\}")


def check_bank(root: Path, *, cached: bool = False) -> tuple[BankSource, list[Problem]]:
    """Return the bank and everything wrong with it: files first, then rules over the whole, sorted by place.

    cached : take what was found in unchanged files from the user's cache folder, and keep there what is found now
    """
    if not root.is_dir():
        return BankSource(None, {}, frozenset()), [error("B004", Span(shown_path(root)))]
    cache = bank_cache(root) if cached else None
    with no_garbage_collection():
        source, problems = read_bank(root, inspect=inspect_item, cache=cache)
        if source.bank is not None:
            problems += _bank_findings(source, source.bank, cache)
        once = dict.fromkeys(problems)  # a mistake under defaults is found again by every item that inherits it
        judged = source.bank is not None  # with a broken standard no rule has run: nothing is known of what is accepted
        problems = sorted(accepted(once, source.opt_outs, judged=judged), key=lambda problem: (problem.span, problem.code, problem.facts))
    if cache is not None:
        tidy(cache)
    return source, problems


def _bank_findings(source: BankSource, bank: Bank, cache: Cache | None) -> list[Problem]:
    """Return what the rules over the whole bank find; while no file of it has changed, what they found the last time."""
    name, state = f"{bank.root}\0bank rules", b""
    if cache is not None:
        state = cache.state() + bank.digest.encode()  # the digest knows the pictures
        kept = kept_problems(cache, name, state)
        if kept is not None:
            return kept
    given = RuleInput(bank, {id: text.place for id, text in source.texts.items()}, source.declared,
                      {id: shared.place for id, shared in source.stimuli.items()})  # fmt: skip
    found = [problem for rule in BANK_RULES.values() for problem in rule(given)]
    found += formula_findings(source)
    if cache is not None:
        keep_problems(cache, name, state, found)
    return found


def inspect_item(
    text: ItemText | StimulusSource, *, standard: Standard, language: Language
) -> Iterator[Problem]:
    """Yield what the rules over one item find in it, or those over texts in a stimulus."""
    if isinstance(text, StimulusSource):
        if text.stimulus is not None:
            yield from stimulus_findings(text.stimulus, standard, language, text.place)
        return
    yield from item_findings(ItemInput(text.item, standard, language, text.place))


def accepted(problems: Iterable[Problem], opt_outs: tuple[OptOut, ...], *, judged: bool = True) -> list[Problem]:
    """Return the problems that no comment beside an item accepts, and what is wrong with such comments.

    Comments are held against the findings of all rules at once: only then is it known which of them accept nothing.

    judged : whether the rules have run; where they have not, no comment is said to accept nothing
    """
    kept, used = silence(problems, opt_outs)
    given = OptOutInput(opt_outs, used, ACCEPTABLE)
    rules = [rule for rule in OPT_OUT_RULES.values() if judged or rule is not opt_out_of_nothing]
    return kept + [problem for rule in rules for problem in rule(given)]


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Leave reference cycles alone for a while: looking for them among a hundred thousand new records takes as long
    as reading these, and finds none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()  # both together count all that was made as old, so that nobody looks through it at once
            gc.unfreeze()
            gc.enable()


def usable_bank(root: Path) -> tuple[Bank | None, list[Problem]]:
    """Return the bank where it has no error, else nothing and the errors; items have the status they count as."""
    source, problems = check_bank(root, cached=True)
    errors = [problem for problem in problems if problem.severity == "error"]
    return (None if errors or source.bank is None else settle(source.bank)), errors


def new_bank(folder: Path, language: Language = "en") -> list[Problem]:
    """Write a small bank of one's own that passes check, with a blueprint and a workspace file, in a language."""
    if folder.exists() and any(folder.iterdir()):
        return [error("B005", Span(shown_path(folder)))]
    starter = resources.files("qbank") / "starter" / language
    with resources.as_file(starter) as source:
        for path in sorted(source.rglob("*.yaml")):
            write_bytes(folder / path.relative_to(source), path.read_bytes())
    return []


def history_of(workspace: Workspace, bank: str) -> History:
    """Return what the ledger knows for a bank, or nothing where there is no ledger yet."""
    if not workspace.has_ledger():
        return NO_HISTORY
    from qbank.ledger import read_history

    ledger = workspace.open()
    try:
        return read_history(ledger, bank=bank)
    finally:
        ledger.close()


