"""Linear codes over GF(q) whose words agree in few places, each with the proof of its bound."""

from qbank.assemble.family.codes.counting import agreements, certify
from qbank.assemble.family.codes.offers import Offer
from qbank.assemble.family.codes.record import Code, message_of, place_of, words
from qbank.assemble.family.codes.table import CONSTRUCTIONS, best_code, codes_for

__all__ = [
    "CONSTRUCTIONS",
    "Code",
    "Offer",
    "agreements",
    "best_code",
    "certify",
    "codes_for",
    "message_of",
    "place_of",
    "words",
]
