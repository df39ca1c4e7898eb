"""Versions of a paper, where papers are made and where they are audited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qbank.assemble import Audit, Setting
from qbank.assemble.arrangement import arrangement_of
from qbank.assemble.verify import Check
from qbank.assemble.versions import families, too_alike, version_findings, versions_of
from qbank.core.bank import Bank
from qbank.core.form import Form, form_items, paper_of
from qbank.core.presentation import Paper
from qbank.problem import Problem, Span, warning


def with_versions(forms: tuple[Form, ...], setting: Setting) -> tuple[Form, ...]:
    """Return each paper followed by its further versions."""
    blueprint, bank, pool = setting.blueprint, setting.bank, setting.pool
    arrangement = arrangement_of(setting.rules, blueprint)
    return tuple(
        version
        for index, form in enumerate(forms)
        for version in (form, *versions_of(form, blueprint, bank, pool, index, arrangement))
    )


def papers_among(forms: Sequence[Form]) -> tuple[Form, ...]:
    """Return one form a paper: itself, or where it is not there the first of its versions."""
    return tuple(first for first, _ in families(forms))


def version_ids(forms: Sequence[Form]) -> dict[str, tuple[str, ...]]:
    """Return for each paper that has several versions the ids of all of them, its own first."""
    found: dict[str, tuple[str, ...]] = {}
    for form in forms:
        found[paper_of(form)] = (*found.get(paper_of(form), ()), form.id)
    return {paper: ids for paper, ids in found.items() if len(ids) > 1}


def with_version_checks(audit: Audit, forms: Sequence[Form], setting: Setting) -> Audit:
    """Return the audit of the papers with what was counted in their versions."""
    fixed = arrangement_of(setting.rules, setting.blueprint).fixed
    checks = tuple(
        Check(*finding) for paper, versions in families(forms) for finding in version_findings(versions, paper, fixed)
    )
    return replace(audit, checks=(*audit.checks, *checks))


def alike(forms: Sequence[Form]) -> list[Problem]:
    """Return a warning for versions in which neighbours can copy too many answers."""
    return [
        warning("A271", Span(first), first=first, second=second, share=f"{100 * share:.0f}%")
        for first, second, share in too_alike(forms)
    ]


class Lettered:
    """The letters printed on versions, of papers that are printed together.

    A paper has further versions where one is among ``forms``, or its file stands in one of the folders, or in that of
    its blueprint below ``below``.
    """

    def __init__(self, forms: Sequence[Form], folders: Sequence[Path], below: Path) -> None:
        self._bases = {form.version_of for form in forms}
        self._folders, self._below = tuple(dict.fromkeys(folders)), below

    def letter(self, form: Form) -> str:
        """Return the letter of a version: B, C … of further versions, A of a paper that has any, else nothing."""
        if found := re.search(r"-v(\d+)$", form.id) if form.version_of else None:
            return chr(ord("A") + int(found[1]) - 1)
        if form.version_of:
            return ""
        beside = any((folder / f"{form.id}-v2.yaml").is_file() for folder in (*self._folders, self._below / form.blueprint))
        return "A" if beside or form.id in self._bases else ""


def with_version_maps(printed: Sequence[tuple[Form, Paper, Bank]]) -> list[tuple[Form, Paper, Bank]]:
    """Return the papers, each of which several versions are printed with the map to the others, in its own order."""
    from qbank.render.version_map import version_map

    family: dict[str, list[int]] = {}
    for index, (form, _, _) in enumerate(printed):
        family.setdefault(paper_of(form), []).append(index)
    made = list(printed)
    for members in family.values():
        papers = [printed[index][1] for index in members]
        places = [_base_places(printed[index][0]) for index in members]
        if len(members) > 1 and len({frozenset(one) for one in places}) == 1:
            for own, index in enumerate(members):
                form, paper, bank = printed[index]
                made[index] = (form, replace(paper, version_map=version_map(own, papers, places)), bank)
    return made


def _base_places(form: Form) -> tuple[int, ...]:
    return form.base_places or tuple(range(1, len(form_items(form)) + 1))
