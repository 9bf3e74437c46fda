"""Key material on its way to a cloud: its length and its wrapping. What may be kept of it: `seal.py`."""

from __future__ import annotations

from kms_resources.crypto import local
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError
from kms_resources.model import Spec

LENGTHS = {Spec.AES_256: 32, Spec.AES_192: 24, Spec.AES_128: 16, Spec.SM4: 16}
"""Bytes of material per kind of key."""


def check_material(spec: Spec, material: bytes, *, where: str = "") -> None:
    """Refuse material that cannot be right, before a cloud is asked. Raises `InputError`; it tells only the length."""
    expected = LENGTHS.get(spec)
    if expected is None:
        known = ", ".join(LENGTHS)
        raise InputError(f"material of {spec} keys cannot be imported", where=where, why=f"possible: {known}")
    if len(material) != expected:
        raise InputError(
            f"the material of an {spec} key has {expected} bytes",
            where=where,
            why=f"there are {len(material)}",
            advice=_explain_length(material, expected),
        )


def wrap_material(wrapping_key: bytes, algorithm: Algorithm, material: bytes) -> bytes:
    """Encrypt material with the DER public key that the cloud gave for it. Raises `InputError` if they do not fit."""
    return local.encrypt_with_public_key(wrapping_key, algorithm, material)


def _explain_length(material: bytes, expected: int) -> str:
    if len(material) == expected + 1 and material.endswith(b"\n"):
        return "Its last byte is a line feed: write the file without one (printf instead of echo)."
    if len(material) in {2 * expected, 2 * expected + 1}:
        return "Twice the length looks like hexadecimal text; the bytes themselves are needed."
    return ""
