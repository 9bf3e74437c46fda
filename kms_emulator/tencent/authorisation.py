"""Enforcement: every call of a sub-user or a role session is put to the CAM documents that count for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kms_emulator.tencent.cam_facts import Entity
from kms_emulator.tencent.decision import decide
from kms_emulator.tencent.fields import Given
from kms_emulator.tencent.policy_documents import parsed
from kms_emulator.tencent.targets import targets
from kms_emulator.tencent.work import Work

_WITHOUT_PERMISSION = frozenset({("sts", "GetCallerIdentity")})
Documents = Sequence[Mapping[str, Any]]


def authorise(service: str, action: str, given: Given, work: Work) -> None:
    """Refuse what the caller's documents do not allow. The main account may do everything."""
    if work.principal.root or (service, action) in _WITHOUT_PERMISSION:
        return
    name, layers = f"{service}:{action}", documents_of(work)
    for target in targets(service, action, given, work):
        facts = work.facts(
            name, target.resource, also_named=target.also_named, resource_tags=target.tags,
            request_tags=_request_tags(given),
        )  # fmt: skip
        if not all(decide(documents, facts, work.rules).allowed for documents in layers):
            raise work.unauthorised(name, target.resource)


def documents_of(work: Work) -> list[Documents]:
    """The documents that count for the caller. A session policy is a layer of its own: every layer must allow."""
    caller, cam = work.caller, work.cam
    if not caller.role:
        uin = caller.principal.user_id
        texts = cam.documents(Entity.USER, uin)
        for group in cam.groups_of(uin):
            texts += cam.documents(Entity.GROUP, group["id"])
        return [[parsed(text) for text in texts]]
    layers: list[Documents] = [[parsed(text) for text in cam.documents(Entity.ROLE, caller.role)]]
    return [*layers, [parsed(caller.policy)]] if caller.policy else layers


def _request_tags(given: Given) -> tuple[str, ...]:
    tables = [given, *(tag for name in ("Tags", "ReplaceTags") for tag in given.tables(name))]
    names = (("TagKey", "TagValue"), ("Key", "Value"))
    pairs = [(table.values.get(key), table.values.get(value)) for table in tables for key, value in names]
    return tuple(f"{key}&{value}" for key, value in pairs if isinstance(key, str) and isinstance(value, str))
