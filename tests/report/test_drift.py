"""The plot of anchors: every anchor is a point, those that are not held carry their name."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from qbank.irt import Drift, find_drift, item_parameters
from qbank.messages import LANGUAGES, Language
from qbank.report.calibration import anchor_figure
from qbank.report.drift import drift_svg


def moved(by: float) -> Drift:
    """Return what is found where the fifth of nine anchors has moved."""
    b = np.linspace(-2, 2, 9)
    wobble = np.array([0.02, -0.03, 0.01, 0.04, by, -0.02, 0.03, -0.04, -0.01])
    labels = [f"Q{n}" for n in range(1, 10)]
    here = item_parameters("rasch", a=np.ones(9), b=b + wobble, items=labels, scale="here")
    return find_drift(here, item_parameters("rasch", a=np.ones(9), b=b, items=labels, scale="bank"))


def rows(drift: Drift, layer: int) -> list[dict[str, object]]:
    """Return what a layer on the axes draws: 0 the band, 1 the line, 2 the points."""
    spec = anchor_figure(drift, "en").spec
    found: list[dict[str, object]] = spec["layer"][0]["layer"][layer]["data"]["values"]
    return found


def test_every_anchor_is_a_point_and_the_removed_one_is_named() -> None:
    drift = moved(0.7)
    assert drift.removed == ("Q5",)
    assert [row["item"] for row in rows(drift, 2)] == list(drift.items)
    assert [row["label"] for row in rows(drift, 2) if row["label"]] == ["Q5"]
    assert not any(row["label"] for row in rows(moved(0.0), 2))


def test_the_line_is_the_link_and_the_band_lies_around_it() -> None:
    drift = moved(0.7)
    line = rows(drift, 1)
    assert rows(drift, 0) == line and len(line) == 2
    assert float(str(line[0]["x"])) < drift.b_source.min() and drift.b_source.max() < float(str(line[1]["x"]))
    for row in line:
        middle = drift.line.slope * float(str(row["x"])) + drift.line.intercept
        assert row["y"] == pytest.approx(middle)
        assert row["low"] == pytest.approx(middle + drift.band[0])
        assert row["high"] == pytest.approx(middle + drift.band[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plot_stands_alone_and_is_told_in_words(language: Language) -> None:
    root = ElementTree.fromstring(drift_svg(moved(0.7), language))
    assert "Q5" in root.attrib["aria-label"]
    assert root.attrib["font-family"] == "sans-serif"
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Q5" in texts and {"zh": "题库量尺上的原 b", "en": "b before, on the bank's scale"}[language] in texts
