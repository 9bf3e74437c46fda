"""Data key pairs: made for the caller, the private key sealed with a symmetric key."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Mapping

from kms_emulator.alibaba import use
from kms_emulator.alibaba.ciphertexts import KINDS, Sealed
from kms_emulator.alibaba.errors import missing
from kms_emulator.alibaba.gateway_messages import Values
from kms_emulator.alibaba.gateway_work import Work, advanced, cipher_name
from kms_emulator.alibaba.model import Key
from kms_emulator.ciphers import asymmetric, material

SPECS = tuple(use.ALGORITHMS)  # [I?] the specifications that keys of the service have
FORMATS = ("PEM", "DER")  # [I?] PKCS#8 and SubjectPublicKeyInfo


def prepare_pair(fields: Mapping[str, object]) -> bytes:
    """The private key, which takes too long to make while the store is held; nothing for what will be refused."""
    spec = str(fields.get("KeyPairSpec", ""))
    return material.new_material(KINDS[spec]) if spec in SPECS else b""


def generate_pair(work: Work) -> Values:
    """GenerateDataKeyPair."""
    key, private, public, sealed = _pair(work)
    return {**_plain(work, key, sealed), "PrivateKeyPlaintext": private, "PublicKey": public}


def generate_pair_without_plaintext(work: Work) -> Values:
    """GenerateDataKeyPairWithoutPlaintext."""
    key, _, public, sealed = _pair(work)
    return {**_plain(work, key, sealed), "PublicKey": public}


def advance_generate_pair(work: Work) -> Values:
    """AdvanceGenerateDataKeyPair."""
    key, private, public, sealed = _pair(work)
    return {**_advanced(work, key, sealed), "PrivateKeyPlaintext": private, "PublicKey": public}


def advance_generate_pair_without_plaintext(work: Work) -> Values:
    """AdvanceGenerateDataKeyPairWithoutPlaintext."""
    key, _, public, sealed = _pair(work)
    return {**_advanced(work, key, sealed), "PublicKey": public}


def _pair(work: Work) -> tuple[Key, bytes, bytes, Sealed]:
    """The sealing key, private and public key in the wanted format, and the private key sealed."""
    if not work.text("KeyPairSpec"):
        raise missing("KeyPairSpec")
    spec = work.choice("KeyPairSpec", SPECS, "")
    form = work.choice("KeyFormat", FORMATS, "PEM")
    key = work.key()
    private = work.prepared
    public = asymmetric.public_key_der(KINDS[spec], private)
    if form == "PEM":
        private, public = _armoured("PRIVATE KEY", private), _armoured("PUBLIC KEY", public)
    return key, private, public, work.seal(key, private)


def _told(work: Work, key: Key) -> Values:
    return {"KeyId": key.id, "KeyPairSpec": work.text("KeyPairSpec"), "Algorithm": cipher_name(key)}


def _plain(work: Work, key: Key, sealed: Sealed) -> Values:
    return {**_told(work, key), "Iv": sealed.iv, "PrivateKeyCiphertextBlob": sealed.body}


def _advanced(work: Work, key: Key, sealed: Sealed) -> Values:
    values = advanced(sealed)
    return {**_told(work, key), "PrivateKeyCiphertextBlob": values.pop("CiphertextBlob"), **values}


def _armoured(label: str, der: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der).decode("ascii"), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode("ascii")
