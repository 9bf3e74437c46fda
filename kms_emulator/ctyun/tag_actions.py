"""Operations 75 to 80: tags of the account and the keys they are bound to. Nothing but the titles is sourced [S1]."""

from __future__ import annotations

from collections.abc import Iterator

from kms_emulator.contract import Document, DuplicateValueError, Scope
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.keys import find_key, settle
from kms_emulator.ctyun.terms import (
    BAD_TYPE,
    BAD_VALUE,
    NO_TAG,
    QUOTA,
    TAG_BOUND,
    TAG_EXISTS,
    TAG_LENGTH,
    TAGS_PER_KEY,
    Refusal,
)


def list_tags(invocation: Invocation) -> Payload:
    """A page of the account's tags, oldest first [I?]."""
    number, size = fields.paging(invocation.fields)
    page = invocation.tags.list(start=(number - 1) * size, limit=size, lagged=True)
    found = [{"tagId": tag["id"], "tagKey": tag["key"], "tagValue": tag["value"]} for tag in page.items]
    return {"totalCount": page.total, "list": found}


def create_tag(invocation: Invocation) -> Payload:
    """A new tag; a pair of key and value exists once."""
    identifier = invocation.context.uuid()
    _put(invocation, identifier)
    return {"tagId": identifier}


def update_tag(invocation: Invocation) -> Payload:
    """Another key or value for a tag, wherever it is bound."""
    _put(invocation, _find_tag(invocation, invocation.fields["tagId"])["id"])
    return {}


def _put(invocation: Invocation, identifier: str) -> None:
    key, value = invocation.fields["tagKey"], invocation.fields["tagValue"]
    if max(len(key), len(value)) > TAG_LENGTH:
        raise Refusal(BAD_VALUE, f"tagKey and tagValue must have at most {TAG_LENGTH} characters")
    try:
        invocation.tags.put(identifier, {"id": identifier, "key": key, "value": value})
    except DuplicateValueError:
        raise Refusal(TAG_EXISTS) from None


def delete_tag(invocation: Invocation) -> Payload:
    """Remove a tag that is bound to nothing; a bound one is refused, which is the harder case for a client."""
    tag = _find_tag(invocation, invocation.fields["tagId"])
    bound = ("tag", tag["id"])
    for region in {binding["region"] for binding in invocation.bindings.list(where=bound, lagged=False).items}:
        # A key of another resource pool may be gone by now without anybody having looked.
        settle(invocation.context, Scope(invocation.scope.account, region))
    if invocation.bindings.count(where=bound):
        raise Refusal(TAG_BOUND)
    invocation.tags.delete(tag["id"])
    return {}


def bind_resource(invocation: Invocation) -> Payload:
    """Put tags on a key, all or none; those already on it stay."""
    key = find_key(invocation)["id"]
    bindings = invocation.bindings
    for tag in _tag_ids(invocation):
        document = {"tag": tag, "resource": key, "region": invocation.scope.region}
        bindings.put(_binding(invocation, key, tag), document)
    count = bindings.count(where=("resource", f"{invocation.scope.region}/{key}"))
    if invocation.context.quotas and count > TAGS_PER_KEY:
        raise Refusal(QUOTA, f"{TAGS_PER_KEY} tags of a key")
    return {}


def unbind_resource(invocation: Invocation) -> Payload:
    """Take tags off a key; those not on it do not matter."""
    key = find_key(invocation)["id"]
    for tag in _tag_ids(invocation):
        invocation.bindings.delete(_binding(invocation, key, tag))
    return {}


def _tag_ids(invocation: Invocation) -> Iterator[str]:
    for tag in invocation.fields["tagIds"]:
        if not isinstance(tag, str):
            raise Refusal(BAD_TYPE, "tagIds must be a list of texts")
        yield str(_find_tag(invocation, tag)["id"])


def _find_tag(invocation: Invocation, identifier: str) -> Document:
    tag = invocation.tags.get(identifier)
    if tag is None:
        raise Refusal(NO_TAG, identifier)
    return tag


def _binding(invocation: Invocation, key: str, tag: str) -> str:
    return f"{invocation.scope.region}/{key}/{tag}"
