"""The vendors' own packages, unmodified, over HTTP: they open what we made, and we open what they made."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from alibabacloud_kms20160120 import models as alibaba
from alibabacloud_kms20160120.client import Client as AlibabaSdk
from alibabacloud_tea_openapi.models import Config
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.kms.v20190118 import kms_client
from tencentcloud.kms.v20190118 import models as tencent

from kms_resources.crypto.digests import digest_message
from kms_resources.crypto.material import LENGTHS, wrap_material
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import UnsafeError
from kms_resources.model import Origin, Spec, Usage
from kms_resources.use import UsedKey
from tests.support.workshop import Kind, Workshop, Workshops, kinds, limits_of

CONTEXT = {"table": "orders", "a": "1", "用途": "订单 & more"}
SECRET = "a little secret 密".encode() + b"\x00\xff"
MESSAGE = "contract № 7 合同".encode()
STANDS = ("tencent", "tencent-abroad", "alibaba", "alibaba-instance")
contexts = pytest.mark.parametrize("context", [{}, CONTEXT], ids=["bare", "context"])


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def foreign(usage: Usage, *, symmetric: bool | None = None, algorithms: bool = False) -> list[Kind]:
    return kinds(usage, symmetric=symmetric, stands=STANDS, wires=("http",), algorithms=algorithms)


symmetric = pytest.mark.parametrize("kind", foreign(Usage.ENCRYPT_DECRYPT, symmetric=True), ids=str)
signing = pytest.mark.parametrize("kind", foreign(Usage.SIGN_VERIFY, algorithms=True), ids=str)
pairs = pytest.mark.parametrize(
    "kind", foreign(Usage.ENCRYPT_DECRYPT, symmetric=False, algorithms=True), ids=str
)  # fmt: skip


class Theirs(NamedTuple):
    """What a package does, in bytes and texts."""

    encrypt: Callable[[str, bytes, dict[str, str]], str]
    decrypt: Callable[[str, dict[str, str]], bytes]
    data_key: Callable[[str, int, dict[str, str]], tuple[bytes, str]]
    move: Callable[[str, str, dict[str, str]], str]
    public_key: Callable[[UsedKey], bytes]
    open: Callable[[UsedKey, Algorithm, bytes], bytes]
    sign: Callable[[UsedKey, Algorithm, bytes], bytes]
    verify: Callable[[UsedKey, Algorithm, bytes, bytes], bool]


def theirs(shop: Workshop) -> Theirs:
    return tencent_sdk(shop) if shop.target.cloud == "tencent" else alibaba_sdk(shop)


def tencent_sdk(shop: Workshop) -> Theirs:
    environ = shop.running.environ
    http = HttpProfile(protocol="http", endpoint=shop.running.url.split("//")[1])
    credential = Credential(environ["TENCENTCLOUD_SECRET_ID"], environ["TENCENTCLOUD_SECRET_KEY"])
    sdk = kms_client.KmsClient(credential, shop.target.region, ClientProfile(httpProfile=http))

    def call(action: str, **parameters: Any) -> Any:
        request = getattr(tencent, f"{action}Request")()
        request._deserialize(parameters)
        return getattr(sdk, action)(request)

    def told(context: dict[str, str], name: str = "EncryptionContext") -> dict[str, str]:
        # The emulator takes the text as it is for the context; whether the service reads it as JSON is not known.
        text = json.dumps(context, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return {name: text} if context else {}

    def data_key(key_id: str, length: int, context: dict[str, str]) -> tuple[bytes, str]:
        made = call("GenerateDataKey", KeyId=key_id, NumberOfBytes=length, **told(context))
        return base64.b64decode(made.Plaintext), made.CiphertextBlob

    def open_(key: UsedKey, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        given = {"KeyId": key.key_id, "Ciphertext": b64(ciphertext)}
        if algorithm is Algorithm.SM2PKE:
            return base64.b64decode(call("AsymmetricSm2Decrypt", **given).Plaintext)
        return base64.b64decode(call("AsymmetricRsaDecrypt", Algorithm=tencent_word(algorithm), **given).Plaintext)

    def signing_fields(key: UsedKey, algorithm: Algorithm, message: bytes) -> dict[str, str]:
        word, usage = tencent_word(algorithm), "ASYMMETRIC_SIGN_VERIFY_ECC_P384_R1"
        if algorithm is Algorithm.ECDSA_SHA_384:
            rows = call("ListAlgorithms").AsymmetricSignVerifyAlgorithms
            word = next((row.Algorithm for row in rows if "384" in row.KeyUsage), usage)
        if algorithm is Algorithm.SM2DSA:  # a message as it is: the cloud makes the digest
            return {"KeyId": key.key_id, "Algorithm": word, "Message": b64(message), "MessageType": "RAW"}
        digest = digest_message([message], algorithm)
        return {"KeyId": key.key_id, "Algorithm": word, "Message": b64(digest), "MessageType": "DIGEST"}

    return Theirs(
        encrypt=lambda key_id, plaintext, context: str(
            call("Encrypt", KeyId=key_id, Plaintext=b64(plaintext), **told(context)).CiphertextBlob
        ),
        decrypt=lambda blob, context: base64.b64decode(
            call("Decrypt", CiphertextBlob=blob, **told(context)).Plaintext
        ),
        data_key=data_key,
        move=lambda blob, key_id, context: str(
            call(
                "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key_id, **told(context, "SourceEncryptionContext"),
                **told(context, "DestinationEncryptionContext"),
            ).CiphertextBlob
        ),
        public_key=lambda key: base64.b64decode(call("GetPublicKey", KeyId=key.key_id).PublicKey),
        open=open_,
        sign=lambda key, algorithm, message: base64.b64decode(
            call("SignByAsymmetricKey", **signing_fields(key, algorithm, message)).Signature
        ),
        verify=lambda key, algorithm, message, signature: bool(
            call(
                "VerifyByAsymmetricKey", SignatureValue=b64(signature), **signing_fields(key, algorithm, message)
            ).SignatureValid
        ),
    )  # fmt: skip


TENCENT_WORDS = {
    Algorithm.ECDSA_SHA_256: "ECC_P256_R1",
    Algorithm.RSA_PSS_SHA_256: "RSA_PSS_SHA_256",
    Algorithm.RSA_PKCS1_SHA_256: "RSA_PKCS1_SHA_256",
}
"""The vendor's words where they are not ours."""


