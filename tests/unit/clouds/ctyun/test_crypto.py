"""The use of keys at CTYun against a scripted server: what is sent, and what is made of the answers."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from kms_resources.clouds import get_cloud
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.ctyun.api import RATES
from kms_resources.clouds.ctyun.crypto import CtyunCrypto
from kms_resources.clouds.transport import Transport
from kms_resources.crypto.words import Algorithm, Ciphertext, DataKey, Decrypted, KeyVersion
from kms_resources.errors import (
    CredentialsError,
    DeniedError,
    InputError,
    KmsError,
    NotFoundError,
    RejectedError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import KeyId, Spec, Usage
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.ctyun.cloud import KEY_ID, SmallCloud, failure, metadata, success
from tests.unit.clouds.ctyun.test_convert import TARGET
from tests.unit.clouds.loopback import CUT, Answer, Loopback

KEY = KeyId(KEY_ID)
CANARY = "canary-8f2c1d"
VERSION = "86a9efd9-3d16-4894-bd4f-1fc43f3f2abf"
DER = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
SIGNATURE = encode_dss_signature(5, 7)
DIGEST = bytes(range(32))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pem(der: bytes) -> str:
    return f"-----BEGIN PUBLIC KEY-----\n{base64.encodebytes(der).decode()}-----END PUBLIC KEY-----\n"


@pytest.fixture
def client(server: Loopback, naps: Naps) -> CtyunCrypto:
    transport = Transport(where=f"target {TARGET.name}", rates=RATES, sleep=naps)
    return CtyunCrypto(TARGET, Credentials("AK-FAKE", "SK-FAKE"), server.url, transport)


def sent(server: Loopback) -> list[tuple[str, Any]]:
    return [(request.path, request.json) for request in server.requests]


MADE = {"ciphertextBlob": "b3BhcXVl", "cmkUuid": KEY_ID, "keyVersionId": VERSION}
CIPHERTEXT = Ciphertext("b3BhcXVl", KEY, VERSION)
WHO = {"cmkUuid": KEY_ID, "keyVersionId": VERSION}


@pytest.mark.parametrize(
    ("use", "path", "body", "answer", "result"),
    [
        pytest.param(
            lambda c: c.encrypt(KEY, b"hello"),
            "/v1/keyCompute/encrypt", {"cmkUuid": KEY_ID, "plaintext": "aGVsbG8="}, MADE, CIPHERTEXT,
            id="encrypt",
        ),
        pytest.param(
            lambda c: c.encrypt(KEY, b"\xff\x00", {"用途": "b"}),
            "/v1/keyCompute/encrypt",
            {"cmkUuid": KEY_ID, "plaintext": "/wA=", "encryptionContext": {"用途": "b"}},
            {"ciphertextBlob": "b3BhcXVl"}, Ciphertext("b3BhcXVl", KEY),
            id="encrypt with a context, answered without the key",
        ),
        pytest.param(
            lambda c: c.decrypt("b3BhcXVl", {"a": "b"}),
            "/v1/keyCompute/decrypt", {"ciphertextBlob": "b3BhcXVl", "encryptionContext": {"a": "b"}},
            {"plaintext": "aGVsbG8=", **WHO}, Decrypted(b"hello", KEY, VERSION),
            id="decrypt",
        ),
        pytest.param(
            lambda c: c.decrypt("b3BhcXVl"),
            "/v1/keyCompute/decrypt", {"ciphertextBlob": "b3BhcXVl"},
            {"plaintext": ""}, Decrypted(b"", KeyId("")),
            id="decrypt to nothing",
        ),
        pytest.param(
            lambda c: c.re_encrypt("b2xk", KEY, {"a": "b"}, {"c": "d"}),
            "/v1/cmkManage/reEncrypt",
            {
                "ciphertextBlob": "b2xk", "destinationKeyId": KEY_ID,
                "sourceEncryptionContext": {"a": "b"}, "destinationEncryptionContext": {"c": "d"},
            },
            MADE, CIPHERTEXT,
            id="re-encrypt",
        ),
        pytest.param(
            lambda c: c.generate_data_key(KEY, 4),
            "/v1/keyCompute/generateDataKey", {"cmkUuid": KEY_ID, "numberOfBytes": 4},
            {"plaintext": "AAECAw==", **MADE}, DataKey(b"\0\1\2\3", CIPHERTEXT),
            id="data key",
        ),
        pytest.param(
            lambda c: c.generate_data_key(KEY, 32, {"a": "b"}, with_plaintext=False),
            "/v1/keyCompute/generateDataKeyWithoutPlaintext",
            {"cmkUuid": KEY_ID, "numberOfBytes": 32, "encryptionContext": {"a": "b"}},
            MADE, DataKey(b"", CIPHERTEXT),
            id="data key without its plaintext",
        ),
        pytest.param(
            lambda c: c.public_key(KEY, VERSION).der,
            "/v1/keyCompute/getPublicKey", WHO, {"publicKey": pem(DER)}, DER,
            id="public key in PEM",
        ),
        pytest.param(
            lambda c: c.public_key(KEY, VERSION).der,
            "/v1/keyCompute/getPublicKey", WHO, {"publicKey": b64(DER)}, DER,
            id="public key in Base64",
        ),
        pytest.param(
            lambda c: c.asymmetric_encrypt(KEY, VERSION, Algorithm.SM2PKE, b"hello"),
            "/v1/keyCompute/asymmetricEncrypt", {**WHO, "algorithm": "SM2PKE", "plaintext": "aGVsbG8="},
            {"ciphertextBlob": b64(b"c")}, b"c",
            id="asymmetric encrypt",
        ),
        pytest.param(
            lambda c: c.asymmetric_decrypt(KEY, VERSION, Algorithm.RSAES_OAEP_SHA_256, b"c"),
            "/v1/keyCompute/asymmetricDecrypt",
            {**WHO, "algorithm": "RSAES_OAEP_SHA_256", "ciphertextBlob": b64(b"c")},
            {"plaintext": "aGVsbG8="}, b"hello",
            id="asymmetric decrypt",
        ),
        pytest.param(
            lambda c: c.sign(KEY, VERSION, Algorithm.SM2DSA, DIGEST),
            "/v1/keyCompute/asymmetricSign", {**WHO, "algorithm": "SM2DSA", "digest": b64(DIGEST)},
            {"value": b64(SIGNATURE)}, SIGNATURE,
            id="sign",
        ),
        *(
            pytest.param(
                lambda c: c.verify(KEY, VERSION, Algorithm.ECDSA_SHA_256, DIGEST, SIGNATURE),
                "/v1/keyCompute/asymmetricVerify",
                {**WHO, "algorithm": "ECDSA_SHA_256", "digest": b64(DIGEST), "value": b64(SIGNATURE)},
                {"value": word}, meaning,
                id=f"verify answered with {word!r}",
            )
            for word, meaning in ((True, True), (False, False), ("true", True), (0, False))
        ),
        pytest.param(
            lambda c: c.hmac(KEY, "文 text".encode()),
            "/v1/get/hmaccompute", {"cmkUuid": KEY_ID, "input": "文 text"}, {"hmacoutput": "00fFa1"}, b"\x00\xff\xa1",
            id="hmac",
        ),
        pytest.param(
            lambda c: c.random(3),
            "/v1/certificateCompute/generateRandom", {"numberOfBytes": 3}, {"random": "AAEC"}, b"\0\1\2",
            id="random",
        ),
        pytest.param(
            lambda c: c.create_version(KEY),
            "/v1/cmkManage/createKeyVersion", {"cmkUuid": KEY_ID},
            {**WHO, "creationDate": "2026-01-02T03:04:05Z"}, KeyVersion(VERSION, "2026-01-02T03:04:05Z"),
            id="create version",
        ),
        pytest.param(
            lambda c: c.import_material(KEY, b"wrapped", "TOKEN", 0),
            "/v1/cmkManage/importKeyMaterial",
            {
                "cmkUuid": KEY_ID, "encryptedKeyMaterial": b64(b"wrapped"), "importToken": "TOKEN",
                "keyMaterialExpireUnix": 0,
            },
            None, None,
            id="import",
        ),
        pytest.param(
            lambda c: c.delete_material(KEY), "/v1/cmkManage/deleteKeyMaterial", {"cmkUuid": KEY_ID}, None, None,
            id="delete material",
        ),
    ],
)  # fmt: skip
def test_a_use_is_one_call(
    client: CtyunCrypto,
    server: Loopback,
    *,
    use: Callable[[CryptoClient], Any],
    path: str,
    body: dict[str, Any],
    answer: Any,
    result: Any,
) -> None:
    server.script(success(answer))
    assert use(client) == result
    assert sent(server) == [(path, body)]
    assert server.requests[0].headers["regionid"] == TARGET.region
    assert server.requests[0].headers["eop-authorization"].startswith("AK-FAKE Headers=")


@pytest.mark.parametrize(
    ("algorithm", "word", "spec"),
    [
        (Algorithm.RSAES_OAEP_SHA_256, "RSAES_OAEP_SHA_256", "RSA_2048"),
        (Algorithm.RSAES_PKCS1_V1_5, "RSAES_PKCS1_V1_5", "RSA_2048"),
        (Algorithm.SM2PKE, "SM2PKE", "EC_SM2"),
    ],
)
def test_a_wrapping_key_comes_with_its_token(
    client: CtyunCrypto, server: Loopback, algorithm: Algorithm, word: str, spec: str
) -> None:
    answer = {"publicKey": b64(DER), "importToken": "TOKEN", "tokenExpireTime": "2026-01-03T03:04:05Z"}
    server.script(success(answer))
    key = client.wrapping_key(KEY, algorithm)
    assert (key.der, key.token, key.algorithm, key.expires) == (DER, "TOKEN", algorithm, "2026-01-03T03:04:05Z")
    assert sent(server)[0][1] == {"cmkUuid": KEY_ID, "wrappingAlgorithm": word, "wrappingKeySpec": spec}
    assert "TOKEN" not in repr(key)


def versions(*rows: tuple[str, str]) -> Answer:
    listed = [{"cmkUuid": KEY_ID, "keyVersionId": name, "creationDate": created} for name, created in rows]
    return success({"totalCount": len(rows), "keyVersions": listed})


def test_versions_are_listed_oldest_first(client: CtyunCrypto, server: Loopback) -> None:
    server.script(versions(("new", "2026-02-01T00:00:00Z"), ("old", "2026-01-01T00:00:00Z")))
    assert [version.id for version in client.list_versions(KEY)] == ["old", "new"]


def test_the_newest_version_is_taken_where_none_is_named(client: CtyunCrypto, server: Loopback) -> None:
    listing = versions(("new", "2026-02-01T00:00:00Z"), ("old", "2026-01-01T00:00:00Z"))
    server.script(listing, success({"publicKey": pem(DER)}), listing, success({"value": b64(SIGNATURE)}))
    assert client.public_key(KEY).version == "new"
    client.sign(KEY, "", Algorithm.ECDSA_SHA_256, DIGEST)
    assert [body.get("keyVersionId") for _path, body in sent(server)] == [None, "new", None, "new"]


def test_a_key_without_any_version_cannot_sign(client: CtyunCrypto, server: Loopback) -> None:
    server.script(versions())
    with pytest.raises(RejectedError, match="has no version"):
        client.sign(KEY, "", Algorithm.ECDSA_SHA_256, DIGEST)


@pytest.mark.parametrize(
    ("algorithm", "signature"),
    [(Algorithm.ECDSA_SHA_256, b"no DER"), (Algorithm.SM2DSA, b""), (Algorithm.RSA_PSS_SHA_256, b"")],
)
def test_what_cannot_be_a_signature_is_none_without_asking(
    client: CtyunCrypto, server: Loopback, algorithm: Algorithm, signature: bytes
) -> None:
    assert client.verify(KEY, VERSION, algorithm, DIGEST, signature) is False
    assert server.requests == []


@pytest.mark.parametrize(
    "use",
    [
        lambda c: c.sign(KEY, VERSION, Algorithm.RSAES_OAEP_SHA_256, DIGEST),
        lambda c: c.sign(KEY, VERSION, Algorithm.ECDSA_SHA_384, DIGEST),
        lambda c: c.asymmetric_encrypt(KEY, VERSION, Algorithm.RSAES_PKCS1_V1_5, b"x"),
        lambda c: c.asymmetric_decrypt(KEY, VERSION, Algorithm.SM2DSA, b"x"),
        lambda c: c.wrapping_key(KEY, Algorithm.SM2DSA),
        lambda c: c.secret_value("db"),
        lambda c: c.message_digest(b"text"),
    ],
)
def test_what_the_cloud_lacks_is_refused_before_any_request(
    client: CtyunCrypto, server: Loopback, use: Callable[[CtyunCrypto], Any]
) -> None:
    with pytest.raises(RejectedError, match=r"CTYun|access point"):
        use(client)
    assert server.requests == []


def test_a_message_that_is_no_text_is_refused_without_a_trace_of_it(client: CtyunCrypto, server: Loopback) -> None:
    with pytest.raises(InputError, match="not text") as caught:
        client.hmac(KEY, CANARY.encode() + b"\xff")
    assert caught.value.__context__ is None
    assert CANARY not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize(
    ("use", "answer"),
    [
        (lambda c: c.encrypt(KEY, b"x"), {"cmkUuid": KEY_ID}),
        (lambda c: c.decrypt("b3BhcXVl"), {"plaintext": "not base64!"}),
        (lambda c: c.decrypt("b3BhcXVl"), {"plaintext": None}),
        (lambda c: c.generate_data_key(KEY, 32), {"plaintext": "AAEC", **MADE}),
        (lambda c: c.random(32), {"random": "AAEC"}),
        (lambda c: c.hmac(KEY, b"x"), {"hmacoutput": "xyz"}),
        (lambda c: c.hmac(KEY, b"x"), {"hmacoutput": "abc"}),
        (lambda c: c.public_key(KEY, VERSION), {"publicKey": "-----BEGIN"}),
        (lambda c: c.verify(KEY, VERSION, Algorithm.ECDSA_SHA_256, DIGEST, SIGNATURE), {"value": "perhaps"}),
        (lambda c: c.create_version(KEY), {}),
    ],
)
def test_an_answer_that_lacks_what_was_asked_for_is_unclear(
    client: CtyunCrypto, server: Loopback, use: Callable[[CryptoClient], Any], answer: dict[str, Any]
) -> None:
    server.script(success(answer))
    with pytest.raises(UnclearError):
        use(client)


def test_a_404_is_a_wrong_state_when_the_key_is_there(client: CtyunCrypto, server: Loopback) -> None:
    cloud = SmallCloud(metadata(keyState="Disabled"))
    cloud.refusals["encrypt"] = cloud.refusals["listKeyVersions"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(WrongStateError, match=f"key {KEY_ID} is Disabled"):
        client.encrypt(KEY, b"x")
    with pytest.raises(WrongStateError):
        client.list_versions(KEY)


def test_a_404_is_a_refusal_when_the_key_can_be_used(client: CtyunCrypto, server: Loopback) -> None:
    cloud = SmallCloud(metadata())
    cloud.refusals["getPublicKey"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(RejectedError, match="is Enabled; the cloud says: refused"):
        client.public_key(KEY, "no-such-version")


def test_a_404_is_not_found_when_there_is_no_such_key(client: CtyunCrypto, server: Loopback) -> None:
    cloud = SmallCloud()
    cloud.refusals["encrypt"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(NotFoundError):
        client.encrypt(KEY, b"x")


def test_a_ciphertext_that_does_not_open_is_refused(client: CtyunCrypto, server: Loopback) -> None:
    server.script(failure(400))
    with pytest.raises(RejectedError):
        client.decrypt("b3BhcXVl")
    with pytest.raises(RejectedError):
        client.re_encrypt("b3BhcXVl", KEY)


def test_a_404_on_opening_means_a_key_that_cannot_be_used(client: CtyunCrypto, server: Loopback) -> None:
    cloud = SmallCloud(metadata())
    cloud.refusals["decrypt"] = cloud.refusals["reEncrypt"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(WrongStateError, match="the key of the ciphertext"):
        client.decrypt("b3BhcXVl")
    with pytest.raises(WrongStateError, match="the key of the ciphertext"):
        client.re_encrypt("b3BhcXVl", KEY)


def test_a_404_on_re_encryption_looks_at_the_new_key_first(client: CtyunCrypto, server: Loopback) -> None:
    cloud = SmallCloud(metadata(keyState="PendingDeletion"))
    cloud.refusals["reEncrypt"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(WrongStateError, match=f"key {KEY_ID} is PendingDeletion"):
        client.re_encrypt("b3BhcXVl", KEY)
    with pytest.raises(NotFoundError):
        client.re_encrypt("b3BhcXVl", KeyId("gone"))


def test_uses_are_repeated_after_a_lost_answer_and_lasting_changes_are_not(
    client: CtyunCrypto, server: Loopback
) -> None:
    server.script(CUT, success(MADE))
    assert client.encrypt(KEY, b"x") == CIPHERTEXT
    server.requests.clear()
    server.script(CUT)
    for change in (
        lambda: client.create_version(KEY),
        lambda: client.import_material(KEY, b"w", "T", 0),
        lambda: client.delete_material(KEY),
        lambda: client.call("describeKey", {"cmkUuid": KEY_ID}),
    ):
        with pytest.raises(UnclearError) as caught:
            change()
        assert "find out whether it was carried out" in caught.value.advice
    assert len(server.requests) == 4


@pytest.mark.parametrize("echo", [CANARY, b64(CANARY.encode())])
@pytest.mark.parametrize("kind", ["plain", "html", "list"])
def test_no_error_holds_what_was_sent(client: CtyunCrypto, server: Loopback, echo: str, kind: str) -> None:
    answers = {
        "plain": failure(400, f"KMS_{echo}", f"bad value {echo}"),
        "html": Answer(400, f"<html>{echo}".encode()),
        "list": Answer.of([echo], 400),
    }
    server.script(answers[kind])
    uses: list[Callable[[], object]] = [
        lambda: client.encrypt(KEY, CANARY.encode()),
        lambda: client.hmac(KEY, CANARY.encode()),
        lambda: client.asymmetric_encrypt(KEY, VERSION, Algorithm.SM2PKE, CANARY.encode()),
        lambda: client.import_material(KEY, CANARY.encode(), CANARY, 0),
        lambda: client.call("encrypt", {"cmkUuid": KEY_ID, "plaintext": b64(CANARY.encode())}),
    ]
    for use in uses:
        with pytest.raises(KmsError) as caught:
            use()
        told = "".join(
            f"{error}{error!r}{vars(error)}" for error in (caught.value, caught.value.__context__) if error is not None
        )
        assert echo not in told


def test_call_reaches_any_operation_by_name(client: CtyunCrypto, server: Loopback) -> None:
    server.script(success({"totalCount": 0, "list": []}))
    assert client.call("listAccessPoints", {"pageSize": "10"}) == {"totalCount": 0, "list": []}
    assert sent(server) == [("/v1/accessPoint/listAccessPoints", {"pageSize": 10})]


def test_call_takes_another_path(client: CtyunCrypto, server: Loopback) -> None:
    server.script(success())
    client.call("encrypt", {"cmkUuid": KEY_ID, "plaintext": "aGk="}, "/v1/cmkManage/encrypt")
    assert server.requests[0].path == "/v1/cmkManage/encrypt"


@pytest.mark.parametrize("path", ["@evil.example", "v1/x/y", "/v1/x?y=z", "/v1//x", "/v1/x#", "/v1/x\n"])
def test_call_refuses_a_path_that_would_change_the_address(client: CtyunCrypto, server: Loopback, path: str) -> None:
    with pytest.raises(InputError, match="path"):
        client.call("enableKey", {"cmkUuid": KEY_ID}, path)
    assert server.requests == []


@pytest.mark.parametrize(
    ("action", "fields"), [("enableKey", {}), ("enableKy", {"cmkUuid": "k"}), ("enableKey", {"x": 1})]
)
def test_call_checks_before_it_sends(
    client: CtyunCrypto, server: Loopback, action: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(InputError):
        client.call(action, fields)
    assert server.requests == []


@pytest.mark.parametrize("body", [{}, {"returnObj": {}}, {"statusCode": "200", "returnObj": [1]}])
def test_an_answer_in_no_known_envelope_is_unclear(client: CtyunCrypto, server: Loopback, body: object) -> None:
    server.script(Answer.of(body))
    with pytest.raises(UnclearError, match="not the vendor's"):
        client.encrypt(KEY, b"x")


def test_the_old_envelope_is_read_too(client: CtyunCrypto, server: Loopback) -> None:
    server.script(Answer.of({"code": 200, "msg": "成功", "data": MADE}))
    assert client.encrypt(KEY, b"x") == CIPHERTEXT
    server.script(Answer.of({"code": "401", "errorCode": "KMS.0514", "msg": "no", "data": None}))
    with pytest.raises(DeniedError, match=r"KMS\.0514"):
        client.encrypt(KEY, b"x")


def test_the_cloud_connects_a_client_for_the_use_of_keys() -> None:
    cloud = get_cloud("ctyun")
    assert cloud.connect_crypto is not None
    connected = cloud.connect_crypto(TARGET, {"CTYUN_AK": "AK-FAKE", "CTYUN_SK": "SK-FAKE"})
    assert connected.target == TARGET
    with pytest.raises(CredentialsError, match="CTYUN_AK and CTYUN_SK are not set"):
        cloud.connect_crypto(TARGET, {})


def test_every_asymmetric_kind_of_key_has_an_algorithm() -> None:
    cloud = get_cloud("ctyun")
    assert cloud.crypto is not None
    symmetric = {Spec.AES_256, Spec.SM4, Spec.HMAC_SM3}
    kinds = {
        (offer.spec, usage) for offer in cloud.limits.offers for usage in offer.usages if offer.spec not in symmetric
    }
    assert set(cloud.crypto.algorithms) == kinds
    for (_spec, usage), algorithms in cloud.crypto.algorithms.items():
        assert all(algorithm.signs is (usage is Usage.SIGN_VERIFY) for algorithm in algorithms)
