"""What KEY means on a command line and in a program: a name of the stack, an alias of the stack, or `cloud://region/id`.

A name is looked up by its marker, as `pulumi up` does it, so it always means the key that the stack made. An alias
means whatever key the cloud has under it at this moment, which is what an alias is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from kms_resources.capabilities import Capability
from kms_resources.clouds import CLOUDS, get_cloud
from kms_resources.clouds.marking import derived_name
from kms_resources.crypto.checks import check_capability
from kms_resources.errors import InputError, NotFoundError, UnsafeError
from kms_resources.model import Gateway, KeyId, Marker, Settings, Target
from kms_resources.operations.site import Site, open_site
from kms_resources.redact import show
from kms_resources.stack import load_stack
from kms_resources.stack.types import Stack

ALIAS_PREFIX = "alias/"
DOORS = ("shared", "instance")
_DIRECT = re.compile(r"(?P<cloud>[a-z][a-z0-9-]*)://(?P<region>[^/?#\s]+)(?:/(?P<id>[^?#\s]+))?")
_PROJECT_FILE = "Pulumi.yaml"


@dataclass(frozen=True)
class Place:
    """Where references are looked up: the stack file, if there is one, and the credentials of direct references."""

    stack_file: Path | None = None
    credentials: str = ""
    """Suffix of the environment variables for `cloud://region/…`; targets of a stack name their own."""
    instance: str = ""
    """The KMS instance for `cloud://region/…`."""


@dataclass(frozen=True)
class Reference:
    """A key that was found."""

    target: Target
    key_id: KeyId
    name: str
    """How messages call it."""
    settings: Settings | None = None
    """What the stack declares; None for a direct reference, of which nothing is known before the cloud is asked."""


def find_target(text: str, place: Place) -> Target:
    """The target that `text` names: a name of the stack, or `cloud://region`. Raises `InputError`."""
    direct = _direct(text)
    if direct:
        return _target_of(direct, place, text)
    stack = _stack(place, text, "a target of a stack, or cloud://region")
    target = stack.targets.get(text)
    if target is None:
        raise InputError(
            f"{stack.file} has no target {show(text)}",
            why=f"its targets are {', '.join(stack.targets)}",
            advice="name one of them, or write cloud://region",
        )
    return target


def find_key(text: str, place: Place, environ: Mapping[str, str]) -> Reference:
    """The key that `text` names. Asks the cloud only for what the text does not say.

    Raises `InputError` for a text that names nothing, `NotFoundError` when the cloud has no such key, and `UnsafeError`
    when two keys carry the marker.
    """
    direct = _direct(text)
    if direct:
        return _direct_key(direct, place, text, environ)
    stack = _stack(place, text, "a key of a stack, one of its aliases, or cloud://region/id")
    declared = next((key for key in stack.keys if key.name == text), None)
    if declared:
        project = _project(Path(stack.file))
        desired = declared.desired(project, Path(stack.file).stem)
        site = open_site(declared.target, environ)
        # The cloud's own search first; what it does not find may still show in a complete listing.
        found = sorted(site.client.find_keys(desired.marker)) or [key.id for key in site.sweep.marked(desired.marker)]
        if len(found) > 1:
            raise UnsafeError(
                f"{len(found)} keys carry the marker {desired.marker}",
                where=desired.where,
                why=", ".join(found),
                advice="decide which one is meant and name it as cloud://region/id",
            )
        if not found:
            raise NotFoundError(
                f"no key carries the marker {desired.marker}",
                where=desired.where,
                why="the stack has not been applied, or these are the credentials of another account",
                advice="run `pulumi up`, or check the credentials",
            )
        return Reference(declared.target, found[0], desired.where, declared.settings)
    name = text.removeprefix(ALIAS_PREFIX)
    alias = next((one for one in stack.aliases if one.name == name), None)
    if alias:
        site = open_site(alias.target, environ)
        return Reference(alias.target, _aliased(site, name), f"{alias.target.name}/{ALIAS_PREFIX}{name}")
    raise InputError(
        f"{stack.file} has no key and no alias {show(text)}",
        why=f"its keys are {', '.join(key.name for key in stack.keys) or 'none'}",
        advice="name one of them, or write cloud://region/id",
    )


def find_secret(text: str, target: str | None, place: Place) -> tuple[Target, str]:
    """Target and name at the cloud of the secret that `text` names. Raises `InputError`."""
    direct = _direct(text)
    if direct:
        if not direct["id"]:
            raise InputError(f"{show(text)} names no secret", advice="write cloud://region/name")
        return _target_of(direct, place, text), direct["id"]
    if target:
        return find_target(target, place), text
    stack = _stack(place, text, "a secret of a stack, or cloud://region/name")
    declared = next((secret for secret in stack.uses.secrets if secret.name == text), None)
    if declared is None:
        raise InputError(
            f"{stack.file} has no secret {show(text)}",
            why=f"its secrets are {', '.join(secret.name for secret in stack.uses.secrets) or 'none'}",
            advice="name one of them, add --target, or write cloud://region/name",
        )
    return declared.target, declared.cloud_name


def find_access_point(text: str, target: str | None, place: Place) -> tuple[Target, str]:
    """Target and name at the cloud of the access point that `text` names. Raises `InputError`."""
    direct = _direct(text)
    if direct:
        if not direct["id"]:
            raise InputError(f"{show(text)} names no access point", advice="write cloud://region/name")
        return _target_of(direct, place, text), direct["id"]
    if target:
        return find_target(target, place), text
    stack = _stack(place, text, "an access point of a stack, or cloud://region/name")
    declared = next((point for point in stack.uses.access_points if point.name == text), None)
    points = get_cloud(declared.target.cloud).points if declared else None
    if declared is None or points is None:
        raise InputError(
            f"{stack.file} has no access point {show(text)}",
            why=f"its access points are {', '.join(point.name for point in stack.uses.access_points) or 'none'}",
            advice="name one of them, add --target, or write cloud://region/name",
        )
    marker = Marker(f"{_project(Path(stack.file))}/{Path(stack.file).stem}/{text}")
    return declared.target, derived_name(marker, points().most_name)


def with_door(target: Target, door: str, encoding: str = "") -> Target:
    """The target with everything through its `shared` or its `instance` door; empty: as the target says.

    `encoding` replaces the gateway's. Raises `InputError` for another door, and where the cloud has no second one.
    """
    if not door and not encoding:
        return target
    cloud = get_cloud(target.cloud)
    check_capability(cloud.limits, Capability.GATEWAY, cloud.title, where=f"target {target.name}")
    if door not in {"", *DOORS}:
        raise InputError(
            f"there is no door {show(door)}", where=f"target {target.name}", why=f"allowed: {', '.join(DOORS)}"
        )
    # Without a gateway of the target's own the cloud looks for one in its environment variables.
    gateway = target.gateway or Gateway(endpoint="")
    if door:
        gateway = replace(gateway, shared=("*",) if door == "shared" else ())
    return replace(target, gateway=replace(gateway, encoding=encoding or gateway.encoding))


def usual_stack_file(folder: Path) -> Path | None:
    """The stack file of a project, if there is only one."""
    files = sorted((folder / "stacks").glob("*.yaml"))
    return files[0] if len(files) == 1 else None


def _direct(text: str) -> re.Match[str] | None:
    return _DIRECT.fullmatch(text) if "://" in text else None


def _target_of(direct: re.Match[str], place: Place, text: str) -> Target:
    cloud, region = direct["cloud"], direct["region"]
    if cloud not in CLOUDS:
        raise InputError(f"{show(text)} names no cloud", why=f"{cloud!r} is none", advice=f"there are {_clouds()}")
    limits = get_cloud(cloud).limits
    if not re.fullmatch(limits.region, region):
        raise InputError(f"{show(text)} names no region", why=f"{region!r} is none", advice=limits.region_rule)
    return Target(f"{cloud}://{region}", cloud, region, place.instance, place.credentials)


def _direct_key(direct: re.Match[str], place: Place, text: str, environ: Mapping[str, str]) -> Reference:
    if not direct["id"]:
        raise InputError(f"{show(text)} names no key", why="the id is missing", advice="write cloud://region/id")
    target = _target_of(direct, place, text)
    if direct["id"].startswith(ALIAS_PREFIX):
        key_id = _aliased(open_site(target, environ), direct["id"].removeprefix(ALIAS_PREFIX))
        return Reference(target, key_id, text)
    return Reference(target, KeyId(direct["id"]), text)


def _aliased(site: Site, name: str) -> KeyId:
    key_id = site.sweep.aliases().get(name)
    if key_id is None:
        raise NotFoundError(f"there is no alias {show(name)}", where=f"target {site.name}")
    return key_id


def _stack(place: Place, text: str, allowed: str) -> Stack:
    if "://" in text:
        raise InputError(
            f"{show(text)} is no reference", why="it has the form of a URL", advice=f"{allowed}; clouds: {_clouds()}"
        )
    if place.stack_file is None:
        raise InputError(
            f"{show(text)} cannot be looked up",
            why="there is not exactly one file in stacks/",
            advice="name the file with --stack-file, or write cloud://region/id",
        )
    return load_stack(place.stack_file)


def _project(stack_file: Path) -> str:
    """The project's name: a part of the markers. Looked for upwards from the stack file, as the engine does it."""
    for folder in stack_file.resolve().parents:
        file = folder / _PROJECT_FILE
        if file.is_file():
            try:
                content = yaml.safe_load(file.read_text(encoding="utf-8"))
                return str(content["name"])
            except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
                raise InputError("the project has no name", where=str(file), why="it is not readable YAML") from None
    raise InputError(
        f"there is no {_PROJECT_FILE} above {stack_file}",
        why="its name is part of the keys' markers",
        advice="work in the project, or write cloud://region/id",
    )


def _clouds() -> str:
    return ", ".join(CLOUDS)
