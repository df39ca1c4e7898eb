"""The certificate of assembled papers as a small block of lines, and as plain data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from qbank.core.form import Certificate
from qbank.messages import Language, has_text, text


def certificate_lines(
    proved: Certificate, language: Language, *, n_papers: int, n_checks: int, n_broken: int
) -> list[str]:
    """Return what was wanted, reached and proved, and what errors of estimation leave open beside it.

    n_checks, n_broken : of the audit, which counts again without the solver
    """
    if proved.method == "family":
        return _family_lines(proved, language, n_papers=n_papers, n_checks=n_checks, n_broken=n_broken)
    kind = proved.kind if has_text(language, f"cli.certificate.{proved.kind}") else "deviation"
    sign = -1 if kind == "information" else 1
    reached = text(
        language, f"cli.certificate.{kind}", value=_number(sign * proved.objective), bound=_number(sign * proved.bound),
        gap=_number(proved.gap), percent=f"{proved.gap_percent:.2g}",
    )  # fmt: skip
    lines = [(text(language, "cli.certificate.goal"), proved.goal), (text(language, "cli.certificate.reached"), reached)]
    then = text(language, "cli.certificate.then")
    lines += [(then, f"{later.goal}: {_later(later.objective, later.bound, language)}") for later in proved.later]
    fields = {
        "score": f"{proved.score_apart:.3f}", "information": f"{100 * proved.information_apart:.1f}",
        "score_error": f"{proved.score_error:.1f}", "information_error": f"{100 * proved.information_error:.0f}",
    }  # fmt: skip
    if n_papers > 1:
        lines.append((text(language, "cli.certificate.apart"), text(language, "cli.certificate.differ", **fields)))
    what = "error" if n_papers > 1 else "error_alone"
    lines.append((text(language, "cli.certificate.estimation"), text(language, f"cli.certificate.{what}", **fields)))
    broken = text(language, "cli.certificate.broken", n=n_checks, broken=n_broken)
    lines.append((text(language, "cli.certificate.rules"), broken))
    lines.append((text(language, "cli.certificate.method"), _method(proved.method, language)))
    return _shown(lines, language)


def _family_lines(proved: Certificate, language: Language, *, n_papers: int, n_checks: int, n_broken: int) -> list[str]:
    """Return what is true of papers of a family: nothing was optimised; overlap is proven, the rest is a tolerance."""
    proof = "" if n_papers < 2 else text(language, "cli.certificate.family_pairs", n=f"{n_papers * (n_papers - 1) // 2:,}")
    lines = [
        (text(language, "cli.certificate.goal"), text(language, "cli.certificate.family_goal")),
        (text(language, "cli.certificate.family_overlap"), _overlap(proved.goal, language) + proof),
        (text(language, "cli.certificate.apart"), text(
            language, "cli.certificate.differ", score=f"{proved.score_apart:.3f}",
            information=f"{100 * proved.information_apart:.1f}",
        )),
        (text(language, "cli.certificate.rules"), text(language, "cli.certificate.broken", n=n_checks, broken=n_broken)),
    ]  # fmt: skip
    return _shown(lines, language)


def _overlap(goal: str, language: Language) -> str:
    """Return how many items any two papers share at most, from the goal that `qbank family` wrote.

    >>> _overlap("any two share at most 45: Reed-Solomon", "zh")
    '任两份最多共用 45 题'
    """
    found = re.search(r"at most (\d+)", goal)
    return text(language, "cli.certificate.family_share", overlap=found[1]) if found else goal


def _shown(lines: Sequence[tuple[str, str]], language: Language) -> list[str]:
    colon = text(language, "cli.certificate.colon")
    return [text(language, "cli.certificate.title"), *(f"  {head}{colon}{tail}" for head, tail in lines)]


def certificate_record(proved: Certificate) -> dict[str, Any]:
    """Return the whole certificate as plain data."""
    return asdict(proved) | {"gap_percent": round(proved.gap_percent, 4) + 0.0}


def _method(method: str, language: Language) -> str:
    """Return the method in the reader's words, as far as there are any; names of programs stay.

    >>> _method("pooled program, exchange search; HiGHS, one thread, optimal", "zh")
    '合并规划，交换搜索；HiGHS，单线程，最优'
    """
    groups = [[_method_word(word, language) for word in part.split(", ")] for part in method.split("; ")]
    comma, semicolon = text(language, "cli.certificate.comma"), text(language, "cli.certificate.semicolon")
    return semicolon.join(comma.join(words) for words in groups)


def _method_word(word: str, language: Language) -> str:
    key = f"cli.certificate.method.{word.replace(' ', '_')}"
    return text(language, key) if has_text(language, key) else word


def _later(objective: float, bound: float, language: Language) -> str:
    return text(language, "cli.certificate.later", value=_number(objective), bound=_number(bound))


def _number(value: float) -> str:
    """Return a number with four places, never −0.

    >>> _number(-0.00001), _number(12.0)
    ('0.0000', '12.0000')
    """
    return f"{round(value, 4) + 0.0:.4f}"
