"""What Tencent Cloud's table promises."""

from __future__ import annotations

import re

import pytest

from kms_resources.capabilities import Answer, Capability, choose_offer, explain_missing_offer
from kms_resources.clouds import get_cloud
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.tencent.convert import first_alias
from kms_resources.errors import CredentialsError
from kms_resources.model import DesiredKey, Marker, Origin, Protection, Settings, Spec, Target, Usage

CLOUD = get_cloud("tencent")
LIMITS = CLOUD.limits


def at(region: str) -> Target:
    return Target("t", "tencent", region)


def offered(region: str, spec: Spec, usage: Usage = Usage.ENCRYPT_DECRYPT, origin: Origin = Origin.KMS) -> bool:
    return choose_offer(LIMITS, Settings(spec, usage, origin), at(region)) is not None


def test_every_capability_has_a_row() -> None:
    assert set(Capability) == set(LIMITS.supports)


@pytest.mark.parametrize("region", ["ap-guangzhou", "ap-shanghai-fsi", "ap-beijing"])
def test_mainland_regions_make_sm4_and_no_aes(region: str) -> None:
    assert offered(region, Spec.SM4)
    assert not offered(region, Spec.AES_256)


@pytest.mark.parametrize("region", ["ap-singapore", "eu-frankfurt", "na-ashburn", "ap-hongkong"])
def test_regions_abroad_make_aes_and_no_sm4(region: str) -> None:
    assert offered(region, Spec.AES_256)
    assert not offered(region, Spec.SM4)
    assert not offered(region, Spec.SM2)


def test_a_region_newer_than_the_table_may_have_both() -> None:
    assert offered("ap-osaka", Spec.AES_256)
    assert offered("ap-osaka", Spec.SM4)


def test_only_symmetric_keys_take_imported_material() -> None:
    assert offered("ap-guangzhou", Spec.SM4, origin=Origin.EXTERNAL)
    assert not offered("ap-guangzhou", Spec.RSA_2048, origin=Origin.EXTERNAL)


def test_the_refusal_of_a_spec_says_where_it_exists() -> None:
    field, why = explain_missing_offer(LIMITS, Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT), at("ap-guangzhou"))
    assert field == "spec"
    assert "in regions outside the mainland" in why


def test_the_protection_level_cannot_be_chosen() -> None:
    settings = Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, protection=Protection.HSM)
    assert explain_missing_offer(LIMITS, settings, at("ap-guangzhou"))[0] == "protection"
    assert LIMITS.supports[Capability.PROTECTION_LEVEL].answer is Answer.NO


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (LIMITS.alias, "a" * 60, "a" * 61),
        (LIMITS.alias, "Orders_2026", "-orders"),
        (LIMITS.alias, "mykms-1", "kms-1"),
        (LIMITS.alias, "m-orders", "with space"),
        (LIMITS.alias, "unnamed", "unnamed-11111111-2222-3333-4444-555555555555"),
        (LIMITS.alias, "m-shop-prod-orders-1915e54e384", first_alias(Marker("shop/prod/orders"))),
        (LIMITS.region, "ap-shenzhen-fsi", "guangzhou"),
        (LIMITS.instance, "cls-hsm-3dflmo9g", "hsm-3dflmo9g"),
    ],
)
def test_patterns_take_the_good_and_refuse_the_bad(pattern: str, good: str, bad: str) -> None:
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)


@pytest.mark.parametrize(
    ("tag", "fields"), [("owner", []), ("qcs:x", ["tags"]), ("projectX", ["tags"]), ("项目", ["tags"])]
)
def test_reserved_tags_are_refused(tag: str, fields: list[str]) -> None:
    settings = Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, tags={tag: "x"})
    key = DesiredKey("orders", at("ap-guangzhou"), settings, Marker("a/b/c"))
    assert [field for field, _why in LIMITS.refusals(key)] == fields


def test_missing_credentials_are_found_without_a_request() -> None:
    with pytest.raises(CredentialsError, match="TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set"):
        CLOUD.connect(at("ap-guangzhou"), {})


ENVIRON = {"TENCENTCLOUD_SECRET_ID": "AKIDFAKE", "TENCENTCLOUD_SECRET_KEY": "FAKE"}


def test_the_keys_in_use_are_reached_with_the_same_credentials() -> None:
    assert CLOUD.connect_crypto is not None
    client: CryptoClient = CLOUD.connect_crypto(at("ap-guangzhou"), ENVIRON)
    assert client.target == at("ap-guangzhou")
    with pytest.raises(CredentialsError, match="TENCENTCLOUD_SECRET_ID"):
        CLOUD.connect_crypto(at("ap-guangzhou"), {})


def test_every_asymmetric_offer_has_an_algorithm_and_only_those() -> None:
    assert CLOUD.crypto is not None
    asymmetric = {(offer.spec, usage) for offer in LIMITS.offers if not offer.spec.symmetric for usage in offer.usages}
    assert asymmetric == set(CLOUD.crypto.algorithms)
    for (_, usage), algorithms in CLOUD.crypto.algorithms.items():
        assert {algorithm.signs for algorithm in algorithms} == {usage is Usage.SIGN_VERIFY}


def test_a_data_key_without_plaintext_is_refused_with_what_there_is_instead() -> None:
    row = LIMITS.supports[Capability.DATA_KEY_SEALED]
    assert row.answer is Answer.NO
    assert "EncryptionPublicKey" in row.reason
    assert "random bytes" in row.reason


def test_without_a_variable_the_client_goes_to_the_vendors_host() -> None:
    client = CLOUD.connect(at("ap-guangzhou"), ENVIRON)
    assert client._call.__self__._urls["kms"] == "https://kms.tencentcloudapi.com"  # type: ignore[attr-defined]


def test_a_tag_of_ours_is_not_the_users() -> None:
    settings = Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, tags={"kms-resources-marker": "x"})
    key = DesiredKey("orders", at("ap-guangzhou"), settings, Marker("a/b/c"))
    assert [field for field, _why in LIMITS.refusals(key)] == ["tags"]
