"""The candidate's own page: one self-contained HTML file, and the pages of all as one PDF. No item, no key stands on it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from qbank.messages import Language, text


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the paper or a domain: marks of how many, and questions fully right of how many.

    Where answers of the person are void and the rest is scaled to the marks of the paper, marks and ``of`` both are.
    """

    title: str
    marks: float
    of: float
    right: int
    questions: int


@dataclass(frozen=True, slots=True)
class CandidatePage:
    """What one person is told.

    facts : (label, value) of the head ; total, error, low, high : None where there is no result, the band also where
    the error is 0 ; standing : the word for a paper without result ; appeal : what can be done about it ; foot : rules,
    run and release ; notes : how the marks came about, where more is to be said: converted marks, single answers that do
    not count as they stand ; converted : the marks on the scale of a family of papers, in words, "" where there are none
    """

    title: str
    number: str
    facts: tuple[tuple[str, str], ...]
    full: float
    cut: float
    total: float | None
    passed: bool | None
    error: float | None
    low: float | None
    high: float | None
    standing: str
    sections: tuple[Part, ...]
    domains: tuple[Part, ...]
    appeal: str
    foot: tuple[str, ...]
    notes: tuple[str, ...] = ()
    converted: str = ""


CSS = """
:root{--ink:#1f2933;--muted:#5b6770;--line:#dde2e7;--good:#1b6e4b;--bad:#a3322a;--band:#bcd3ea;--bar:#3a6ea5}
*{box-sizing:border-box}
body{margin:0;background:#f3f5f7;color:var(--ink);font:15px/1.6 "Noto Sans SC","Source Han Sans SC","Microsoft YaHei","PingFang SC","Segoe UI",Arial,sans-serif}
main{max-width:46rem;margin:1.5rem auto;background:#fff;padding:2rem 2.2rem;border:1px solid var(--line);border-radius:6px}
h1{font-size:1.35rem;margin:0 0 .8rem}h2{font-size:1rem;margin:1.6rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.5rem 1.2rem;margin:0}
dt{color:var(--muted);font-size:.8rem}dd{margin:0;overflow-wrap:anywhere}
.score{display:flex;flex-wrap:wrap;align-items:baseline;gap:.4rem 1.4rem;margin:1.3rem 0 .2rem}
.total{font-size:2.6rem;font-weight:700;line-height:1.1}.of{color:var(--muted)}
.verdict{font-size:1.15rem;font-weight:700;padding:.1rem .8rem;border-radius:4px;border:2px solid}
.pass{color:var(--good)}.fail{color:var(--bad)}.none{color:var(--muted)}
table{border-collapse:collapse;width:100%}th{font-weight:600;color:var(--muted);font-size:.8rem;text-align:left}
td,th{padding:.3rem .4rem;border-bottom:1px solid var(--line);vertical-align:middle}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.bar{width:9rem}.bar i{display:block;height:.55rem;background:#edf0f3;border-radius:3px;overflow:hidden}
.bar b{display:block;height:100%;background:var(--bar)}
p{margin:.5rem 0}.note{color:var(--muted);font-size:.86rem}
svg{display:block;width:100%;height:auto;margin:.4rem 0}
@media print{body{background:#fff}main{border:0;margin:0;padding:0;max-width:none}tr,svg{break-inside:avoid}}
"""


def candidate_html(page: CandidatePage, language: Language) -> str:
    """Return the page as one HTML file that needs nothing else and holds no script; every text of it is escaped."""

    def t(key: str, **fields: object) -> str:
        return escape(text(language, f"candidate.{key}", **fields))

    facts = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(value) or '–'}</dd></div>" for label, value in page.facts)
    blocks = [f"<h1>{escape(page.title)}</h1>", f"<dl>{facts}</dl>"]
    if page.total is None:
        blocks.append(f'<div class="score"><span class="verdict none">{escape(page.standing)}</span></div>')
        blocks.append(f"<p>{t('no_result')}</p>")
    else:
        word = "pass" if page.passed else "fail"
        converted = f'<span class="of">{escape(page.converted)}</span>' if page.converted else ""
        blocks.append(
            f'<div class="score"><span class="total">{page.total:g}</span><span class="of">{t("of", full=f"{page.full:g}", cut=f"{page.cut:g}")}</span>{converted}'
            f'<span class="verdict {word}">{t(word)}</span></div>'
        )
        blocks.append(_scale(page, language))
        blocks += [f"<p>{line}</p>" for line in map(escape, (*page.notes, *error_words(page, language)))]
        blocks.append(f"<h2>{t('sections')}</h2>{_parts(page.sections, t('section'), language)}")
        blocks.append(f"<h2>{t('domains')}</h2>{_parts(page.domains, t('domain'), language)}<p class=\"note\">{t('domains_note')}</p>")
    blocks.append(f"<h2>{t('appeal_title')}</h2><p>{escape(page.appeal)}</p>")
    blocks += [f'<p class="note">{escape(line)}</p>' for line in page.foot]
    lang = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(page.title)} {escape(page.number)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(blocks)
        + "\n</main>\n</body>\n</html>\n"
    )


def error_words(page: CandidatePage, language: Language) -> tuple[str, ...]:
    """Return in plain words what the error of measurement means for this person."""
    if page.error is None:
        return ()
    if page.low is None or page.high is None:
        return (text(language, "candidate.error_none"),)
    said = [text(language, "candidate.error", error=f"{page.error:.1f}", low=f"{page.low:.0f}", high=f"{page.high:.0f}")]
    if page.low <= page.cut <= page.high:
        said.append(text(language, "candidate.near_cut"))
    return tuple(said)


