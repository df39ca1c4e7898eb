"""Item parameters as a table for people, and some of the items of a scale."""

from collections.abc import Iterable

import numpy as np

from qbank.irt.bifactor.record import BifactorCalibration
from qbank.irt.conditional.estimate import ConditionalCalibration
from qbank.irt.fit.items import ItemFit
from qbank.irt.parameters import Calibration, ItemParameters, from_estimates
from qbank.irt.scoring.population import Source, parameters_of

FIT_COLUMNS = ("infit", "outfit", "z_infit", "z_outfit", "s_x2", "s_x2_df", "s_x2_p", "s_x2_rmsea", "rmsd")


def item_table(
    source: Source, fit: ItemFit | None = None
) -> tuple[dict[str, str | int | float], ...]:
    """Return a row for each item, by column: what `polars.DataFrame` and `csv.DictWriter` take.

    Columns item, model, n_categories; of a calibration status and n_answers; every reported value and, as se_a, se_b,
    ..., its standard error; with `fit` the statistics of FIT_COLUMNS that it holds. NaN where there is none.

    >>> from qbank.irt import item_parameters
    >>> item_table(item_parameters("2pl", a=[1.0], b=[0.5], items=["Q1"]))[0]["b"]
    0.5
    """
    parameters = parameters_of(source)
    columns: dict[str, Iterable[str | int | float]] = {
        "item": parameters.items,
        "model": parameters.model,
        "n_categories": parameters.n_categories.tolist(),
    }
    if isinstance(source, (Calibration, ConditionalCalibration, BifactorCalibration)):
        columns |= {"status": source.status, "n_answers": source.n_answers.tolist()}
    for name in parameters.names:
        columns |= {name: parameters.values[name].tolist(), f"se_{name}": parameters.errors[name].tolist()}
    if fit is not None:
        if fit.items != parameters.items:
            raise ValueError("the fit is that of other items")
        held = {name: getattr(fit, name) for name in FIT_COLUMNS}
        columns |= {name: values.tolist() for name, values in held.items() if np.isfinite(values).any()}
    return tuple(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def select_items(source: Source, items: Iterable[str]) -> ItemParameters:
    """Return the parameters of some items, in the order of their labels: the anchors of a later calibration.

    ValueError for a label that is not there.

    >>> from qbank.irt import item_parameters
    >>> bank = item_parameters("2pl", a=[1.0, 1.2, 0.8], b=[0.5, -0.5, 0.0], items=["Q1", "Q2", "Q3"])
    >>> select_items(bank, ["Q3", "Q1"]).values["b"]
    array([0. , 0.5])
    """
    parameters = parameters_of(source)
    where = {label: place for place, label in enumerate(parameters.items)}
    wanted = tuple(items)
    unknown = [label for label in wanted if label not in where]
    if unknown:
        raise ValueError(f"no item has the label {unknown[0]!r}")
    place = np.array([where[label] for label in wanted], dtype=np.intp)
    columns = np.arange(parameters.estimates.shape[1])
    joint = parameters.joint
    return from_estimates(
        [parameters.model[at] for at in place],
        parameters.n_categories[place],
        parameters.estimates[place],
        covariance=parameters.covariance[place],
        joint=None if joint is None else joint[np.ix_(place, columns, place, columns)],
        items=wanted,
        fingerprints=[parameters.fingerprints[at] for at in place],
        scale=parameters.scale,
    )
