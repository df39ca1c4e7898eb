"""Linear codes over GF(q) whose words agree in few places, each with the proof of its bound."""

from qbank.assemble.family.codes.bounds import most_papers, most_papers_in_sections, most_words
from qbank.assemble.family.codes.counting import agreements, certify
from qbank.assemble.family.codes.offers import Offer
from qbank.assemble.family.codes.record import Code, message_of, place_of, words
from qbank.assemble.family.codes.table import CONSTRUCTIONS, best_code, codes_for
from qbank.assemble.family.codes.trade import Trade, trade_off

__all__ = [
    "CONSTRUCTIONS",
    "Code",
    "Offer",
    "Trade",
    "agreements",
    "best_code",
    "certify",
    "codes_for",
    "message_of",
    "most_papers",
    "most_papers_in_sections",
    "most_words",
    "place_of",
    "trade_off",
    "words",
]
