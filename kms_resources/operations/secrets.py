"""Secrets: made once, found again by name and marker, their values handed over and never kept.

A name cannot be taken twice, so no secret can be doubled; what has to be told apart is a secret of ours, made by a run
that was killed, from one that somebody else has under the same name.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass, replace

from kms_resources.clouds.secrets import ActualSecret, SecretsClient, SecretState, SecretVersion
from kms_resources.crypto.seal import Seal
from kms_resources.crypto.sources import read_source
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    NotFoundError,
    UnclearError,
    UnsafeError,
    WrongStateError,
)
from kms_resources.model import DeletionPolicy
from kms_resources.operations.site import Site
from kms_resources.uses import DesiredSecret


@dataclass(frozen=True)
class SecretOutcome:
    """A secret after our work on it."""

    secret: ActualSecret
    seal: Seal
    """Recognises the value that was handed over last."""
    problem: str = ""
    """Why it is not yet as declared; empty when it is."""
    notes: tuple[str, ...] = ()


def create(client: SecretsClient, desired: DesiredSecret) -> SecretOutcome:
    """Make the secret, or take over the one that carries its marker. `desired` names the encryption key by its id.

    Raises `UnsafeError` for a secret of somebody else, and `CloudError` while surely none was made.
    """
    value = _read(desired)
    found = _find(client, desired)
    if found is None:
        seal = Seal.of(value)
        try:
            version = client.create_secret(
                desired.cloud_name, desired.settings, desired.marker, value, _version(), binary=desired.binary
            )
        except (UnclearError, AlreadyExistsError, WrongStateError):
            # It may be ours from this very call, or somebody was faster: its marker tells.
            found = _find(client, desired)
            if found is None:
                raise
            return _finish(client, desired, found, None, value)
        made = ActualSecret(
            desired.cloud_name, desired.settings, marker=desired.marker, versions=(SecretVersion(version),)
        )
        return _finish(client, desired, made, seal, value)
    note = f"{desired.where}: secret {desired.cloud_name} carries our marker already and is taken over"
    return _finish(client, desired, found, None, value, (note,))


def update(client: SecretsClient, desired: DesiredSecret, seal: Seal | None) -> SecretOutcome:
    """Bring an existing secret to what is declared. `seal` recognises the value that was handed over last."""
    found = _find(client, desired)
    if found is None:
        raise NotFoundError(f"there is no secret {desired.cloud_name}", where=desired.where, advice="run up --refresh")
    _refuse_fixed(desired, found)
    return _finish(client, desired, found, seal, _read(desired))


def read(client: SecretsClient, site: Site, desired: DesiredSecret, arn: str) -> ActualSecret | None:
    """The secret as it is; None when it is surely gone. Raises `UnsafeError` when that cannot be told, and for
    somebody else's. `arn` is the one that the state has for it."""
    found = _find(client, desired)
    if found is None:
        _prove_absence(client, site, desired, arn)
    return found


def delete(client: SecretsClient, site: Site, desired: DesiredSecret, arn: str) -> str:
    """Schedule the deletion, if the last applied stack allows it; returns a note for people."""
    if desired.deletion.policy is not DeletionPolicy.SCHEDULE:
        raise UnsafeError(
            "the deletion is refused",
            where=desired.where,
            why=f"the last applied stack says deletion policy {desired.deletion.policy} for it",
            advice=f"write deletion: {{policy: schedule}} at {desired.name}, apply that, and only then remove it",
        )
    found = _find(client, desired)
    if found is None:
        _prove_absence(client, site, desired, arn)
        return f"{desired.where}: secret {desired.cloud_name} was gone already"
    if found.state is SecretState.PENDING_DELETION:
        return f"{desired.where}: secret {desired.cloud_name} will be destroyed on {found.planned_deletion} already"
    when = client.delete_secret(desired.cloud_name, desired.deletion.window_days)
    return (
        f"{desired.where}: secret {desired.cloud_name} will be destroyed on {when}; until then, declaring it again and "
        "`pulumi up` keeps it"
    )


