"""KMS actions that use asymmetric keys. Only enabled keys work [S1]."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from collections.abc import Callable, Mapping

from kms_emulator.ciphers import CipherError, asymmetric
from kms_emulator.contract import Document
from kms_emulator.tencent import uses
from kms_emulator.tencent.conditions import binary, require_offered, require_usage
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import State, Usage
from kms_emulator.tencent.fields import TEXT, Given, may, needs
from kms_emulator.tencent.key_actions import allow
from kms_emulator.tencent.vault import newest
from kms_emulator.tencent.work import Action, Result, Work

_RSA_BYTES = 256
_LARGEST_SIGNATURE = 1024  # far beyond any; what is no signature is false, not an error [I]
_HASHES: Mapping[str, Callable[[bytes], bytes]] = {
    Usage.SIGN_RSA_2048: lambda message: hashlib.sha256(message).digest(),
    Usage.SIGN_ECC: lambda message: hashlib.sha256(message).digest(),
    Usage.SIGN_ECDSA384: lambda message: hashlib.sha384(message).digest(),
}


def get_public_key(given: Given, work: Work) -> Result:
    """GetPublicKey."""
    key = _enabled(given, work, uses.KINDS, Code.INVALID_PARAMETER)
    public = base64.b64encode(asymmetric.public_key_der(uses.kind(key), _material(key, work))).decode()
    return {"KeyId": key["id"], "PublicKey": public, "PublicKeyPem": _armoured(public)}


def _armoured(public: str) -> str:
    # The vendor's sample has the base64 encoded once more inside the armour, which no PEM reader takes [S1].
    lines = textwrap.wrap(base64.b64encode(public.encode()).decode(), 64)
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))


def asymmetric_rsa_decrypt(given: Given, work: Work) -> Result:
    """AsymmetricRsaDecrypt."""
    algorithm = given.text("Algorithm")
    if algorithm not in uses.RSA_ENCRYPTION:
        raise ApiError(Code.INVALID_PARAMETER, f"`Algorithm` is `{algorithm}`, which does not exist.")
    ciphertext = binary(given.text("Ciphertext"), "Ciphertext", Code.INVALID_PARAMETER, _RSA_BYTES)
    key = _enabled(given, work, (Usage.DECRYPT_RSA_2048,), Code.INVALID_KEY_USAGE)
    return _decrypted(key, algorithm, ciphertext, work)


def asymmetric_sm2_decrypt(given: Given, work: Work) -> Result:
    """AsymmetricSm2Decrypt. The ciphertext is C1C3C2 in ASN.1."""
    require_offered(Usage.DECRYPT_SM2, work.region)
    ciphertext = binary(given.text("Ciphertext"), "Ciphertext", Code.INVALID_PARAMETER, uses.LARGEST_SM2_CIPHERTEXT)
    key = _enabled(given, work, (Usage.DECRYPT_SM2,), Code.INVALID_KEY_USAGE)
    return _decrypted(key, "SM2PKE", ciphertext, work)


def _decrypted(key: Document, algorithm: str, ciphertext: bytes, work: Work) -> Result:
    try:
        plaintext = asymmetric.decrypt(uses.kind(key), _material(key, work), algorithm, ciphertext)
    except CipherError as problem:
        raise ApiError(Code.DECRYPT_ERROR, f"The ciphertext cannot be decrypted: {problem}.") from None
    return {"KeyId": key["id"], "Plaintext": base64.b64encode(plaintext).decode()}


def sign_by_asymmetric_key(given: Given, work: Work) -> Result:
    """SignByAsymmetricKey."""
    message = _message(given, Code.INVALID_PARAMETER)
    key = _enabled(given, work, uses.SIGNATURES, Code.INVALID_PARAMETER)
    algorithm = _algorithm(given, key, Code.INVALID_PARAMETER)
    digest = _digest(given, key, message, work, Code.INVALID_PARAMETER)
    signature = asymmetric.sign_digest(uses.kind(key), _material(key, work), algorithm, digest)
    return {"Signature": base64.b64encode(signature).decode()}


def verify_by_asymmetric_key(given: Given, work: Work) -> Result:
    """VerifyByAsymmetricKey: a wrong signature is an answer, not an error [I]."""
    code = Code.INVALID_PARAMETER_VALUE
    message = _message(given, code)
    signature = binary(given.text("SignatureValue"), "SignatureValue", code, _LARGEST_SIGNATURE)
    key = _enabled(given, work, uses.SIGNATURES, code)
    algorithm = _algorithm(given, key, code)
    digest = _digest(given, key, message, work, code)
    valid = asymmetric.verify_digest(uses.kind(key), _material(key, work), algorithm, digest, signature)
    return {"SignatureValid": valid}


def _message(given: Given, code: Code) -> bytes:
    if given.text("MessageType") not in ("", "RAW", "DIGEST"):
        raise ApiError(code, "`MessageType` is RAW or DIGEST.")
    return binary(given.text("Message"), "Message", code, uses.LARGEST_MESSAGE)


def _digest(given: Given, key: Document, message: bytes, work: Work, code: Code) -> bytes:
    if given.text("MessageType") == "DIGEST":
        wanted = uses.DIGEST_BYTES_384 if key["usage"] == Usage.SIGN_ECDSA384 else uses.DIGEST_BYTES
        if len(message) != wanted:
            raise ApiError(code, f"`Message` has {len(message)} bytes; a digest has {wanted}.")
        return message
    if key["usage"] in _HASHES:
        return _HASHES[key["usage"]](message)
    public = asymmetric.public_key_der(uses.kind(key), _material(key, work))
    return asymmetric.sm2_digest(public, message)


def _algorithm(given: Given, key: Document, code: Code) -> str:
    offered, name = uses.SIGNATURES[key["usage"]], given.text("Algorithm")
    if name not in offered:
        raise ApiError(code, f"`Algorithm` is `{name}`; the CMK `{key['id']}` has {', '.join(offered)}.")
    return offered[name]


def _enabled(given: Given, work: Work, usages: Mapping[str, object] | tuple[str, ...], code: Code) -> Document:
    key = work.keys.find(given.text("KeyId"))
    require_usage(key, tuple(usages), code)
    allow(key, State.ENABLED)
    return key


def _material(key: Document, work: Work) -> bytes:
    return work.keys.vault.material(key, newest(key))


_SIGNING = {"KeyId": needs(TEXT), "Algorithm": needs(TEXT), "Message": needs(TEXT), "MessageType": may(TEXT)}

ACTIONS: Mapping[str, Action] = {
    "GetPublicKey": Action(get_public_key, {"KeyId": needs(TEXT)}),
    "AsymmetricRsaDecrypt": Action(asymmetric_rsa_decrypt, {
        "KeyId": needs(TEXT), "Ciphertext": needs(TEXT), "Algorithm": needs(TEXT),
    }),
    "AsymmetricSm2Decrypt": Action(asymmetric_sm2_decrypt, {"KeyId": needs(TEXT), "Ciphertext": needs(TEXT)}),
    "SignByAsymmetricKey": Action(sign_by_asymmetric_key, _SIGNING),
    "VerifyByAsymmetricKey": Action(verify_by_asymmetric_key, {**_SIGNING, "SignatureValue": needs(TEXT)}),
}  # fmt: skip
