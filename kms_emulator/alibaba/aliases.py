"""Aliases."""

from __future__ import annotations

import re

from kms_emulator.alibaba.errors import VendorError, invalid
from kms_emulator.alibaba.facts import ALIAS_LENGTH, QUOTA_ALIASES, State
from kms_emulator.alibaba.lifecycle import Payload, require_not_pending_deletion
from kms_emulator.alibaba.model import Alias
from kms_emulator.alibaba.operation import ALIAS_PREFIX, Operation

RESERVED = "alias/acs"
_NAME = re.compile(r"alias/[A-Za-z0-9_/-]+")


def create_alias(operation: Operation) -> Payload:
    """CreateAlias."""
    name = _name(operation)
    key = operation.own_key()
    if key.state == State.PENDING_DELETION:
        raise VendorError("Rejected.StateModifiedFailed")
    if name in operation.aliases:
        raise VendorError("AliasAlreadyExists")
    if operation.context.quotas and len(operation.aliases) >= QUOTA_ALIASES:
        raise VendorError("Rejected.LimitExceeded")
    operation.save(Alias(name, key=key.id))
    return {}


def update_alias(operation: Operation) -> Payload:
    """UpdateAlias: the alias leads to another key from now on."""
    name = _name(operation)
    operation.parameters.required("KeyId")
    if name not in operation.aliases:
        raise VendorError("Forbidden.AliasNotFound")
    key = operation.own_key()
    require_not_pending_deletion(key)
    operation.save(Alias(name, key=key.id))
    return {}


def delete_alias(operation: Operation) -> Payload:
    """DeleteAlias; the key stays."""
    name = _name(operation)
    document = operation.aliases.get(name)
    if document is None:
        raise VendorError("Forbidden.AliasNotFound")
    operation.touched = Alias.load(document).key
    operation.aliases.delete(name)
    return {}


def list_aliases(operation: Operation) -> Payload:
    """ListAliases."""
    return _page(operation, None)


def list_aliases_by_key_id(operation: Operation) -> Payload:
    """ListAliasesByKeyId."""
    operation.parameters.page()
    return _page(operation, ("key", operation.key().id))


def _page(operation: Operation, where: tuple[str, str] | None) -> Payload:
    number, size = operation.parameters.page()
    page = operation.aliases.list(where=where, start=(number - 1) * size, limit=size)
    found = [Alias.load(document) for document in page.items]
    return {
        "Aliases": {
            "Alias": [
                {"AliasName": alias.id, "AliasArn": operation.arn(alias.id), "KeyId": alias.key} for alias in found
            ]
        },
        "PageNumber": number, "PageSize": size, "TotalCount": page.total,
    }  # fmt: skip


def _name(operation: Operation) -> str:
    name = operation.parameters.required("AliasName")
    if not _NAME.fullmatch(name):
        raise invalid("AliasName", f"{ALIAS_PREFIX} and letters, digits, _, - and / are expected")
    if len(name) > ALIAS_LENGTH:
        raise invalid("AliasName", f"at most {ALIAS_LENGTH} characters are allowed")
    if name.startswith(RESERVED):
        raise invalid("AliasName", f"names that begin with {RESERVED} belong to cloud products")
    return name
