"""KMS actions on imported key material and on the cloud products that hold on to a key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.material import material_length
from kms_emulator.ciphers.wrapping import new_wrapping_key, unwrap, wrapping_public_key
from kms_emulator.contract import Collection, Document, Kind
from kms_emulator.tencent import uses
from kms_emulator.tencent.conditions import binary
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import Origin, State
from kms_emulator.tencent.fields import NUMBER, TEXT, Given, may, needs
from kms_emulator.tencent.key_actions import allow, refuse_product_use
from kms_emulator.tencent.keys import role, without_material
from kms_emulator.tencent.vault import fingerprint, newest
from kms_emulator.tencent.work import Action, Result, Work

# One document per answer of GetParametersForImport; the id is a digest of the token.
IMPORTS = Kind("imports", due=lambda document: document["expires"] + uses.EXPIRED_IMPORTS_KEPT)
_TOKEN_BYTES = 96
_LARGEST_MATERIAL = 256  # the width of RSA-2048


def get_parameters_for_import(given: Given, work: Work) -> Result:
    """GetParametersForImport: a token and a public key of their own for each call."""
    algorithm, spec = given.text("WrappingAlgorithm"), given.text("WrappingKeySpec")
    if algorithm not in uses.RSA_ENCRYPTION:
        raise ApiError(Code.INVALID_PARAMETER, f"`WrappingAlgorithm` is one of {', '.join(uses.RSA_ENCRYPTION)}.")
    if spec != uses.WRAPPING_SPEC:
        raise ApiError(Code.INVALID_PARAMETER, f"`WrappingKeySpec` is {uses.WRAPPING_SPEC}.")
    private = new_wrapping_key(spec)  # slow, so before the first look into the store
    key = _external(given, work)
    token = base64.b64encode(work.context.random.randbytes(_TOKEN_BYTES)).decode()
    expires = work.now + uses.IMPORT_LIFETIME
    _imports(work).put(_token_id(token), {
        "key": key["id"], "algorithm": algorithm, "private": base64.b64encode(private).decode(), "expires": expires,
    })  # fmt: skip
    public = base64.b64encode(wrapping_public_key(spec, private)).decode()
    return {"KeyId": key["id"], "ImportToken": token, "PublicKey": public, "ParametersValidTo": expires}


def import_key_material(given: Given, work: Work) -> Result:
    """ImportKeyMaterial. A token serves any number of imports into its key while it lasts [I?]."""
    wrapped = binary(
        given.text("EncryptedKeyMaterial"), "EncryptedKeyMaterial", Code.DECRYPT_MATERIAL_ERROR, _LARGEST_MATERIAL
    )
    key = _external(given, work)
    allow(key, State.ENABLED, State.PENDING_IMPORT)
    valid_to = given.number("ValidTo")
    if valid_to and not work.now < valid_to <= uses.LATEST_EXPIRY:
        raise ApiError(Code.INVALID_PARAMETER, f"`ValidTo` is 0, or in the future and at most {uses.LATEST_EXPIRY}.")
    material = _unwrapped(key, given.text("ImportToken"), wrapped, work)
    known = fingerprint(key, material)
    if key.get("fingerprint", "") not in ("", known):
        raise ApiError(Code.MATERIAL_NOT_MATCH, f"The CMK `{key['id']}` had other material before.")
    # The version stays the same: what was encrypted before the material was deleted can be decrypted again.
    versions = key["versions"] or [{"id": work.context.uuid(), "created": work.now}]
    key |= {"versions": versions, "imported": True, "fingerprint": known, "state": State.ENABLED.value}
    work.keys.vault.keep(key, newest(key), material)
    work.keys.save({**key, "valid_to": 0 if key.get("bindings") else valid_to})
    return {}


def _unwrapped(key: Document, token: str, wrapped: bytes, work: Work) -> bytes:
    found = _imports(work).get(_token_id(token))
    if found is None or found["key"] != key["id"]:
        raise ApiError(Code.INVALID_PARAMETER, "`ImportToken` was not given out for this CMK.")
    if found["expires"] <= work.now:
        raise ApiError(Code.TOKEN_EXPIRED, "`ImportToken` is older than 24 hours.")
    try:
        material = unwrap(base64.b64decode(found["private"]), found["algorithm"], wrapped)
    except CipherError as problem:
        raise ApiError(Code.DECRYPT_MATERIAL_ERROR, f"`EncryptedKeyMaterial`: {problem}.") from None
    wanted = material_length(uses.kind(key))
    if len(material) != wanted:
        # Damage in the old padding cannot be told from material of another length.
        code = Code.DECRYPT_MATERIAL_ERROR if found["algorithm"] == uses.PKCS1 else Code.INVALID_PARAMETER  # [I?]
        raise ApiError(code, f"The key material must have {wanted} bytes in this region.")
    return material


def delete_imported_key_material(given: Given, work: Work) -> Result:
    """DeleteImportedKeyMaterial."""
    key = _external(given, work)
    refuse_product_use(key, work)
    allow(key, State.ENABLED, State.DISABLED)
    work.keys.vault.erase(key)
    work.keys.save(without_material(key))
    return {}


def bind_cloud_resource(given: Given, work: Work) -> Result:
    """BindCloudResource. It ends the expiry of imported material [S1]."""
    key, binding = work.keys.find(given.text("KeyId")), _binding(given)
    if role(key) == 1:
        raise ApiError(Code.CMK_USED_BY_CLOUD_PRODUCT, f"The CMK `{key['id']}` was made by a cloud product.")
    allow(key, State.ENABLED)
    others = [entry for entry in key.get("bindings", []) if entry != binding]
    work.keys.save({**key, "bindings": [*others, binding], "valid_to": 0})
    return {}


def unbind_cloud_resource(given: Given, work: Work) -> Result:
    """UnbindCloudResource."""
    key, binding = work.keys.find(given.text("KeyId")), _binding(given)
    bindings = key.get("bindings", [])
    if binding not in bindings:
        raise ApiError(Code.CLOUD_RESOURCE_BINDING_NOT_FOUND, f"The CMK `{key['id']}` has no such binding.")
    work.keys.save({**key, "bindings": [entry for entry in bindings if entry != binding]})
    return {}


def _binding(given: Given) -> list[str]:
    binding = [given.text("ProductId"), given.text("ResourceId")]
    if not all(binding):
        raise ApiError(Code.INVALID_PARAMETER, "`ProductId` and `ResourceId` are not empty.")
    return binding


def _external(given: Given, work: Work) -> Document:
    key = work.keys.find(given.text("KeyId"))
    if key["origin"] != Origin.EXTERNAL:
        raise ApiError(Code.NOT_EXTERNAL_CMK, f"The CMK `{key['id']}` has material of the service.")
    return key


def _imports(work: Work) -> Collection:
    collection = work.collection(IMPORTS.name)
    for old in collection.due(work.now):
        collection.delete(old)
    return collection


def _token_id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_BINDING = {"KeyId": needs(TEXT), "ProductId": needs(TEXT), "ResourceId": needs(TEXT)}

ACTIONS: Mapping[str, Action] = {
    "GetParametersForImport": Action(get_parameters_for_import, {
        "KeyId": needs(TEXT), "WrappingAlgorithm": needs(TEXT), "WrappingKeySpec": needs(TEXT),
    }),
    "ImportKeyMaterial": Action(import_key_material, {
        "KeyId": needs(TEXT), "ImportToken": needs(TEXT), "EncryptedKeyMaterial": needs(TEXT), "ValidTo": may(NUMBER),
    }),
    "DeleteImportedKeyMaterial": Action(delete_imported_key_material, {"KeyId": needs(TEXT)}),
    "BindCloudResource": Action(bind_cloud_resource, _BINDING),
    "UnbindCloudResource": Action(unbind_cloud_resource, _BINDING),
}  # fmt: skip
