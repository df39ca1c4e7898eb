"""imsmanifest.xml: every file of a package, what it depends on, and what is known about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qbank.files.interchange.qti.metadata import CSM, LOM, QTI_METADATA, node
from qbank.files.interchange.qti.names import href, identifier
from qbank.files.interchange.qti.tree import INSTANCE, Version

SPACES: dict[Version, str] = {
    "qti3": "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    "qti21": "http://www.imsglobal.org/xsd/imscp_v1p1",
}
SCHEMAS: dict[Version, tuple[str, str]] = {"qti3": ("QTI Package", "3.0.0"), "qti21": ("QTIv2.1 Package", "1.0.0")}
PLACES: dict[Version, str] = {
    "qti3": "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd",
    "qti21": "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
}
VERSION_WORDS: dict[Version, str] = {"qti3": "v3p0", "qti21": "v2p1"}


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of the package: its path, its sort (``item``, ``test``, ``stimulus``, ``media``), its metadata, the ids of
    the resources that it needs."""

    id: str
    path: str
    sort: str
    metadata: Sequence[Any] = ()
    needs: Sequence[str] = field(default_factory=tuple)


def resource_type(sort: str, version: Version) -> str:
    """Return the type of a resource.

    >>> resource_type("item", "qti21"), resource_type("media", "qti3")
    ('imsqti_item_xmlv2p1', 'webcontent')
    """
    return "webcontent" if sort == "media" else f"imsqti_{sort}_xml{VERSION_WORDS[version]}"


def media_id(path: str) -> str:
    """Return the id of a picture's resource.

    >>> media_id("media/a b.png")
    'MEDIA-media_2f_a_20_b.png'
    """
    return "MEDIA-" + identifier(path).removeprefix("_")


def manifest(id: str, resources: Sequence[Resource], version: Version, about: Any) -> bytes:
    """Return the manifest of a package.

    about : LOM of the package as a whole
    """
    from lxml import etree

    space = SPACES[version]
    spaces: Any = {None: space, "imsmd": LOM, "imsqti": QTI_METADATA[version], "xsi": INSTANCE}
    if version == "qti3":
        spaces["csm"] = CSM
    root = etree.Element(f"{{{space}}}manifest", nsmap=spaces)
    root.set("identifier", identifier(id))
    root.set(f"{{{INSTANCE}}}schemaLocation", f"{space} {PLACES[version]}")
    schema, number = SCHEMAS[version]
    root.append(node(space, "metadata", node(space, "schema", schema), node(space, "schemaversion", number), about))
    root.append(node(space, "organizations"))
    listed = [
        node(
            space, "resource", node(space, "metadata", *one.metadata) if one.metadata else None, node(space, "file", href=href(one.path)),
            *[node(space, "dependency", identifierref=need) for need in one.needs],
            identifier=one.id, type=resource_type(one.sort, version), href=href(one.path),
        )
        for one in resources
    ]  # fmt: skip
    root.append(node(space, "resources", *listed))
    etree.cleanup_namespaces(root, top_nsmap=spaces, keep_ns_prefixes=["xsi", "imsmd", "imsqti"])
    etree.indent(root, " ")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"
