"""A stack against what the clouds have now: BASE is what is there, HEAD what `up` would make of it. Only reads."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kms_resources.access.words import AccessPoint, Document, DocumentKind
from kms_resources.changes import UNSETTLED
from kms_resources.clouds import get_cloud
from kms_resources.clouds.marking import derived_name, policy_name
from kms_resources.errors import InputError, NotFoundError
from kms_resources.model import ActualKey, Deletion, DesiredKey, KeyId, Marker, Material, Target
from kms_resources.operations import access_points
from kms_resources.operations.policies import PolicyDesk
from kms_resources.operations.policies import open_desk as open_policies
from kms_resources.operations.site import Site, open_site
from kms_resources.review.snapshot import Identity, Side, StackSide, assemble
from kms_resources.stack.types import DeclaredAlias, DeclaredKey, Stack
from kms_resources.uses import DesiredAccessPoint

LABEL = "the clouds now"
_NAME = re.compile(r"^name:\s*['\"]?([A-Za-z0-9_.-]+)['\"]?\s*(?:#.*)?$", re.MULTILINE)


def from_cloud(
    paths: Sequence[Path], project: str = "", stack: str = "", environ: Mapping[str, str] | None = None
) -> tuple[Side, Side]:
    """Both sides. Raises `CredentialsError` and `CloudError` besides what `assemble` raises."""
    if not paths:
        raise InputError("there is no stack file here to compare with the clouds", advice="name it behind --cloud")
    if stack and len(paths) > 1:
        raise InputError("one --stack cannot be the name of several files", advice="name one file")
    project = project or _project(Path())
    texts = []
    for path in paths:
        try:
            texts.append((path.as_posix(), path.as_posix(), path.read_bytes()))
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise InputError("cannot be read", where=str(path), why=why) from None
    head = assemble("stack", texts)
    reader = Reader(os.environ if environ is None else environ)
    base: dict[str, StackSide] = {}
    identities: dict[tuple[str, str], Identity] = {}
    for name, side in head.stacks.items():
        found = reader.stack(side, project, stack or Path(name).stem)
        base[name] = found.side
        identities |= {(name, key): identity for key, identity in found.identities.items()}
    return Side(LABEL, base, identities), Side(head.label, head.stacks, identities)


def _project(directory: Path) -> str:
    try:
        found = _NAME.search((directory / "Pulumi.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if found is None:
        raise InputError(
            "the project's name is not known, and keys are found by the marker project/stack/name",
            advice="give --project, or go to the directory that has Pulumi.yaml",
        )
    return found[1]


@dataclass(frozen=True)
class Found:
    """One stack as the clouds have it."""

    side: StackSide
    identities: Mapping[str, Identity]


class Reader:
    """Reads what the clouds have; each target is opened once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._sites: dict[Target, Site] = {}
        self._desks: dict[Target, PolicyDesk] = {}

    def stack(self, head: StackSide, project: str, stack: str) -> Found:
        """What the clouds have of one stack."""
        keys: list[DeclaredKey] = []
        identities: dict[str, Identity] = {}
        documents: dict[str, tuple[Document, ...]] = {}
        desired = {key.name: key for key in head.stack.desired_keys(project, stack)}
        ids: dict[Target, dict[KeyId, str]] = {}
        for declared in head.stack.keys:
            wish = desired[declared.name]
            actual = self._actual(wish)
            if actual is None:
                continue
            site = self._site(wish.target)
            account = actual.account or site.client.account()
            identities[declared.name] = Identity(actual.id, actual.arn, account)
            ids.setdefault(wish.target, {})[actual.id] = declared.name
            keys.append(_as_declared(declared, actual))
            if declared.name in head.policies:
                documents[declared.name] = self._documents(wish, actual)
        keys += self._leftovers(head, project, stack, ids)
        keys = [replace(key, aliases=self._aliases(key, head, ids.get(key.target, {}))) for key in keys]
        points = self._points(head, project, stack, ids)
        uses = replace(head.stack.uses, policies=(), access_points=points)
        found = Stack(head.stack.file, head.stack.targets, tuple(keys), (), uses)
        return Found(StackSide(found, documents=documents), identities)

    def _site(self, target: Target) -> Site:
        if target not in self._sites:
            self._sites[target] = open_site(target, self._environ)
        return self._sites[target]

    def _policies(self, target: Target) -> PolicyDesk:
        if target not in self._desks:
            self._desks[target] = open_policies(target, self._environ)
        return self._desks[target]

    def _actual(self, wish: DesiredKey) -> ActualKey | None:
        site = self._site(wish.target)
        seen = site.sweep.keys()
        marked = next((key for key in seen.values() if key.marker == wish.marker), None)
        return marked or (seen.get(wish.adopt) if wish.adopt else None)

    def _leftovers(
        self, head: StackSide, project: str, stack: str, ids: Mapping[Target, Mapping[KeyId, str]]
    ) -> list[DeclaredKey]:
        """Keys with our marker that the stack does not have any more."""
        found = []
        for target in head.stack.targets.values():
            for actual in self._site(target).sweep.keys().values():
                ours, _, name = actual.marker.rpartition("/")
                known = actual.id in ids.get(target, {}) or head.key(name) is not None
                elsewhere = target.instance and not _same_instance(target, actual)
                if ours == f"{project}/{stack}" and not known and not elsewhere:
                    where = head.at("keys")
                    found.append(DeclaredKey(name, target, actual.settings, Deletion(), (), None, None, where, {}))
        return list({key.name: key for key in found}.values())

    def _documents(self, wish: DesiredKey, actual: ActualKey) -> tuple[Document, ...]:
        desk = self._policies(wish.target)
        if desk.keys:
            try:
                return (Document(DocumentKind.KEY_POLICY, desk.keys.get_policy(actual.id), "default"),)
            except NotFoundError:
                return ()
        return _of_identities(desk, wish.marker)

    def _aliases(self, key: DeclaredKey, head: StackSide, ids: Mapping[KeyId, str]) -> tuple[DeclaredAlias, ...]:
        """Aliases that the key has at the cloud, as far as the stack has a say: its own names and those of its keys."""
        wanted = {alias.name for alias in head.stack.aliases}
        found = []
        for name, holder in sorted(self._site(key.target).sweep.aliases().items()):
            if ids.get(holder) == key.name and (name in wanted or key.name in head.by_name):
                found.append(DeclaredAlias(name, key.name, key.target, key.position))
        return tuple(found)

    def _points(
        self, head: StackSide, project: str, stack: str, ids: Mapping[Target, Mapping[KeyId, str]]
    ) -> tuple[DesiredAccessPoint, ...]:
        found = []
        for wish in head.stack.uses.access_points:
            rules = get_cloud(wish.target.cloud).points
            if rules is None:
                continue
            name = derived_name(Marker(f"{project}/{stack}/{wish.name}"), rules().most_name)
            actual = access_points.open_desk(wish.target, self._environ).client.describe(name)
            if actual is None or not actual.exists:
                continue
            known = ids.get(wish.target, {})
            resources = actual.point.resources
            named = [text.removeprefix("key/") for text in resources if text.startswith("key/") and text != "key/*"]
            keys = tuple(known.get(KeyId(key), key) for key in named)
            rest = tuple(text for text in resources if not text.startswith("key/") or text == "key/*")
            point = replace(_comparable(wish.point, actual.point), name=wish.name, resources=rest)
            found.append(replace(wish, point=point, keys=keys))
        return tuple(found)


