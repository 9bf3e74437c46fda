"""Operations 11 to 15: aliases."""

from __future__ import annotations

from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.keys import find_key, refuse_default
from kms_emulator.ctyun.terms import ALIAS, ALIAS_EXISTS, ALIAS_LENGTH, BAD_VALUE, NO_ALIAS, Refusal, State

_LIVING = (State.ENABLED, State.DISABLED, State.PENDING_IMPORT)  # a key about to go takes no new alias [I?]


def create_alias(invocation: Invocation) -> Payload:
    """A further name for a key."""
    key = find_key(invocation, *_LIVING)
    refuse_default(key)
    add_alias(invocation, invocation.fields["aliasName"], key["id"])
    return {}


def add_alias(invocation: Invocation, name: str, key: str) -> None:
    """Store a new alias; unique per account and resource pool [S10]."""
    if not ALIAS.fullmatch(name) or len(name) > ALIAS_LENGTH:
        raise Refusal(BAD_VALUE, f"aliasName must be alias/ and letters, digits, _ - /, at most {ALIAS_LENGTH} in all")
    if name in invocation.aliases:
        raise Refusal(ALIAS_EXISTS)
    invocation.aliases.put(name, {"name": name, "key": key})


def update_alias(invocation: Invocation) -> Payload:
    """Point an existing alias to another key; both keys stay as they are [S10]."""
    key = find_key(invocation, *_LIVING)
    refuse_default(key)
    alias = _find_alias(invocation)
    invocation.aliases.put(alias["name"], {**alias, "key": key["id"]})
    return {}


def delete_alias(invocation: Invocation) -> Payload:
    """Remove an alias; the key is not touched [S10]."""
    invocation.aliases.delete(_find_alias(invocation)["name"])
    return {}


def _find_alias(invocation: Invocation) -> Document:
    """The alias to change; those of default keys stay [S10]."""
    alias = invocation.aliases.get(invocation.fields["aliasName"])
    if alias is None:
        raise Refusal(NO_ALIAS)
    refuse_default(invocation.keys.get(alias["key"]) or {})
    return alias


def list_aliases(invocation: Invocation) -> Payload:
    """All aliases of the account in the resource pool, oldest first [I?]."""
    return _page(invocation, None)


def list_aliases_by_key_id(invocation: Invocation) -> Payload:
    """The aliases of one key."""
    return _page(invocation, ("key", find_key(invocation)["id"]))


def _page(invocation: Invocation, where: tuple[str, str] | None) -> Payload:
    number, size = fields.paging(invocation.fields)
    page = invocation.aliases.list(where=where, start=(number - 1) * size, limit=size, lagged=True)
    found = [{"aliasName": alias["name"], "cmkUuid": alias["key"]} for alias in page.items]
    return {"totalCount": page.total, "pageNumber": number, "pageSize": size, "aliases": found}