def _prove_absence(client: SecretsClient, site: Site, desired: DesiredSecret, arn: str) -> None:
    """Raise `UnsafeError` unless "not found" surely means that the secret is gone.

    With the credentials of another account every secret looks gone, and believing it would hand all values to that
    account. Proof is another secret of the same owner, or a key of the same stack.
    """
    owner = arn.removesuffix(desired.cloud_name)
    if owner and any(other.arn.removesuffix(other.name) == owner for other in client.list_secrets()):
        return
    stack = desired.marker.rsplit("/", 1)[0] + "/"
    if any(key.marker.startswith(stack) for key in site.sweep.keys().values()):
        return
    raise UnsafeError(
        f"secret {desired.cloud_name} is not visible",
        where=desired.where,
        why="these credentials show neither a secret of the same account nor a key of the same stack in "
        f"{desired.target.region}, so nobody can tell whether it is gone or the account is the wrong one",
        advice="check the credentials and the region; if it is surely gone: pulumi state delete <its URN>",
    )


def _find(client: SecretsClient, desired: DesiredSecret) -> ActualSecret | None:
    try:
        found = client.describe_secret(desired.cloud_name)
    except NotFoundError:
        return None
    if found.marker != desired.marker:
        raise UnsafeError(
            f"secret {desired.cloud_name} is not ours",
            where=desired.where,
            why=f"it carries {f'the marker {found.marker}' if found.marker else 'no marker'}, "
            f"this stack would write {desired.marker}",
            advice="choose another name, or write our marker on it by hand if it is meant to be this one",
        )
    return found


def _finish(  # noqa: PLR0917  (all of it is the state of one secret)
    client: SecretsClient,
    desired: DesiredSecret,
    found: ActualSecret,
    seal: Seal | None,
    value: bytes,
    notes: tuple[str, ...] = (),
) -> SecretOutcome:
    """Do what is left. Raises no `CloudError`: the secret exists."""
    problem = ""
    kept = seal
    try:
        _refuse_fixed(desired, found)
        if found.state is SecretState.PENDING_DELETION:
            client.restore_secret(desired.cloud_name)
            notes += (
                f"{desired.where}: secret {desired.cloud_name} was to be destroyed on {found.planned_deletion}; the "
                "stack declares it, so its deletion is cancelled",
            )
        for step in _steps(client, desired, found):
            step()
        if kept is None or not kept.fits(value):
            client.put_value(desired.cloud_name, value, _version(), binary=desired.binary)
            kept = Seal.of(value)
        found = client.describe_secret(desired.cloud_name)
    except (CloudError, UnsafeError) as error:
        problem = str(error.at(desired.where))
    # A seal that fits nothing, when the value could not be handed over: the next update hands it over.
    return SecretOutcome(found, kept or Seal.of(randomness.token_bytes(32)), problem, notes)


def _steps(client: SecretsClient, desired: DesiredSecret, found: ActualSecret) -> list[Callable[[], None]]:
    name, wish, fact = desired.cloud_name, desired.settings, found.settings
    steps: list[Callable[[], None]] = []
    if wish.description != fact.description:
        steps.append(lambda: client.set_description(name, wish.description))
    if dict(wish.tags) != dict(fact.tags):
        put = {tag: value for tag, value in wish.tags.items() if fact.tags.get(tag) != value}
        remove = [tag for tag in fact.tags if tag not in wish.tags]
        steps.append(lambda: client.change_tags(name, put, remove))
    if wish.rotation_seconds != fact.rotation_seconds:
        steps.append(lambda: client.set_rotation(name, wish.rotation_seconds))
    return steps


def _refuse_fixed(desired: DesiredSecret, found: ActualSecret) -> None:
    wish, fact = desired.settings, found.settings
    pairs: list[tuple[str, str, str]] = [("type", fact.type, wish.type)]
    # What nobody asked for was the cloud's choice.
    pairs += [
        (name, before, after)
        for name, before, after in (
            ("encryption_key", fact.encryption_key, wish.encryption_key),
            ("instance", fact.instance, wish.instance),
        )
        if before and after
    ]
    different = [f"{name}: {before} → {after}" for name, before, after in pairs if before != after]
    if different:
        raise UnsafeError(
            f"secret {desired.cloud_name} cannot become what the stack declares",
            where=desired.where,
            why="; ".join(different) + ", fixed when a secret is made",
            advice="declare a second secret under another name, move its readers, and only then remove this one",
        )


def with_key(desired: DesiredSecret, key_id: str) -> DesiredSecret:
    """The secret with the id of the key that encrypts it."""
    return replace(desired, settings=replace(desired.settings, encryption_key=key_id))


def _read(desired: DesiredSecret) -> bytes:
    return read_source(desired.value, "the value", where=desired.where)


def _version() -> str:
    """A name for a new version: random, for names of versions are not secret and values are."""
    return f"kr-{randomness.token_hex(8)}"
