"""Import of key material: wrapping keys with their tokens, the material itself, and its removal."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kms_emulator.alibaba.ciphertexts import EXTERNAL, current_version, kind_of
from kms_emulator.alibaba.errors import VendorError, invalid
from kms_emulator.alibaba.facts import DAY, State
from kms_emulator.alibaba.lifecycle import Payload, without_material
from kms_emulator.alibaba.model import Key, Stored
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.ciphers import CipherError, wrapping
from kms_emulator.ciphers.material import material_length
from kms_emulator.contract import Collection, Kind

WRAPPING: Mapping[str, tuple[str, ...]] = {  # [S1][S11]
    "RSA_2048": ("RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    "EC_SM2": ("SM2PKE",),
}
TOKEN_LIFE = DAY  # [S7][S11]
_TOKEN_KEPT = 30 * DAY  # so that a token that has expired is told from one that never was
_TOKEN_BYTES = 64
_CIPHERTEXT_BYTES = 4096
_LAST_SECOND = 253402300799  # of the year 9999

IMPORTS = "imports"
IMPORT_KINDS = (Kind(IMPORTS, due=lambda entry: float(entry["expires"]) + _TOKEN_KEPT),)


@dataclass(frozen=True)
class Import(Stored):
    """An offer to import: a wrapping key for one key, under a token, whose SHA-256 is the id."""

    key: str
    algorithm: str
    expires: float
    private: str = field(repr=False)


def prepare_wrapping_key(parameters: Parameters) -> bytes:
    """Make the wrapping key of GetParametersForImport, which takes too long to hold the store for."""
    return wrapping.new_wrapping_key(parameters.choice("WrappingKeySpec", tuple(WRAPPING), "RSA_2048"))


def get_parameters_for_import(operation: Operation) -> Payload:
    """GetParametersForImport: every call gives a new pair; the older ones stay good until they expire [I?]."""
    parameters = operation.parameters
    for name in ("KeyId", "WrappingKeySpec", "WrappingAlgorithm"):
        parameters.required(name)
    spec = parameters.choice("WrappingKeySpec", tuple(WRAPPING))
    algorithm = parameters.choice("WrappingAlgorithm", WRAPPING[spec])
    key = _external_key(operation)
    if spec == "EC_SM2" and key.protection != "HSM":
        raise VendorError("Unsupported.ProtectionLevel")
    if algorithm == "RSAES_OAEP_SHA_1" and key.instance:
        raise invalid("WrappingAlgorithm", "RSAES_OAEP_SHA_1 is not for keys of instances")
    token = operation.context.random.randbytes(_TOKEN_BYTES)
    private = operation.prepared
    imports = _imports(operation)
    for old in imports.due(operation.context.now):
        imports.delete(old)
    offer = Import(
        _token_id(token), key=key.id, algorithm=algorithm, expires=operation.now + TOKEN_LIFE,
        private=base64.b64encode(private).decode("ascii"),
    )  # fmt: skip
    imports.put(offer.id, offer.document())
    return {
        "KeyId": key.id, "ImportToken": base64.b64encode(token).decode("ascii"),
        "PublicKey": base64.b64encode(wrapping.wrapping_public_key(spec, private)).decode("ascii"),
        "TokenExpireTime": moment(offer.expires),
    }  # fmt: skip


def import_key_material(operation: Operation) -> Payload:
    """ImportKeyMaterial. Once imported, only the very same material is taken again, which changes the expiry."""
    parameters = operation.parameters
    wrapped = parameters.binary("EncryptedKeyMaterial", _CIPHERTEXT_BYTES)
    parameters.required("ImportToken")
    expires = parameters.integer("KeyMaterialExpireUnix", None, 0, _LAST_SECOND)
    if expires and expires < operation.now:
        raise invalid("KeyMaterialExpireUnix", "it is in the past")
    key = _external_key(operation)
    if key.state == State.PENDING_DELETION:
        raise VendorError("Rejected.StateModifiedFailed")
    material = _unwrapped(operation, key, wrapped)
    digest = hashlib.sha256(material).hexdigest()
    if key.material_digest and not hmac.compare_digest(key.material_digest, digest):
        raise VendorError("InvalidKeyMaterial", "Only the material that was imported first can be imported again.")
    version = current_version(operation.context, operation.scope, key)
    operation.save(
        replace(version, material=base64.b64encode(material).decode("ascii")),
        replace(
            key, state=State.DISABLED if key.state == State.DISABLED else State.ENABLED, has_material=True,
            material_digest=digest, material_expires=float(expires) if expires else None,
        ),
    )  # fmt: skip
    return {}


def delete_key_material(operation: Operation) -> Payload:
    """DeleteKeyMaterial: the key waits for its material again, unless it waits for its deletion."""
    operation.save(without_material(operation, _external_key(operation)))
    return {}


def _imports(operation: Operation) -> Collection:
    return operation.context.store.collection(IMPORTS, operation.scope)


def _token_id(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()


def _external_key(operation: Operation) -> Key:
    key = operation.own_key()
    if key.origin != EXTERNAL:
        raise VendorError("Unsupported.Origin")
    if not key.symmetric:
        raise VendorError("UnsupportedOperation", "Import of material for asymmetric keys is not emulated.")
    return key


def _unwrapped(operation: Operation, key: Key, wrapped: bytes) -> bytes:
    try:
        token = base64.b64decode(operation.parameters.required("ImportToken"), validate=True)
    except ValueError:
        raise VendorError("InvalidImportToken") from None
    document = _imports(operation).get(_token_id(token))
    if document is None or document["key"] != key.id:
        raise VendorError("InvalidImportToken")
    offer = Import.load(document)
    if offer.expires <= operation.now:
        raise VendorError("ExpiredImportToken")
    try:
        material = wrapping.unwrap(base64.b64decode(offer.private), offer.algorithm, wrapped)
    except CipherError:
        raise VendorError("InvalidKeyMaterial") from None
    if len(material) != material_length(kind_of(key)):
        raise VendorError("InvalidKeyMaterial")
    return material
