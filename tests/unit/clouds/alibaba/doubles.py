"""One loopback server that stands for both doors: what arrives is kept, what it says is the test's choice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat, pkcs12

from kms_resources.clouds import get_cloud
from kms_resources.clouds.alibaba import messages
from kms_resources.clouds.alibaba.crypto import AlibabaCrypto
from kms_resources.clouds.interface import Cloud
from kms_resources.model import Gateway, KeyId, Target
from tests.unit.clouds.loopback import Answer, Loopback, Received

KEY = KeyId("key-hzz1")
VERSION = "key-hzz1-" + "v" * 27
PASSWORD = "a-Fake-Password-1"
CLIENT_KEY_ID = "KAAP.66abf237-63f6-4625-b8cf-47e1086e0000"
TARGET = Target("hangzhou", "alibaba", "cn-hangzhou")
BLOB = base64.b64encode(VERSION.encode() + b"n" * 12 + b"ciphertext" + b"t" * 16).decode()
PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()
PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
DER = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
SIGNATURE = bytes.fromhex("3006020101020101")

Reply = Mapping[str, Any] | Answer | Callable[[Mapping[str, Any]], Mapping[str, Any] | Answer]


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def store(
    password: str = PASSWORD,
    *,
    old: bool = False,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    name: str = "",
    common: str = "",
) -> bytes:
    """A PKCS#12 with the client key, in the modern or in the old encryption; `common` adds a certificate."""
    builder = PrivateFormat.PKCS12.encryption_builder()
    if old:
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())
    else:
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(hashes.SHA256())
    certificate = _certificate(common) if common else None
    encryption = builder.build(password.encode())
    return pkcs12.serialize_key_and_certificates(
        name.encode() or None, key or private_key(), certificate, None, encryption
    )


def _certificate(common: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private_key().public_key())
    builder = builder.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=1))
    return builder.sign(private_key(), hashes.SHA256())


@cache
def client_key() -> str:
    """The vendor's JSON file."""
    return json.dumps({"KeyId": CLIENT_KEY_ID, "PrivateKeyData": base64.b64encode(store()).decode()})


@dataclass
class Doors:
    """Both doors on one server; `calls` are (door, action, fields)."""

    server: Loopback
    replies: dict[str, Reply] = field(default_factory=dict)
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    version_header: str = VERSION

    def __post_init__(self) -> None:
        self.server.behaviour = self._answer

    @property
    def actions(self) -> list[str]:
        return [f"{door}:{action}" for door, action, _ in self.calls]

    def fields(self, action: str) -> dict[str, Any]:
        """What the only call of an action carried, empty fields left out."""
        (found,) = [fields for _, name, fields in self.calls if name == action]
        return found

    def _answer(self, request: Received) -> Answer:
        if api := request.headers.get("x-kms-apiname"):
            decoded = messages.decode(f"{api}Request", request.body)
            fields = {name: value for name, value in decoded.items() if value}
            self.calls.append(("instance", api, fields))
            reply = self._reply(api, fields)
            if isinstance(reply, Answer):
                return reply
            body = messages.encode(f"{api}Response", {"RequestId": "r-1", **reply})
            headers = {"x-kms-migrationkeyversionid": self.version_header} if self.version_header else {}
            return Answer(200, body, headers)
        action = request.headers["x-acs-action"]
        form = request.path.partition("?")[2] or request.body.decode()
        fields = dict(parse_qsl(form, keep_blank_values=True))
        self.calls.append(("shared", action, fields))
        reply = self._reply(action, fields)
        return reply if isinstance(reply, Answer) else Answer.of({"RequestId": "r-1", **reply})

    def _reply(self, action: str, fields: Mapping[str, Any]) -> Mapping[str, Any] | Answer:
        reply = self.replies.get(action, {})
        return reply(fields) if callable(reply) else reply

    def refuse(self, api: str, status: int, code: str, message: str = "m") -> None:
        """Let the instance answer an operation with an error."""
        body = messages.encode(
            "Error", {"StatusCode": status, "ErrorCode": code, "ErrorMessage": message, "RequestId": "r-9"}
        )
        self.replies[api] = Answer(status, body)

    def environ(self, *kinds: str) -> dict[str, str]:
        """The variables of a person who has the credentials of these doors."""
        found = {"KMS_ENDPOINT_ALIBABA": self.server.url, "KMS_RATE_FACTOR": "0"}
        if "shared" in kinds:
            found |= {"ALIBABA_CLOUD_ACCESS_KEY_ID": "an-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a-secret"}
        if "instance" in kinds:
            found |= {"ALIBABA_KMS_CLIENT_KEY": client_key(), "ALIBABA_KMS_CLIENT_KEY_PASSWORD": PASSWORD}
        return found

    def gateway(self, **changed: Any) -> Gateway:
        return Gateway(**{"endpoint": self.server.url, **changed})

    def client(self, gateway: Gateway | None = None, *kinds: str) -> AlibabaCrypto:
        """A client with the credentials of both doors unless fewer are named."""
        target = Target("hangzhou", "alibaba", "cn-hangzhou", gateway=gateway)
        return connect(cloud(), target, self.environ(*(kinds or ("shared", "instance"))))


