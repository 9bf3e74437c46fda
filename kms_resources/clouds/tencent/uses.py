"""Tencent Cloud's words for the use of keys, and ours: algorithms, the encryption context, what answers hold.

Source: models of the official SDK 3.1.192, API 2019-01-18. [I] marks what is inferred.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from kms_resources.clouds.tencent.limits import CRYPTO
from kms_resources.crypto.words import Algorithm, Context
from kms_resources.errors import InputError, RejectedError, UnclearError

SIGNING: Mapping[Algorithm, str] = {
    Algorithm.RSA_PSS_SHA_256: "RSA_PSS_SHA_256",
    Algorithm.RSA_PKCS1_SHA_256: "RSA_PKCS1_SHA_256",
    Algorithm.ECDSA_SHA_256: "ECC_P256_R1",
    Algorithm.SM2DSA: "SM2DSA",
}
"""The word of SignByAsymmetricKey."""
ASK_FOR: Mapping[Algorithm, str] = {Algorithm.ECDSA_SHA_384: "ASYMMETRIC_SIGN_VERIFY_ECDSA384"}
"""Algorithms that the documents do not spell: ListAlgorithms tells the word, by the usage of the keys."""
DECRYPTING: Mapping[Algorithm, str] = {
    Algorithm.RSAES_OAEP_SHA_256: "RSAES_OAEP_SHA_256",
    Algorithm.RSAES_OAEP_SHA_1: "RSAES_OAEP_SHA_1",
    Algorithm.RSAES_PKCS1_V1_5: "RSAES_PKCS1_V1_5",
}
"""The word of AsymmetricRsaDecrypt and of GetParametersForImport; SM2 has an action of its own."""
WRAPPING_KEY_SPEC = "RSA_2048"
BAD_VALUE = "InvalidParameterValue"
"""[I] VerifyByAsymmetricKey's code for a signature that is none; its other codes are longer."""


def refuse_algorithm(algorithm: Algorithm, offered: Mapping[Algorithm, str], *more: Algorithm) -> RejectedError:
    """The refusal of an algorithm that the call does not have."""
    return RejectedError(
        f"{algorithm} is not possible here", why=f"Tencent Cloud offers {', '.join([*offered, *more])} for this call"
    )


def context_fields(context: Context, name: str = "EncryptionContext") -> dict[str, str]:
    """The context as a field of a request; an empty one is left out.

    It is one text, always the same for the same names and values, because nobody says whether the cloud compares it
    as text or as JSON.
    """
    if not context:
        return {}
    text = json.dumps(dict(context), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if len(text) > CRYPTO.context_characters:
        raise InputError(
            "the encryption context is too long",
            why=f"it has {len(text)} characters as JSON",
            advice=f"use at most {CRYPTO.context_characters}",
        )
    return {name: text}


def text_of(data: bytes) -> str:
    """Bytes as the API writes them."""
    return base64.b64encode(data).decode()


def bytes_of(answer: Mapping[str, Any], field: str, action: str) -> bytes:
    """A binary field of an answer. Its value is never quoted: it may be a plaintext."""
    try:
        return base64.b64decode(need(answer, field, action), validate=True)
    except (binascii.Error, ValueError):
        raise UnclearError(f"{action} was answered with a {field} that is no Base64") from None


def need(answer: Mapping[str, Any], field: str, action: str) -> str:
    """A text that the answer must hold."""
    value = answer.get(field)
    if not isinstance(value, str) or not value:
        raise UnclearError(f"{action} was answered without {field}")
    return value
