"""Cost of analysing a sitting, and of writing its report, against size.

    python benchmarks/analysis.py [--case CASE] [--seed N] [--json]

Cases: PERSONSxITEMS (tables only) and report-ITEMS (page, JSON and CSV with one card an item, 600 persons); and the topics of
`TOPICS`, each with its own rows: what was computed, CPU seconds on one thread, the limit, what the peer took (CPU seconds, R, same sizes).
Peak memory is the process's own, so each case runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CASES = ("1000x100", "5000x100", "20000x100", "20000x200", "100000x100", "report-50", "report-200")


def simulated(n_persons: int, n_items: int, seed: int) -> Any:
    """Return one paper of four-option items that a Rasch model answered."""
    import numpy as np

    from qbank.analysis import sitting_data

    rng = np.random.default_rng(seed)
    logit = rng.normal(size=(n_persons, 1)) - rng.normal(-0.5, 1, n_items)
    right = rng.random((n_persons, n_items)) < 1 / (1 + np.exp(-logit))
    answer = np.where(right, 0, rng.integers(1, 4, right.shape)).astype(np.int16)
    return sitting_data(
        [f"I{item:04d}" for item in range(n_items)],
        right.astype(float),
        1.0,
        answer=answer,
        labels=[list("ABCD")] * n_items,
        key=[{0}] * n_items,
        cut=0.6 * n_items,
    )


def run(case: str, seed: int) -> dict[str, Any]:
    """Return the cost of one case; the data are made before the clock starts."""
    from qbank.analysis import analyse

    is_report = case.startswith("report-")
    n_persons, n_items = (600, int(case[7:])) if is_report else map(int, case.split("x"))
    data = simulated(n_persons, n_items, seed)
    before = peak_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    found = analyse(data, design="none")
    extra: dict[str, Any] = {}
    if is_report:
        from qbank.report import ItemText, Rich, SittingMeta, sitting_report, to_csv, to_html, to_json

        texts = {item: ItemText(Rich(f"<p>{item}</p>", item), tuple(Rich(word, word) for word in "ABCD"), "A") for item in data.items}
        report = sitting_report(found, SittingMeta("Benchmark", case), texts, "zh")
        page = to_html(report)
        to_json(report)
        to_csv(report)
        extra = {"html_mb": round(len(page.encode()) / 1e6, 2)}
    return {
        "case": case,
        "seed": seed,
        "cpu_s": round(time.process_time() - cpu, 3),
        "wall_s": round(time.perf_counter() - wall, 3),
        "peak_mb": round(peak_mb(), 1),
        "before_mb": round(before, 1),
        **extra,
    }


def clocked(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns and its CPU seconds."""
    begun = time.process_time()
    found = work()
    return found, time.process_time() - begun


