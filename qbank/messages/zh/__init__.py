"""The catalogue of one language: a module a group, each with a dict TEXTS."""
