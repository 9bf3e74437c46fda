"""Stored network rules, permission policies, access points and client keys; and the indexes that find them.

All but client keys belong to a region, and their id is their name. A client key lies with its account alone, because a
request to the instance gateway names nothing but the client key; its region is in the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kms_emulator.alibaba.errors import VendorError, invalid
from kms_emulator.alibaba.facts import DESCRIPTION_LENGTH, INSTANCE_PAGE_SIZE
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import Stored
from kms_emulator.alibaba.operation import Operation
from kms_emulator.contract import Collection, Context, Index, Kind, Scope

NETWORK_RULES, POLICIES, ACCESS_POINTS, CLIENT_KEYS = "network-rules", "policies", "access-points", "client-keys"
NAME_LENGTH = 128  # [I?] neither length nor characters of names were found


@dataclass(frozen=True)
class NetworkRule(Stored):
    """Addresses of callers. ``addresses`` is the JSON text as it was sent."""

    type: str = "Private"
    description: str = ""
    addresses: str = ""


@dataclass(frozen=True)
class AccessPolicy(Stored):
    """What access points may do. ``rules`` is the JSON text of the access control rules as it was sent."""

    description: str = ""
    instance: str = ""
    permissions: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    rules: str = ""


@dataclass(frozen=True)
class AccessPoint(Stored):
    """An access point and the names of its policies."""

    description: str = ""
    method: str = "ClientKey"
    policies: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ClientKey(Stored):
    """A client key. The private key is not kept, except of a key of the seed, which has a ``password`` for it.

    A key of the seed has no certificate until it is first looked at; without dates it holds for five years.
    """

    region: str
    access_point: str
    created: float = 0.0
    not_before: float = 0.0
    not_after: float = 0.0
    certificate: str = ""
    password: str = field(default="", repr=False)
    file: str = field(default="", repr=False)


def access_point_index(region: str, name: str) -> str:
    """The index value of the client keys of one access point."""
    return f"{region}\n{name}"


def _of_access_point(key: Mapping[str, Any]) -> list[str]:
    return [access_point_index(key["region"], key["access_point"])]


ACCESS_KINDS = (
    Kind(NETWORK_RULES),
    Kind(POLICIES),
    Kind(ACCESS_POINTS),
    Kind(CLIENT_KEYS, indexes={"access-point": Index(_of_access_point)}),
)


def things(operation: Operation, kind: str) -> Collection:
    """The network rules, policies or access points of this account and region."""
    return operation.context.store.collection(kind, operation.scope)


def named(operation: Operation, kind: str, name: str) -> dict[str, Any]:
    """The document with this name."""
    document = things(operation, kind).get(name)
    if document is None:
        raise VendorError("Forbidden.ResourceNotFound")
    return document


def client_keys(context: Context, account: str) -> Collection:
    """The client keys of an account."""
    return context.store.collection(CLIENT_KEYS, Scope(account))


def wanted(operation: Operation, kind: str) -> dict[str, Any]:
    """The document that ``Name`` names."""
    return named(operation, kind, operation.parameters.required("Name"))


def new_name(operation: Operation, kind: str) -> str:
    """``Name`` of what is to be made."""
    name = operation.parameters.required("Name")
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise invalid("Name", f"at most {NAME_LENGTH} printable characters are allowed")
    if name in things(operation, kind):
        raise VendorError("Rejected.ResourceExist")
    return name


def description(operation: Operation) -> str:
    """``Description``, empty when absent."""
    text = operation.parameters.text("Description")
    if len(text) > DESCRIPTION_LENGTH:
        raise invalid("Description", f"at most {DESCRIPTION_LENGTH} characters are allowed")
    return text


def texts(operation: Operation, name: str) -> list[str]:
    """A parameter that is a JSON list of texts; absent means none."""
    entries = operation.parameters.json_list(name)
    if not all(isinstance(entry, str) for entry in entries):
        raise invalid(name, "it is not a JSON list of texts")
    return entries


def check_unused(operation: Operation, used: bool) -> None:
    """The vendor warns of deleting what is in use, and does not say that it refuses; a switch does."""
    if used and operation.context.switch("guard_access"):
        raise VendorError("Rejected.ResourceInUse")


def listed(operation: Operation, kind: str, of: type[Stored], path: str, **members: str) -> Payload:
    """A page of the things of one kind: ``path`` names the two members around the list, ``members`` what is told."""
    number, size = operation.parameters.page(INSTANCE_PAGE_SIZE)
    page = things(operation, kind).list(start=(number - 1) * size, limit=size)
    found = [of.load(document) for document in page.items]
    entries = [{name: getattr(thing, member) for name, member in members.items()} for thing in found]
    outer, inner = path.split()
    return {outer: {inner: entries}, "PageNumber": number, "PageSize": size, "TotalCount": page.total}
