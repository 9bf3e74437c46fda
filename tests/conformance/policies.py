"""Policies for the cases of this folder: a key with an owner, and the desk of a run that remembers nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

from kms_resources.access.words import Document, Effect, Native, Statement
from kms_resources.clouds.access import PolicyKey
from kms_resources.model import DesiredKey, Marker, Settings, Spec, Target, Usage
from kms_resources.operations import keys, policies
from kms_resources.operations.policies import PolicyDesk, PolicyOutcome
from tests.support.emulator import INNER_URL, InnerAdapter, Running, run_emulator

TARGETS = {
    "alibaba": Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvsoft01"),
    "tencent": Target("guangzhou", "tencent", "ap-guangzhou"),
}
MARKER = Marker("shop/prod/orders")
ADMINS = Statement("admins", Effect.ALLOW, ("user/key-admin",), ("administer", "read"))
APP = Statement("app", Effect.ALLOW, ("user/payments-app", "user/auditor"), ("encrypt", "decrypt"))
WRITES = {"alibaba": ("SetKeyPolicy",), "tencent": ("CreatePolicy", "AttachUserPolicy")}
GET = {"alibaba": "GetKeyPolicy", "tencent": "GetPolicy"}


@dataclass
class PolicyCase:
    """One cloud, one wire, one key, and short words for what the cases do."""

    cloud: str
    emulator: Running
    target: Target
    key: PolicyKey = field(init=False)

    def __post_init__(self) -> None:
        spec = Spec.SM4 if self.cloud == "tencent" else Spec.AES_256
        desired = DesiredKey("orders", self.target, Settings(spec, Usage.ENCRYPT_DECRYPT), MARKER)
        made = keys.create(self.emulator.site(self.target), desired).key
        self.key = PolicyKey("orders", self.target, made.account, str(made.id), made.arn, MARKER)

    @property
    def desk(self) -> PolicyDesk:
        """What the next run has: it remembers nothing."""
        desk = policies.open_desk(self.target, self.emulator.environ, self.emulator.pauses.append)
        client: Any = desk.keys or desk.identities
        transport = client._api.transport if hasattr(client._api, "transport") else client._api._transport
        transport.sleep = self.emulator.pauses.append
        if self.emulator.url == INNER_URL:
            session: requests.Session = transport._session
            session.mount("https://", InnerAdapter(self.emulator.emulator))
        return desk

    def documents(self, *statements: Statement) -> tuple[Document, ...]:
        documents, problems = self.desk.rules.draft(statements, self.key)
        assert not [problem for problem in problems if problem.fatal]
        return documents

    def write(self, *statements: Statement, former: tuple[Document, ...] = ()) -> PolicyOutcome:
        return policies.write(self.desk, self.key, self.documents(*statements), former, "here")

    def seen(self, *statements: Statement) -> PolicyOutcome | None:
        return policies.read(self.desk, self.key, self.documents(*statements))

    def as_declared(self, *statements: Statement) -> bool:
        """Whether a new process sees what the statements say, attachments included."""
        wanted, seen = self.documents(*statements), self.seen(*statements)
        rules = self.desk.rules
        return seen is not None and [
            (one.name, sorted(one.attached_to), rules.same(one.body, other.body, self.key.account))
            for one, other in zip(seen.documents, wanted, strict=True)
        ] == [(one.name, sorted(one.attached_to), True) for one in wanted]

    def meddle(self, document: Document, body: Native) -> None:
        """Somebody writes another document by hand."""
        desk = self.desk
        if desk.keys:
            desk.keys.set_policy(self.key.id, body)  # type: ignore[arg-type]
            return
        assert desk.identities is not None
        policy = desk.identities.find_policy(document.name)
        assert policy is not None
        desk.identities.replace_policy(policy.id, body, policy.description)

    def fault(self, kind: str, action: str, **more: Any) -> None:
        self.emulator.fault(kind=kind, cloud=self.cloud, action=action, **more)

    def calm(self) -> None:
        self.emulator.emulator.faults.clear()

    def count(self, action: str) -> int:
        return self.emulator.actions(self.cloud).count(action)


def reserialised(value: Any) -> Any:
    """The same document as a cloud might give it back: another order, one text for a list of one."""
    if isinstance(value, dict):
        return {name: reserialised(value[name]) for name in reversed(list(value))}
    if isinstance(value, list | tuple):
        turned = [reserialised(one) for one in reversed(value)]
        return turned[0] if len(turned) == 1 and isinstance(turned[0], str) else turned
    return value


def with_action(document: Document, action: str) -> Native:
    """A copy of the document whose first statement gives one more action."""
    name, actions = ("Statement", "Action") if "Statement" in document.body else ("statement", "action")
    first, *others = document.body[name]
    return {**document.body, name: [{**first, actions: [*first[actions], action]}, *others]}


def widened(one: Statement) -> Statement:
    return replace(one, actions=(*one.actions, "sign"))


@contextmanager
def open_policy_case(cloud: str, wire: str, folder: Path) -> Iterator[PolicyCase]:
    with run_emulator(folder, http=wire == "http", clouds=[cloud]) as emulator:
        yield PolicyCase(cloud, emulator, TARGETS[cloud])
