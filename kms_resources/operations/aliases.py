"""Aliases: a name is given, pointed elsewhere or taken away, and never taken from somebody else."""

from __future__ import annotations

from contextlib import suppress

from kms_resources.errors import AlreadyExistsError, NotFoundError, UnsafeError
from kms_resources.model import DesiredAlias, KeyId
from kms_resources.operations.site import Site

FRESH_SECONDS = 60.0
"""How old a listing may be for taking a name away: one listing serves many aliases, none rests on an old one."""


def create(site: Site, alias: DesiredAlias, key_id: KeyId) -> None:
    """Give the key the name. Having it already is success; somebody else having it is `UnsafeError`."""
    holder = site.sweep.aliases().get(alias.name)
    if holder is None:
        asked = site.sweep.now()
        try:
            site.client.create_alias(alias.name, key_id)
        except AlreadyExistsError:
            holder = site.sweep.aliases(not_before=asked).get(alias.name)
            if holder != key_id:
                raise
    if holder not in {None, key_id}:
        raise _held(alias, key_id, KeyId(str(holder)))
    site.sweep.put_alias(alias.name, key_id)


def move(site: Site, alias: DesiredAlias, known: KeyId, key_id: KeyId) -> None:
    """Point the name from the key we knew to another one."""
    holder = site.sweep.aliases(not_before=site.sweep.now() - FRESH_SECONDS).get(alias.name)
    if holder is None:
        create(site, alias, key_id)
        return
    if holder == key_id:
        return
    if holder != known:
        raise _held(alias, key_id, holder)
    site.client.move_alias(alias.name, key_id)
    site.sweep.put_alias(alias.name, key_id)


def read(site: Site, alias: DesiredAlias) -> KeyId | None:
    """The key that has the name now; None when nobody has it."""
    return site.sweep.aliases().get(alias.name)


def delete(site: Site, alias: DesiredAlias, key_id: KeyId) -> None:
    """Take the name away from the key; its absence is success, another holder is `UnsafeError`."""
    holder = site.sweep.aliases(not_before=site.sweep.now() - FRESH_SECONDS).get(alias.name)
    if holder is None:
        return
    if holder != key_id:
        raise _held(alias, key_id, holder)
    with suppress(NotFoundError):
        site.client.delete_alias(alias.name, key_id)
    site.sweep.put_alias(alias.name, None)


def _held(alias: DesiredAlias, key_id: KeyId, holder: KeyId) -> UnsafeError:
    return UnsafeError(
        f"alias {alias.name} is not free for key {key_id}",
        where=alias.where,
        why=f"it names key {holder}; taking it would send that key's users elsewhere",
        advice="choose another alias, or free this one at its key first; nothing was touched",
    )
