"""Between bytes and the texts of CTYun's fields. No error quotes a value: it may be a plaintext."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from kms_resources.clouds.ctyun.table import Operation
from kms_resources.clouds.ctyun.words import ALGORITHMS, WORDS
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import RejectedError, UnclearError

_PEM = re.compile(r"-----BEGIN [A-Z ]+-----(?P<body>[A-Za-z0-9+/=\s]+)-----END [A-Z ]+-----\s*")
_TRUTH: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
_PAIRS = frozenset({Algorithm.ECDSA_SHA_256, Algorithm.ECDSA_SHA_384, Algorithm.SM2DSA})


def base64_of(data: bytes) -> str:
    """Bytes as the API writes them."""
    return base64.b64encode(data).decode()


def text(operation: Operation, answer: Mapping[str, Any], word: str) -> str:
    """A text that the answer must hold."""
    value = answer.get(WORDS[word])
    if not isinstance(value, str) or not value:
        raise UnclearError(f"{operation.name} was answered without {WORDS[word]}", why="the field is missing or empty")
    return value


def filled(operation: Operation, row: Mapping[str, Any], wire: str) -> str:
    """A text that a row must hold, by the cloud's name."""
    value = row.get(wire)
    if not isinstance(value, str) or not value:
        raise UnclearError(f"{operation.name} was answered without {wire}", why="the field is missing or empty")
    return value


def binary(operation: Operation, answer: Mapping[str, Any], word: str) -> bytes:
    """A Base64 field that the answer must hold. An empty one is an empty plaintext."""
    value = answer.get(WORDS[word])
    data = _decode(value) if isinstance(value, str) else None
    if data is None:
        raise UnclearError(f"{operation.name} was answered without {WORDS[word]} in Base64")
    return data


def hexadecimal(operation: Operation, answer: Mapping[str, Any], word: str) -> bytes:
    """A field in hexadecimal digits that the answer must hold."""
    value = text(operation, answer, word)
    if len(value) % 2 or not re.fullmatch(r"[0-9A-Fa-f]+", value):
        raise UnclearError(f"{operation.name} was answered without {WORDS[word]} in hexadecimal digits")
    return bytes.fromhex(value)


def der(operation: Operation, answer: Mapping[str, Any], word: str) -> bytes:
    """A public key that the answer must hold, in PEM or in Base64."""
    value = text(operation, answer, word)
    armoured = _PEM.fullmatch(value)
    data = _decode("".join(armoured["body"].split()) if armoured else value)
    if not data:
        raise UnclearError(f"{operation.name} was answered without a public key in PEM or Base64")
    return data


def truth(operation: Operation, answer: Mapping[str, Any], word: str) -> bool:
    """A yes or no that the answer must hold."""
    value = _TRUTH.get(str(answer.get(WORDS[word])).lower())
    if value is None:
        raise UnclearError(f"{operation.name} was answered without {WORDS[word]}", why="it is neither true nor false")
    return value


def algorithm_word(algorithm: Algorithm, *, signs: bool) -> str:
    """The cloud's word for an algorithm; raises `RejectedError` for one that is not for this kind of call."""
    offered = {ours: theirs for ours, theirs in ALGORITHMS.items() if ours.signs is signs}
    if algorithm not in offered:
        raise RejectedError(f"{algorithm} is not possible here", why=f"CTYun offers {', '.join(offered)} for this call")
    return offered[algorithm]


def is_signature(algorithm: Algorithm, signature: bytes) -> bool:
    """Whether the bytes may be a signature at all: the API has no code that says so."""
    if algorithm not in _PAIRS:
        return bool(signature)
    try:
        decode_dss_signature(signature)
    except ValueError:
        return False
    return True


def _decode(value: str) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return None
