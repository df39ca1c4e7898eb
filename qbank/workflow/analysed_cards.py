"""What the cards of a report show from earlier sittings: the item's control chart, its b, how often it was used."""

from __future__ import annotations

from collections.abc import Sequence

from qbank.ledger import ItemHistory, Ledger, item_histories
from qbank.messages import Language, text
from qbank.report import CardExtra, Fact, Facts, Figure, Text
from qbank.report.history.charts import b_figure, facility_figure
from qbank.report.history.data import item_chart
from qbank.report.history.words import texts

LEAST_SITTINGS = 2
"""A chart of one point says nothing that the card's numbers do not."""


def card_extras(items: Sequence[str], ledger: Ledger, language: Language) -> dict[str, CardExtra]:
    """Return what each item's card shows of earlier sittings; an item that this sitting used first has none."""
    found = {}
    for item, history in item_histories(ledger, items).items():
        if len({use.sitting for use in history.uses}) >= LEAST_SITTINGS:
            found[item] = CardExtra(more=_before(history, language))
    return found


def _before(history: ItemHistory, language: Language) -> tuple[Text | Facts | Figure, ...]:
    t, chart = texts(language), item_chart(history)
    sittings = len({use.sitting for use in history.uses})
    exposed = Facts(
        f"exposure:{history.item}",
        (
            Fact("n_sittings", t("fact_n_sittings"), sittings, "integer"),
            Fact("n_seen", t("fact_n_seen"), history.n_seen, "integer", 0, t("under_persons")),
            Fact("n_revisions", t("fact_n_revisions"), len(history.revisions), "integer"),
        ),
    )
    drawn = (facility_figure(history, chart, t), b_figure(history, chart, t))
    return (Text(text(language, "report.table_history"), "title"), exposed, *(figure for figure in drawn if figure is not None))
