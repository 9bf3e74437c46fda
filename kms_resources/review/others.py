"""What changes about everything that a stack has besides its keys: names, secrets, ciphertexts, requests, doors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from kms_resources.model import Deletion, DeletionPolicy, Gateway, Target
from kms_resources.review.keys import REMOVED, change, rotation, tags
from kms_resources.review.words import Change, Status
from kms_resources.review.worlds import place
from kms_resources.stack.types import Stack
from kms_resources.uses import DesiredAccessPoint, DesiredCiphertext, DesiredPublicKey, DesiredRequest, DesiredSecret


@dataclass(frozen=True)
class Other:
    """A subject that is not a key, with its changes and its place in the file."""

    kind: str
    name: str
    target: str
    status: Status
    path: tuple[str, ...]
    changes: tuple[Change, ...]


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def target(self) -> Target: ...


T = TypeVar("T", bound=_Named)


def _pairs(before: Iterable[T], after: Iterable[T]) -> Iterator[tuple[str, T | None, T | None]]:
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    for name in dict.fromkeys((*new, *old)):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def others(before: Stack, after: Stack) -> Iterator[Other]:
    """Everything but keys, aliases and access points, with at least one change each."""
    one, other = before.uses, after.uses
    yield from _of("secret", "secrets", one.secrets, other.secrets, _secret)
    yield from _of("ciphertext", "ciphertexts", one.ciphertexts, other.ciphertexts, _ciphertext)
    yield from _of("certificate request", "certificate_requests", one.requests, other.requests, _request)
    yield from _of("public key", "public_keys", one.public_keys, other.public_keys, _public_key)
    for name, old, new in _targets(before, after):
        found = tuple(_target(old, new))
        if found:
            yield Other("target", name, "", Status.CHANGED, ("targets", name), found)


_Compare = Callable[[T | None, T | None], Iterator[Change]]


def _of(kind: str, section: str, before: Iterable[T], after: Iterable[T], compare: _Compare[T]) -> Iterator[Other]:
    for name, old, new in _pairs(before, after):
        found = tuple(compare(old, new))
        present = new or old
        if found and present:
            yield Other(kind, name, present.target.name, status(old, new), (section, name), found)


def status(old: object | None, new: object | None) -> Status:
    """What happens to something as a whole."""
    if old is None:
        return Status.ADDED
    return Status.REMOVED if new is None else Status.CHANGED


def _ciphertext(old: DesiredCiphertext | None, new: DesiredCiphertext | None) -> Iterator[Change]:
    if new is None or old is None:
        verb, it = ("removed", old) if new is None else ("added", new)
        yield change(f"ciphertext-{verb}", f"the ciphertext is {verb}{f' (key {it.key})' if it else ''}")
        return
    for word, one, other in (
        ("with another key", old.key, new.key),
        ("from another source", _source(old.plaintext), _source(new.plaintext)),
        ("under another context", _context(old.context), _context(new.context)),
    ):
        if one != other:
            yield change("ciphertext-changed", f"it is encrypted anew, {word}", one, other)


def _source(source: object) -> str:
    return f"{getattr(source, 'kind', '')} {getattr(source, 'value', '')}"


def _context(context: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(context.items())) or "none"


def _request(old: DesiredRequest | None, new: DesiredRequest | None) -> Iterator[Change]:
    if old is None or new is None:
        verb, it = ("removed", old) if new is None else ("added", new)
        what = f": key {it.key} signs it for {it.subject}" if it and new else ""
        yield change(f"request-{verb}", f"the certificate request is {verb}{what}")
        return
    for word, one, other in (
        ("signed by another key", old.key, new.key),
        ("for another subject", old.subject, new.subject),
        ("for other names", ", ".join(old.names), ", ".join(new.names)),
        ("with another algorithm", old.algorithm or "usual", new.algorithm or "usual"),
        ("with another version of the key", old.version or "newest", new.version or "newest"),
    ):
        if one != other:
            yield change("request-changed", f"the request is made anew, {word}", one, other)


def _public_key(old: DesiredPublicKey | None, new: DesiredPublicKey | None) -> Iterator[Change]:
    if old is None or new is None:
        verb = "removed" if new is None else "added"
        yield change(f"public-key-{verb}", f"the public key is {verb} as an output")
        return
    one, other = f"{old.key} {old.version}".strip(), f"{new.key} {new.version}".strip()
    yield change("public-key-changed", "the output is another public key", one, other)


def _secret(old: DesiredSecret | None, new: DesiredSecret | None) -> Iterator[Change]:
    if old is None or new is None:
        if new:
            yield change("secret-added", "the secret is new")
        elif old:
            yield change(*_removal("secret", old.deletion))
        return
    if (old.cloud_name, place(old.target)) != (new.cloud_name, place(new.target)):
        what = "it is another secret from now on; whoever reads the old name finds nothing new there"
        yield change("secret-renamed", what, old.cloud_name, new.cloud_name)
    if old.key != new.key:
        yield change(
            "secret-key", "another key encrypts it", old.key or "the cloud's own", new.key or "the cloud's own"
        )
    if old.value != new.value:
        yield change("secret-value", "its value is read from another place", _source(old.value), _source(new.value))
    one, other = old.settings, new.settings
    if one.type is not other.type or one.configuration != other.configuration:
        yield change("secret-type", "what it is for changes", one.type, other.type)
    if one.rotation_seconds != other.rotation_seconds:
        off, less = other.rotation_seconds is None, (other.rotation_seconds or 0) > (one.rotation_seconds or 0)
        id_ = "rotation-off" if off else "rotation-longer" if less and one.rotation_seconds else "rotation-shorter"
        yield change(id_, "its rotation changes", rotation(one.rotation_days), rotation(other.rotation_days))
    yield from leave(old.deletion, new.deletion, "secret")
    yield from tags(one.tags, other.tags)


def leave(old: Deletion, new: Deletion, word: str) -> Iterator[Change]:
    """A change of what removing it does."""
    if old.policy is not new.policy:
        id_ = {
            DeletionPolicy.SCHEDULE: "deletion-allowed",
            DeletionPolicy.ABANDON: "deletion-abandoned",
            DeletionPolicy.PREVENT: "deletion-prevented",
        }[new.policy]
        yield change(id_, f"what removing the {word} does changes", old.policy, new.policy)


def _removal(word: str, deletion: Deletion) -> tuple[str, str]:
    kind, _ = REMOVED[deletion.policy]
    texts = {
        DeletionPolicy.PREVENT: "`up` refuses, because its deletion policy is prevent",
        DeletionPolicy.SCHEDULE: "it is deleted",
        DeletionPolicy.ABANDON: "it stays in the cloud, and nobody manages it any more",
    }
    return f"{word}-removed-{kind}", f"it is removed: {texts[deletion.policy]}"


def _targets(before: Stack, after: Stack) -> Iterator[tuple[str, Target, Target]]:
    for name, new in after.targets.items():
        old = before.targets.get(name)
        if old and old != new:
            yield name, old, new


def _target(old: Target, new: Target) -> Iterator[Change]:
    if old.credentials != new.credentials:
        what = "other credentials are used, perhaps of another account: then every key looks missing"
        yield change("credentials-changed", what, old.credentials or "usual", new.credentials or "usual")
    yield from _gateway(old.gateway, new.gateway)


def _gateway(old: Gateway | None, new: Gateway | None) -> Iterator[Change]:
    was, now = bool(old and old.ignore_ssl), bool(new and new.ignore_ssl)
    if was != now:
        what = "the server's certificate is not checked any more: whoever sits in between reads everything"
        yield (
            change("ignore-ssl", what) if now else change("ignore-ssl-off", "the server's certificate is checked again")
        )
    if old is None or new is None:
        if old is not new:
            word = "added" if new else "removed"
            yield change(f"gateway-{word}", f"the private door is {word}")
        return
    if old.endpoint != new.endpoint:
        yield change("gateway-endpoint", "plaintext goes to another server", old.endpoint, new.endpoint)
    if old.ca != new.ca:
        yield change("gateway-trust", "other certificates are trusted", _source(old.ca), _source(new.ca))
    if old.shared != new.shared:
        one, other = ", ".join(old.shared) or "none", ", ".join(new.shared) or "none"
        yield change("gateway-shared", "other operations take the shared door", one, other)


def point_changes(old: DesiredAccessPoint | None, new: DesiredAccessPoint | None) -> Iterator[Change]:
    """What changes about an access point beside what it opens."""
    if old is None:
        yield change("point-added", "the access point is new")
    elif new is None:
        yield change(*_removal("point", old.deletion))
    secrets = [
        {text for text in (one.point.resources if one else ()) if text.startswith("secret/")} for one in (old, new)
    ]
    can = ["secrets" in (one.point.actions if one else ()) for one in (old, new)]
    had, has = (found if may else set() for found, may in zip(secrets, can, strict=True))
    if "secret/*" in has - had:
        yield change("point-every-secret", "it can read every secret of the instance")
    elif has - had and "secret/*" not in had:
        yield change("point-secrets", f"it can read more secrets: {', '.join(sorted(has - had))}")
    if had - has and "secret/*" not in has:
        yield change("point-secrets-lost", f"it can no longer read {', '.join(sorted(had - has))}")
    if old and new:
        yield from leave(old.deletion, new.deletion, "access point")
