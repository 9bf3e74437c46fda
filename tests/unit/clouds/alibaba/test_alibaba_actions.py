"""The table of actions, calls by name, and what only the shared gateway does with material and versions."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from kms_resources.capabilities import Answer as Says
from kms_resources.capabilities import Capability
from kms_resources.clouds.alibaba.actions import ACTIONS, RATES, encode, known_action
from kms_resources.clouds.alibaba.crypto import AlibabaCrypto
from kms_resources.clouds.alibaba.limits import CRYPTO, LIMITS
from kms_resources.crypto.words import Algorithm, WrappingKey
from kms_resources.errors import AlreadyExistsError, InputError, RejectedError, UnclearError
from kms_resources.model import Usage
from tests.unit.clouds.alibaba.doubles import BLOB, DER, KEY, Doors, usual_replies
from tests.unit.clouds.loopback import CUT, Answer, Loopback


@pytest.fixture
def doors(server: Loopback) -> Doors:
    return Doors(server, usual_replies())


@pytest.fixture
def client(doors: Doors) -> AlibabaCrypto:
    return doors.client()


def test_the_table_holds_every_action_of_the_vendors_package_with_its_fields() -> None:
    import inspect  # noqa: PLC0415
    import re  # noqa: PLC0415

    from alibabacloud_kms20160120 import models  # type: ignore[import-untyped]  # noqa: PLC0415

    found = {}
    for name, kind in vars(models).items():
        if name.endswith("Request") and not name.endswith("ShrinkRequest"):
            fields = re.findall(r"result\['(\w+)'\]", inspect.getsource(kind.to_map))
            found[name.removesuffix("Request")] = frozenset(fields)
    assert len(found) > 80
    assert {name: ACTIONS[name].fields for name in found} == found


def test_actions_that_newer_packages_lost_say_where_they_were_read() -> None:
    assert {name for name, action in ACTIONS.items() if action.by} == {
        name for name in ACTIONS if "Certificate" in name
    }


@pytest.mark.parametrize(
    ("action", "rate"),
    [
        ("Encrypt", 1000),
        ("Decrypt", 1000),
        ("ReEncrypt", 750),
        ("AsymmetricSign", 200),
        ("GetSecretValue", 450),
        ("CreateSecret", 10),
        ("DescribeSecret", 40),
        ("ListResourceTags", 300),
        ("DescribeKey", 50),
        ("EnableKey", 30),
        ("CreateKey", 10),
        ("DescribeRegions", 10),
    ],
)
def test_every_action_keeps_its_published_rate(action: str, rate: int) -> None:
    assert RATES.of(ACTIONS[action].pot) == rate


def test_a_call_by_name_sends_the_fields_as_each_wants_to_travel(doors: Doors, client: AlibabaCrypto) -> None:
    doors.replies["TagResources"] = {"Answer": 1}
    fields: dict[str, Any] = {
        "ResourceType": "key",
        "ResourceId": ["a", "b"],
        "Tag": '[{"Key": "k", "Value": "v"}]',
        "RegionId": "cn-hangzhou",
    }
    assert client.call("TagResources", fields) == {"RequestId": "r-1", "Answer": 1}
    assert doors.fields("TagResources") == {
        "ResourceType": "key",
        "ResourceId.1": "a",
        "ResourceId.2": "b",
        "Tag.1.Key": "k",
        "Tag.1.Value": "v",
        "RegionId": "cn-hangzhou",
    }


@pytest.mark.parametrize(
    ("fields", "pairs"),
    [
        ({"Tag.2.Key": "k"}, {"Tag.2.Key": "k"}),
        ({"TagKey": "one", "ResourceId.1": "a"}, {"TagKey.1": "one", "ResourceId.1": "a"}),
        ({"Tags": '[{"TagKey":"a"}]'}, {"Tags": '[{"TagKey":"a"}]'}),
        ({"Tags": [{"TagKey": "ä"}]}, {"Tags": '[{"TagKey":"ä"}]'}),
        ({"EnableAutomaticRotation": "True"}, {"EnableAutomaticRotation": "true"}),
        ({"EnableAutomaticRotation": False}, {"EnableAutomaticRotation": "false"}),
        ({"ExtendedConfig.CustomData": "{}"}, {"ExtendedConfig.CustomData": "{}"}),
        ({"PageSize": 5}, {"PageSize": "5"}),
    ],
)  # fmt: skip
def test_texts_of_a_command_line_and_values_of_a_program_become_the_same(
    fields: dict[str, Any], pairs: dict[str, str]
) -> None:
    assert dict(encode(fields)) == pairs


def test_a_list_that_is_no_json_is_refused() -> None:
    with pytest.raises(InputError, match="begins like a JSON list"):
        encode({"ResourceId": "[a"})


def test_what_takes_get_only_is_asked_by_get_and_carries_no_secret(doors: Doors, client: AlibabaCrypto) -> None:
    methods = {name: action.method for name, action in ACTIONS.items() if action.method != "POST"}
    assert methods == {"GetClientKey": "GET", "ListClientKeys": "GET"}
    with pytest.raises(UnclearError):
        client.call("ListClientKeys", {"AapName": "app"})  # this server knows POST only
    assert doors.calls == []


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("Encript", {}, "did you mean Encrypt"),
        ("ListKeyPolicies", {}, "has no action ListKeyPolicies"),
        ("完全", {}, "names are written as in the vendor's documents"),
        ("Decrypt", {"KeyId": "k"}, "Decrypt has no field KeyId"),
        ("Encrypt", {"PlainText": "x"}, "did you mean Plaintext"),
        ("DescribeRegions", {"x": "y"}, "its fields are: none"),
        ("Encrypt", {"Tag.1.Key": "k"}, "has no field Tag.1.Key"),
    ],
)
def test_an_unknown_action_or_field_is_refused_with_what_there_is(
    doors: Doors, client: AlibabaCrypto, action: str, fields: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        client.call(action, fields)
    assert said in str(caught.value)
    assert doors.calls == []


def test_a_call_is_sent_once_and_has_no_path(doors: Doors, client: AlibabaCrypto) -> None:
    doors.replies["DescribeKey"] = CUT
    with pytest.raises(UnclearError):
        client.call("DescribeKey", {"KeyId": KEY})
    assert doors.actions == ["shared:DescribeKey"]
    with pytest.raises(InputError, match="has no paths"):
        client.call("DescribeKey", {"KeyId": KEY}, "/v1")


def test_a_call_through_the_instances_door_is_refused(doors: Doors) -> None:
    with pytest.raises(RejectedError, match="the gateway of an instance does not have it"):
        doors.client(doors.gateway()).door("instance").call("DescribeRegions", {})


def test_secrets_of_a_call_are_in_the_body_and_never_quoted(doors: Doors, client: AlibabaCrypto) -> None:
    said = {"Code": "InvalidParameter", "Message": "Password canary-Password-1 is weak", "RequestId": "r"}
    doors.replies["CreateClientKey"] = Answer.of(said, 400)
    with pytest.raises(RejectedError) as caught:
        client.call("CreateClientKey", {"AapName": "app", "Password": "canary-Password-1"})
    assert "canary" not in str(caught.value)
    (request,) = doors.server.requests
    assert request.path == "/"
    assert b"canary-Password-1" in request.body
    assert "canary" not in json.dumps(dict(request.headers))


def test_every_known_action_accepts_its_own_fields() -> None:
    for name, action in ACTIONS.items():
        assert known_action(name, dict.fromkeys(action.fields, "x")) is action


def test_re_encryption_names_both_contexts(doors: Doors, client: AlibabaCrypto) -> None:
    assert client.re_encrypt(BLOB, KEY, {"a": "1"}, {"b": "2"}).blob == BLOB
    assert doors.fields("ReEncrypt") == {
        "CiphertextBlob": BLOB,
        "DestinationKeyId": KEY,
        "SourceEncryptionContext": '{"a":"1"}',
        "DestinationEncryptionContext": '{"b":"2"}',
    }


def test_a_mac_is_hmac_sm3(doors: Doors, client: AlibabaCrypto) -> None:
    assert client.hmac(KEY, b"message") == b"result"
    assert doors.fields("GenerateMac") == {"KeyId": KEY, "Algorithm": "HMAC_SM3", "Message": "bWVzc2FnZQ=="}


@pytest.mark.parametrize("algorithm", CRYPTO.wrapping)
def test_what_material_is_wrapped_with_is_asked_for_by_algorithm(
    doors: Doors, client: AlibabaCrypto, algorithm: Algorithm
) -> None:
    doors.replies["GetParametersForImport"] = {
        "KeyId": KEY,
        "PublicKey": base64.b64encode(DER).decode(),
        "ImportToken": "canary-token",
        "TokenExpireTime": "2024-05-21T06:34:21Z",
    }
    found = client.wrapping_key(KEY, algorithm)
    assert found == WrappingKey(DER, "canary-token", algorithm, "2024-05-21T06:34:21Z")
    assert "canary" not in repr(found)
    spec = "EC_SM2" if algorithm is Algorithm.SM2PKE else "RSA_2048"
    assert doors.fields("GetParametersForImport") == {
        "KeyId": KEY,
        "WrappingKeySpec": spec,
        "WrappingAlgorithm": str(algorithm),
    }


def test_material_is_imported_in_the_body_with_its_expiry_always_said(doors: Doors, client: AlibabaCrypto) -> None:
    client.import_material(KEY, b"wrapped", "token", 0)
    client.delete_material(KEY)
    assert doors.fields("ImportKeyMaterial") == {
        "KeyId": KEY,
        "EncryptedKeyMaterial": "d3JhcHBlZA==",
        "ImportToken": "token",
        "KeyMaterialExpireUnix": "0",
    }
    assert doors.fields("DeleteKeyMaterial") == {"KeyId": KEY}


@pytest.mark.parametrize(
    ("action", "use"),
    [
        ("CreateKeyVersion", lambda client: client.create_version(KEY)),
        ("ImportKeyMaterial", lambda client: client.import_material(KEY, b"w", "t", 0)),
    ],
)
def test_what_leaves_a_trace_is_never_sent_twice(
    doors: Doors, client: AlibabaCrypto, action: str, use: Callable[[AlibabaCrypto], object]
) -> None:
    doors.replies[action] = Answer(503, b"")
    with pytest.raises(UnclearError):
        use(client)
    assert doors.actions == [f"shared:{action}"]


def test_a_taken_name_is_not_swallowed(doors: Doors, client: AlibabaCrypto) -> None:
    doors.replies["CreatePolicy"] = Answer.of({"Code": "Rejected.ResourceExist", "Message": "m", "RequestId": "r"}, 409)
    with pytest.raises(AlreadyExistsError):
        client.call("CreatePolicy", {"Name": "p"})


def test_every_kind_of_key_that_is_offered_has_a_use() -> None:
    pairs = {(offer.spec, usage) for offer in LIMITS.offers if not offer.spec.symmetric for usage in offer.usages}
    assert pairs <= set(CRYPTO.algorithms)
    for (_, usage), algorithms in CRYPTO.algorithms.items():
        assert {algorithm.signs for algorithm in algorithms} == {usage is Usage.SIGN_VERIFY}


def test_hmac_is_not_offered_as_long_as_nobody_knows_how_such_keys_are_made() -> None:
    assert LIMITS.supports[Capability.MAC].answer is Says.NOT_YET
