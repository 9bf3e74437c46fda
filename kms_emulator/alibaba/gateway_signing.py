"""Signatures, public keys and message authentication codes on the instance gateway."""

from __future__ import annotations

import hashlib

from kms_emulator.alibaba import asymmetric, use
from kms_emulator.alibaba.ciphertexts import kind_of, material_of
from kms_emulator.alibaba.facts import Usage
from kms_emulator.alibaba.gateway_messages import Values
from kms_emulator.alibaba.gateway_work import MESSAGE_BYTES, Work, algorithm_of, decoded
from kms_emulator.alibaba.model import Key
from kms_emulator.ciphers import asymmetric as pairs

RAW, DIGEST = "RAW", "DIGEST"
HMAC = "HMAC_SHA_256"  # [I?] the request names no algorithm


def sign(work: Work) -> Values:
    """Sign, of a digest or of a message that is hashed here."""
    key, algorithm, digest = _to_sign(work)
    operation = work.asymmetric(key, Algorithm=algorithm, Digest=use.encoded(digest))
    signature = decoded(asymmetric.asymmetric_sign(operation)["Value"])
    return {"KeyId": key.id, "Signature": signature, "Algorithm": algorithm, "MessageType": work.text("MessageType")}


def verify(work: Work) -> Values:
    """Verify; a wrong signature is an answer, no error."""
    signature = work.data("Signature")
    key, algorithm, digest = _to_sign(work)
    operation = work.asymmetric(
        key, Algorithm=algorithm, Digest=use.encoded(digest), Value=use.encoded(signature)
    )  # fmt: skip
    good = bool(asymmetric.asymmetric_verify(operation)["Value"])
    return {"KeyId": key.id, "Value": good, "Algorithm": algorithm, "MessageType": work.text("MessageType")}


def _to_sign(work: Work) -> tuple[Key, str, bytes]:
    kind = work.choice("MessageType", (RAW, DIGEST), DIGEST if work.fields.get("Digest") else RAW)
    message = work.data("Digest" if work.fields.get("Digest") else "Message", MESSAGE_BYTES)
    key = work.key()
    algorithm = algorithm_of(work, key, Usage.SIGN)
    return key, algorithm, message if kind == DIGEST else _digest(work, key, message)


def _digest(work: Work, key: Key, message: bytes) -> bytes:
    if key.spec != "EC_SM2":
        return hashlib.sha256(message).digest()  # every other algorithm has this hash [S9]
    operation = work.operation
    material = material_of(operation.context, operation.scope, key, work.version_of(key))
    return pairs.sm2_digest(pairs.public_key_der(kind_of(key), material), message)


def get_public_key(work: Work) -> Values:
    """GetPublicKey."""
    key = work.key()
    return {"KeyId": key.id, "PublicKey": str(asymmetric.get_public_key(work.asymmetric(key))["PublicKey"])}


def hmac(work: Work) -> Values:
    """Hmac."""
    message = work.data("Message", MESSAGE_BYTES)
    key = work.key()
    made = asymmetric.generate_mac(
        work.with_parameters(KeyId=key.id, Algorithm=HMAC, Message=use.encoded(message))
    )  # fmt: skip
    return {"KeyId": key.id, "Signature": decoded(made["Mac"])}
