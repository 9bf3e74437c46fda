"""From the nodes of one file to a `Stack`, or to everything that is wrong with it: targets, references, all keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from kms_resources.capabilities import Capability
from kms_resources.clouds import CLOUDS, get_cloud
from kms_resources.model import DeletionPolicy, Target
from kms_resources.nodes import Document, Mapping_
from kms_resources.problems import Path, Position, Problem, Severity, in_order
from kms_resources.redact import label, show
from kms_resources.stack.check_access_points import PointCheck
from kms_resources.stack.check_gateway import check_gateway, gateway_of
from kms_resources.stack.check_key import KeyCheck
from kms_resources.stack.check_policy import PolicyCheck
from kms_resources.stack.check_secrets import SecretCheck
from kms_resources.stack.check_uses import UseCheck
from kms_resources.stack.exposure import find_exposures
from kms_resources.stack.fields import Fields, KeyFields, tainted_paths
from kms_resources.stack.structure import check_structure, nearest
from kms_resources.stack.twin import Twin, without_policies
from kms_resources.stack.types import DeclaredKey, Stack
from kms_resources.uses import DesiredPolicy, Uses


@dataclass(frozen=True)
class Checked:
    """What came of one file."""

    file: str
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    stack: Stack | None
    """None if there is any problem."""


def check_document(document: Document, twin: Twin | None = None) -> Checked:
    """Check one parsed file completely. `twin` is another version of it, if one was checked already."""
    problems = list(document.problems)
    if document.root is None:
        return Checked(document.file, in_order(problems), (), None)
    known = twin.policies(document.root) if twin else {}
    unknown = without_policies(document.root, known)
    exposures = find_exposures(unknown)
    hidden = frozenset(problem.position for problem in exposures)
    problems += exposures
    problems += [
        problem
        for problem in check_structure(unknown, hidden)
        # A secret in a wrong place is one problem, not two.
        if problem.position not in hidden
    ]
    check = (
        _StackCheck(document.file, document.root, tainted_paths(problems), hidden, known)
        if isinstance(document.root, Mapping_)
        else None
    )
    keys: list[DeclaredKey] = []
    if check:
        keys = check.run()
        problems += check.found
    errors = in_order(problem for problem in problems if problem.severity is Severity.ERROR)
    notes = in_order(problem for problem in problems if problem.severity is Severity.NOTE)
    stack = None if errors or check is None else Stack(document.file, check.targets, tuple(keys), notes, check.uses)
    return Checked(document.file, errors, notes, stack)


def adopted_twice(keys: Iterable[DeclaredKey]) -> Iterator[Problem]:
    """Keys that take over the same existing key; also across files, for a key has one owner."""
    first: dict[str, Position] = {}
    for key in keys:
        if key.adopt is None:
            continue
        position = key.fields["adopt"]
        if key.adopt in first:
            message = f"{show(key.adopt, identifier=True)} is adopted already at {first[key.adopt]}"
            yield Problem(position, ("keys", key.name, "adopt"), "adopted-twice", message, "each id once")
        first.setdefault(key.adopt, position)


@dataclass
class _StackCheck:
    file: str
    root: Mapping_
    tainted: frozenset[Path]
    hidden: frozenset[Position]
    known: Mapping[str, DesiredPolicy]
    found: dict[Problem, None] = field(default_factory=dict)
    """A dict, because a problem of the defaults turns up with every key."""
    targets: dict[str, Target] = field(default_factory=dict)
    uses: Uses = field(default_factory=Uses)

    def run(self) -> list[DeclaredKey]:
        """Every key that could be declared; what is wrong goes to `found`."""
        top = Fields(self.root, (), self.tainted, self.root.position)
        targets = dict(_named(top.below("targets")))
        for name, fields in targets.items():
            self.target(name, fields)
        known = list(targets)
        used: set[str] = set()
        defaults = top.below("defaults")
        self.reference(defaults, known, used)
        self.leave_for_all(defaults.below("deletion"))
        declared: list[DeclaredKey] = []
        for name, own in _named(top.below("keys")):
            fields_of_key = KeyFields(own, defaults)
            target = self.key_target(fields_of_key, known, used)
            if target is None:
                continue
            check = KeyCheck(name, fields_of_key, target, get_cloud(target.cloud), self.stack_name())
            key = check.declare()
            self.report(*check.problems)
            if key:
                declared.append(key)
        self.report(*_claimed_twice(declared), *adopted_twice(declared))
        self.use(top, declared)
        self.keep_secrets(top, declared, defaults, known, used)
        self.give_access(top, declared, defaults, known, used)
        right = not self.tainted and all(problem.severity is Severity.NOTE for problem in self.found)
        for name, fields in targets.items():
            # While there are errors, the key that is missing here may be one of them.
            if right and name not in used:
                message = "no key lives in this target"
                self.report(Problem(fields.position, fields.path, "unused-target", message, severity=Severity.NOTE))
        return declared

    def use(self, top: Fields, declared: list[DeclaredKey]) -> None:
        """What the stack does with its keys."""
        node = top.below("keys").node
        names = list(node.names) if node else []
        check = UseCheck({key.name: key for key in declared}, names)
        self.uses = Uses(
            tuple(check.ciphertexts(_named(top.below("ciphertexts")))),
            tuple(check.public_keys(_named(top.below("public_keys")))),
            tuple(check.requests(_named(top.below("certificate_requests")))),
        )
        self.report(*check.problems)

    def keep_secrets(
        self, top: Fields, declared: list[DeclaredKey], defaults: Fields, known: list[str], used: set[str]
    ) -> None:
        """The secrets of the stack."""
        node = top.below("keys").node
        check = SecretCheck({key.name: key for key in declared}, list(node.names) if node else [])
        secrets = []
        for name, own in _named(top.below("secrets")):
            fields = KeyFields(own, defaults)
            target = self.key_target(fields, known, used)
            secret = check.declare(name, fields, target) if target else None
            if secret:
                secrets.append(secret)
        self.uses = replace(self.uses, secrets=tuple(secrets))
        self.report(*check.problems)

    def give_access(
        self, top: Fields, declared: list[DeclaredKey], defaults: Fields, known: list[str], used: set[str]
    ) -> None:
        """Who may use the keys: policies and access points."""
        own = dict(_named(top.below("keys")))
        policies = PolicyCheck(self.known)
        found = [policies.declare(key, own[key.name]) for key in declared]
        names = {part: list(node.names) if (node := top.below(part).node) else [] for part in ("keys", "secrets")}
        check = PointCheck(
            {key.name: key for key in declared},
            names["keys"],
            {secret.name: secret for secret in self.uses.secrets},
            names["secrets"],
        )
        points = []
        for name, fields in _named(top.below("access_points")):
            target = self.key_target(KeyFields(fields, defaults), known, used)
            point = check.declare(name, KeyFields(fields, defaults), target) if target else None
            if point:
                points.append(point)
        self.uses = replace(self.uses, policies=tuple(one for one in found if one), access_points=tuple(points))
        self.report(*policies.problems, *check.problems)

    def stack_name(self) -> str:
        """The stack's usual name, for checks of the marker; `Stack.desired_keys` is told the real one."""
        stem = PurePath(self.file).stem
        return stem if re.fullmatch(r"[A-Za-z0-9_.-]{1,63}", stem) else "stack"

    def report(self, *problems: Problem) -> None:
        """Add problems, each once."""
        self.found.update(dict.fromkeys(problems))

    def target(self, name: str, fields: Fields) -> None:
        cloud, region, instance = (fields.text(part) for part in ("cloud", "region", "instance"))
        if cloud and cloud not in CLOUDS:
            message = f"{show(cloud)} is no cloud that is known here{nearest(cloud, list(CLOUDS))}"
            self.add(fields, "cloud", "unknown-cloud", message, ", ".join(CLOUDS))
            return
        if not cloud:
            return
        limits = get_cloud(cloud).limits
        if region and not re.fullmatch(limits.region, region):
            message = f"{show(region, identifier=True)} is no region of {cloud}"
            self.add(fields, "region", "bad-region", message, limits.region_rule)
        elif instance and not (limits.instance and limits.has(Capability.INSTANCE)):
            reason = limits.why_not(Capability.INSTANCE)
            self.add(
                fields, "instance", "cannot", f"{cloud} has no KMS instances: {reason}", "a target without instance"
            )
        elif instance and not re.fullmatch(limits.instance, instance):
            message = f"{show(instance, identifier=True)} is no id of an instance of {cloud}"
            self.add(fields, "instance", "bad-instance", message, f"an id of the form {limits.instance}")
        elif region and fields.is_sound("instance") and fields.is_sound("credentials"):
            self.report(*check_gateway(fields, cloud))
            self.targets[name] = Target(name, cloud, region, instance, fields.text("credentials"), gateway_of(fields))

    def reference(self, fields: Fields, known: list[str], used: set[str]) -> None:
        name = fields.text("target")
        if name and name in known:
            used.add(name)
        elif name:
            message = f"there is no target {show(name)}{nearest(name, known)}"
            self.add(
                fields, "target", "unknown-target", message, ", ".join(map(show, known)) or "a target of this file"
            )

    def leave_for_all(self, deletion: Fields) -> None:
        if deletion.text("policy") == DeletionPolicy.SCHEDULE:
            # One line here would let every key of the file be deleted, the ones that are added later included.
            message = "leave to delete is given key by key, never for all keys at once"
            allowed = f"{DeletionPolicy.PREVENT} or {DeletionPolicy.ABANDON} here; schedule at each key that may go"
            self.add(deletion, "policy", "blanket-deletion", message, allowed)

    def key_target(self, fields: KeyFields, known: list[str], used: set[str]) -> Target | None:
        own = fields.own
        if own.node is None:
            return None
        if not own.has("target") and not fields.defaults.has("target"):
            allowed = ", ".join(map(show, known)) or "a target of this file"
            self.report(Problem(own.position, (*own.path, "target"), "missing-field", "this field is missing", allowed))
            return None
        if own.has("target"):
            self.reference(own, known, used)
        return self.targets.get(fields.holder("target").text("target"))

    def add(self, fields: Fields, name: str, id_: str, message: str, allowed: str) -> None:
        self.report(Problem(fields.at(name), (*fields.path, name), id_, message, allowed))


def _named(parent: Fields) -> Iterator[tuple[str, Fields]]:
    """The mappings inside a mapping, by name. A name that looks like a secret is never used for anything."""
    for name, position in parent.node.names.items() if parent.node else ():
        if label(name) == name:
            node = parent.node.entries.get(name) if parent.node else None
            mapping = node if isinstance(node, Mapping_) else None
            yield name, Fields(mapping, (*parent.path, name), parent.tainted, position)


def _claimed_twice(keys: Iterable[DeclaredKey]) -> Iterator[Problem]:
    # Two targets with the same cloud, region and credentials are one account: an alias exists there once.
    first: dict[tuple[str, str, str, str], tuple[str, Position]] = {}
    for key in keys:
        place = (key.target.cloud, key.target.region, key.target.credentials)
        for number, alias in enumerate(key.aliases):
            claim = (*place, alias.name)
            other, position = first.setdefault(claim, (key.name, alias.position))
            if other != key.name:
                message = f"{show(alias.name)} is claimed already by key {other} at {position}"
                path = ("keys", key.name, "aliases", str(number))
                yield Problem(alias.position, path, "alias-claimed-twice", message, "one key for each alias")
