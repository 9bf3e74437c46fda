"""A key in use: what is refused before anything is sent, and which key an error means."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kms_resources.crypto import local
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import CredentialsError, InputError, KmsError, NotFoundError
from kms_resources.model import Spec, Usage
from kms_resources.use import Place, UsedKey, open_key, open_target
from kms_resources.use.keys import verify_offline
from tests.support.workshop import STANDS, Workshop, Workshops

SECRET = b"canary-plaintext"
DIRECT = {
    "tencent": "tencent://ap-guangzhou/",
    "alibaba": "alibaba://cn-hangzhou/",
    "ctyun": "ctyun://bb9fdb42056f11eda1610242ac110002/",
    "tencent-legacy": "tencent-legacy://gz/",
}


@pytest.fixture
def shop(workshops: Workshops) -> Workshop:
    return workshops.at("tencent")


@pytest.fixture
def key(shop: Workshop) -> UsedKey:
    return shop.shared(Spec.SM4)


@pytest.mark.parametrize("stand", DIRECT)
def test_any_key_is_opened_without_a_stack(workshops: Workshops, stand: str) -> None:
    shop = workshops.at(stand)
    made = shop.key()
    opened = open_key(DIRECT[stand] + made.key_id, Place(), shop.running.environ)
    assert opened.decrypt(made.encrypt(SECRET).blob) == SECRET
    assert opened.settings.spec is made.settings.spec


def test_a_key_is_opened_by_its_name_in_the_only_stack_of_the_folder(
    shop: Workshop, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    with pytest.raises(NotFoundError, match="shop/prod/orders"):
        open_key("orders", environ=shop.running.environ)


def test_missing_credentials_are_named() -> None:
    with pytest.raises(CredentialsError, match="TENCENTCLOUD_SECRET_ID"):
        open_key("tencent://ap-guangzhou/x", Place(), {})


def test_a_target_is_opened_by_its_name(shop: Workshop, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    client, cloud = open_target("guangzhou", shop.running.environ)
    assert (client.target.region, cloud.name) == ("ap-guangzhou", "tencent")
    assert len(client.random(8)) == 8


@pytest.mark.parametrize("stand", ["tencent", "tencent-legacy"])
@pytest.mark.parametrize("given", [{"door": "instance"}, {"door": "shared"}, {"encoding": "gb18030"}])
def test_a_door_of_a_cloud_without_doors_is_refused(workshops: Workshops, stand: str, given: dict[str, str]) -> None:
    with pytest.raises(InputError, match="private gateway"):
        open_target(STANDS[stand], workshops.at(stand).running.environ, **given)


def test_a_door_that_does_not_exist_is_refused(workshops: Workshops) -> None:
    with pytest.raises(InputError, match="shared, instance"):
        open_target(STANDS["alibaba"], workshops.at("alibaba").running.environ, door="back")


@pytest.mark.parametrize("blob", ["", " ", "\n\t", "two words", "密文", "line\nfeed", "a\x00 b"])
def test_what_is_no_ciphertext_is_refused_before_any_request(shop: Workshop, key: UsedKey, blob: str) -> None:
    since = shop.requests
    for attempt in (key.decrypt, key.re_encrypt):
        with pytest.raises(InputError, match="ciphertext"):
            attempt(blob)
    assert shop.requests == since


def test_blanks_around_a_ciphertext_do_no_harm(key: UsedKey) -> None:
    assert key.decrypt(f"\n {key.encrypt(SECRET).blob}\n") == SECRET


def test_an_empty_name_in_a_context_is_refused_before_any_request(shop: Workshop, key: UsedKey) -> None:
    since = shop.requests
    attempts: list[Callable[[], object]] = [
        lambda: key.encrypt(SECRET, {"": "x"}),
        lambda: key.decrypt("x", {"": "x"}),
        lambda: key.data_key(context={"": "x"}),
        lambda: key.re_encrypt("x", {}, {"": "x"}),
        lambda: key.encrypt(SECRET, {"a": "\ud800"}),
    ]
    for attempt in attempts:
        with pytest.raises(InputError, match="context"):
            attempt()
    assert shop.requests == since


def test_errors_of_the_cloud_name_the_key_and_not_only_the_target(shop: Workshop, key: UsedKey) -> None:
    for used, name in ((key, key.where), (shop.direct(key), f"tencent://ap-guangzhou/{key.key_id}")):
        with pytest.raises(KmsError) as refusal:
            used.decrypt("nonsense")
        assert refusal.value.where == name


def test_a_direct_reference_asks_for_the_kind_of_key_once(shop: Workshop) -> None:
    direct = shop.direct(shop.shared(Spec.EC_P256, Usage.SIGN_VERIFY))
    since = shop.requests
    for _ in range(3):
        direct.sign([SECRET])
    assert [action for action in shop.actions(since) if action.startswith("Sign")] == ["SignByAsymmetricKey"] * 3
    assert len([action for action in shop.actions(since) if action == "DescribeKey"]) == 1


def test_nothing_secret_stands_in_the_representation_of_a_key(key: UsedKey) -> None:
    assert key.environ["TENCENTCLOUD_SECRET_KEY"] not in repr(key)
    assert key.environ["TENCENTCLOUD_SECRET_KEY"] not in repr(key.client)


def test_a_signature_is_verified_offline_with_pem_and_der(shop: Workshop) -> None:
    signer = shop.shared(Spec.SM2, Usage.SIGN_VERIFY)
    made, der = signer.sign([SECRET]), signer.public_key().der
    pem = local.public_key_to_pem(der).encode()
    for public in (der, pem, b"\n" + pem):
        assert verify_offline(public, made.algorithm, [SECRET], made.value)
        assert not verify_offline(public, made.algorithm, [SECRET, b"."], made.value)


@pytest.mark.parametrize("public", [b"", b"-----BEGIN", b"-----BEGIN PUBLIC KEY-----\n\xff\n", b"\x30\x03\x02\x01\x01"])
@pytest.mark.parametrize("algorithm", [Algorithm.SM2DSA, Algorithm.ECDSA_SHA_256, Algorithm.RSA_PSS_SHA_256])
def test_what_is_no_public_key_is_refused_offline(public: bytes, algorithm: Algorithm) -> None:
    with pytest.raises(InputError):
        verify_offline(public, algorithm, [SECRET], b"x")