def cloud() -> Cloud:
    return get_cloud("alibaba")


def connect(alibaba: Cloud, target: Target, environ: Mapping[str, str]) -> AlibabaCrypto:
    assert alibaba.connect_crypto
    client = alibaba.connect_crypto(target, environ)
    assert isinstance(client, AlibabaCrypto)
    return client


def usual_replies() -> dict[str, Reply]:
    """What a cloud in good health says to each operation, on either door."""
    raw = base64.b64decode(BLOB)
    named = {"KeyId": KEY, "KeyVersionId": VERSION}
    value = base64.b64encode(b"result").decode()
    secret = {
        "SecretName": "db", "SecretType": "Generic", "SecretData": "value", "SecretDataType": "text",
        "VersionId": "v1", "CreateTime": "2024-05-20T06:34:21Z",
    }  # fmt: skip
    return {
        # Names that exist on one door only.
        "AdvanceEncrypt": {**named, "CiphertextBlob": b"$\x00\x02" + raw, "Iv": b"n" * 12},
        "AdvanceDecrypt": {**named, "Plaintext": b"aGVsbG8="},
        "AdvanceGenerateDataKey": lambda asked: {**named, "Plaintext": b"k" * asked["NumberOfBytes"]},
        "Sign": {"KeyId": KEY, "Signature": SIGNATURE},
        "Verify": {"KeyId": KEY, "Value": True},
        "GenerateRandom": lambda asked: {"Random": b"z" * asked["Length"]},
        "GenerateDataKey": lambda asked: {
            **named, "CiphertextBlob": BLOB, "Plaintext": base64.b64encode(b"k" * int(asked["NumberOfBytes"])).decode(),
        },
        "GenerateDataKeyWithoutPlaintext": {**named, "CiphertextBlob": BLOB},
        "ReEncrypt": {**named, "CiphertextBlob": BLOB},
        "AsymmetricEncrypt": {**named, "CiphertextBlob": value},
        "AsymmetricDecrypt": {**named, "Plaintext": value},
        "AsymmetricSign": {**named, "Value": base64.b64encode(SIGNATURE).decode()},
        "AsymmetricVerify": {**named, "Value": True},
        "GenerateMac": {"KeyId": KEY, "Mac": value},
        "ListKeyVersions": {
            "KeyVersions": {"KeyVersion": [{"KeyVersionId": VERSION, "CreationDate": "2024-05-20T06:34:21Z"}]},
            "TotalCount": 1,
        },
        # Names that both have: the form follows from the fields that came.
        "Encrypt": lambda asked: (
            {"KeyId": KEY, "CiphertextBlob": b"result"} if isinstance(asked["Plaintext"], bytes)
            else {**named, "CiphertextBlob": BLOB}
        ),
        "Decrypt": lambda asked: (
            {"KeyId": KEY, "Plaintext": b"result"} if isinstance(asked["CiphertextBlob"], bytes)
            else {**named, "Plaintext": "aGVsbG8="}
        ),
        "GetPublicKey": lambda asked: (
            {**named, "PublicKey": PEM} if "KeyVersionId" in asked else {"KeyId": KEY, "PublicKey": PEM}
        ),
        "GetSecretValue": lambda asked: {
            **secret, "VersionStages": ("ACSCurrent",) if asked.get("VersionId") == "instance"
            else {"VersionStage": ["ACSCurrent"]},
        },
    }  # fmt: skip
