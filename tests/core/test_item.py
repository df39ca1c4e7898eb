"""Fingerprints are hashes of canonical JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qbank.core.item import digest, normalise

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
PLAIN = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def normalised(value: Any) -> Any:
    if isinstance(value, str):
        return normalise(value)
    if isinstance(value, Mapping):
        return {key: normalised(entry) for key, entry in value.items()}
    return [normalised(entry) for entry in value] if isinstance(value, tuple) else value


@given(PLAIN)
def test_a_digest_is_the_hash_of_the_json_of_normalised_data(value: Any) -> None:
    text = json.dumps(normalised(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert digest(value) == hashlib.sha256(text.encode()).hexdigest()[:16]
