"""Carrying out one step of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kms_resources.clouds.interface import KmsClient
from kms_resources.errors import WrongStateError
from kms_resources.model import ActualKey, DesiredKey
from kms_resources.plan import Step


def take_step(client: KmsClient, step: Step, desired: DesiredKey, actual: ActualKey) -> None:
    """Bring one aspect of the actual key to the desired one. Each step may be repeated without harm."""
    _ACTIONS[step](client, desired, actual)


def _change_tags(client: KmsClient, desired: DesiredKey, actual: ActualKey) -> None:
    wish, fact = desired.settings.tags, actual.settings.tags
    put = {key: value for key, value in wish.items() if fact.get(key) != value}
    client.change_tags(actual.id, put, [key for key in fact if key not in wish])


def _cancel_deletion(client: KmsClient, _desired: DesiredKey, actual: ActualKey) -> None:
    try:
        client.cancel_deletion(actual.id)
    except WrongStateError:
        # A repetition after a lost answer finds the key rescued already; any other reason counts.
        if client.describe_key(actual.id).pending_deletion:
            raise


# IMPORT_MATERIAL is not here: it needs more than this client, see `operations.material`.
_ACTIONS: Mapping[Step, Callable[[KmsClient, DesiredKey, ActualKey], None]] = {
    Step.CANCEL_DELETION: _cancel_deletion,
    Step.WRITE_MARKER: lambda client, desired, actual: client.write_marker(
        actual.id, desired.marker, desired.settings.description
    ),
    Step.ENABLE: lambda client, _, actual: client.enable_key(actual.id),
    Step.SET_DESCRIPTION: lambda client, desired, actual: client.set_description(
        actual.id, desired.settings.description, desired.marker
    ),
    Step.CHANGE_TAGS: _change_tags,
    Step.SET_ROTATION: lambda client, desired, actual: client.set_rotation(actual.id, desired.settings.rotation_days),
    Step.SET_PROTECTION: lambda client, desired, actual: client.set_deletion_protection(
        actual.id, on=desired.settings.deletion_protection
    ),
    Step.DISABLE: lambda client, _, actual: client.disable_key(actual.id),
}
