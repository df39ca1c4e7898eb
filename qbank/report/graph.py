"""The prerequisites of a standard as a picture: domains as bands, what comes first to the left.

SVG drawn by hand, so that it needs nothing to be looked at; a page around it; or DOT for other programs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from qbank.core.standard import Competency, Standard, domain_titles
from qbank.lint.graph import prerequisites, requirements
from qbank.messages import Language, text

COLOURS: Mapping[str, tuple[str, str]] = {"X": ("#0b5cad", "#e8f1fb"), "Y": ("#b35c00", "#fdf1e2"), "Z": ("#5f6368", "#f1f3f4")}
"""importance → line and fill; the letter is printed too, for those who see no colours"""

MARGIN = 24
HEAD = 84
LANE_NAME = 190
STEP_X, STEP_Y = 268, 46
NODE_WIDTH, NODE_HEIGHT = 200, 36
LANE_PADDING = 10
GAP = STEP_Y - NODE_HEIGHT
LINE = 19
FONT = "'Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


@dataclass(frozen=True, slots=True)
class Lane:
    """The band of one domain: its codes by layer from top to bottom, where it begins and how high it is."""

    domain: str
    rows: tuple[tuple[str, ...], ...]
    top: float
    height: float


def cut(title: str, width: float) -> str:
    """Return a title that is no wider than so many Chinese characters, an ellipsis for the rest.

    >>> cut("炉渣碱度的概念", 5), cut("slag basicity", 5)
    ('炉渣碱度…', 'slag ba…')
    """
    if _width(title) <= width:
        return title
    while title and _width(title) > width - 1:
        title = title[:-1]
    return title.rstrip() + "…"


def _width(words: str) -> float:
    return sum(0.55 if ord(mark) < 0x2E80 else 1.0 for mark in words)


def graph_svg(standard: Standard, title: str, language: Language) -> str:
    """Return the graph as SVG; competencies that stand alone are listed below it by domain."""
    found = prerequisites(standard)
    lanes = lay_out(standard, found.layers)
    places = {
        code: (MARGIN + LANE_NAME + layer * STEP_X, lane.top + LANE_PADDING + row * STEP_Y)
        for lane in lanes
        for layer, codes in enumerate(lane.rows)
        for row, code in enumerate(codes)
    }
    width = MARGIN * 2 + LANE_NAME + max(found.depth - 1, 2) * STEP_X + NODE_WIDTH
    below = lanes[-1].top + lanes[-1].height if lanes else HEAD
    alone, height = _alone(standard, found.layers, below + 30, width, language)
    knots = {edge for cycle in found.cycles for edge in zip(cycle, [*cycle[1:], cycle[0]], strict=True)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}" '
        f'role="img" aria-label="{escape(title)}" font-family="{FONT}">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#7a8087"/></marker></defs>',
        f'<rect width="{width}" height="{height:g}" fill="#fff"/>',
        f'<text x="{MARGIN}" y="34" font-size="20" font-weight="700" fill="#202124">{escape(title)}</text>',
        _legend(standard, language),
        *(_band(lane, n, width, standard) for n, lane in enumerate(lanes)),
        *(
            _edge(places, needed, code, back=(code, needed) in knots)
            for code, all_needed in requirements(standard).items()
            for needed in all_needed
            if needed in places and code in places
        ),
        *(_node(standard.competencies[code], x, y, language) for code, (x, y) in places.items()),
        *alone,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def lay_out(standard: Standard, layers: Mapping[str, int]) -> list[Lane]:
    """Return the bands in the standard's order; in each layer of a band, what needs neighbours stands beside them."""
    depth = max(layers.values(), default=-1) + 1
    needed = requirements(standard)
    place: dict[str, float] = {}
    lanes: list[Lane] = []
    top = float(HEAD)
    for domain in (entry.code for entry in standard.domains if entry.is_leaf):
        own = [code for code in layers if standard.competencies[code].domain == domain]
        if not own:
            continue
        rows: list[tuple[str, ...]] = []
        for layer in range(depth):
            codes = [code for code in own if layers[code] == layer]
            codes.sort(key=lambda code: _mean([place[one] for one in needed[code] if one in place]))
            place |= {code: top + row for row, code in enumerate(codes)}
            rows.append(tuple(codes))
        height = max(map(len, rows)) * STEP_Y - GAP + 2 * LANE_PADDING
        lanes.append(Lane(domain, tuple(rows), top, height))
        top += height
    return lanes


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _legend(standard: Standard, language: Language) -> str:
    parts = []
    x = float(MARGIN)
    for word, (line, fill) in COLOURS.items():
        label = text(language, f"cli.graph.importance.{word}")
        parts.append(f'<rect x="{x}" y="49" width="18" height="18" rx="3" fill="{fill}" stroke="{line}"/>')
        parts.append(f'<text x="{x + 9}" y="62" font-size="11" text-anchor="middle" fill="{line}">{word}</text>')
        parts.append(f'<text x="{x + 25}" y="63" font-size="13" fill="#3c4043">{escape(label)}</text>')
        x += 50 + 13 * _width(label)
    parts.append(f'<text x="{x + 8}" y="63" font-size="13" fill="#3c4043">{escape(text(language, "cli.graph.arrow"))}</text>')
    return "".join(parts)


