"""The operations of the instance gateway by name, and those that need no key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kms_emulator.alibaba import gateway_encryption, gateway_pairs, gateway_signing, secret_values
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.gateway_messages import Values
from kms_emulator.alibaba.gateway_work import MESSAGE_BYTES, Work
from kms_emulator.alibaba.secret_model import live_secret
from kms_emulator.ciphers import mac

RANDOM_BYTES = (1, 1024)  # [I?]
_HASHES: Mapping[str, Callable[[bytes], bytes]] = {  # [I?]
    "SHA_224": lambda message: hashlib.sha224(message).digest(),
    "SHA_256": lambda message: hashlib.sha256(message).digest(),
    "SHA_384": lambda message: hashlib.sha384(message).digest(),
    "SHA_512": lambda message: hashlib.sha512(message).digest(),
    "SM3": mac.sm3,
}


def hash_message(work: Work) -> Values:
    """Hash, without a key."""
    message = work.data("Message", MESSAGE_BYTES)
    return {"Digest": _HASHES[work.choice("Algorithm", tuple(_HASHES), "SHA_256")](message)}


def generate_random(work: Work) -> Values:
    """GenerateRandom."""
    size = work.size("Length", 0, *RANDOM_BYTES)
    return {"Random": work.operation.context.random.randbytes(size)}


def get_secret_value(work: Work) -> Values:
    """GetSecretValue, of the secrets of the instance."""
    names = ("SecretName", "VersionStage", "VersionId")
    given = {name: work.text(name) for name in names if work.text(name)}
    operation = work.with_parameters(**given, FetchExtendedConfig=str(bool(work.fields.get("FetchExtendedConfig"))))
    secret = live_secret(operation)
    if secret.instance not in work.instances:
        raise VendorError("Forbidden.ResourceNotFound")
    if work.gate is not None:
        work.gate.read_secret(secret)
    answer = secret_values.get_secret_value(operation)
    stages = answer.pop("VersionStages")
    listed = stages["VersionStage"] if isinstance(stages, dict) else []
    return {**{name: str(value) for name, value in answer.items()}, "VersionStages": listed}


@dataclass(frozen=True)
class GatewayAction:
    """One operation. ``prepare`` makes what takes too long to hold the store for, out of the fields."""

    perform: Callable[[Work], Values]
    prepare: Callable[[Mapping[str, object]], bytes] | None = None


_PAIR = gateway_pairs.prepare_pair
GATEWAY_ACTIONS: Mapping[str, GatewayAction] = {
    "Encrypt": GatewayAction(gateway_encryption.encrypt),
    "Decrypt": GatewayAction(gateway_encryption.decrypt),
    "Sign": GatewayAction(gateway_signing.sign),
    "Verify": GatewayAction(gateway_signing.verify),
    "GenerateRandom": GatewayAction(generate_random),
    "GenerateDataKey": GatewayAction(gateway_encryption.generate_data_key),
    "GetPublicKey": GatewayAction(gateway_signing.get_public_key),
    "GetSecretValue": GatewayAction(get_secret_value),
    "AdvanceEncrypt": GatewayAction(gateway_encryption.advance_encrypt),
    "AdvanceDecrypt": GatewayAction(gateway_encryption.advance_decrypt),
    "AdvanceGenerateDataKey": GatewayAction(gateway_encryption.advance_generate_data_key),
    "GenerateDataKeyPair": GatewayAction(gateway_pairs.generate_pair, _PAIR),
    "GenerateDataKeyPairWithoutPlaintext": GatewayAction(gateway_pairs.generate_pair_without_plaintext, _PAIR),
    "AdvanceGenerateDataKeyPair": GatewayAction(gateway_pairs.advance_generate_pair, _PAIR),
    "AdvanceGenerateDataKeyPairWithoutPlaintext": GatewayAction(
        gateway_pairs.advance_generate_pair_without_plaintext, _PAIR
    ),
    "Hmac": GatewayAction(gateway_signing.hmac),
    "Hash": GatewayAction(hash_message),
    "KmsEncrypt": GatewayAction(gateway_encryption.kms_encrypt),
    "KmsDecrypt": GatewayAction(gateway_encryption.kms_decrypt),
}
