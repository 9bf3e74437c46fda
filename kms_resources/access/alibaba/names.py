"""Names and references inside Alibaba Cloud's documents: ARNs, and what an access point refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kms_resources.access.alibaba.parse import parse
from kms_resources.access.conditions import Operator, Test
from kms_resources.access.rules import of_kind, several, usable
from kms_resources.access.words import Document, DocumentKind, Resource, ResourceKind, World

_CONTAINERS: Mapping[str, str] = {
    "Secret": "secret",
    "Alias": "alias",
    "Policy": "policy",
    "Policies": "policy",
    "NetworkRule": "network",
    "ApplicationAccessPoint": "applicationaccesspoint",
    "ClientKey": "applicationaccesspoint",
}
"""Word in a call's name → container it is asked on; otherwise `key` (K5; the last four inferred)."""


def arn(resource: Resource, action: str) -> str:
    """What a RAM policy's resource is compared with."""
    head = f"acs:kms:{resource.region}:{resource.account}:"
    if resource.kind is ResourceKind.KEY:
        return f"{head}key/{resource.id}"
    return head + next((name for word, name in _CONTAINERS.items() if word in action), "key")


def documents_named(world: World, kind: DocumentKind, name: str) -> Iterator[Document]:
    """The documents of one kind and name."""
    return (document for document in of_kind(world, kind) if document.name == name)


def policies_of(world: World, point: Document) -> Iterator[tuple[Document, Mapping[str, Any]]]:
    """The permission policies of an access point, with what they say; names that do not exist give nothing."""
    for name in usable(parse(point), point).facts["Policies"]:
        for document in documents_named(world, DocumentKind.PERMISSION_POLICY, name):
            yield document, usable(parse(document), document).facts


def address_test(world: World, names: tuple[str, ...]) -> tuple[Test | None, bool]:
    """The test that network rules make, and whether one of them does not exist."""
    blocks: list[str] = []
    missing = False
    for name in names:
        found = list(documents_named(world, DocumentKind.NETWORK_RULE, name))
        missing = missing or not found
        for document in found:
            blocks += usable(parse(document), document).facts["SourcePrivateIp"]
    test = Test("private_ip", Operator.ADDRESS, several(blocks), host_rule="alibaba.host-bits") if blocks else None
    return test, missing
