"""Conditional maximum likelihood for Rasch and partial credit items, and the tests that it allows."""
