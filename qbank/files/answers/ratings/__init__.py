"""Marks by rater and step: their columns, sheets and persons."""

from __future__ import annotations

from qbank.files.answers.ratings.columns import looks_rated
from qbank.files.answers.ratings.take_in import take_in_ratings

__all__ = ["looks_rated", "take_in_ratings"]
