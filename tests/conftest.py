"""What all tests share: laws are judged by what they say, never by how busy the machine is."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("qbank", deadline=None)
settings.load_profile("qbank")