def _band(lane: Lane, number: int, width: float, standard: Standard) -> str:
    title = domain_titles(standard)[lane.domain]
    fill = "#f8f9fa" if number % 2 == 0 else "#fff"
    middle = lane.top + lane.height / 2
    return (
        f'<g><title>{escape(f"{lane.domain} {title}")}</title>'
        f'<rect x="0" y="{lane.top:g}" width="{width}" height="{lane.height:g}" fill="{fill}"/>'
        f'<text x="{MARGIN}" y="{middle - 3:g}" font-size="12" fill="#5f6368">{escape(lane.domain)}</text>'
        f'<text x="{MARGIN}" y="{middle + 14:g}" font-size="13" font-weight="600" fill="#202124">{escape(cut(title, 12.5))}</text></g>'
    )


def _edge(places: Mapping[str, tuple[float, float]], start: str, end: str, *, back: bool) -> str:
    """Return the curve from a prerequisite to what builds on it; over other columns it runs between their rows."""
    x1, y1 = places[start][0] + NODE_WIDTH, places[start][1] + NODE_HEIGHT / 2
    x2, y2 = places[end][0], places[end][1] + NODE_HEIGHT / 2
    free = STEP_X - NODE_WIDTH
    if back or x2 - x1 <= free:
        path = f"M{x1:g} {y1:g}C{x1 + free / 2:g} {y1:g} {x2 - free / 2:g} {y2:g} {x2:g} {y2:g}"
    else:
        over = places[end][1] - GAP / 2
        path = (
            f"M{x1:g} {y1:g}C{x1 + free / 2:g} {y1:g} {x1 + free / 2:g} {over:g} {x1 + free:g} {over:g}"
            f"H{x2 - free:g}C{x2 - free / 2:g} {over:g} {x2 - free / 2:g} {y2:g} {x2:g} {y2:g}"
        )
    style = 'stroke="#c5221f" stroke-dasharray="5 3"' if back else 'stroke="#7a8087"'
    return f'<path d="{path}" fill="none" stroke-width="1.3" {style} marker-end="url(#tip)"/>'


def _node(point: Competency, x: float, y: float, language: Language) -> str:
    line, fill = COLOURS[point.importance]
    levels = ", ".join(map(str, point.levels))
    whole = f"{point.code} {point.title} ({point.importance}; {text(language, 'cli.graph.levels', levels=levels)})"
    return (
        f'<g><title>{escape(whole)}</title>'
        f'<rect x="{x:g}" y="{y:g}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="5" fill="{fill}" stroke="{line}"/>'
        f'<text x="{x + 9:g}" y="{y + 14:g}" font-size="10.5" fill="{line}">{escape(point.code)} {point.importance}</text>'
        f'<text x="{x + 9:g}" y="{y + 29:g}" font-size="13" fill="#202124">{escape(cut(point.title, 13.8))}</text></g>'
    )


def _alone(
    standard: Standard, layers: Mapping[str, int], y: float, width: float, language: Language
) -> tuple[list[str], float]:
    """Return the list of competencies without any edge, a paragraph a domain, and the height of the whole picture."""
    titles = domain_titles(standard)
    by_domain: dict[str, list[str]] = {}
    for code, point in standard.competencies.items():
        if code not in layers:
            by_domain.setdefault(point.domain, []).append(f"{code.removeprefix(point.domain + '-')} {point.title}")
    if not by_domain:
        return [], y
    heading = escape(text(language, "cli.graph.alone"))
    parts = [f'<text x="{MARGIN}" y="{y:g}" font-size="15" font-weight="700" fill="#202124">{heading}</text>']
    for domain, words in by_domain.items():
        y += LINE + 5
        parts.append(
            f'<text x="{MARGIN}" y="{y:g}" font-size="12.5" font-weight="600" fill="#3c4043">{escape(f"{domain} {titles[domain]}")}</text>'
        )
        for line in _lines(words, (width - 2 * MARGIN - 16) / 12.5):
            y += LINE
            parts.append(f'<text x="{MARGIN + 16}" y="{y:g}" font-size="12.5" fill="#3c4043">{escape(line)}</text>')
    return parts, y + MARGIN


def _lines(words: Sequence[str], most: float) -> list[str]:
    lines = [""]
    for word in words:
        joined = f"{lines[-1]}　{word}" if lines[-1] else word
        if lines[-1] and _width(joined) > most:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def graph_html(standard: Standard, title: str, language: Language) -> str:
    """Return a page with the picture; it loads nothing."""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        "<style>body{margin:0;overflow:auto}svg{display:block;max-width:none}g:hover>rect{stroke-width:2.5}</style>\n"
        f"{graph_svg(standard, title, language)}</html>\n"
    )


def graph_dot(standard: Standard, title: str, language: Language) -> str:
    """Return the graph in the language of Graphviz, domains as clusters."""
    found = prerequisites(standard)
    titles = domain_titles(standard)
    lines = [f"digraph {_quoted(title)} {{", "  rankdir=LR;", '  node [shape=box, style="rounded,filled"];']
    by_domain: dict[str, list[str]] = {}
    for code in found.layers:
        by_domain.setdefault(standard.competencies[code].domain, []).append(code)
    for number, (domain, codes) in enumerate(by_domain.items()):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(f'{domain} {titles[domain]}')};"]
        for code in codes:
            point = standard.competencies[code]
            line, fill = COLOURS[point.importance]
            label = _quoted(f"{code} {point.importance}\n{point.title}")
            lines.append(f'    {_quoted(code)} [label={label}, color="{line}", fillcolor="{fill}"];')
        lines.append("  }")
    for code, all_needed in requirements(standard).items():
        lines += [f"  {_quoted(needed)} -> {_quoted(code)};" for needed in all_needed]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


GRAPHS = {".svg": graph_svg, ".html": graph_html, ".dot": graph_dot}
"""ending of the file → how the graph is drawn"""
