"""Cost of a calibration against its size, beside its floor.

    python benchmarks/calibrate.py [--case CASE] [--seed N] [--threads N] [--repeats N] [--json]
                                   [--huge] [--sweep [--plot FILE.svg]]

Cases b to g are those of `benchmarks/responses.py`; 61 nodes on [−6, 6]. cpu_s and wall_s: from the int8 matrix to
the record, conversion and standard errors included, threads added up; errors_percent: what the errors cost on top of
the same fit without them (cpu_without_errors_s). log_posterior: the objective, with the log density of the prior of
case d. peak_mb: of the whole process, the answers (data_mb) with it; each case has a process of its own.

estep_s: one E-step at the estimates on the blocks of the fit. floor_s: the two matrix products of every chunk alone
(answers by log-probability ratios; answers transposed by posterior), at all nodes, of the same sizes and type on one
thread, in the same run. Both: the median of several, by turns. The E-step can be below that floor: it leaves out nodes
where no posterior of a chunk is above rounding.

mirt is run on the same answers where Rscript finds it; its figures from a quiet core, and the highest log-likelihood
that any program reached, stand beside ours in any case (seed 20261123). Ends with 1 where a case did not converge,
lies below what the others reached, or needs more memory than twice the answers and 200 MB.

--huge: 2,000,000 x 100. --sweep: persons, items and nodes varied one at a time; exponent: the slope of log E-step time
by log size, 1 where cost is linear; --plot FILE.svg draws it.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import numpy as np  # noqa: E402
import scipy.linalg  # noqa: E402, F401  loaded before the clock starts: 0.15 s once a process
from responses import CASES, SEED, Case, Responses, responses  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

from qbank.irt import Calibration, calibrate  # noqa: E402
from qbank.irt.blocks import Block, group_by_form  # noqa: E402
from qbank.irt.likelihood import expect, posteriors  # noqa: E402
from qbank.irt.parameters import first_rows, log_probability_table  # noqa: E402

N_NODES = 61
HUGE = Case("2PL 2,000,000 x 100", "2pl", 2_000_000, 100)
BASE = Case("2PL", "2pl", 20_000, 50)
SWEEP = {
    "persons": (5_000, 10_000, 20_000, 40_000, 80_000),
    "items": (25, 50, 100, 200, 400),
    "nodes": (21, 41, 61, 121, 241),
}
# mirt stops at a change of 1e-4 of a parameter; anything else may stop a little below its maximum too.
SLACK = 1e-3


def measure(name: str, case: Case, seed: int, n_threads: int, n_repeats: int) -> dict[str, Any]:
    """Return the figures of one case."""
    data = responses(case, seed)
    fit, cost = fitted(case, data, n_repeats, n_nodes=N_NODES, n_threads=n_threads)
    peak = peak_mb()
    return {
        "case": name,
        "title": case.title,
        "seed": seed,
        "threads": n_threads,
        **cost,
        "peak_mb": round(peak, 1),
        "data_mb": round(data.scores.nbytes / 1e6, 1),
        "log_likelihood": round(fit.log_likelihood, 4),
        "log_posterior": round(fit.log_posterior, 4),
        "gradient_norm": fit.gradient_norm,
        "iterations": len(fit.trace) - 1,
        "converged": fit.converged,
        **step_and_floor(data, fit, n_repeats=11),
        **{f"rmse_{letter}": rmse(data, fit, letter) for letter in ("a", "b", "c")},
        **(dict(case.peer) if seed == SEED else {}),
        "mirt": mirt(case, data),
    }


def fitted(
    case: Case, data: Responses, n_repeats: int, *, n_nodes: int, n_threads: int
) -> tuple[Calibration, dict[str, float]]:
    """Return the fit and its cost, medians of some repeats, with the errors and without."""
    priors = {"c": ("beta", 5.0, 17.0)} if case.model == "3pl" else None
    fit_once = partial(calibrate, data.scores, model=case.model, priors=priors, n_nodes=n_nodes, n_threads=n_threads)
    # What scipy loads at its first use is not the cost of a calibration.
    calibrate(data.scores[:200, :5], model=case.model, priors=priors, errors="observed")
    times = np.empty((n_repeats, 3))
    for turn in range(n_repeats):
        gc.collect()
        cpu, wall, fit = clocked(fit_once)
        bare_cpu, _, _ = clocked(partial(fit_once, errors="none"))
        times[turn] = cpu, wall, bare_cpu
    cpu, wall, bare_cpu = np.median(times, axis=0).tolist()
    return fit, {
        "cpu_s": round(cpu, 3),
        "wall_s": round(wall, 3),
        "cpu_without_errors_s": round(bare_cpu, 3),
        "errors_percent": round(100 * (cpu / bare_cpu - 1)),
    }


def clocked(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return CPU and wall seconds of a call, and what it returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = act()
    return time.process_time() - cpu, time.perf_counter() - wall, found


def peak_mb() -> float:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def step_and_floor(data: Responses, fit: Calibration, *, n_repeats: int) -> dict[str, float]:
    """Return the time of an E-step at the estimates, of its two products alone, and their ratio."""
    blocks = group_by_form(data.scores, np.zeros(data.scores.shape[0], dtype=np.intp), collapse=True)
    first = first_rows(fit.parameters.n_categories)
    table = log_probability_table(fit.parameters, fit.nodes)
    log_weights = np.log(fit.weights).reshape(-1, fit.nodes.size)
    sizes = list(chunk_sizes(blocks, first, table, log_weights))
    times = np.empty((n_repeats, 2))
    with threadpool_limits(1):
        for turn in range(n_repeats):
            times[turn, 0] = clocked(lambda: expect(blocks, first, table, log_weights))[0]
            times[turn, 1] = products(sizes)
    estep, floor = np.median(times, axis=0).tolist()
    return {"estep_s": round(estep, 4), "floor_s": round(floor, 4), "estep_ratio": round(estep / floor, 3)}


def chunk_sizes(blocks: tuple[Block, ...], *tables: Any) -> Iterator[tuple[int, int, int]]:
    """Yield persons, columns and nodes of every chunk of an E-step."""
    first, table, log_weights = tables
    for block in blocks:
        for chunk in posteriors(block, first, table, log_weights[block.group]):
            yield *chunk.indicators.shape, chunk.posterior.shape[1]


def products(sizes: list[tuple[int, int, int]]) -> float:
    """Return the CPU seconds of the two products of each chunk, on arrays that are there before."""
    rng = np.random.default_rng(1)
    made = {
        (n_columns, n_nodes): (rng.random((n_columns, n_nodes)), np.zeros((n_columns, n_nodes)))
        for _, n_columns, n_nodes in sizes
    }
    answers = {
        n_columns: rng.integers(0, 2, (max(size[0] for size in sizes), n_columns)).astype(np.float64)
        for n_columns in {size[1] for size in sizes}
    }
    joint = {n_nodes: np.empty((max(size[0] for size in sizes), n_nodes)) for n_nodes in {size[2] for size in sizes}}
    cpu = time.process_time()
    for n_rows, n_columns, n_nodes in sizes:
        ratios, counts = made[n_columns, n_nodes]
        part, at_nodes = answers[n_columns][:n_rows], joint[n_nodes][:n_rows]
        np.matmul(part, ratios, out=at_nodes)
        counts += part.T @ at_nodes
    return time.process_time() - cpu


def rmse(data: Responses, fit: Calibration, letter: str) -> float | None:
    """Return the root of the mean squared distance of the estimates from what the answers were drawn from."""
    if letter not in data.true or letter not in fit.parameters.names:
        return None
    return round(float(np.sqrt(np.nanmean((fit.parameters.values[letter] - data.true[letter]) ** 2))), 4)


MIRT = """
library(mirt); at <- commandArgs(TRUE); n <- as.integer(at[2:3]); word <- at[4]
x <- matrix(readBin(at[1], "integer", prod(n), size = 1, signed = TRUE), n[1], byrow = TRUE); x[x < 0] <- NA
prior <- if (word == "3PL") paste0("\\nPRIOR = (1-", n[2], ", g, expbeta, 5, 17)") else ""
took <- system.time(fit <- mirt(as.data.frame(x), mirt.model(paste0("F = 1-", n[2], prior)), itemtype = word,
  quadpts = 61, technical = list(theta_lim = c(-6, 6), NCYCLES = 5000), verbose = FALSE))
