"""The tables of a calibration as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from qbank.files.disk import write_text
from qbank.files.tables import Cell, write_csv
from qbank.irt import Drift, ItemFit, PlannedDifficulties
from qbank.irt.parameters import Calibration
from qbank.messages import Language
from qbank.report.drift import drift_svg
from qbank.workflow.calibration.answers import Answers

FITS = ("infit", "outfit", "z_infit", "z_outfit", "s_x2", "s_x2_df", "s_x2_p", "s_x2_rmsea", "rmsd")


def write_items(folder: Path, answers: Answers, fit: Calibration, found: ItemFit) -> Path:
    """Write parameters and fit, one row an item; the values beyond a and b where any item has them."""
    parameters = fit.parameters
    nothing = np.full(len(parameters.items), np.nan)
    more = [name for name in parameters.names if name not in ("a", "b") and not name.startswith("d")]
    header = ["item", "model", "status", "answers"]
    header += [column for name in ("a", "b", *more) for column in (name, f"se_{name}")]
    header += ["marks"] if more else []
    rows: list[list[Cell]] = [
        [
            item,
            parameters.model[n],
            fit.status[n],
            int(fit.n_answers[n]),
            *(
                _cell(source.get(name, nothing)[n])
                for name in ("a", "b", *more)
                for source in (parameters.values, parameters.errors)
            ),
            *([" ".join(f"{share:g}" for share in answers.categories[n].shares)] if more else []),
            *(_cell(getattr(found, name)[n]) for name in FITS),
        ]
        for n, item in enumerate(parameters.items)
    ]
    path = folder / f"{answers.scored.stored.record.id}-calibration.csv"
    write_csv(path, [*header, *FITS], rows)
    return path


def write_planned(folder: Path, id: str, planned: PlannedDifficulties) -> Path:
    """Write difficulties for planning, on the scale of the sitting alone."""
    names = ["difficulties", "errors", "low", "high", "facility", "facility_low", "facility_high"]
    rows: list[list[Cell]] = [
        [
            item,
            _cell(planned.grades[n]),
            int(planned.n_answers[n]),
            *(_cell(getattr(planned, name)[n]) for name in names),
        ]
        for n, item in enumerate(planned.items)
    ]
    path = folder / f"{id}-planning.csv"
    write_csv(path, ["item", "grade", "answers", "b", "se_b", *names[2:]], rows)
    return path


def write_drift(folder: Path, id: str, drift: Drift, language: Language) -> tuple[Path, ...]:
    """Write the list of the anchors as CSV, and the plot."""
    header = ["item", "b", "b_scale", *drift.statistics, "verdict", "removed_at"]
    rows: list[list[Cell]] = [
        [
            item,
            _cell(drift.b_source[n]),
            _cell(drift.b_target[n]),
            *(_cell(value) for value in drift.values[:, n]),
            drift.verdict[n],
            int(drift.removed_at[n]) or None,
        ]
        for n, item in enumerate(drift.items)
    ]
    paths = (folder / f"{id}-anchors.csv", folder / f"{id}-anchors.svg")
    write_csv(paths[0], header, rows)
    write_text(paths[1], drift_svg(drift, language))
    return paths


def _cell(value: float) -> Cell:
    return round(float(value), 6) if np.isfinite(value) else None
