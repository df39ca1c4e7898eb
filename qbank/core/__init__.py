"""Frozen records that the whole engine speaks in: items, standards, banks, blueprints, forms, responses."""
