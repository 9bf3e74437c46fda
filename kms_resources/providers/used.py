"""What the resources that use a key share: the key behind their properties, and properties that Pulumi can keep.

Each of them has no counterpart in the cloud: deleting one deletes nothing there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from kms_resources.clouds import get_cloud
from kms_resources.errors import InputError
from kms_resources.model import Gateway, KeyId, Settings, Spec, Target, Usage
from kms_resources.providers import props as stored
from kms_resources.providers.process import site_of
from kms_resources.providers.props import Props
from kms_resources.use import UsedKey
from kms_resources.use.reference import Reference


def key_inputs(target: Target, key: str, settings: Settings, key_id: object) -> Props:
    """The inputs that say which key is used. `key_id` may still be unknown in a preview."""
    return {
        "target": place_props(target),
        "key": key,
        "key_id": key_id,
        "spec": str(settings.spec),
        "usage": str(settings.usage),
    }


def place_props(target: Target) -> Props:
    """The target with its second door."""
    props = stored.target_props(target)
    if target.gateway:
        props["gateway"] = _gateway_props(target.gateway)
    return props


def place_of(props: Mapping[str, Any]) -> Target:
    """The target of a resource that uses a key."""
    place = dict(props["target"])
    gateway = place.pop("gateway", None)
    target = stored.target_of({"target": place})
    if not gateway:
        return target
    return Target(target.name, target.cloud, target.region, target.instance, target.credentials, _gateway_of(gateway))


def used_key(props: Mapping[str, Any], where: str) -> UsedKey:
    """The key of a resource's properties, ready for use, with the client that the process shares."""
    target = place_of(props)
    site = site_of(target)
    settings = Settings(Spec(props["spec"]), Usage(props["usage"]))
    reference = Reference(target, KeyId(str(props["key_id"])), where, settings)
    return UsedKey(reference, site.crypto(), get_cloud(target.cloud), os.environ)


def same(olds: Mapping[str, Any], news: Mapping[str, Any], *names: str) -> bool:
    """Whether two sets of properties agree in these; absent and empty are the same."""
    return all((olds.get(name) or None) == (news.get(name) or None) for name in names)


def without_provider(props: Mapping[str, Any]) -> Props:
    """The properties without what Pulumi keeps for itself."""
    return {name: value for name, value in props.items() if name != "__provider"}


def _gateway_props(gateway: Gateway) -> Props:
    sources = {"client_key": gateway.client_key, "password": gateway.password, "ca": gateway.ca}
    return {
        "endpoint": gateway.endpoint,
        **{name: stored.source_props(source) for name, source in sources.items() if source},
        **({"shared": list(gateway.shared)} if gateway.shared else {}),
        **({"encoding": gateway.encoding} if gateway.encoding != "utf-8" else {}),
        **({"ignore_ssl": True} if gateway.ignore_ssl else {}),
    }


def _gateway_of(props: Mapping[str, Any]) -> Gateway:
    def source(name: str) -> Any:
        return stored.source_of(props[name]) if props.get(name) else None

    try:
        return Gateway(
            endpoint=str(props["endpoint"]),
            client_key=source("client_key"),
            password=source("password"),
            ca=source("ca"),
            shared=tuple(str(name) for name in props.get("shared", ())),
            encoding=str(props.get("encoding", "utf-8")),
            ignore_ssl=bool(props.get("ignore_ssl", False)),
        )
    except (KeyError, TypeError) as error:
        raise InputError("the gateway in the state is damaged", why=f"{error} is missing or wrong") from None
