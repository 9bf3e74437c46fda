"""Worlds of a snapshot: everything a stack says about who may, for one key, one access point or no single key.

A stack does not know the number of its own account. A symbol stands for it, as long as a real number; where a native
document names accounts, each of them may be the own one (see `owners`). Policies that are not in the stack are not
seen: they are the same before and after, and are named in the report's notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from kms_resources.access.alibaba.translate import access_point as alibaba_point
from kms_resources.access.alibaba.translate import default_policy
from kms_resources.access.ctyun.translate import access_point as ctyun_point
from kms_resources.access.rules import canonical
from kms_resources.access.tencent.match import key_path
from kms_resources.access.tencent.parse import parse as parse_cam
from kms_resources.access.words import Document, DocumentKind, Resource, ResourceKind, World
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import PolicyKey
from kms_resources.model import DeletionPolicy, Marker, Target
from kms_resources.review.snapshot import Identity, Side, StackSide
from kms_resources.stack.types import DeclaredKey
from kms_resources.uses import DesiredAccessPoint, DesiredPolicy, Uses

OWN = "0" * 16
"""The own account, while its number is not known."""
_NUMBERED = re.compile(r"(?:acs:ram::|uin/)(\d{5,20})\b")
_POINTS = {"alibaba": alibaba_point, "ctyun": ctyun_point}


@dataclass(frozen=True)
class Scope:
    """What is given beside the stacks."""

    account: str = ""
    """The number of the own account; empty: not known."""
    trust: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    """Cloud → who may assume which role there."""
    now: datetime | None = None
    """From when on somebody must be able to change the policy; None: times are not looked at."""


def owners(policies: tuple[DesiredPolicy | None, ...], scope: Scope, known: str = "") -> tuple[str, ...]:
    """The accounts that may be the own one: the given one, or the symbol and whatever native documents name."""
    if scope.account or known:
        return (scope.account or known,)
    found = {
        number
        for policy in policies
        if policy and policy.native is not None
        for number in _NUMBERED.findall(canonical(policy.native))
    }
    return (OWN, *sorted(found))


def accounts_told(side: Side, name: str) -> Mapping[tuple[str, str], str]:
    """Cloud and credentials → the own account there, as far as the cloud told it about a key of the stack."""
    stack = side.stacks.get(name)
    found: dict[tuple[str, str], str] = {}
    for (where, called), identity in side.identities.items():
        key = stack.key(called) if stack and where == name else None
        if key and identity.account:
            found.setdefault((key.target.cloud, key.target.credentials), identity.account)
    return found


def account_of(side: Side, name: str, scope: Scope, target: Target) -> str:
    """The own account of a target as far as it is known: given, told by its cloud, or the symbol."""
    return scope.account or accounts_told(side, name).get((target.cloud, target.credentials), OWN)


def resource_of(key: DeclaredKey, identity: Identity, account: str, called: str = "") -> Resource:
    """The key as requests name it. Before it is made, its name stands for its id, or whatever it is `called`."""
    creator = ""
    if identity.arn.count("/") >= 3:  # noqa: PLR2004  (…:key/creatorUin/<creator>/<id>)
        creator = identity.arn.split("/")[-2]
    return Resource(
        ResourceKind.KEY,
        account,
        key.target.region,
        called or identity.id or key.name,
        creator=creator,
        instance=key.target.instance,
        tags=key.settings.tags,
    )


def documents_of(policy: DesiredPolicy, resource: Resource) -> tuple[Document, ...]:
    """The documents that `up` would write."""
    access = get_cloud(policy.target.cloud).access
    if access is None:
        return ()
    arn = ""
    if policy.target.cloud == "tencent":
        arn = f"qcs::kms:{resource.region}:uin/{resource.account}:{key_path(resource)}"
    marker = Marker(f"project/stack/{policy.key}")
    subject = PolicyKey(policy.key, policy.target, resource.account, resource.id, arn, marker)
    rules = access()
    documents, _ = (
        rules.draft(policy.statements, subject) if policy.native is None else rules.native(policy.native, subject)
    )
    return documents


def has_default(target: Target) -> bool:
    """Whether a key of the target has a policy although nobody gave it one."""
    return target.cloud == "alibaba" and bool(target.instance)


def key_world(side: Side, name: str, key: DeclaredKey, scope: Scope, account: str, *, called: str = "") -> World:
    """What decides about one key."""
    stack = side.stacks[name]
    resource = resource_of(key, side.identities.get((name, key.name), Identity()), account, called)
    trust = scope.trust.get(key.target.cloud, ())
    documents = (*_own(stack, key, resource), *_of_neighbours(side, key, resource), *trust)
    return World(key.target.cloud, account, resource, documents)


def empty_world(world: World) -> World:
    """The same key while nobody but the account itself has any right on it."""
    kept = tuple(document for document in world.documents if document.kind is DocumentKind.TRUST)
    return World(world.cloud, world.account, world.resource, kept, world.groups, world.numbers)


def _own(stack: StackSide, key: DeclaredKey, resource: Resource) -> tuple[Document, ...]:
    if key.name in stack.documents:
        return stack.documents[key.name]
    policy = stack.policies.get(key.name)
    if policy:
        return documents_of(policy, resource)
    return (default_policy(resource.account),) if has_default(key.target) else ()


def _of_neighbours(side: Side, key: DeclaredKey, resource: Resource) -> Iterator[Document]:
    """Policies of other keys of the account that reach this one too: only native documents can."""
    if key.target.cloud != "tencent":
        return
    for other, policy in side.natives:
        if policy.key != key.name and same_account(policy.target, key.target):
            for document in documents_of(policy, resource_of(other, Identity(), resource.account)):
                if any("*" in text for rule in parse_cam(document).rules for text in rule.resources):
                    yield document


def same_account(one: Target, other: Target) -> bool:
    """Whether two targets surely see the same account: same cloud, same credentials."""
    return (one.cloud, one.credentials) == (other.cloud, other.credentials)


def container_world(stack: StackSide | None, target: Target, scope: Scope, account: str) -> World:
    """What a stack says about calls on no single key: making keys, lists."""
    resource = Resource(ResourceKind.CONTAINER, account, target.region, instance=target.instance)
    documents: list[Document] = []
    uses = stack.stack.uses if stack else Uses()
    for key in stack.stack.keys if stack and target.cloud == "tencent" else ():
        if stack and same_account(key.target, target):
            found = _own(stack, key, resource_of(key, Identity(), account))
            documents += [wide for document in found if (wide := _wide_part(document))]
    for point in uses.access_points if target.cloud == "ctyun" else ():
        if place(point.target) == place(target):
            documents += point_documents(point)
    # Many keys say the same about this; once is enough.
    unique = {
        (document.kind, document.name, document.attached_to, canonical(document.body)): document
        for document in documents
    }
    return World(target.cloud, account, resource, (*unique.values(), *scope.trust.get(target.cloud, ())))


def _wide_part(document: Document) -> Document | None:
    """The statements of a CAM policy that have a say in calls on no single key; None: it has none."""
    found = document.body.get("statement", [])
    statements = [one for one in (found if isinstance(found, list) else [found]) if _is_wide(one.get("resource", []))]
    return replace(document, name="", body={**document.body, "statement": statements}) if statements else None


def _is_wide(resources: object) -> bool:
    texts = resources if isinstance(resources, list) else [resources]
    return any("${" in str(text) or str(text).rpartition(":")[2] in {"*", "key/*"} for text in texts)


def place(target: Target) -> tuple[str, str, str]:
    """What of a target a key cannot leave."""
    return (target.cloud, target.region, target.instance)


def point_documents(point: DesiredAccessPoint, ids: Mapping[str, str] | None = None) -> tuple[Document, ...]:
    """The documents of an access point; keys by id where it is known, else by name."""
    keys = tuple(f"key/{(ids or {}).get(name) or name}" for name in point.keys)
    own = replace(point.point, name=point.name, resources=(*keys, *point.point.resources))
    return _POINTS[point.target.cloud](own) if point.target.cloud in _POINTS else ()


def point_world(point: DesiredAccessPoint | None, target: Target, key: str, account: str) -> World:
    """What one access point lets its holders do with one key, `key` being its name."""
    resource = Resource(ResourceKind.KEY, account, target.region, key, instance=target.instance)
    return World(target.cloud, account, resource, point_documents(point) if point else ())


def kept_when_removed(key: DeclaredKey) -> bool:
    """Whether a policy that leaves the stack stays at the cloud: it goes the way of its key."""
    return key.deletion.policy is DeletionPolicy.ABANDON
