"""Refusals before anything is sent: what a cloud would not take is said here, in one sentence, without a network."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from kms_resources.capabilities import Capability, Limits
from kms_resources.crypto.words import Algorithm, Context
from kms_resources.errors import InputError
from kms_resources.model import Spec, Usage

Offered = Mapping[tuple[Spec, Usage], tuple[Algorithm, ...]]
"""What asymmetric keys can do at a cloud, the first algorithm being the usual one."""

NO_FURTHER: Mapping[Algorithm, int] = {}

_PURPOSES = {
    Usage.ENCRYPT_DECRYPT: "encrypting and decrypting",
    Usage.SIGN_VERIFY: "signing and verifying",
    Usage.GENERATE_VERIFY_MAC: "HMAC",
}


def check_capability(limits: Limits, capability: Capability, cloud: str, *, where: str = "") -> None:
    """Refuse what the cloud does not have, with the table's reason."""
    if not limits.has(capability):
        raise InputError(f"{cloud} does not offer {capability.value}", where=where, why=limits.why_not(capability))


def check_usage(spec: Spec, usage: Usage, wanted: Usage, *, where: str = "") -> None:
    """Refuse a key that was made for something else."""
    if usage is not wanted:
        raise InputError(
            f"the key is not made for {_PURPOSES[wanted]}",
            where=where,
            why=f"it is an {spec} key with usage {usage}, and {wanted} is needed; a key has one usage for life",
        )


def check_symmetric(spec: Spec, *, where: str = "") -> None:
    """Refuse a key pair where a symmetric key is needed."""
    if not spec.symmetric:
        allowed = ", ".join(each for each in Spec if each.symmetric)
        raise InputError("this needs a symmetric key", where=where, why=f"the key is {spec}; allowed: {allowed}")


def choose_algorithm(
    offered: Offered, spec: Spec, usage: Usage, wanted: Algorithm | None = None, *, where: str = ""
) -> Algorithm:
    """The algorithm to use: the wanted one if the cloud offers it for such a key, else the usual one."""
    allowed = offered.get((spec, usage), ())
    if not allowed:
        known = ", ".join(dict.fromkeys(f"{each} for {purpose}" for each, purpose in offered)) or "none"
        why = f"there is no algorithm for {spec} keys with usage {usage} here; keys that have some: {known}"
        raise InputError("the key cannot be used like this", where=where, why=why)
    if wanted is None:
        return allowed[0]
    if wanted not in allowed:
        why = f"allowed for {spec} keys with usage {usage}: {', '.join(allowed)}"
        raise InputError(f"the algorithm {wanted} is not offered", where=where, why=why)
    return wanted


def check_plaintext(plaintext: bytes, most: int, *, where: str = "") -> None:
    """Refuse an empty plaintext, and one that is too large for one call."""
    if not plaintext:
        raise InputError("there is nothing to encrypt", where=where, why=f"allowed: 1 to {most} bytes")
    if len(plaintext) > most:
        raise InputError(
            "the plaintext is too large for one call",
            where=where,
            why=f"it has {len(plaintext)} bytes; allowed: 1 to {most}",
            advice="Use envelope encryption: kms envelope encrypt.",
        )


def check_capacity(
    plaintext: bytes,
    spec: Spec,
    algorithm: Algorithm,
    capacities: Mapping[Algorithm, int] = NO_FURTHER,
    *,
    where: str = "",
) -> None:
    """Refuse a plaintext that does not fit into one asymmetric encryption. `capacities`: what the cloud opens."""
    from kms_resources.crypto import local  # noqa: PLC0415  (loads cryptography, which `kms validate` never needs)

    most = min(local.capacity(spec, algorithm), capacities.get(algorithm, sys.maxsize))
    if not plaintext:
        raise InputError("there is nothing to encrypt", where=where, why=f"allowed: 1 to {most} bytes")
    if len(plaintext) > most:
        why = f"it has {len(plaintext)} bytes; allowed with {algorithm}: 1 to {most}"
        raise InputError(f"the plaintext is too large for an {spec} key", where=where, why=why)


def check_digest(digest: bytes, algorithm: Algorithm, *, where: str = "") -> None:
    """Refuse a digest whose length does not fit the algorithm."""
    from kms_resources.crypto import local  # noqa: PLC0415  (as above)

    expected = local.digest_length(algorithm)
    if len(digest) != expected:
        why = f"it has {len(digest)} bytes; {algorithm} needs {expected}"
        raise InputError("the digest has the wrong length", where=where, why=why)


def check_data_key_length(length: int, allowed: tuple[int, int], *, where: str = "") -> None:
    """Refuse a length that the cloud does not make."""
    least, most = allowed
    if not least <= length <= most:
        raise InputError(f"a data key of {length} bytes is not offered", where=where, why=f"allowed: {least} to {most}")


def context_text(context: Context) -> str:
    """A context as JSON: sorted and without blanks, so that equal contexts are equal texts. Empty for none."""
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":"), ensure_ascii=False) if context else ""


def check_context(context: Context, longest: int, *, where: str = "") -> None:
    """Refuse a context that is no text, or whose JSON text is longer than the cloud takes."""
    if "" in context:
        raise InputError("a name in the encryption context is empty", where=where, why="allowed: any other text")
    text = context_text(context)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("the encryption context is not text", where=where, why="it is not UTF-8") from None
    length = len(text)
    if length > longest:
        why = f"as JSON text it has {length} characters; allowed: {longest}"
        raise InputError("the encryption context is too long", where=where, why=why)