def dif(seed: int) -> list[dict[str, Any]]:
    """Return the cost of DIF of 20,000 persons and 100 items in two groups; the counts are part of every method."""
    import numpy as np
    import scipy.special  # noqa: F401

    from qbank.analysis import dif_analysis, sitting_data
    from qbank.analysis.dif import (
        logistic_dif,
        mantel_haenszel,
        matched_counts,
        rest_counts,
        rest_reliability,
        sibtest,
        standardisation,
    )

    rng = np.random.default_rng(seed)
    group = np.arange(20_000) % 2
    logit = rng.normal(size=(20_000, 1)) - rng.normal(-0.5, 1, 100) - 0.5 * (np.arange(100) < 5) * group[:, None]
    marks = (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(float)
    words = ["ab"[word] for word in group]
    data = sitting_data([f"I{item:04d}" for item in range(100)], marks, 1.0, groups={"site": words})

    def regression() -> Any:
        counts = matched_counts(marks, group)
        return logistic_dif(counts.total, counts.n, counts.score)

    def simultaneous() -> Any:
        rest = rest_counts(matched_counts(marks, group), np.ones(100))
        return sibtest(rest.total, rest.square, rest.n, rest.score, rest_reliability(marks, group))

    def counted(method: Callable[..., Any]) -> Callable[[], Any]:
        def work() -> Any:
            counts = matched_counts(marks, group)
            return method(counts.total, counts.n)

        return work

    cases: list[tuple[str, Callable[[], Any], float | None, float | None]] = [
        ("Mantel-Haenszel", counted(mantel_haenszel), 0.3, 19.0),
        ("standardisation", counted(standardisation), None, 10.9),
        ("three logistic models", regression, 0.4, 15.6),
        ("SIBTEST", simultaneous, 2.0, 43.8),
        ("every statistic, purified", lambda: dif_analysis(data, "site"), None, None),
    ]
    return [_topic_row("dif", what, clocked(work)[1], limit, peer) for what, work, limit, peer in cases]


def _topic_row(case: str, what: str, cpu: float, limit: float | None, peer: float | None) -> dict[str, Any]:
    return {"case": case, "what": what, "cpu_s": round(cpu, 3), "limit_s": limit, "peer_cpu_s": peer}


def equating(seed: int) -> list[dict[str, Any]]:
    """Return the cost of 1,000 bootstrap replications: 41 score points of 4,329 and 4,152 persons, or 37 × 13 of 1,655 and 1,638."""
    import numpy as np

    from qbank.analysis.equating import (
        bootstrap,
        chained_equipercentile,
        equipercentile,
        frequency_estimation,
        joint_moments,
        linear_equating,
        moments,
        presmoothed,
        presmoothed_pairs,
        tabulate,
        tabulate_pairs,
        tucker,
    )

    rng = np.random.default_rng(seed)

    def right(n_persons: int, n_items: int, easier: float) -> Any:
        logit = rng.normal(size=(n_persons, 1)) - rng.normal(0, 1, n_items) + easier
        return rng.random(logit.shape) < 1 / (1 + np.exp(-logit))

    new, base = (tabulate(right(n, 40, 0.0).sum(axis=1), range(41)) for n in (4329, 4152))
    drawn = right(1655, 36, 0.0), right(1638, 36, 0.3)
    pairs = [tabulate_pairs(one.sum(axis=1), one[:, :12].sum(axis=1), range(37), range(13)) for one in drawn]
    x, y = new.points, pairs[0].totals
    random, anchored = (new, base), (pairs[0], pairs[1])
    model = ((4, 4), (2, 2))
    calls: tuple[tuple[str, Any, Any, float | None, float | None], ...] = (
        ("linear", random, lambda a, b: linear_equating(moments(a), moments(b))(x), None, 10.6),
        ("equipercentile", random, equipercentile, 0.1, 10.4),
        ("equipercentile, log-linear 6", random, presmoothed(equipercentile, *random, (6, 6)), 2.0, 22.8),
        ("Tucker", anchored, lambda a, b: linear_equating(tucker(joint_moments(a), joint_moments(b)))(y), None, 16.2),
        ("chained equipercentile", anchored, chained_equipercentile, None, 12.5),
        ("frequency estimation", anchored, frequency_estimation, None, 21.6),
        ("frequency est., log-linear 4,4,2", anchored, presmoothed_pairs(frequency_estimation, *anchored, (model, model)), None, None),
    )
    rows = []
    for what, tables, method, limit, peer in calls:
        begun = time.process_time()
        bootstrap(*tables, method, n_reps=1000, seed=seed)
        rows.append(_topic_row("equating", what, time.process_time() - begun, limit, peer))
    return rows


def classical(seed: int) -> list[dict[str, Any]]:
    """Return the cost of the classical tables of 100,000 persons and 100 items, and of alpha and omega of 10,000."""
    import numpy as np
    import scipy.optimize
    import scipy.special  # noqa: F401

    from qbank.analysis import item_table, likely_keys, option_table, reliability_analysis, speed_analysis
    from qbank.analysis.reliability import alpha_if_dropped, cronbach_alpha, factors, omega_total

    large, middle = simulated(100_000, 100, seed), simulated(10_000, 100, seed)

    def alpha() -> Any:
        return cronbach_alpha(middle.marks), alpha_if_dropped(middle.marks)

    def omega() -> Any:
        correlations = np.corrcoef(middle.marks, rowvar=False)
        return omega_total(correlations, factors(correlations).uniqueness)

    cases: tuple[tuple[str, Callable[[], Any], float | None, float | None], ...] = (
        ("alpha, if dropped, 10,000", alpha, None, 1.5),
        ("omega, 10,000", omega, None, 0.5),
        ("item table, 100,000", lambda: item_table(large), None, None),
        ("option table, 100,000", lambda: option_table(large), None, None),
        ("likely keys, 100,000", lambda: likely_keys(large), None, None),
        ("every coefficient, 100,000", lambda: reliability_analysis(large), None, None),
        ("speed, 100,000", lambda: speed_analysis(large), None, None),
    )
    return [_topic_row("classical", what, clocked(work)[1], limit, peer) for what, work, limit, peer in cases]


def dimension(seed: int) -> list[dict[str, Any]]:
    """Return the cost of questions about dimension of 10,000 persons and 100 items."""
    import numpy as np
    import scipy.cluster.hierarchy
    import scipy.special  # noqa: F401

    from qbank.analysis.correlations import polychoric_pairs, tetrachoric_pairs
    from qbank.analysis.dimension import detect, dimension_analysis, paper_categories, parallel_analysis

    data = simulated(10_000, 100, seed)
    paper = paper_categories(data, 0)
    wide = paper.category + (np.random.default_rng(seed).random(paper.category.shape) < 0.3)
    cases: tuple[tuple[str, Callable[[], Any], float | None, float | None], ...] = (
        ("tetrachoric once", lambda: tetrachoric_pairs(paper.marks), None, 5.9),
        ("polychoric once, 3 categories", lambda: polychoric_pairs(wide), None, None),
        ("parallel, tetrachoric x 20", lambda: parallel_analysis(paper.category), 20.0, 120.0),
        ("parallel, Pearson x 20", lambda: parallel_analysis(paper.category, kind="pearson"), None, 6.6),
        ("DETECT", lambda: detect(paper.marks, paper.category), None, None),
        ("everything, with Q3", lambda: dimension_analysis(data), None, None),
    )
    return [_topic_row("dimension", what, clocked(work)[1], limit, peer) for what, work, limit, peer in cases]


def report(seed: int) -> list[dict[str, Any]]:
    """Return the cost of the whole report of 2,000 and of 100,000 persons and 100 items, part by part; that of pandoc is in it."""
    rows = []
    for n_persons, limit in ((2_000, 10.0), (100_000, 60.0)):
        parts, size = report_parts(n_persons, seed)
        rows += [_topic_row("report", f"{n_persons:,}: {what}", cpu, None, None) for what, cpu in parts]
        rows.append({**_topic_row("report", f"{n_persons:,}: whole", sum(cpu for _, cpu in parts), limit, None), "html_mb": size})
        rows[-1]["peak_mb"] = round(peak_mb(), 1)
    return rows


def report_parts(n_persons: int, seed: int) -> tuple[list[tuple[str, float]], float]:
    """Return the CPU seconds of each part of a report, and the size of its page in MB.

    Two sites, two sexes, four sections, ten domains, a mis-keyed item in a hundred, parameters for every item, formulae in the
    stems and options.
    """
    import numpy as np

    from qbank.analysis import analyse
    from qbank.files.interchange.usage import write_usage
    from qbank.files.tables import write_workbook
    from qbank.render import page_and_print_fragments
    from qbank.report import (
        ItemText,
        Rich,
        SittingMeta,
        drawings_of,
        sitting_report,
        to_csv,
        to_html,
        to_json,
        to_pdf,
    )
    from qbank.workflow.report_sheets import report_sheets
    from qbank.workflow.usage import usage_statistics

    data, calibrated = sitting_with_everything(n_persons, seed)
    words = [f"第 {item} 题：炉渣碱度 $R_{{{item}}} = w(\\mathrm{{CaO}})/w(\\mathrm{{SiO_2}})$ 通常为（　　）。" for item in data.items]
    words += [f"{letter}：约 ${place}.{n}$ 左右，随铁水的硅含量升高" for n in range(100) for place, letter in enumerate("甲乙丙丁")]
    parts: list[tuple[str, float]] = []

    def timed(what: str, work: Callable[[], Any]) -> Any:
        begun = cpu_of_all()
        found = work()
        parts.append((what, cpu_of_all() - begun))
        return found

    found = timed("analysis", lambda: analyse(data, design="none", calibrated=calibrated))
    pages, prints = timed("stems by pandoc", lambda: page_and_print_fragments(words, language="zh"))
    rich = [Rich(page, printed) for page, printed in zip(pages, prints, strict=True)]
    texts = {item: ItemText(rich[n], tuple(rich[100 + 4 * n : 104 + 4 * n]), "A") for n, item in enumerate(data.items)}
    blocks = timed("blocks", lambda: sitting_report(found, SittingMeta("基准", "benchmark"), texts, "zh"))
    drawings = timed("drawings", lambda: drawings_of(blocks))
    page = timed("HTML", lambda: to_html(blocks, drawings))
    timed("PDF", lambda: to_pdf(blocks, drawings))
    timed("JSON, CSV", lambda: (to_json(blocks), to_csv(blocks)))
    with tempfile.TemporaryDirectory() as folder:
        timed("XLSX", lambda: write_workbook(Path(folder) / "a.xlsx", report_sheets(blocks)))
    timed("usage data", lambda: write_usage(usage_statistics(data, found, calibrated, {}, "benchmark")))
    assert np.isfinite(found.items["facility"].to_numpy()).all()
    return parts, round(len(page.encode()) / 1e6, 2)


def sitting_with_everything(n_persons: int, seed: int) -> Any:
    """Return a sitting of 100 items with groups, sections, domains and parameters: (data, calibrated)."""
    from dataclasses import replace

    import numpy as np

    from qbank.analysis.calibrated import calibrated_items
    from qbank.irt import item_parameters

    rng = np.random.default_rng(seed)
    data = simulated(n_persons, 100, seed)
    groups = tuple((name, tuple(words[n] for n in rng.integers(0, 2, n_persons))) for name, words in (("site", "甲乙"), ("sex", "男女")))
    strata = (
        ("section", tuple(f"第{n // 25 + 1}部分" for n in range(100))), ("domain", tuple(f"B-{'ABCDEFGHIJ'[n % 10]}" for n in range(100))),
    )  # fmt: skip
    key = (frozenset({1}), *data.key[1:])
    data = replace(data, groups=groups, strata=strata, key=key)
    b = np.random.default_rng(seed)
    b.normal(size=(n_persons, 1))
    known = item_parameters("rasch", a=np.ones(100), b=b.normal(-0.5, 1, 100), items=data.items)
    return data, calibrated_items(data, known, range(100), data.marks.astype(np.int8), [(0.0, 1.0)] * 100)


def cpu_of_all() -> float:
    """Return the CPU seconds of this process, all its threads, and of the processes that it started and that have ended."""
    return time.process_time() + sum(os.times()[2:4])


def persons(seed: int) -> list[dict[str, Any]]:
    """Return the cost of person fit (abilities, lz, lz*, infit, outfit) of 100,000 persons and 100 items, parameters given."""
    import numpy as np
    import scipy.special  # noqa: F401

    from qbank.analysis import pattern_fit
    from qbank.irt import item_parameters, person_fit

    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0, 0.25, 100), rng.normal(0, 1, 100)
    answers = (rng.random((100_000, 100)) < 1 / (1 + np.exp(-a * (rng.normal(size=(100_000, 1)) - b)))).astype(np.int8)
    given = {"2PL": item_parameters("2pl", a=a, b=b), "3PL": item_parameters("3pl", a=a, b=b, c=np.full(100, 0.2))}
    rows = [
        _topic_row("persons", f"person fit, {model}, 100,000", clocked(lambda items=items: person_fit(answers, items))[1], limit, None)
        for (model, items), limit in zip(given.items(), (1.5, None), strict=True)
    ]
    return [*rows, _topic_row("persons", "Guttman errors, U3, Ht, 100,000", clocked(lambda: pattern_fit(answers))[1], None, None)]


