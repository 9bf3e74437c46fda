"""Operations 19 to 22: versions and rotation."""

from __future__ import annotations

from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.keys import add_version, check_rotates, find_key, refuse_default, stamp, start_rotation
from kms_emulator.ctyun.terms import (
    DAY,
    NO_VERSION,
    NOT_FOR_THIS_KEY,
    QUOTA,
    ROTATION_DAYS,
    SPECS,
    Refusal,
    State,
)
from kms_emulator.ctyun.uses import cipher_kind


def describe_key_version(invocation: Invocation) -> Payload:
    """One version of a key."""
    key = find_key(invocation)
    version = invocation.versions.get(invocation.fields["keyVersionId"])
    if version is None or version["key"] != key["id"]:
        raise Refusal(NO_VERSION)
    return _told(invocation, key, version)


def list_key_versions(invocation: Invocation) -> Payload:
    """A page of a key's versions, oldest first [I?]."""
    number, size = fields.paging(invocation.fields)
    key = find_key(invocation)
    where = ("key", key["id"])
    page = invocation.versions.list(where=where, start=(number - 1) * size, limit=size, lagged=True)
    found = [_told(invocation, key, version) for version in page.items]
    return {"totalCount": page.total, "pageNumber": number, "pageSize": size, "keyVersions": found}


def _told(invocation: Invocation, key: Document, version: Document) -> Payload:
    """The version in an answer; whoever uses a version of a key pair was told its id before."""
    if SPECS[key["spec"]].asymmetric and version["id"] not in invocation.materials:
        invocation.workshop.expect(version["id"], cipher_kind(key["spec"]))
    return {
        "cmkUuid": version["key"], "keyVersionId": version["id"], "creationDate": stamp(version["created"]),
    }  # fmt: skip


def update_rotation_policy(invocation: Invocation) -> Payload:
    """Switch automatic rotation on, off, or to another interval; a new interval runs from now [I?]."""
    on = invocation.fields["enableAutomaticRotation"]
    seconds = fields.interval(invocation.fields.get("rotationInterval"), ROTATION_DAYS) if on else 0
    key = find_key(invocation, State.ENABLED, State.DISABLED)
    refuse_default(key)
    check_rotates(SPECS[key["spec"]], key["origin"])
    if on:
        start_rotation(key, seconds, invocation.now)
    else:
        key["interval"] = key["next_rotation"] = None
    invocation.keys.put(key["id"], key)
    return {}


def create_key_version(invocation: Invocation) -> Payload:
    """A further version of a key pair, made by hand; callers name the version they mean [S11]."""
    key = find_key(invocation, State.ENABLED)
    refuse_default(key)
    if not SPECS[key["spec"]].asymmetric:
        raise Refusal(NOT_FOR_THIS_KEY, "versions are made by hand for asymmetric keys only")
    if invocation.context.quotas:
        _check_limits(invocation, key["id"])
    return _told(invocation, key, add_version(invocation.context, invocation.scope, key, invocation.now))


def _check_limits(invocation: Invocation, key: str) -> None:
    """The number of versions and the time between two, as Alibaba has them [I?]."""
    versions, context = invocation.versions, invocation.context
    limit, days = int(context.switch("versions_quota")), float(context.switch("version_interval_days"))
    count = versions.count(where=("key", key))
    if limit and count >= limit:
        raise Refusal(QUOTA, f"{limit} versions of a key")
    newest = versions.list(where=("key", key), limit=1, newest_first=True, lagged=False).items
    if newest and invocation.now < newest[0]["created"] + days * DAY:
        raise Refusal(QUOTA, f"one version of a key in {days:g} days")
