"""Alibaba Cloud's emulator asked about our worlds: documents, call and readings in its own words."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from kms_emulator.alibaba.decision import CallFacts, Documents, decide
from kms_emulator.alibaba.decision_points import Grant, Need, PointCall, decide_at_point
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.policy_documents import check_ram, checked
from kms_emulator.alibaba.readings import Rules
from kms_resources.access.alibaba.actions import KEY_USER
from kms_resources.access.words import Document, DocumentKind, Principal, PrincipalKind, Request, World
from tests.unit.access import alibaba_worlds as worlds

SWITCHES: Mapping[str, tuple[str, str, str]] = {
    "alibaba.action-case": ("key_policy_case", "kept", "ignored"),
    "alibaba.unlisted-action": ("unlisted_actions", "without effect", "effective"),
    "alibaba.not-forms": ("not_resource", "ignored", "understood"),
    "alibaba.absent-negated": ("absent_negated", "fails", "holds"),
    "alibaba.block-border": ("block_ends", "outside", "inside"),
    "alibaba.host-bits": ("host_bits", "matches nothing", "masked"),
    "alibaba.missing-rule": ("missing_rule", "matches nothing", "open"),
    "alibaba.principal-everyone": ("undocumented_principals", "without effect", "effective"),
}
"""Open rule of ours → the emulator's, its value where ours does not hold, and where it does."""
FLAGS = {"acs:MFAPresent": "mfa", "acs:SecureTransport": "secure_transport"}
EVERYTHING = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NOON = "2030-06-01T12:00:00Z"


@dataclass(frozen=True)
class _Call(CallFacts):
    """A call that may lack what every call of the emulator has: our comparison considers that, too."""

    lacks: frozenset[str] = frozenset()
    more: Mapping[str, str] = field(default_factory=dict)
    """Condition keys that no call of the emulator has."""

    def value(self, key: str) -> str | None:
        return None if key in self.lacks else self.more.get(key) or super().value(key)


def pair(dice: random.Random) -> tuple[World, World]:
    """Two worlds, mostly neighbours, of documents that the cloud would store."""
    before = worlds.random_spec(dice)
    after = worlds.mutated(before, dice) if dice.random() < 0.8 else worlds.random_spec(dice)
    return stored(worlds.world(before, dice)), stored(worlds.world(after, dice))


def stored(world: World) -> World:
    """The world without the statements that the cloud would not store."""
    return replace(world, documents=tuple(kept for one in world.documents if (kept := _stored(one)) is not None))


def _stored(document: Document) -> Document | None:
    if document.kind not in {DocumentKind.KEY_POLICY, DocumentKind.IDENTITY_POLICY}:
        return document
    found = document.body["Statement"]
    statements = [one for one in (found if isinstance(found, list) else [found]) if _is_stored(document.kind, one)]
    return replace(document, body={**document.body, "Statement": statements}) if statements else None


def _is_stored(kind: DocumentKind, statement: object) -> bool:
    text = json.dumps({"Version": "1", "Statement": [statement]})
    try:
        if kind is DocumentKind.KEY_POLICY:
            checked("Policy", text, undocumented=True)
        else:
            check_ram(text)
    except (VendorError, ValueError):
        return False
    return True


def fixed(rule: str) -> bool | None:
    """The one answer that the emulator has for an open rule; None: it can be switched."""
    return None if rule in SWITCHES else False


def rules(answers: Mapping[str, bool]) -> Rules:
    """The emulator's readings for our answers; what was not asked stays as the emulator has it."""
    chosen = {field: yes if answers[rule] else no for rule, (field, no, yes) in SWITCHES.items() if rule in answers}
    return replace(Rules(), **chosen)


def answer(world: World, request: Request, answers: Mapping[str, bool]) -> bool:
    """What the emulator says."""
    if request.principal.kind is PrincipalKind.ACCESS_POINT:
        return _at_point(world, request, rules(answers))
    return decide(_documents(world, request.principal), _facts(world, request), rules(answers)).allowed


def _documents(world: World, asking: Principal) -> Documents:
    groups = {group for group, members in world.groups.items() if asking.name in members} | set(asking.groups)
    holders = {f"{asking.kind}/{asking.name}", *(f"group/{group}" for group in groups)}
    policy = next((one.body for one in world.documents if one.kind is DocumentKind.KEY_POLICY), None)
    identity = [one for one in world.documents if one.kind is DocumentKind.IDENTITY_POLICY]
    ram = [
        one.body
        for one in identity
        if (one.account or world.account) == asking.account and holders & set(one.attached_to)
    ]
    if asking.account != world.account and not any(one.account == asking.account for one in identity):
        # Of an account whose documents nobody has, the worst is taken: it allows its own people everything.
        ram = [EVERYTHING]
    return Documents(policy, ram)


def _facts(world: World, request: Request) -> CallFacts:
    key, asking, given = world.resource, request.principal, request.attributes
    tags = {name.removeprefix("tag/"): value for name, value in given.items() if name.startswith("tag/")}
    return _Call(
        request.action,
        f"acs:kms:{key.region}:{key.account}:key/{key.id}",
        asking.account,
        "root" if asking.kind is PrincipalKind.ACCOUNT else f"{asking.kind}/{asking.name}",
        source_ip=given.get("source_ip", ""),
        vpc=given.get("vpc", ""),
        vpc_source_ip=given.get("private_ip", ""),
        now=datetime.fromisoformat(given.get("time", NOON)).timestamp(),
        secure=given.get("secure_transport", "true") == "true",
        mfa=given.get("mfa", "false") == "true",
        tags=key.tags if key.tags is not None else tags,
        more={name: value for name, value in given.items() if ":" in name},
        lacks=frozenset(name for name, word in FLAGS.items() if word not in given),
    )


def _listed(value: Any) -> list[str]:
    """A list, or its JSON text."""
    return list(json.loads(value) if isinstance(value, str) else value)


def _at_point(world: World, request: Request, reading: Rules) -> bool:
    documents = {(one.kind, one.name): one.body for one in world.documents}
    point = documents.get((DocumentKind.ACCESS_POINT, request.principal.name), {"Policies": "[]"})
    policies = [documents[DocumentKind.PERMISSION_POLICY, name] for name in _listed(point["Policies"])]
    grants = [
        Grant(
            policy["KmsInstance"],
            tuple(_listed(policy["Permissions"])),
            tuple(_listed(policy["Resources"])),
            tuple(json.loads(policy.get("AccessControlRules", "{}")).get("NetworkRules", ())),
        )
        for policy in policies
    ]
    networks = {
        name: body["SourcePrivateIp"] for (kind, name), body in documents.items() if kind is DocumentKind.NETWORK_RULE
    }
    call = PointCall(
        world.resource.instance,
        (Need(KEY_USER, f"key/{world.resource.id}"),),
        request.attributes.get("private_ip", ""),
    )
    return decide_at_point(grants, networks, call, reading).allowed
