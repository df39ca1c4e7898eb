"""Difficulties of small sittings, drawn towards judged grades: for planning only."""