def tencent_word(algorithm: Algorithm) -> str:
    return TENCENT_WORDS.get(algorithm, str(algorithm))


def alibaba_sdk(shop: Workshop) -> Theirs:
    environ = shop.running.environ
    sdk = AlibabaSdk(
        Config(
            access_key_id=environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            endpoint=shop.running.url.split("//")[1], protocol="http", region_id=shop.target.region,
        )
    )  # fmt: skip

    def data_key(key_id: str, length: int, context: dict[str, str]) -> tuple[bytes, str]:
        request = alibaba.GenerateDataKeyRequest(key_id=key_id, number_of_bytes=length, encryption_context=context)
        made = sdk.generate_data_key(request).body
        return base64.b64decode(made.plaintext), made.ciphertext_blob

    def version(key: UsedKey) -> str:
        listed = sdk.list_key_versions(alibaba.ListKeyVersionsRequest(key_id=key.key_id)).body
        return str(listed.key_versions.key_version[0].key_version_id)

    def public_key(key: UsedKey) -> bytes:
        request = alibaba.GetPublicKeyRequest(key_id=key.key_id, key_version_id=version(key))
        return base64.b64decode("".join(sdk.get_public_key(request).body.public_key.split("\n")[1:-2]))

    def pair(key: UsedKey, algorithm: Algorithm) -> dict[str, str]:
        return {"key_id": key.key_id, "key_version_id": version(key), "algorithm": str(algorithm)}

    def signing_fields(key: UsedKey, algorithm: Algorithm, message: bytes) -> dict[str, str]:
        public = public_key(key) if algorithm is Algorithm.SM2DSA else b""
        return {**pair(key, algorithm), "digest": b64(digest_message([message], algorithm, public))}

    return Theirs(
        encrypt=lambda key_id, plaintext, context: str(
            sdk.encrypt(
                alibaba.EncryptRequest(key_id=key_id, plaintext=b64(plaintext), encryption_context=context)
            ).body.ciphertext_blob
        ),
        decrypt=lambda blob, context: base64.b64decode(
            sdk.decrypt(alibaba.DecryptRequest(ciphertext_blob=blob, encryption_context=context)).body.plaintext
        ),
        data_key=data_key,
        move=lambda blob, key_id, context: str(
            sdk.re_encrypt(
                alibaba.ReEncryptRequest(
                    ciphertext_blob=blob, destination_key_id=key_id, source_encryption_context=context,
                    destination_encryption_context=context,
                )
            ).body.ciphertext_blob
        ),
        public_key=public_key,
        open=lambda key, algorithm, ciphertext: base64.b64decode(
            sdk.asymmetric_decrypt(
                alibaba.AsymmetricDecryptRequest(**pair(key, algorithm), ciphertext_blob=b64(ciphertext))
            ).body.plaintext
        ),
        sign=lambda key, algorithm, message: base64.b64decode(
            sdk.asymmetric_sign(
                alibaba.AsymmetricSignRequest(**signing_fields(key, algorithm, message))
            ).body.value
        ),
        verify=lambda key, algorithm, message, signature: bool(
            sdk.asymmetric_verify(
                alibaba.AsymmetricVerifyRequest(**signing_fields(key, algorithm, message), value=b64(signature))
            ).body.value
        ),
    )  # fmt: skip


