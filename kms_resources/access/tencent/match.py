"""How CAM compares actions and six-segment resources, each in as many readings as the vendor leaves open."""

from __future__ import annotations

from functools import lru_cache

from kms_resources.access.patterns import Pattern
from kms_resources.access.readings import OPAQUE, Reading
from kms_resources.access.words import Resource, ResourceKind

_REGIONS = {"gz": "ap-guangzhou", "sh": "ap-shanghai"}


def key_path(resource: Resource) -> str:
    """The last segment of a key: `key/creatorUin/<creator>/<id>`."""
    return f"key/creatorUin/{resource.creator or resource.account}/{resource.id}"


@lru_cache(maxsize=100_000)
def action_fits(pattern: str, action: str, *, ignore_case: bool = False) -> bool:
    """Whether an action of a statement takes a call; `*` and `*:*` take everything."""
    return Pattern(pattern, ignore_case, mark=False).matches(action)


def takes_action(pattern: str, action: str, reading: Reading) -> bool:
    """The same with the open rule on case."""
    if not action_fits(pattern, action, ignore_case=True):
        return False
    return action_fits(pattern, action) or reading.holds("tencent.action-case")


def takes_resource(text: str, action: str, resource: Resource, reading: Reading) -> bool:
    """Whether a resource of a statement takes what a call is about."""
    if text == "*":
        return True
    if "${" in text:  # a variable that nobody can fill in, see `variables`
        return reading.holds(f"{OPAQUE}resource {text}")
    _, project, service, region, account, path = text.split(":", 5)
    return (
        (service in {"", "*"} or service == action.partition(":")[0])
        and _path(path, resource, reading)
        and _account(account, resource, reading)
        and _region(region, resource, reading)
        and (not project or reading.holds("tencent.project"))
    )


def _region(text: str, resource: Resource, reading: Reading) -> bool:
    if text in {"", resource.region}:
        return True
    return (text == "*" or _REGIONS.get(text) == resource.region) and reading.holds("tencent.region-forms")


def _account(text: str, resource: Resource, reading: Reading) -> bool:
    if text in {"", f"uin/{resource.account}"}:
        return True
    return (
        "*" in text
        and Pattern(text, mark=False).matches(f"uin/{resource.account}")
        and reading.holds("tencent.account-wildcard")
    )


def _path(text: str, resource: Resource, reading: Reading) -> bool:
    if resource.kind is ResourceKind.CONTAINER:
        return text in {"*", "key/*"}  # single resources do not touch calls at operation level (C3)
    path = key_path(resource)
    if Pattern(text, mark=False).matches(path):
        return True
    below = "*" not in text and path.startswith(text.rstrip("/") + "/")
    return below and reading.holds("tencent.directory")
