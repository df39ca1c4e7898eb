"""Abilities of persons, and what a test tells about ability."""
