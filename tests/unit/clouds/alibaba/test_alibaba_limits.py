"""What `kms validate` lets through and refuses for Alibaba Cloud."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from kms_resources.capabilities import Capability, choose_offer, explain_missing_offer
from kms_resources.clouds import get_cloud
from kms_resources.clouds.alibaba.limits import LIMITS
from kms_resources.errors import CredentialsError
from kms_resources.model import DesiredKey, Marker, Origin, Protection, Settings, Spec, Target, Usage

BARE = Target("t", "alibaba", "cn-hangzhou")
INSTANCE = replace(BARE, instance="kst-hzz62ee817bvyyr5x")
ABROAD = replace(INSTANCE, region="ap-southeast-1")
HONGKONG = replace(INSTANCE, region="cn-hongkong")
REGIONS = [
    "cn-qingdao",
    "cn-beijing",
    "cn-zhangjiakou",
    "cn-zhengzhou-jva",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-hangzhou",
    "cn-shanghai",
    "cn-fuzhou",
    "cn-shenzhen",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-wuhan-lr",
    "cn-hongkong",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-7",
    "ap-south-1",
    "us-east-1",
    "us-west-1",
    "eu-west-1",
    "eu-central-1",
    "me-east-1",
    "me-central-1",
    "na-south-1",
    "cn-hangzhou-finance",
    "cn-shanghai-finance-1",
    "cn-heyuan-acdr-1",
]


def _specs(target: Target) -> set[Spec]:
    return {offer.spec for offer in LIMITS.offers if offer.where(target)}


def _refused(settings: Settings, target: Target = INSTANCE, marker: str = "p/s/k") -> list[str]:
    return [field for field, _ in LIMITS.refusals(DesiredKey("k", target, settings, Marker(marker)))]


AES = Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT)


def test_without_an_instance_only_aes_256_is_offered() -> None:
    assert _specs(BARE) == {Spec.AES_256}


def test_chinese_algorithms_are_offered_in_instances_of_the_mainland_only() -> None:
    chinese = {Spec.SM2, Spec.SM4}
    assert (_specs(INSTANCE) & chinese, _specs(ABROAD) & chinese, _specs(HONGKONG) & chinese) == (chinese, set(), set())


def test_a_refused_kind_of_key_says_where_it_exists() -> None:
    field, sentence = explain_missing_offer(LIMITS, Settings(Spec.SM2, Usage.SIGN_VERIFY), ABROAD)
    assert field == "spec"
    assert "in a hardware KMS instance of a mainland region" in sentence


def test_curves_sign_and_do_not_encrypt() -> None:
    assert choose_offer(LIMITS, Settings(Spec.EC_P256, Usage.SIGN_VERIFY), INSTANCE)
    assert choose_offer(LIMITS, Settings(Spec.EC_P256, Usage.ENCRYPT_DECRYPT), INSTANCE) is None


@pytest.mark.parametrize("target", [BARE, INSTANCE])
def test_material_may_be_imported_into_the_default_key_and_into_instances(target: Target) -> None:
    assert choose_offer(LIMITS, replace(AES, origin=Origin.EXTERNAL), target)


def test_a_protection_level_cannot_be_chosen_because_instance_or_region_decides() -> None:
    asked = replace(AES, protection=Protection.HSM)
    assert choose_offer(LIMITS, asked, BARE) is None
    assert explain_missing_offer(LIMITS, asked, BARE)[0] == "protection"
    assert not LIMITS.has(Capability.PROTECTION_LEVEL)


def test_every_capability_has_a_row() -> None:
    assert set(LIMITS.supports) == set(Capability)


@pytest.mark.parametrize(
    ("days", "target", "refused"),
    [(90, INSTANCE, []), (365, BARE, []), (90, BARE, ["rotation"]), (None, BARE, [])],
)
def test_without_an_instance_a_key_rotates_every_365_days_or_never(
    days: int | None, target: Target, refused: list[str]
) -> None:
    assert _refused(replace(AES, rotation_days=days), target) == refused


def test_imported_material_does_not_rotate() -> None:
    assert _refused(replace(AES, origin=Origin.EXTERNAL, rotation_days=90)) == ["rotation"]


def test_the_tag_of_the_marker_is_ours() -> None:
    assert _refused(replace(AES, tags={"kms-resources-marker": "x"})) == ["tags"]


@pytest.mark.parametrize(
    ("marker", "refused"), [("p/s/" + "k" * 124, []), ("p/s/" + "k" * 125, ["name"]), ("p/s/订", ["name"])]
)
def test_a_name_whose_marker_does_not_fit_into_a_tag_is_refused(marker: str, refused: list[str]) -> None:
    assert _refused(AES, marker=marker) == refused


@pytest.mark.parametrize("region", REGIONS)
def test_every_published_region_is_accepted(region: str) -> None:
    assert re.fullmatch(LIMITS.region, region)


@pytest.mark.parametrize("region", ["", "hangzhou", "cn-hangzhou/x", "cn-hangzhou.evil.example", "CN-hangzhou", "@x"])
def test_what_is_no_region_is_refused(region: str) -> None:
    assert re.fullmatch(LIMITS.region, region) is None


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (
            LIMITS.tag_key,
            ["owner", "a/b\\c_d-e.f+g=h:i@j", "k" * 128, "my-aliyun"],
            ["", "aliyun-x", "acs:x", "a b", "k" * 129],
        ),
        (LIMITS.tag_value, ["", "v" * 128, "acs:x"], ["a b", "v" * 129, "值"]),
        (LIMITS.alias, ["orders", "team/orders_1-2", "a" * 249], ["", "acs/oss", "acsx", "a" * 250, "a.b", "订单"]),
        (LIMITS.instance, ["kst-hzz62ee817bvyyr5x"], ["", "kst-", "key-hzz62ee817bvyyr5x", "kst-a/b"]),
    ],
)
def test_names_follow_the_published_rules(pattern: str, good: list[str], bad: list[str]) -> None:
    assert [name for name in good if not re.fullmatch(pattern, name)] == []
    assert [name for name in bad if re.fullmatch(pattern, name)] == []


def test_the_cloud_is_found_by_its_name() -> None:
    cloud = get_cloud("alibaba")
    assert (cloud.name, cloud.title, cloud.limits) == ("alibaba", "Alibaba Cloud", LIMITS)


def test_the_description_of_the_cloud_loads_without_its_client() -> None:
    program = "import sys, kms_resources.clouds.alibaba; sys.exit('requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_connecting_and_checking_credentials_need_no_network() -> None:
    environ = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "an-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a-secret"}
    cloud = get_cloud("alibaba")
    cloud.connect(BARE, environ)
    assert cloud.connect(BARE, environ).target is BARE
    with pytest.raises(CredentialsError):
        cloud.connect(BARE, {})
