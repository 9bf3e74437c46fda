"""Check the second door of a target: whether the cloud has such, and what goes through it."""

from __future__ import annotations

from collections.abc import Iterator

from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.model import Gateway, Source, SourceKind
from kms_resources.problems import Problem, Severity
from kms_resources.redact import show
from kms_resources.stack.fields import Fields
from kms_resources.stack.structure import nearest

ALL = "*"


def read_source(fields: Fields) -> Source | None:
    """The source that a field describes; None if it is absent or wrong."""
    for kind in SourceKind:
        if text := fields.text(kind):
            return Source(kind, text)
    return None


def gateway_of(target: Fields) -> Gateway | None:
    """The gateway of a target, if it has one."""
    fields = target.below("gateway")
    if fields.node is None:
        return None
    return Gateway(
        endpoint=fields.text("endpoint"),
        client_key=read_source(fields.below("client_key")),
        password=read_source(fields.below("password")),
        ca=read_source(fields.below("ca")),
        shared=tuple(name for name, _ in fields.texts("shared")),
        encoding=fields.text("encoding") or "utf-8",
        ignore_ssl=fields.flag("ignore_ssl") is True,
    )


def check_gateway(target: Fields, cloud_name: str) -> Iterator[Problem]:
    """Everything that is wrong with the gateway of a target of this cloud."""
    cloud = get_cloud(cloud_name)
    fields = target.below("gateway")
    if not target.has("gateway"):
        return
    if not cloud.limits.has(Capability.GATEWAY):
        reason = cloud.limits.why_not(Capability.GATEWAY)
        yield Problem(
            target.at("gateway"),
            (*target.path, "gateway"),
            "cannot",
            f"{cloud.title} does not offer {Capability.GATEWAY.value}: {reason}",
            "a target without gateway",
        )
        return
    known = list(cloud.crypto.gateway_operations) if cloud.crypto else []
    for place, (name, position) in enumerate(fields.texts("shared")):
        if name != ALL and name not in known:
            message = f"{show(name)} is no operation of the gateway{nearest(name, known)}"
            yield Problem(
                position, (*fields.path, "shared", str(place)), "unknown-operation", message, ", ".join([ALL, *known])
            )
    encoding = fields.text("encoding")
    if encoding and not _is_encoding(encoding):
        message = f"{show(encoding)} is no encoding of text that is known here"
        yield Problem(fields.at("encoding"), (*fields.path, "encoding"), "bad-encoding", message, "such as utf-8, gbk")
    if fields.flag("ignore_ssl"):
        message = "the door's certificate is not checked: whoever stands in between reads everything"
        yield Problem(
            fields.at("ignore_ssl"),
            (*fields.path, "ignore_ssl"),
            "certificate-not-checked",
            message,
            "ca: with the certificate of the instance",
            Severity.NOTE,
        )


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except LookupError:
        return False
    return True
