"""What all tables share: the metadata that they belong to, and a kind of words."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlalchemy import String as AnyString

String = AnyString().with_variant(AnyString(collation="C"), "postgresql")
"""Words that sort by their characters on both engines, whatever the language of the server."""

metadata = MetaData()