TOPICS: dict[str, Callable[[int], list[dict[str, Any]]]] = {
    "dif": dif, "equating": equating, "classical": classical, "dimension": dimension, "persons": persons, "report": report,
}  # fmt: skip
"""topic → its rows for a seed"""


def topic(name: str, seed: int) -> list[dict[str, Any]]:
    """Return a topic's rows, matrix products held to one thread."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return TOPICS[name](seed)


def topic_line(row: dict[str, Any]) -> str:
    """Return one row of a topic as a line."""
    limit = f"limit {row['limit_s']:g} s" if row["limit_s"] is not None else ""
    peer = f"peer {row['peer_cpu_s']:g} s" if row["peer_cpu_s"] is not None else ""
    return f"{row['case']:>12} {row['cpu_s']:8.3f} s  {row['what']:<32} {limit:>14} {peer:>12}"


def peak_mb() -> float:
    """Return the most memory this process has held, in MB."""
    if os.name == "nt":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", choices=(*CASES, *TOPICS), help="one case only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one object a case")
    options = parser.parse_args()
    if not options.json:
        print(f"{'case':>12} {'cpu s':>8} {'wall s':>8} {'peak MB':>8} {'before MB':>10} {'html MB':>8}")
    context = multiprocessing.get_context("spawn")
    for case in [options.case] if options.case else (*CASES, *TOPICS):
        if case in TOPICS:
            with context.Pool(1) as pool:
                for found in pool.apply(topic, (case, options.seed)):
                    print(json.dumps(found) if options.json else topic_line(found), flush=True)
            continue
        with context.Pool(1) as pool:
            row = pool.apply(run, (case, options.seed))
        if options.json:
            print(json.dumps(row), flush=True)
        else:
            cells = f"{row['cpu_s']:8.2f} {row['wall_s']:8.2f} {row['peak_mb']:8.0f} {row['before_mb']:10.0f}"
            print(f"{case:>12} {cells} {row.get('html_mb', ''):>8}", flush=True)


if __name__ == "__main__":
    main()