def _scale(page: CandidatePage, language: Language) -> str:
    """Return the total, its band and the cut on the scale of the paper."""
    full = page.full or 1.0

    def x(value: float) -> float:
        return 20 + 560 * min(max(value / full, 0.0), 1.0)

    total = page.total or 0.0
    band = ""
    if page.low is not None and page.high is not None:
        band = f'<rect x="{x(page.low):.1f}" y="22" width="{x(page.high) - x(page.low):.1f}" height="16" rx="3" fill="#bcd3ea"/>'
    ends = "".join(
        f'<text x="{x(value):.1f}" y="62" text-anchor="middle" font-size="12" fill="#5b6770">{value:g}</text>' for value in (0.0, full)
    )
    cut = x(page.cut)
    label = escape(text(language, "candidate.scale", total=f"{total:g}", cut=f"{page.cut:g}"))
    return (
        f'<svg viewBox="0 0 600 70" role="img" aria-label="{label}"><rect x="20" y="28" width="560" height="4" rx="2" fill="#dde2e7"/>{band}{ends}'
        f'<line x1="{cut:.1f}" y1="16" x2="{cut:.1f}" y2="46" stroke="#1f2933" stroke-dasharray="3 3"/>'
        f'<text x="{cut:.1f}" y="12" text-anchor="middle" font-size="12" fill="#1f2933">{escape(text(language, "candidate.cut_at", cut=f"{page.cut:g}"))}</text>'
        f'<circle cx="{x(total):.1f}" cy="30" r="7" fill="#3a6ea5" stroke="#fff" stroke-width="2"/></svg>'
    )


def _parts(parts: Sequence[Part], head: str, language: Language) -> str:
    titles = [escape(text(language, f"candidate.{name}")) for name in ("marks", "right")]
    rows = "".join(
        f'<tr><td>{escape(part.title)}</td><td class="bar"><i><b style="width:{_share(part):.0f}%"></b></i></td>'
        f'<td class="n">{part.marks:g} / {part.of:g}</td><td class="n">{part.right} / {part.questions}</td></tr>'
        for part in parts
    )
    return f'<table><thead><tr><th>{head}</th><th></th><th class="n">{titles[0]}</th><th class="n">{titles[1]}</th></tr></thead><tbody>{rows}</tbody></table>'


def _share(part: Part) -> float:
    return 100 * min(max(part.marks / part.of, 0.0), 1.0) if part.of else 0.0


def candidates_pdf(pages: Sequence[CandidatePage], title: str, language: Language) -> bytes:
    """Return all pages as one PDF, each person's on a new one; the same pages give the same bytes."""
    import typst

    from qbank.render.typesetting import STANDARDS, TIMESTAMP, fonts

    with tempfile.TemporaryDirectory(prefix="qbank-") as name:
        source = Path(name) / "main.typ"
        source.write_text(typst_pages(pages, title, language), encoding="utf-8", newline="\n")
        return bytes(
            typst.compile(source, root=Path(name), font_paths=fonts(), format="pdf", pdf_standards=[*STANDARDS], timestamp=TIMESTAMP)
        )


def typst_pages(pages: Sequence[CandidatePage], title: str, language: Language) -> str:
    """Return the Typst source of the pages."""
    from qbank.render.typst_literals import typst_string as s

    def t(key: str, **fields: object) -> str:
        return s(text(language, f"candidate.{key}", **fields))

    parts = [
        f"#set document(title: {s(title)})",
        '#set page(paper: "a4", margin: 22mm)',
        f'#set text(font: "Noto Sans SC", size: 10pt, lang: "{language}")',
        "#set table(stroke: (x, y) => (bottom: 0.4pt + rgb(\"#c5ccd3\")), inset: 4pt)",
        "#let small(words) = text(size: 8.5pt, fill: rgb(\"#5b6770\"), words)",
    ]
    for n, page in enumerate(pages):
        if n:
            parts.append("#pagebreak()")
        parts.append(f"#heading(level: 1, {s(page.title)})")
        facts = ", ".join(f"[#small({s(label)}) \\ #text({s(value or '–')})]" for label, value in page.facts)
        parts.append(f"#grid(columns: (1fr,) * 3, gutter: 8pt, {facts})")
        if page.total is None:
            parts += [f"#par(text(size: 16pt, weight: \"bold\", {s(page.standing)}))", f"#par({t('no_result')})"]
        else:
            word = "pass" if page.passed else "fail"
            of = text(language, "candidate.of", full=f"{page.full:g}", cut=f"{page.cut:g}")
            converted = f"#text({s(page.converted)}) #h(1em) " if page.converted else ""
            parts.append(f"#par[#text(size: 24pt, weight: \"bold\", {s(f'{page.total:g}')}) #h(1em) #text({s(of)}) #h(1em) {converted}#text(size: 14pt, weight: \"bold\", {t(word)})]")
            parts += [f"#par({s(line)})" for line in (*page.notes, *error_words(page, language))]
            for head, rows in (("section", page.sections), ("domain", page.domains)):
                cells = "".join(
                    f"{s(part.title)}, {s(f'{part.marks:g} / {part.of:g}')}, {s(f'{part.right} / {part.questions}')},\n" for part in rows
                )
                header = f"table.header({t(head)}, {t('marks')}, {t('right')})"
                parts.append(f"#table(columns: (1fr, auto, auto), align: (left, right, right), {header},\n{cells})")
            parts.append(f"#par(small({t('domains_note')}))")
        parts += [f"#heading(level: 2, {t('appeal_title')})", f"#par({s(page.appeal)})"]
        parts += [f"#par(small({s(line)}))" for line in page.foot]
    return "\n".join(parts) + "\n"