cat(sprintf("%.3f %.4f %.4f\\n", took[1] + took[2], extract.mirt(fit, "logLik"), extract.mirt(fit, "logPrior")))
"""


def mirt(case: Case, data: Responses) -> dict[str, float] | str:
    """Return what mirt takes and reaches on the same answers, or that it is not there."""
    script = shutil.which("Rscript")
    there = script and not subprocess.run([script, "-e", "library(mirt)"], capture_output=True, check=False).returncode
    if not script or not there:
        return "not run: Rscript with mirt is not here"
    word = {"2pl": "2PL", "3pl": "3PL", "gpcm": "gpcm", "rasch": "Rasch"}[case.model]
    with tempfile.TemporaryDirectory() as folder:
        answers, program = Path(folder) / "answers", Path(folder) / "fit.R"
        data.scores.tofile(answers)
        program.write_text(MIRT, encoding="utf-8")
        shape = [str(size) for size in data.scores.shape]
        done = subprocess.run(
            [script, program, answers, *shape, word], capture_output=True, text=True, check=False
        )
    if done.returncode:
        return f"failed: {done.stderr.strip()[-200:]}"
    cpu, log_likelihood, log_prior = map(float, done.stdout.split()[-3:])
    return {"cpu_s": cpu, "log_likelihood": log_likelihood, "log_posterior": log_likelihood + log_prior}


def good(line: dict[str, Any]) -> bool:
    """Return whether a case converged where the best of the others ended, or higher, in the memory allowed."""
    reached = line["log_likelihood"] >= line.get("best_log_likelihood", -np.inf) - SLACK
    return bool(line["converged"] and reached and line["peak_mb"] <= 2 * line["data_mb"] + 200)


def vary(what: str, size: int, seed: int) -> dict[str, Any]:
    """Return the cost of one size of the sweep."""
    case = BASE if what == "nodes" else replace(BASE, **{f"n_{what}": size})
    n_nodes = size if what == "nodes" else N_NODES
    data = responses(case, seed)
    fit, cost = fitted(case, data, 3, n_nodes=n_nodes, n_threads=1)
    steps = step_and_floor(data, fit, n_repeats=9)
    return {
        "varied": what, "size": size, "n_persons": case.n_persons, "n_items": case.n_items, "n_nodes": n_nodes,
        "cpu_s": cost["cpu_s"], "iterations": len(fit.trace) - 1, **steps, "peak_mb": round(peak_mb(), 1),
    }  # fmt: skip


def exponents(lines: list[dict[str, Any]]) -> dict[str, float]:
    """Return the slope of log E-step time by log size for each thing that was varied."""
    found = {}
    for what in SWEEP:
        points = np.log([(line["size"], line["estep_s"]) for line in lines if line["varied"] == what])
        found[what] = round(float(np.polyfit(points[:, 0], points[:, 1], 1)[0]), 3)
    return found


def plot(lines: list[dict[str, Any]]) -> str:
    """Return E-step, its floor and the whole calibration against each size, as SVG."""
    import altair
    import vl_convert

    words = {"cpu_s": "calibration with errors", "estep_s": "one E-step", "floor_s": "its two products"}
    points = [
        {"varied": line["varied"], "size": line["size"], "seconds": line[key], "of": word}
        for line in lines
        for key, word in words.items()
    ]
    chart = altair.Chart(altair.Data(values=points), width=200, height=240).mark_line(point=True).encode(
        x=altair.X("size:Q", title=None, scale=altair.Scale(type="log", nice=False)),
        y=altair.Y("seconds:Q", title="CPU seconds", scale=altair.Scale(type="log")),
        color=altair.Color("of:N", title=None, sort=list(words.values())),
        column=altair.Column("varied:N", title=None, sort=list(SWEEP)),
    ).resolve_scale(x="independent")  # fmt: skip
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def sweep(context: Any, seed: int, as_json: bool, file: Path | None) -> None:
    """Print the cost of every size and the exponents."""
    lines = []
    for what, sizes in SWEEP.items():
        for size in sizes:
            with context.Pool(1) as pool:
                lines.append(pool.apply(vary, (what, size, seed)))
            words = "  ".join(f"{key} {value!s:<7}" for key, value in lines[-1].items())
            print(json.dumps(lines[-1]) if as_json else words, flush=True)
    print(json.dumps({"exponents": exponents(lines)}))
    if file:
        file.write_text(plot(lines), encoding="utf-8")


def main() -> int:
    """Print the figures of each case; 1 if one is not good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="may be repeated; default: all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3, help="fits of which the median counts")
    parser.add_argument("--json", action="store_true", help="one JSON object a case")
    parser.add_argument("--huge", action="store_true", help="2,000,000 persons instead of the cases")
    parser.add_argument("--sweep", action="store_true", help="persons, items and nodes varied instead of the cases")
    parser.add_argument("--plot", type=Path, help="draw the sweep")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    if options.sweep:
        sweep(context, options.seed, options.json, options.plot)
        return 0
    cases = {"huge": HUGE} if options.huge else {name: CASES[name] for name in options.case or CASES}
    every = True
    for name, case in cases.items():
        with context.Pool(1) as pool:
            line = pool.apply(measure, (name, case, options.seed, options.threads, options.repeats))
        every = every and good(line)
        if options.json:
            print(json.dumps(line), flush=True)
        else:
            print(f"{name}  {case.title}")
            rest = {key: value for key, value in line.items() if key not in ("case", "title")}
            print("\n".join(f"   {key:22} {value}" for key, value in rest.items()), flush=True)
    return 0 if every else 1


if __name__ == "__main__":
    sys.exit(main())
