"""Importing key material: read, checked, wrapped on this machine, handed over; only a keyed fingerprint remains.

The cloud takes the very same material again and no other, so a key that lost its material can be brought back, and
material of another key can never slip in. The fingerprint in state says the same before anything is sent.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime

from kms_resources.clouds import get_cloud
from kms_resources.crypto.material import check_material, wrap_material
from kms_resources.crypto.seal import Seal
from kms_resources.crypto.sources import read_source
from kms_resources.errors import InputError, UnsafeError
from kms_resources.model import DesiredKey, KeyId, Material, SourceKind
from kms_resources.operations.site import Site

NEVER = 0


def read_material(desired: DesiredKey, seal: Seal | None) -> bytes:
    """The declared material. Raises `InputError` for one that is missing or cannot be right, `UnsafeError` for another
    one than was imported before."""
    material = _declared(desired)
    _expiry(desired)  # one that is over is refused before anything is made for it
    content = read_source(material.source, "the key material", where=desired.where)
    if material.source.kind is SourceKind.ENV:
        try:
            content = base64.b64decode(content.strip(), validate=True)
        except binascii.Error:
            raise InputError(
                "the key material cannot be read",
                where=desired.where,
                why=f"the environment variable {material.source.value} does not hold Base64",
            ) from None
    check_material(desired.settings.spec, content, where=desired.where)
    if seal and not seal.fits(content):
        raise UnsafeError(
            "the key material was not imported",
            where=desired.where,
            why="it is another one than this key was made with, and a key has one material for life",
            advice="give the former material, or declare a second key for the new one",
        )
    return content


def import_material(site: Site, desired: DesiredKey, key_id: KeyId, content: bytes) -> None:
    """Wrap the material and hand it over; repeating it does no harm.

    Permissions: get parameters for import, import key material.
    """
    expires = _expiry(desired)
    crypto = get_cloud(desired.target.cloud).crypto
    if crypto is None or not crypto.wrapping:
        raise InputError("key material cannot be imported here", where=desired.where)
    algorithm = crypto.wrapping_elsewhere.get(desired.settings.spec, crypto.wrapping)[0]
    client = site.crypto()
    wrapping = client.wrapping_key(key_id, algorithm)
    wrapped = wrap_material(wrapping.der, wrapping.algorithm, content)
    client.import_material(key_id, wrapped, wrapping.token, expires)


def _expiry(desired: DesiredKey) -> int:
    """When the material ends, in seconds since 1970; 0 for never."""
    text = _declared(desired).expires
    if not text:
        return NEVER
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    if moment <= datetime.now(UTC):
        raise InputError("the key material was not imported", where=desired.where, why=f"its expiry {text} is over")
    return int(moment.timestamp())


def _declared(desired: DesiredKey) -> Material:
    if desired.material is None:
        raise ValueError("no material is declared")
    return desired.material
