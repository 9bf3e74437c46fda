"""Operations 16 to 18: import of key material."""

from __future__ import annotations

import hashlib
import hmac

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.material import material_length
from kms_emulator.ciphers.wrapping import unwrap, wrapping_public_key
from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.keys import add_version, drop_material, find_key, refuse_default, stamp
from kms_emulator.ctyun.materials import fresh, keep
from kms_emulator.ctyun.terms import (
    BAD_MATERIAL,
    BAD_TOKEN,
    BAD_VALUE,
    NOT_FOR_THIS_KEY,
    OTHER_MATERIAL,
    TOKEN_EXPIRED,
    Origin,
    Refusal,
    State,
)
from kms_emulator.ctyun.uses import TOKEN_SECONDS, WRAPPING_ALGORITHMS, cipher_kind

_LIVING = (State.ENABLED, State.DISABLED, State.PENDING_IMPORT)  # what is about to go takes no material [I?]
_TOKEN_BYTES = 48


def get_parameters_for_import(invocation: Invocation) -> Payload:
    """A public key to wrap material with, and its token: they belong to this key alone, for 24 hours [S9]."""
    given = invocation.fields
    spec = fields.one_of("wrappingKeySpec", given["wrappingKeySpec"], tuple(WRAPPING_ALGORITHMS))
    algorithm = fields.one_of("wrappingAlgorithm", given["wrappingAlgorithm"], WRAPPING_ALGORITHMS[spec])
    key = _external(invocation, *_LIVING)
    _forget_expired(invocation, key["id"])
    private = fresh(invocation, cipher_kind(spec))
    token = fields.encoded(invocation.context.random.randbytes(_TOKEN_BYTES))
    expiry = invocation.now + TOKEN_SECONDS
    document: Document = {
        "key": key["id"], "algorithm": algorithm, "private": fields.encoded(private), "expiry": expiry,
    }  # fmt: skip
    invocation.imports.put(_place(token), document)
    return {
        "cmkUuid": key["id"], "publicKey": fields.encoded(wrapping_public_key(spec, private)), "importToken": token,
        "tokenExpireTime": stamp(expiry),
    }  # fmt: skip


def import_key_material(invocation: Invocation) -> Payload:
    """Take wrapped material in; a key takes one material only, also after its end [I]."""
    given = invocation.fields
    wrapped = fields.decoded("encryptedKeyMaterial", given["encryptedKeyMaterial"])
    expiry = given.get("keyMaterialExpireUnix", 0)
    if expiry and expiry <= invocation.now:
        raise Refusal(BAD_VALUE, "keyMaterialExpireUnix must be 0 or a later time in seconds")
    # Importing again while the material is there sets its end anew [I?].
    key = _external(invocation, *_LIVING)
    material = _unwrapped(invocation, key, wrapped)
    _check_same(key, material)
    if not key.get("primary"):
        add_version(invocation.context, invocation.scope, key, invocation.now)
    key["fingerprint"] = _fingerprint(key, material)
    key["imported"], key["material_expiry"] = True, expiry or None
    if key["state"] == State.PENDING_IMPORT:
        key["state"] = State.ENABLED
    keep(invocation, key["primary"], material)
    invocation.keys.put(key["id"], key)
    return {}


def delete_key_material(invocation: Invocation) -> Payload:
    """Take imported material away at once; the key waits for the same material again [I]."""
    key = _external(invocation, State.ENABLED, State.DISABLED)
    drop_material(invocation.context, invocation.scope, key)
    invocation.keys.put(key["id"], key)
    return {}


def _external(invocation: Invocation, *states: State) -> Document:
    key = find_key(invocation, *states)
    refuse_default(key)
    if key["origin"] != Origin.EXTERNAL:
        raise Refusal(NOT_FOR_THIS_KEY, "its material is made by the platform")
    return key


def _unwrapped(invocation: Invocation, key: Document, wrapped: bytes) -> bytes:
    """The material behind token and wrapping."""
    parameters = invocation.imports.get(_place(invocation.fields["importToken"]))
    if parameters is None or parameters["key"] != key["id"]:
        raise Refusal(BAD_TOKEN)
    if parameters["expiry"] <= invocation.now:
        raise Refusal(TOKEN_EXPIRED)
    private = fields.decoded("private", parameters["private"])
    try:
        material = unwrap(private, parameters["algorithm"], wrapped)
    except CipherError:
        raise Refusal(BAD_MATERIAL, "it cannot be unwrapped") from None
    length = material_length(cipher_kind(key["spec"]))
    if len(material) != length:
        raise Refusal(BAD_MATERIAL, f"a key of {key['spec']} has {length} bytes")
    return material


def _check_same(key: Document, material: bytes) -> None:
    known = key.get("fingerprint")
    if known and not hmac.compare_digest(known, _fingerprint(key, material)):
        raise Refusal(OTHER_MATERIAL)


def _fingerprint(key: Document, material: bytes) -> str:
    """What stays of material that is gone, to know it again."""
    return hmac.new(material, f"fingerprint of {key['id']}".encode(), hashlib.sha256).hexdigest()


def _forget_expired(invocation: Invocation, key: str) -> None:
    """Private keys for tokens that open nothing any more need not be kept."""
    imports = invocation.imports
    for place in imports.ids(where=("key", key)):
        entry = imports.get(place)
        if entry and entry["expiry"] <= invocation.now:
            imports.delete(place)


def _place(token: str) -> str:
    """Tokens are secrets, so documents are not named by them."""
    return hashlib.sha256(token.encode()).hexdigest()
