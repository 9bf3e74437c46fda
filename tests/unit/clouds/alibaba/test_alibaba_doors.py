"""Which door an operation takes, and what each door makes of it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from kms_resources.clouds.alibaba.actions import RATES
from kms_resources.clouds.alibaba.crypto import AlibabaCrypto
from kms_resources.clouds.alibaba.limits import CRYPTO
from kms_resources.clouds.alibaba.openapi import OpenApi
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.transport import Transport
from kms_resources.crypto.words import Algorithm, Ciphertext, DataKey, Decrypted, KeyVersion, PublicKey, SecretValue
from kms_resources.errors import CloudError, CredentialsError, InputError, RejectedError, UnclearError
from kms_resources.model import Gateway, Target
from tests.unit.clouds.alibaba.doubles import (
    BLOB,
    DER,
    KEY,
    SIGNATURE,
    VERSION,
    Doors,
    client_key,
    cloud,
    connect,
    usual_replies,
)
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import Answer, Loopback

PSS, ECDSA = Algorithm.RSA_PSS_SHA_256, Algorithm.ECDSA_SHA_256
OAEP = Algorithm.RSAES_OAEP_SHA_256
DIGEST = b"d" * 32
CONTEXT = {"project": "订单", "a": "1"}

OPERATIONS: dict[str, Callable[[AlibabaCrypto], Any]] = {
    "Encrypt": lambda client: client.encrypt(KEY, b"hello"),
    "Decrypt": lambda client: client.decrypt(BLOB),
    "GenerateDataKey": lambda client: client.generate_data_key(KEY, 32),
    "GenerateDataKeyWithoutPlaintext": lambda client: client.generate_data_key(KEY, 32, with_plaintext=False),
    "GetPublicKey": lambda client: client.public_key(KEY, VERSION),
    "AsymmetricEncrypt": lambda client: client.asymmetric_encrypt(KEY, VERSION, OAEP, b"p"),
    "AsymmetricDecrypt": lambda client: client.asymmetric_decrypt(KEY, VERSION, OAEP, b"c"),
    "AsymmetricSign": lambda client: client.sign(KEY, VERSION, ECDSA, DIGEST),
    "AsymmetricVerify": lambda client: client.verify(KEY, VERSION, ECDSA, DIGEST, SIGNATURE),
    "GetSecretValue": lambda client: client.secret_value("db"),
}
MESSAGES = {
    "Encrypt": ["AdvanceEncrypt"],
    "Decrypt": ["AdvanceDecrypt"],
    "GenerateDataKey": ["AdvanceGenerateDataKey", "AdvanceEncrypt"],
    "GenerateDataKeyWithoutPlaintext": ["AdvanceGenerateDataKey", "AdvanceEncrypt"],
    "GetPublicKey": ["GetPublicKey"],
    "AsymmetricEncrypt": ["Encrypt"],
    "AsymmetricDecrypt": ["Decrypt"],
    "AsymmetricSign": ["Sign"],
    "AsymmetricVerify": ["Verify"],
    "GetSecretValue": ["GetSecretValue"],
}
SHARED_ONLY: dict[str, Callable[[AlibabaCrypto], Any]] = {
    "ReEncrypt": lambda client: client.re_encrypt(BLOB, KEY),
    "GenerateMac": lambda client: client.hmac(KEY, b"m"),
    "ListKeyVersions": lambda client: list(client.list_versions(KEY)),
}


@pytest.fixture
def doors(server: Loopback) -> Doors:
    return Doors(server, usual_replies())


def through_instance(operation: str) -> list[str]:
    return [f"instance:{name}" for name in MESSAGES[operation]]


def fix_secret(doors: Doors, door: str) -> None:
    """The one operation whose request does not show on which door it is."""
    stages: Any = ("ACSCurrent",) if door == "instance" else {"VersionStage": ["ACSCurrent"]}
    doors.replies["GetSecretValue"] = {
        "SecretName": "db", "SecretData": "value", "SecretDataType": "text", "VersionId": "v1",
        "VersionStages": stages, "CreateTime": "2024-05-20T06:34:21Z",
    }  # fmt: skip


def test_the_ten_operations_of_the_document_are_the_ones_that_have_a_choice() -> None:
    assert set(OPERATIONS) == set(MESSAGES) == set(CRYPTO.gateway_operations)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_gateway_everything_takes_the_shared_door(doors: Doors, operation: str) -> None:
    fix_secret(doors, "shared")
    OPERATIONS[operation](doors.client(None, "shared"))
    assert doors.actions == [f"shared:{operation}"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_with_a_gateway_the_ten_operations_take_the_instances_door(doors: Doors, operation: str) -> None:
    fix_secret(doors, "instance")
    OPERATIONS[operation](doors.client(doors.gateway()))
    assert doors.actions == through_instance(operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_shared_names_the_operations_that_take_the_shared_door(doors: Doors, operation: str) -> None:
    client = doors.client(doors.gateway(shared=(operation,)))
    for each, use in OPERATIONS.items():
        doors.calls.clear()
        fix_secret(doors, "shared" if each == operation else "instance")
        use(client)
        assert doors.actions == ([f"shared:{each}"] if each == operation else through_instance(each))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_star_sends_everything_through_the_shared_door(doors: Doors, operation: str) -> None:
    fix_secret(doors, "shared")
    OPERATIONS[operation](doors.client(doors.gateway(shared=("*",))))
    assert doors.actions == [f"shared:{operation}"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_view_chooses_the_door_of_a_single_call(doors: Doors, operation: str) -> None:
    client = doors.client(doors.gateway())
    fix_secret(doors, "shared")
    OPERATIONS[operation](client.door("shared"))
    assert doors.actions == [f"shared:{operation}"]
    doors.calls.clear()
    fix_secret(doors, "instance")
    OPERATIONS[operation](client)
    assert doors.actions == through_instance(operation)
    doors.calls.clear()
    OPERATIONS[operation](doors.client(doors.gateway(shared=("*",))).door("instance"))
    assert doors.actions == through_instance(operation)


@pytest.mark.parametrize("operation", SHARED_ONLY)
def test_what_only_the_shared_gateway_has_goes_there(doors: Doors, operation: str) -> None:
    client = doors.client(doors.gateway())
    SHARED_ONLY[operation](client)
    assert doors.actions == [f"shared:{operation}"]
    with pytest.raises(RejectedError, match="the gateway of an instance does not have it"):
        SHARED_ONLY[operation](client.door("instance"))
    assert len(doors.calls) == 1


def test_random_bytes_come_from_an_instance_only(doors: Doors) -> None:
    assert doors.client(doors.gateway()).random(5) == b"zzzzz"
    assert doors.actions == ["instance:GenerateRandom"]
    for client in (doors.client(), doors.client(doors.gateway()).door("shared")):
        with pytest.raises(RejectedError, match="the shared gateway has no random bytes"):
            client.random(5)


def test_a_variable_names_the_gateway_of_a_target_that_has_none(doors: Doors) -> None:
    environ = doors.environ("instance") | {"ALIBABA_KMS_GATEWAY": doors.server.url}
    client = connect(cloud(), Target("t", "alibaba", "cn-hangzhou"), environ)
    assert client.decrypt(BLOB).plaintext == b"hello"
    assert doors.actions == ["instance:AdvanceDecrypt"]


def test_with_a_client_key_alone_the_instances_door_works_and_the_other_says_what_it_lacks(doors: Doors) -> None:
    client = doors.client(doors.gateway(), "instance")
    assert client.decrypt(BLOB).plaintext == b"hello"
    for lacking in (lambda: client.door("shared").decrypt(BLOB), lambda: client.re_encrypt(BLOB, KEY)):
        with pytest.raises(CredentialsError) as caught:
            lacking()
        assert "takes the shared door" in str(caught.value)
        assert "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set" in str(caught.value)


def test_with_an_access_key_alone_the_shared_door_works_and_the_other_says_what_it_lacks(doors: Doors) -> None:
    client = doors.client(doors.gateway(), "shared")
    assert client.re_encrypt(BLOB, KEY).blob == BLOB
    with pytest.raises(CredentialsError) as caught:
        client.decrypt(BLOB)
    assert "Decrypt takes the instance door" in str(caught.value)
    assert "ALIBABA_KMS_CLIENT_KEY_FILE or ALIBABA_KMS_CLIENT_KEY are not set" in str(caught.value)


def test_without_any_credentials_connecting_says_what_either_door_lacks(doors: Doors) -> None:
    with pytest.raises(CredentialsError, match="no credentials for either door") as caught:
        doors.client(doors.gateway(), "none")
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in str(caught.value)
    assert "ALIBABA_KMS_CLIENT_KEY_FILE" in str(caught.value)


def test_a_door_that_there_is_not_is_refused(doors: Doors) -> None:
    with pytest.raises(InputError, match="there are shared and instance"):
        doors.client().door("front")
    with pytest.raises(InputError, match="ALIBABA_KMS_GATEWAY"):
        doors.client().door("instance")


def test_an_unknown_operation_in_shared_is_refused_with_the_nearest_name(doors: Doors) -> None:
    with pytest.raises(InputError, match="did you mean GetSecretValue"):
        doors.client(doors.gateway(shared=("GetSecretValues",)))


def test_a_ciphertext_is_the_same_text_on_both_doors(doors: Doors) -> None:
    client = doors.client(doors.gateway())
    for view in (client, client.door("shared")):
        assert view.encrypt(KEY, b"hello") == Ciphertext(BLOB, KEY, VERSION)


def test_the_instance_encrypts_the_base64_text_bound_to_the_hash_of_the_sorted_context(doors: Doors) -> None:
    doors.client(doors.gateway()).encrypt(KEY, b"hello", CONTEXT)
    aad = hashlib.sha256("a=1&project=订单".encode()).hexdigest().encode()
    assert doors.fields("AdvanceEncrypt") == {"KeyId": KEY, "Plaintext": b"aGVsbG8=", "Aad": aad}


def test_the_shared_gateway_gets_the_context_as_json(doors: Doors) -> None:
    doors.client().encrypt(KEY, b"hello", CONTEXT)
    fields = doors.fields("Encrypt")
    assert json.loads(fields.pop("EncryptionContext")) == CONTEXT
    assert fields == {"KeyId": KEY, "Plaintext": "aGVsbG8="}


def test_the_three_bytes_of_the_instances_ciphertext_are_put_back(doors: Doors) -> None:
    assert doors.client(doors.gateway()).decrypt(BLOB) == Decrypted(b"hello", KEY, VERSION)
    assert doors.fields("AdvanceDecrypt") == {
        "CiphertextBlob": b"$\x00\x02" + base64.b64decode(BLOB),
        "Iv": b"n" * 12,
    }


@pytest.mark.parametrize("blob", ["", "%%%", "aGVsbG8=", base64.b64encode(b"x" * 64).decode()])
def test_what_is_no_ciphertext_is_not_sent_to_the_instance(doors: Doors, blob: str) -> None:
    with pytest.raises(RejectedError, match="not a ciphertext of Alibaba"):
        doors.client(doors.gateway()).decrypt(blob)
    assert doors.calls == []


@pytest.mark.parametrize("with_plaintext", [True, False])
def test_a_data_key_of_the_instance_is_made_and_then_encrypted_as_text(doors: Doors, with_plaintext: bool) -> None:
    client = doors.client(doors.gateway())
    found = client.generate_data_key(KEY, 24, {"a": "1"}, with_plaintext=with_plaintext)
    assert found == DataKey(b"k" * 24 if with_plaintext else b"", Ciphertext(BLOB, KEY, VERSION))
    aad = hashlib.sha256(b"a=1").hexdigest().encode()
    assert doors.fields("AdvanceGenerateDataKey") == {"KeyId": KEY, "NumberOfBytes": 24, "Aad": aad}
    assert doors.fields("AdvanceEncrypt") == {"KeyId": KEY, "Plaintext": base64.b64encode(b"k" * 24), "Aad": aad}


def test_a_data_key_of_the_shared_gateway_has_the_length_that_was_asked_for(doors: Doors) -> None:
    client = doors.client()
    assert client.generate_data_key(KEY, 24) == DataKey(b"k" * 24, Ciphertext(BLOB, KEY, VERSION))
    assert doors.fields("GenerateDataKey") == {"KeyId": KEY, "NumberOfBytes": "24"}
    assert client.generate_data_key(KEY, 24, with_plaintext=False).plaintext == b""


def test_a_digest_travels_as_the_message_with_a_word_that_says_so(doors: Doors) -> None:
    client = doors.client(doors.gateway())
    assert client.sign(KEY, "", ECDSA, DIGEST) == SIGNATURE
    assert client.verify(KEY, "", ECDSA, DIGEST, SIGNATURE) is True
    usual = {"KeyId": KEY, "Message": DIGEST, "MessageType": "DIGEST", "Algorithm": "ECDSA_SHA_256"}
    assert doors.fields("Sign") == usual
    assert doors.fields("Verify") == {**usual, "Signature": SIGNATURE}


def test_the_shared_gateway_signs_with_the_version_that_is_named(doors: Doors) -> None:
    assert doors.client().sign(KEY, "an-older-one", ECDSA, DIGEST) == SIGNATURE
    assert doors.fields("AsymmetricSign") == {
        "KeyId": KEY,
        "KeyVersionId": "an-older-one",
        "Algorithm": "ECDSA_SHA_256",
        "Digest": base64.b64encode(DIGEST).decode(),
    }


def test_without_a_version_the_shared_gateway_is_asked_once_for_the_newest(doors: Doors) -> None:
    rows = [
        {"KeyVersionId": "new", "CreationDate": "2025-05-20T06:34:21Z"},
        {"KeyVersionId": "old", "CreationDate": "2024-05-20T06:34:21Z"},
    ]
    doors.replies["ListKeyVersions"] = {"KeyVersions": {"KeyVersion": rows}, "TotalCount": 2}
    client = doors.client()
    client.public_key(KEY)
    client.sign(KEY, "", ECDSA, DIGEST)
    assert doors.actions == ["shared:ListKeyVersions", "shared:GetPublicKey", "shared:AsymmetricSign"]
    assert doors.fields("GetPublicKey")["KeyVersionId"] == "new"
    assert [version.id for version in client.list_versions(KEY)] == ["old", "new"]


def test_a_version_that_was_made_meanwhile_is_used_from_then_on(doors: Doors) -> None:
    made = {"KeyVersionId": "made", "CreationDate": "2026-05-20T06:34:21Z"}
    doors.replies["CreateKeyVersion"] = {"KeyVersion": made}
    client = doors.client()
    client.sign(KEY, "", ECDSA, DIGEST)
    assert client.create_version(KEY) == KeyVersion("made", "2026-05-20T06:34:21Z")
    doors.replies["ListKeyVersions"] = {"KeyVersions": {"KeyVersion": [made]}, "TotalCount": 1}
    client.sign(KEY, "", ECDSA, DIGEST)
    assert [fields["KeyVersionId"] for _, action, fields in doors.calls if action == "AsymmetricSign"] == [
        VERSION,
        "made",
    ]


def test_a_key_without_versions_is_refused(doors: Doors) -> None:
    doors.replies["ListKeyVersions"] = {"KeyVersions": {"KeyVersion": []}, "TotalCount": 0}
    with pytest.raises(RejectedError, match="has no version"):
        doors.client().public_key(KEY)


def test_a_public_key_is_der_with_its_version_on_both_doors(doors: Doors) -> None:
    client = doors.client(doors.gateway())
    for view in (client, client.door("shared")):
        assert view.public_key(KEY) == PublicKey(DER, KEY, VERSION)


@pytest.mark.parametrize("operation", ["GetPublicKey", "AsymmetricEncrypt", "AsymmetricDecrypt", "AsymmetricSign"])
def test_the_instance_must_have_used_the_version_that_was_asked_for(doors: Doors, operation: str) -> None:
    client = doors.client(doors.gateway())
    doors.version_header = "another"
    with pytest.raises(RejectedError, match=f"the instance gateway used another, and {VERSION} was asked for"):
        OPERATIONS[operation](client)
    doors.version_header = ""
    with pytest.raises(UnclearError, match="the header that names the key version is missing"):
        OPERATIONS[operation](client)


@pytest.mark.parametrize(
    ("algorithm", "signature"),
    [(ECDSA, b""), (ECDSA, b"s" * 64), (Algorithm.SM2DSA, SIGNATURE + b"x"), (PSS, b"s" * 255), (PSS, b"")],
)
@pytest.mark.parametrize("door", ["shared", "instance"])
def test_a_malformed_signature_is_false_and_not_sent(
    doors: Doors, door: str, algorithm: Algorithm, signature: bytes
) -> None:
    assert doors.client(doors.gateway()).door(door).verify(KEY, VERSION, algorithm, DIGEST, signature) is False
    assert doors.calls == []


@pytest.mark.parametrize("door", ["shared", "instance"])
def test_a_signature_that_the_cloud_does_not_accept_is_false(doors: Doors, door: str) -> None:
    doors.replies |= {"AsymmetricVerify": {"KeyId": KEY, "Value": False}, "Verify": {"KeyId": KEY}}
    assert doors.client(doors.gateway()).door(door).verify(KEY, VERSION, PSS, DIGEST, b"s" * 256) is False
    assert len(doors.calls) == 1


@pytest.mark.parametrize("door", ["shared", "instance"])
def test_asymmetric_results_are_bytes(doors: Doors, door: str) -> None:
    view = doors.client(doors.gateway()).door(door)
    assert view.asymmetric_encrypt(KEY, VERSION, OAEP, b"p") == b"result"
    assert view.asymmetric_decrypt(KEY, VERSION, OAEP, b"c") == b"result"


@pytest.mark.parametrize("door", ["shared", "instance"])
@pytest.mark.parametrize(
    ("data", "kind", "value"), [("väl", "text", "väl".encode()), ("AP8=", "binary", b"\x00\xff"), ("", "text", b"")]
)
def test_a_secrets_value_is_bytes_on_both_doors(doors: Doors, door: str, data: str, kind: str, value: bytes) -> None:
    fix_secret(doors, door)
    doors.replies["GetSecretValue"] = {**doors.replies["GetSecretValue"], "SecretData": data, "SecretDataType": kind}  # type: ignore[dict-item]
    found = doors.client(doors.gateway()).door(door).secret_value("db", "v1", "ACSCurrent")
    assert found == SecretValue("db", value, "v1", kind == "binary", ("ACSCurrent",), "2024-05-20T06:34:21Z")
    assert doors.fields("GetSecretValue") == {"SecretName": "db", "VersionId": "v1", "VersionStage": "ACSCurrent"}


def test_another_encoding_changes_what_a_context_is_for_the_whole_target_or_one_call(doors: Doors) -> None:
    of_target = doors.client(doors.gateway(encoding="gbk"))
    of_call = doors.client(doors.gateway()).encoded("gbk")
    expected = hashlib.sha256("a=1&project=订单".encode("gbk")).hexdigest().encode()
    for client in (of_target, of_call):
        doors.calls.clear()
        client.encrypt(KEY, b"hello", CONTEXT)
        assert doors.fields("AdvanceEncrypt")["Aad"] == expected
    doors.calls.clear()
    of_target.encoded("utf-8").encrypt(KEY, b"hello", {"a": "1"})
    assert doors.fields("AdvanceEncrypt")["Aad"] == hashlib.sha256(b"a=1").hexdigest().encode()


@pytest.mark.parametrize("encoding", ["", "klingon", "rot13", "utf-16", "utf-8-sig", "cp037", "utf-7", "a\x00b"])
def test_an_encoding_that_is_unknown_or_not_like_ascii_is_refused(doors: Doors, encoding: str) -> None:
    with pytest.raises(InputError, match="cannot be used"):
        doors.client(doors.gateway(encoding=encoding))
    with pytest.raises(InputError, match="cannot be used"):
        doors.client().encoded(encoding)


def test_a_context_that_an_encoding_cannot_write_is_refused_before_anything_is_sent(doors: Doors) -> None:
    with pytest.raises(InputError, match="cannot be written in latin-1"):
        doors.client(doors.gateway(encoding="latin-1")).encrypt(KEY, b"hello", CONTEXT)
    assert doors.calls == []


@pytest.mark.parametrize(
    ("api", "reply", "use"),
    [
        ("AdvanceEncrypt", {"CiphertextBlob": b"no header"}, "Encrypt"),
        ("AdvanceDecrypt", {"Plaintext": b"not base64!"}, "Decrypt"),
        ("AdvanceGenerateDataKey", {"Plaintext": b"short"}, "GenerateDataKey"),
        ("GetPublicKey", {"PublicKey": "no pem"}, "GetPublicKey"),
        ("GenerateRandom", {"Random": b"short"}, "Random"),
    ],
)
def test_an_answer_of_the_instance_that_makes_no_sense_is_unclear(
    doors: Doors, api: str, reply: dict[str, Any], use: str
) -> None:
    doors.replies[api] = reply
    with pytest.raises(UnclearError):
        (OPERATIONS | {"Random": lambda client: client.random(32)})[use](doors.client(doors.gateway()))


@pytest.mark.parametrize(
    ("operation", "reply"),
    [
        ("Encrypt", {"CiphertextBlob": ""}),
        ("Decrypt", {"Plaintext": "not base64!"}),
        ("Decrypt", {"Plaintext": 5}),
        ("GenerateDataKey", {"Plaintext": "AAAA", "CiphertextBlob": BLOB}),
        ("GetPublicKey", {"PublicKey": "no pem", "KeyVersionId": VERSION}),
        ("AsymmetricVerify", {"Value": "true"}),
        ("AsymmetricSign", {}),
    ],
)
def test_an_answer_of_the_shared_gateway_that_makes_no_sense_is_unclear(
    doors: Doors, naps: Naps, operation: str, reply: dict[str, Any]
) -> None:
    doors.replies[operation] = {"KeyId": KEY, **reply}
    api = OpenApi(Credentials("an-id", "a-secret"), doors.server.url, Transport("t", RATES, 0.0, naps))
    with pytest.raises(UnclearError):
        OPERATIONS[operation](AlibabaCrypto(Target("t", "alibaba", "cn-hangzhou"), lambda: api))


@pytest.mark.parametrize("operation", [*OPERATIONS, *SHARED_ONLY])
@pytest.mark.parametrize("door", ["shared", "instance"])
def test_no_secret_reaches_an_error_or_a_repr(doors: Doors, door: str, operation: str) -> None:
    canary = "canary-3f1c"
    quoted = base64.b64encode(canary.encode()).decode()
    echo = f"bad value {quoted} {canary}"
    doors.replies = {
        name: Answer.of({"Code": "InvalidParameter", "Message": "bad", "RequestId": "r"}, 400)
        for name in (*OPERATIONS, *SHARED_ONLY)
    }
    client = doors.client(doors.gateway()).door(door)
    doors.replies |= {
        "Encrypt": Answer.of({"Code": "InvalidParameter", "Message": echo, "RequestId": "r"}, 400),
        "GenerateMac": Answer.of({"Code": "InvalidParameter", "Message": echo, "RequestId": "r"}, 400),
    }
    if door == "instance":
        for name in {name for names in MESSAGES.values() for name in names}:
            doors.refuse(name, 400, "InvalidParameter", quoted if name == "AdvanceEncrypt" else "bad")
    uses: dict[str, Callable[[], object]] = {
        "Encrypt": lambda: client.encrypt(KEY, canary.encode()),
        "GenerateMac": lambda: client.hmac(KEY, canary.encode()),
    }
    everything = OPERATIONS | SHARED_ONLY
    use: Callable[[], object] = uses.get(operation) or (lambda: everything[operation](client))
    with pytest.raises(CloudError) as caught:
        use()
    error: BaseException | None = caught.value
    while error is not None:
        assert canary not in f"{error!s}{error!r}{vars(error)}"
        assert quoted not in f"{error!s}{error!r}{vars(error)}"
        error = error.__context__
    assert client_key() not in repr(client)
    assert canary not in repr(Decrypted(canary.encode(), KEY))
    assert "door='" in repr(client)


def test_a_gateway_without_an_address_says_which_variable_names_it(doors: Doors) -> None:
    client = connect(
        cloud(), Target("t", "alibaba", "cn-hangzhou", gateway=Gateway("")), doors.environ("shared", "instance")
    )
    with pytest.raises(CredentialsError, match=r"Decrypt takes the instance door.*ALIBABA_KMS_GATEWAY is not set"):
        client.decrypt(BLOB)