@pytest.fixture
def shop(workshops: Workshops, kind: Kind) -> Workshop:
    return workshops.at(kind.stand, kind.wire)


@symmetric
@contexts
def test_they_open_what_we_encrypted(workshops: Workshops, shop: Workshop, kind: Kind, context: dict[str, str]) -> None:
    assert theirs(shop).decrypt(workshops.of(kind).encrypt(SECRET, context).blob, context) == SECRET


@symmetric
@contexts
def test_we_open_what_they_encrypted(workshops: Workshops, shop: Workshop, kind: Kind, context: dict[str, str]) -> None:
    key = workshops.of(kind)
    assert key.decrypt(theirs(shop).encrypt(key.key_id, SECRET, context), context) == SECRET


@symmetric
@contexts
def test_data_keys_go_both_ways(workshops: Workshops, shop: Workshop, kind: Kind, context: dict[str, str]) -> None:
    key, sdk = workshops.of(kind), theirs(shop)
    ours = key.data_key(32, context)
    assert sdk.decrypt(ours.ciphertext.blob, context) == ours.plaintext
    plaintext, blob = sdk.data_key(key.key_id, 48, context)
    assert (len(plaintext), key.decrypt(blob, context)) == (48, plaintext)


@symmetric
@contexts
def test_re_encryption_goes_both_ways(
    workshops: Workshops, shop: Workshop, kind: Kind, context: dict[str, str]
) -> None:
    key, other, sdk = workshops.of(kind), shop.key(kind.spec), theirs(shop)
    assert sdk.decrypt(other.re_encrypt(key.encrypt(SECRET, context).blob, context).blob, context) == SECRET
    moved = sdk.move(key.encrypt(SECRET, context).blob, other.key_id, context)
    assert other.decrypt(moved, context) == SECRET
    with pytest.raises(UnsafeError):
        key.decrypt(moved, context)


@pairs
def test_they_open_what_we_encrypted_with_the_public_key(workshops: Workshops, shop: Workshop, kind: Kind) -> None:
    assert kind.algorithm
    key = workshops.of(kind)
    assert theirs(shop).open(key, kind.algorithm, key.asymmetric_encrypt(SECRET, kind.algorithm)) == SECRET


@pytest.mark.parametrize(
    "kind",
    [one for one in foreign(Usage.ENCRYPT_DECRYPT, symmetric=False, algorithms=True) if "alibaba" in one.stand],
    ids=str,
)
def test_we_open_what_they_encrypted_with_a_key_pair(workshops: Workshops, shop: Workshop, kind: Kind) -> None:
    key = workshops.of(kind)
    environ = shop.running.environ
    sdk = AlibabaSdk(
        Config(
            access_key_id=environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            endpoint=shop.running.url.split("//")[1], protocol="http", region_id=shop.target.region,
        )
    )  # fmt: skip
    request = alibaba.AsymmetricEncryptRequest(
        key_id=key.key_id, key_version_id=key.public_key().version, algorithm=str(kind.algorithm), plaintext=b64(SECRET)
    )
    ciphertext = base64.b64decode(sdk.asymmetric_encrypt(request).body.ciphertext_blob)
    assert key.asymmetric_decrypt(ciphertext, kind.algorithm) == SECRET


@pairs
def test_the_public_key_is_the_same_for_them(workshops: Workshops, shop: Workshop, kind: Kind) -> None:
    key = workshops.of(kind)
    assert theirs(shop).public_key(key) == key.public_key().der


@signing
def test_signatures_go_both_ways(workshops: Workshops, shop: Workshop, kind: Kind) -> None:
    assert kind.algorithm
    key, sdk = workshops.of(kind), theirs(shop)
    ours = key.sign([MESSAGE], kind.algorithm).value
    assert sdk.verify(key, kind.algorithm, MESSAGE, ours)
    assert not sdk.verify(key, kind.algorithm, MESSAGE + b".", ours)
    made = sdk.sign(key, kind.algorithm, MESSAGE)
    assert key.verify([MESSAGE], made, kind.algorithm)
    assert not key.verify([MESSAGE + b"."], made, kind.algorithm)


@pytest.mark.parametrize("stand", ["tencent", "alibaba"])
def test_material_that_we_imported_is_what_they_encrypt_with(workshops: Workshops, stand: str) -> None:
    shop = workshops.at(stand, "http")
    spec = Spec.SM4 if stand == "tencent" else Spec.AES_256
    key = shop.key(spec, origin=Origin.EXTERNAL)
    wrapping = shop.client.wrapping_key(key.key_id, limits_of(stand).wrapping[0])
    content = hashlib.sha256(b"material").digest()[: LENGTHS[spec]]
    shop.client.import_material(key.key_id, wrap_material(wrapping.der, wrapping.algorithm, content), wrapping.token, 0)
    sdk = theirs(shop)
    assert key.decrypt(sdk.encrypt(key.key_id, SECRET, {})) == SECRET