def _of_identities(desk: PolicyDesk, marker: Marker) -> tuple[Document, ...]:
    client = desk.identities
    if client is None:
        return ()
    documents = []
    for _, name in sorted(client.list_policies(policy_name(marker, ""))):
        policy = client.find_policy(name)
        if policy is not None:
            attached = tuple(sorted(one.short for one in client.attachments(policy.id)))
            documents.append(Document(DocumentKind.IDENTITY_POLICY, policy.body, name, attached))
    return tuple(documents)


def _comparable(wish: AccessPoint, fact: AccessPoint) -> AccessPoint:
    """The access point without what cannot be compared: what the stack left to the cloud, and what it does not tell.

    `up` compares alike, so that the review does not say it refuses what it accepts.
    """
    return replace(
        fact,
        instance=fact.instance if wish.instance and fact.instance else wish.instance,
        vpc=fact.vpc if wish.vpc and fact.vpc else wish.vpc,
        subnet=fact.subnet if wish.subnet and fact.subnet else wish.subnet,
    )


def _same_instance(target: Target, actual: ActualKey) -> bool:
    """Whether the key may live in the target's instance; a cloud that does not say so cannot be asked."""
    return not actual.arn or target.instance in actual.arn or "/kst-" not in actual.arn


def _as_declared(wish: DeclaredKey, actual: ActualKey) -> DeclaredKey:
    """The actual key in the words of a stack. What a cloud does not know is as the stack says."""
    enabled = wish.settings.enabled if actual.state in UNSETTLED else actual.settings.enabled
    settings = replace(actual.settings, enabled=enabled)
    material: Material | None = None
    if wish.material:
        material = replace(wish.material, expires=actual.material_expires[:10])
    return replace(wish, settings=settings, material=material, aliases=())
