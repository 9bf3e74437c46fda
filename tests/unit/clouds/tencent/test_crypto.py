"""Tencent Cloud's keys in use, against a scripted server: what is sent, and what is made of the answers."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent.api import RATES
from kms_resources.clouds.tencent.crypto import TencentCrypto
from kms_resources.clouds.transport import Transport
from kms_resources.crypto.words import Algorithm, Ciphertext, Decrypted, PublicKey, WrappingKey
from kms_resources.errors import InputError, NotFoundError, RejectedError, UnclearError, WrongStateError
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Loopback
from tests.unit.clouds.tencent.test_client import failure, success
from tests.unit.clouds.tencent.test_convert import KEY_ID, TARGET

SECRET = b"top secret words"
BLOB = "YWJj-k-ZGVm-k-Z2hp"
CONTEXT = {"stage": "prod", "app": "\u8ba2\u5355"}
CONTEXT_TEXT = '{"app":"\u8ba2\u5355","stage":"prod"}'
DIGEST = bytes(range(32))


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def client(server: Loopback, naps: Naps) -> TencentCrypto:
    transport = Transport(where=f"target {TARGET.name}", rates=RATES, sleep=naps)
    return TencentCrypto(TARGET, Credentials("AKIDFAKE", "SECRET-FAKE"), server.url, transport)


def sent(server: Loopback) -> tuple[str, dict[str, Any]]:
    [request] = server.requests
    assert request.path == "/"
    return request.headers["x-tc-action"], request.json


def test_encrypt_sends_base64_and_keeps_the_blob_as_it_is(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(KeyId=KEY_ID, CiphertextBlob=BLOB))
    assert client.encrypt(KEY_ID, SECRET) == Ciphertext(BLOB, KEY_ID)
    assert sent(server) == ("Encrypt", {"KeyId": KEY_ID, "Plaintext": text(SECRET)})


def test_the_context_is_one_text_whatever_its_order(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(KeyId=KEY_ID, CiphertextBlob=BLOB))
    client.encrypt(KEY_ID, SECRET, CONTEXT)
    client.encrypt(KEY_ID, SECRET, dict(sorted(CONTEXT.items())))
    assert [request.json["EncryptionContext"] for request in server.requests] == [CONTEXT_TEXT] * 2


def test_a_context_may_have_1024_characters_and_no_more(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(KeyId=KEY_ID, CiphertextBlob=BLOB))
    room = 1024 - len('{"a":""}')
    client.encrypt(KEY_ID, SECRET, {"a": "\u5355" * room})
    with pytest.raises(InputError, match="target guangzhou: the encryption context is too long: it has 1025"):
        client.encrypt(KEY_ID, SECRET, {"a": "x" * (room + 1)})
    assert len(server.requests) == 1


def test_decrypt_tells_the_key(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(KeyId=KEY_ID, Plaintext=text(SECRET)))
    assert client.decrypt(BLOB, CONTEXT) == Decrypted(SECRET, KEY_ID)
    assert sent(server) == ("Decrypt", {"CiphertextBlob": BLOB, "EncryptionContext": CONTEXT_TEXT})


def test_re_encryption_names_both_contexts(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(KeyId=KEY_ID, SourceKeyId="other", CiphertextBlob=BLOB, ReEncrypted=True))
    assert client.re_encrypt("old", KEY_ID, CONTEXT, {"a": "b"}) == Ciphertext(BLOB, KEY_ID)
    assert sent(server) == (
        "ReEncrypt",
        {
            "CiphertextBlob": "old",
            "DestinationKeyId": KEY_ID,
            "SourceEncryptionContext": CONTEXT_TEXT,
            "DestinationEncryptionContext": '{"a":"b"}',
        },
    )


def test_a_data_key_comes_in_plain_and_encrypted(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(KeyId=KEY_ID, Plaintext=text(DIGEST), CiphertextBlob=BLOB))
    made = client.generate_data_key(KEY_ID, 32)
    assert (made.plaintext, made.ciphertext) == (DIGEST, Ciphertext(BLOB, KEY_ID))
    assert sent(server) == ("GenerateDataKey", {"KeyId": KEY_ID, "NumberOfBytes": 32})


def test_the_public_key_is_the_inner_base64(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(KeyId=KEY_ID, PublicKey=text(b"DER"), PublicKeyPem="-----BEGIN twice encoded"))
    assert client.public_key(KEY_ID) == PublicKey(b"DER", KEY_ID)


def test_encryption_with_a_public_key_happens_on_this_machine(client: TencentCrypto, server: Loopback) -> None:
    private = rsa.generate_private_key(65537, 2048)
    der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    server.script(success(KeyId=KEY_ID, PublicKey=text(der)))
    sealed = client.asymmetric_encrypt(KEY_ID, "", Algorithm.RSAES_OAEP_SHA_256, SECRET)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    assert private.decrypt(sealed, oaep) == SECRET
    assert sent(server) == ("GetPublicKey", {"KeyId": KEY_ID})


@pytest.mark.parametrize(
    ("algorithm", "action", "more"),
    [
        (Algorithm.RSAES_OAEP_SHA_1, "AsymmetricRsaDecrypt", {"Algorithm": "RSAES_OAEP_SHA_1"}),
        (Algorithm.RSAES_PKCS1_V1_5, "AsymmetricRsaDecrypt", {"Algorithm": "RSAES_PKCS1_V1_5"}),
        (Algorithm.SM2PKE, "AsymmetricSm2Decrypt", {}),
    ],
)
def test_the_algorithm_chooses_the_action_that_decrypts(
    client: TencentCrypto, server: Loopback, algorithm: Algorithm, action: str, more: dict[str, str]
) -> None:
    server.script(success(KeyId=KEY_ID, Plaintext=text(SECRET)))
    assert client.asymmetric_decrypt(KEY_ID, "", algorithm, b"sealed") == SECRET
    assert sent(server) == (action, {"KeyId": KEY_ID, "Ciphertext": text(b"sealed"), **more})


@pytest.mark.parametrize(
    ("algorithm", "word"),
    [
        (Algorithm.RSA_PSS_SHA_256, "RSA_PSS_SHA_256"),
        (Algorithm.RSA_PKCS1_SHA_256, "RSA_PKCS1_SHA_256"),
        (Algorithm.ECDSA_SHA_256, "ECC_P256_R1"),
        (Algorithm.SM2DSA, "SM2DSA"),
    ],
)
def test_a_digest_is_signed_and_verified(
    client: TencentCrypto, server: Loopback, algorithm: Algorithm, word: str
) -> None:
    server.script(success(Signature=text(b"signature")), success(SignatureValid=True))
    assert client.sign(KEY_ID, "", algorithm, DIGEST) == b"signature"
    assert client.verify(KEY_ID, "", algorithm, DIGEST, b"signature") is True
    first, second = (request.json for request in server.requests)
    assert first == {"KeyId": KEY_ID, "Algorithm": word, "Message": text(DIGEST), "MessageType": "DIGEST"}
    assert second == first | {"SignatureValue": text(b"signature")}


def test_the_word_for_p384_is_asked_of_the_region_once(client: TencentCrypto, server: Loopback) -> None:
    rows = [
        {"KeyUsage": "ASYMMETRIC_SIGN_VERIFY_ECC", "Algorithm": "ECC_P256_R1"},
        {"KeyUsage": "ASYMMETRIC_SIGN_VERIFY_ECDSA384", "Algorithm": "SOME_WORD"},
    ]
    server.script(success(AsymmetricSignVerifyAlgorithms=rows), success(Signature=text(b"signature")))
    for _ in range(2):
        client.sign(KEY_ID, "", Algorithm.ECDSA_SHA_384, DIGEST)
    assert [request.headers["x-tc-action"] for request in server.requests] == [
        "ListAlgorithms",
        "SignByAsymmetricKey",
        "SignByAsymmetricKey",
    ]
    assert server.requests[-1].json["Algorithm"] == "SOME_WORD"


def test_a_region_without_p384_says_so(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(AsymmetricSignVerifyAlgorithms=None))
    with pytest.raises(RejectedError, match="ECDSA384 cannot sign here"):
        client.sign(KEY_ID, "", Algorithm.ECDSA_SHA_384, DIGEST)


@pytest.mark.parametrize("answer", [success(SignatureValid=False), failure("InvalidParameterValue")])
def test_a_wrong_and_a_malformed_signature_are_false(client: TencentCrypto, server: Loopback, answer: Any) -> None:
    server.script(answer)
    assert client.verify(KEY_ID, "", Algorithm.SM2DSA, DIGEST, b"?") is False


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("InvalidParameterValue.InvalidKeyId", RejectedError),
        ("ResourceUnavailable.CmkNotFound", NotFoundError),
        ("ResourceUnavailable.CmkStateNotSupport", WrongStateError),
    ],
)
def test_any_other_refusal_to_verify_is_an_error(
    client: TencentCrypto, server: Loopback, code: str, kind: type[Exception]
) -> None:
    server.script(failure(code))
    with pytest.raises(kind):
        client.verify(KEY_ID, "", Algorithm.SM2DSA, DIGEST, b"?")


def test_random_bytes_come_from_the_cloud(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(Plaintext=text(DIGEST)))
    assert client.random(32) == DIGEST
    assert sent(server) == ("GenerateRandom", {"NumberOfBytes": 32})


def test_a_new_version_is_a_rotation_and_has_no_name(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(TaskId="task-1"))
    client.create_version(KEY_ID)
    assert sent(server) == ("RotateKey", {"KeyId": KEY_ID})


def test_material_is_wrapped_with_the_clouds_key_and_handed_over(client: TencentCrypto, server: Loopback) -> None:
    server.script(
        success(KeyId=KEY_ID, ImportToken="TOKEN", PublicKey=text(b"DER"), ParametersValidTo=1700086400), success()
    )
    wrapping = client.wrapping_key(KEY_ID, Algorithm.RSAES_OAEP_SHA_256)
    assert wrapping == WrappingKey(b"DER", "TOKEN", Algorithm.RSAES_OAEP_SHA_256, "2023-11-15T22:13:20Z")
    client.import_material(KEY_ID, b"wrapped", wrapping.token, 0)
    assert [request.json for request in server.requests] == [
        {"KeyId": KEY_ID, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
        {"KeyId": KEY_ID, "EncryptedKeyMaterial": text(b"wrapped"), "ImportToken": "TOKEN", "ValidTo": 0},
    ]


def test_material_that_expires_later_than_the_cloud_counts_is_not_sent(client: TencentCrypto, server: Loopback) -> None:
    with pytest.raises(InputError, match="takes 2038-01-18T"):
        client.import_material(KEY_ID, b"wrapped", "TOKEN", 2147443201)
    assert server.requests == []


def test_material_is_deleted(client: TencentCrypto, server: Loopback) -> None:
    server.script(success())
    client.delete_material(KEY_ID)
    assert sent(server) == ("DeleteImportedKeyMaterial", {"KeyId": KEY_ID})


def test_an_action_by_name_goes_to_its_service(client: TencentCrypto, server: Loopback) -> None:
    server.script(success(OwnerUin="100000000001"))
    assert client.call("cam:GetUserAppId", {})["OwnerUin"] == "100000000001"
    assert (server.requests[0].headers["x-tc-version"], server.requests[0].json) == ("2019-01-16", {})
    client.call("ScheduleKeyDeletion", {"KeyId": KEY_ID, "PendingWindowInDays": "7"})
    assert server.requests[1].json == {"KeyId": KEY_ID, "PendingWindowInDays": 7}
    with pytest.raises(InputError, match="target guangzhou: Tencent Cloud KMS has no action Encrip"):
        client.call("Encrip", {})


ONCE: list[Callable[[TencentCrypto], object]] = [
    lambda client: client.create_version(KEY_ID),
    lambda client: client.import_material(KEY_ID, b"x", "TOKEN", 0),
    lambda client: client.delete_material(KEY_ID),
    lambda client: client.call("DescribeKey", {"KeyId": KEY_ID}),
]
AGAIN: list[Callable[[TencentCrypto], object]] = [
    lambda client: client.encrypt(KEY_ID, SECRET),
    lambda client: client.decrypt(BLOB),
    lambda client: client.sign(KEY_ID, "", Algorithm.SM2DSA, DIGEST),
]


@pytest.mark.parametrize("use", ONCE)
def test_what_lasts_is_sent_once(
    client: TencentCrypto, server: Loopback, use: Callable[[TencentCrypto], object]
) -> None:
    server.script(CUT)
    with pytest.raises(UnclearError):
        use(client)
    assert len(server.requests) == 1


@pytest.mark.parametrize("use", AGAIN)
def test_what_leaves_no_trace_is_sent_again(
    client: TencentCrypto, server: Loopback, use: Callable[[TencentCrypto], object]
) -> None:
    server.script(CUT, success(KeyId=KEY_ID, CiphertextBlob=BLOB, Plaintext=text(SECRET), Signature=text(SECRET)))
    assert use(client)
    assert len(server.requests) == 2


REFUSED: list[tuple[Callable[[TencentCrypto], object], str]] = [
    (lambda client: client.generate_data_key(KEY_ID, 32, with_plaintext=False), "EncryptionPublicKey"),
    (lambda client: client.hmac(KEY_ID, b"x"), "no kind of key"),
    (lambda client: client.secret_value("db"), "SSM"),
    (lambda client: client.list_versions(KEY_ID), "no call"),
    (lambda client: client.public_key(KEY_ID, "v-1"), "one version"),
    (lambda client: client.sign(KEY_ID, "", Algorithm.SM2PKE, DIGEST), "RSA_PSS_SHA_256, .*ECDSA_SHA_384"),
    (lambda client: client.asymmetric_encrypt(KEY_ID, "", Algorithm.SM2DSA, b"x"), "SM2PKE"),
    (lambda client: client.asymmetric_decrypt(KEY_ID, "", Algorithm.SM2DSA, b"x"), "SM2PKE"),
    (lambda client: client.wrapping_key(KEY_ID, Algorithm.SM2PKE), "RSAES_OAEP_SHA_256"),
]


@pytest.mark.parametrize(("use", "words"), REFUSED)
def test_what_the_cloud_lacks_is_refused_before_any_request(
    client: TencentCrypto, server: Loopback, use: Callable[[TencentCrypto], object], words: str
) -> None:
    with pytest.raises(RejectedError, match=f"target guangzhou: .*{words}"):
        use(client)
    assert server.requests == []


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        ("InvalidParameterValue.InvalidCiphertext", RejectedError, "very same context"),
        ("FailedOperation.DecryptError", RejectedError, ""),
        ("ResourceUnavailable.CmkDisabled", WrongStateError, ""),
        ("ResourceUnavailable.KeyPendingDelete", WrongStateError, ""),
        ("ResourceUnavailable.TokenExpired", RejectedError, "24 hours"),
        ("RequestLimitExceeded.RotateRateLimited", RejectedError, "once in 24 hours"),
        ("UnsupportedOperation.RotateNotSupported", RejectedError, "automatic rotation"),
        ("InvalidParameterValue.MaterialNotMatch", RejectedError, "very same material"),
    ],
)
def test_a_code_decides_what_a_caller_hears(
    client: TencentCrypto, server: Loopback, *, code: str, kind: type[Exception], advice: str
) -> None:
    server.script(failure(code))
    with pytest.raises(kind, match=code) as caught:
        client.decrypt(BLOB)
    assert advice in str(caught.value)


def test_a_refusal_that_quotes_the_plaintext_is_shown_without_it(client: TencentCrypto, server: Loopback) -> None:
    quoting = {"Code": "InvalidParameterValue.InvalidPlaintext", "Message": f"bad Plaintext {text(SECRET)} !"}
    server.script(success(Error=quoting))
    with pytest.raises(RejectedError, match=r"bad Plaintext \u2026 !") as caught:
        client.encrypt(KEY_ID, SECRET)
    assert text(SECRET) not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    "answer", [success(), success(KeyId=KEY_ID, Plaintext="no base64 \u2026"), success(Plaintext=text(b"x"))]
)
def test_an_answer_without_what_it_should_hold_is_unclear(client: TencentCrypto, server: Loopback, answer: Any) -> None:
    server.script(answer)
    with pytest.raises(UnclearError, match="target guangzhou: Decrypt was answered with") as caught:
        client.decrypt(BLOB)
    assert "no base64" not in str(caught.value)
