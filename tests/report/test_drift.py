"""The plot of anchors: every anchor is a point, those that are not held carry their name."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from qbank.irt import Drift, find_drift, item_parameters
from qbank.messages import LANGUAGES, Language
from qbank.report.drift import drift_figure, drift_svg


def moved(by: float) -> Drift:
    """Return what is found where the fifth of nine anchors has moved."""
    b = np.linspace(-2, 2, 9)
    wobble = np.array([0.02, -0.03, 0.01, 0.04, by, -0.02, 0.03, -0.04, -0.01])
    labels = [f"Q{n}" for n in range(1, 10)]
    here = item_parameters("rasch", a=np.ones(9), b=b + wobble, items=labels, scale="here")
    return find_drift(here, item_parameters("rasch", a=np.ones(9), b=b, items=labels, scale="bank"))


def rows(drift: Drift, layer: int) -> list[dict[str, object]]:
    spec = drift_figure(drift, "en").spec
    found: list[dict[str, object]] = spec["layer"][layer]["data"]["values"]
    return found


def test_every_anchor_is_a_point_and_the_removed_one_is_named() -> None:
    drift = moved(0.7)
    assert drift.removed == ("Q5",)
    assert [row["item"] for row in rows(drift, 1)] == list(drift.items)
    assert [row["item"] for row in rows(drift, 2)] == ["Q5"]
    assert rows(moved(0.0), 2) == []


def test_the_line_is_the_link_and_the_band_lies_around_it() -> None:
    drift = moved(0.7)
    ends = {(row["name"], row["here"]): row["there"] for row in rows(drift, 0)}
    for x in (float(drift.b_source.min()), float(drift.b_source.max())):
        middle = drift.line.slope * x + drift.line.intercept
        assert ends["line", x] == pytest.approx(middle)
        assert ends["low", x] == pytest.approx(middle + drift.band[0])
        assert ends["high", x] == pytest.approx(middle + drift.band[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plot_stands_alone_and_is_told_in_words(language: Language) -> None:
    root = ElementTree.fromstring(drift_svg(moved(0.7), language))
    assert "Q5" in root.attrib["aria-label"]
    assert root.attrib["font-family"] == "sans-serif"
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Q5" in texts and {"zh": "量尺上的 b", "en": "b on the scale"}[language] in texts
