"""Check the policies of a stack's keys against what their clouds can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kms_resources.access import words
from kms_resources.access.words import ALWAYS, Conditions, Effect, Statement, parse_principal
from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import AccessRules, PolicyKey
from kms_resources.model import Marker
from kms_resources.nodes import Mapping_, Scalar
from kms_resources.problems import Path, Position, Problem, Severity
from kms_resources.redact import label
from kms_resources.stack.fields import Fields
from kms_resources.stack.places import locate, locate_item, plain
from kms_resources.stack.types import DeclaredKey
from kms_resources.uses import DesiredPolicy

NATIVE = "native"
ACCOUNT = "0" * 16
"""Stands for the own account, whose number a file does not know; as long as a real one, for lengths are checked."""
_LISTS = ("source_ip", "not_source_ip", "private_ip", "vpc")


@dataclass
class PolicyCheck:
    """The check of all policies of a file. `problems` fills while they are read."""

    known: Mapping[str, DesiredPolicy] = field(default_factory=dict)
    """Policies that were found right already, by key."""
    problems: list[Problem] = field(default_factory=list)

    def declare(self, key: DeclaredKey, fields: Fields) -> DesiredPolicy | None:
        """The policy of a key, or None where it has none or too little is right. `fields` are the key's own."""
        if not fields.has("policy") or not isinstance(fields.get("policy"), Mapping_):
            return None
        known = self.known.get(key.name)
        if known and known.target == key.target:
            return known
        cloud = get_cloud(key.target.cloud)
        below = fields.below("policy")
        if cloud.access is None or not cloud.limits.has(Capability.KEY_POLICY):
            reason = cloud.limits.why_not(Capability.KEY_POLICY)
            message = f"{cloud.title} does not offer {Capability.KEY_POLICY.value}: {reason}"
            self._add(fields, "policy", "cannot", message, "a key without policy")
            return None
        rules = cloud.access()
        if why := rules.refusal(key.target):
            self._add(fields, "policy", "cannot", why, "a key without policy")
            return None
        subject = PolicyKey(key.name, key.target, ACCOUNT, marker=Marker(f"project/stack/{key.name}"))
        if below.has(NATIVE):
            return self._native(key, below, rules, subject)
        return self._statements(key, below, rules, subject)

    def _native(self, key: DeclaredKey, fields: Fields, rules: AccessRules, subject: PolicyKey) -> DesiredPolicy | None:
        others = [name for name in fields.node.names if name != NATIVE] if fields.node else []
        if others:
            message = "a document in the cloud's own form is the whole policy"
            self._add(fields, others[0], "native-and-more", message, f"either {NATIVE}, or statements")
        node = fields.get(NATIVE)
        if node is None:
            return None
        body = plain(node)
        documents, problems = rules.native(body, subject)
        path = (*fields.path, NATIVE)
        for problem in problems:
            self._say(problem, *locate(node, problem.path, path))
        if not any(problem.fatal for problem in problems) and (why := rules.lockout(documents, subject)):
            self.problems.append(Problem(node.position, path, "lockout", why, _NO_LOCKOUT))
        return DesiredPolicy(key.name, key.target, native=body)

    def _statements(
        self, key: DeclaredKey, fields: Fields, rules: AccessRules, subject: PolicyKey
    ) -> DesiredPolicy | None:
        found = [
            self._statement(sid, Fields(node, (*fields.path, label(sid)), fields.tainted, at))
            for sid, at, node in fields.items()
            if isinstance(node, Mapping_) and label(sid) == sid
        ]
        statements = tuple(sorted((one for one in found if one), key=lambda one: one.sid))
        if fields.node and not fields.node.names:
            self._add(fields, "", "empty-policy", "a policy without statements lets nobody in", "a statement at least")
        if not statements or len(found) != len(statements):
            return None
        documents, problems = rules.draft(statements, subject)
        already = {problem.path for problem in self.problems}
        for problem in problems:
            position, path = fields.position, fields.path
            if fields.node:
                position, path = locate_item(fields.node, problem.path, fields.path, problem.what)
            if path not in already:
                already.add(path)
                self._say(problem, position, path)
        if not any(problem.fatal for problem in problems) and (why := rules.lockout(documents, subject)):
            self.problems.append(Problem(fields.position, fields.path, "lockout", why, _NO_LOCKOUT))
        return DesiredPolicy(key.name, key.target, statements)

    def _statement(self, sid: str, fields: Fields) -> Statement | None:
        effect = Effect(fields.text("effect") or Effect.ALLOW)
        principals, actions = fields.texts("principals"), fields.texts("actions")
        right = all(fields.is_sound(name) for name in ("effect", "principals", "actions", "conditions"))
        for name, given in (("principals", principals), ("actions", actions)):
            if fields.is_sound(name) and fields.has(name) and not given:
                nothing = "names nobody" if name == "principals" else "names no action"
                message = f"a statement that {nothing} says nothing"
                self._add(fields, name, "empty-statement", message, "one at least, or no statement")
                right = False
        for place, (text, position) in enumerate(principals):
            if why := _unknown(text):
                path = (*fields.path, "principals", str(place))
                message, _, allowed = why.partition("; allowed: ")
                self.problems.append(Problem(position, path, "unknown-principal", message, allowed))
                right = False
        if not right or not (principals and actions):
            return None
        return Statement(
            sid,
            effect,
            tuple(text for text, _ in principals),
            tuple(text for text, _ in actions),
            conditions=_conditions(fields.below("conditions")),
        )

    def _say(self, problem: words.Problem, position: Position, path: Path) -> None:
        message, _, allowed = problem.what.partition("; allowed: ")
        severity = Severity.ERROR if problem.fatal else Severity.NOTE
        id_ = "bad-policy" if problem.fatal else "no-effect"
        self.problems.append(Problem(position, path, id_, message, allowed, severity))

    def _add(self, fields: Fields, name: str, id_: str, message: str, allowed: str) -> None:
        path = (*fields.path, name) if name else fields.path
        self.problems.append(Problem(fields.at(name), path, id_, message, allowed))


_NO_LOCKOUT = "a condition, or an exception for whoever administers the key"


def _unknown(principal: str) -> str:
    try:
        account = parse_principal(principal, ACCOUNT).account
    except ValueError as error:
        return str(error)
    if account.isdigit():
        return ""
    return f"{account!r} is no number of an account; allowed: {principal.rpartition(':')[2]}, or ID:user/NAME"


def _conditions(fields: Fields) -> Conditions:
    if fields.node is None:
        return ALWAYS
    given: dict[str, Any] = {name: tuple(text for text, _ in fields.texts(name)) for name in _LISTS if fields.has(name)}
    given |= {name: fields.text(name) for name in ("after", "before") if fields.has(name)}
    given |= {name: fields.flag(name) for name in ("mfa", "secure_transport") if fields.has(name)}
    if fields.has("tag"):
        tags = fields.below("tag").items()
        given["tag"] = {name: node.text for name, _, node in tags if isinstance(node, Scalar)}
    return Conditions(**given)


def marked_policies(policies: tuple[DesiredPolicy, ...], project: str, stack: str) -> Iterator[DesiredPolicy]:
    """The policies with the markers of their keys."""
    for policy in policies:
        yield replace(policy, marker=Marker(f"{project}/{stack}/{policy.key}"))
