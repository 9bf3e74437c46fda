"""What CTYun's table promises, and the refusals that need more than a table."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kms_resources.capabilities import Answer, Capability, choose_offer, explain_missing_offer
from kms_resources.clouds import get_cloud
from kms_resources.clouds.ctyun.api import HOST
from kms_resources.errors import CredentialsError
from kms_resources.model import DesiredKey, Marker, Origin, Protection, Settings, Spec, Target, Usage

CLOUD = get_cloud("ctyun")
LIMITS = CLOUD.limits
TARGET = Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002")


def test_every_capability_has_a_row() -> None:
    assert set(Capability) == set(LIMITS.supports)


def test_tags_are_not_yet_supported_and_say_why() -> None:
    assert LIMITS.supports[Capability.TAGS].answer is Answer.NOT_YET
    assert "no call reads a key's tags back" in LIMITS.why_not(Capability.TAGS)


@pytest.mark.parametrize(
    ("spec", "usage", "changed"),
    [
        (Spec.AES_256, Usage.ENCRYPT_DECRYPT, {"protection": Protection.SOFTWARE}),
        (Spec.SM4, Usage.ENCRYPT_DECRYPT, {"origin": Origin.EXTERNAL}),
        (Spec.RSA_2048, Usage.SIGN_VERIFY, {"protection": Protection.HSM}),
        (Spec.SM2, Usage.ENCRYPT_DECRYPT, {}),
        (Spec.HMAC_SM3, Usage.GENERATE_VERIFY_MAC, {}),
    ],
)
def test_these_kinds_are_offered(spec: Spec, usage: Usage, changed: dict[str, Any]) -> None:
    assert choose_offer(LIMITS, Settings(spec, usage, **changed), TARGET) is not None


@pytest.mark.parametrize(
    ("spec", "usage", "changed", "field"),
    [
        (Spec.AES_128, Usage.ENCRYPT_DECRYPT, {}, "spec"),
        (Spec.EC_P256, Usage.ENCRYPT_DECRYPT, {}, "usage"),
        (Spec.SM2, Usage.SIGN_VERIFY, {"origin": Origin.EXTERNAL}, "origin"),
    ],
)
def test_these_kinds_are_refused_at_the_right_field(
    spec: Spec, usage: Usage, changed: dict[str, Any], field: str
) -> None:
    settings = Settings(spec, usage, **changed)
    assert choose_offer(LIMITS, settings, TARGET) is None
    assert explain_missing_offer(LIMITS, settings, TARGET)[0] == field


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (LIMITS.alias, "pay/orders_2026-x", "with space"),
        (LIMITS.alias, "a" * 249, "a" * 250),
        (LIMITS.region, "bb9fdb42056f11eda1610242ac110002", "two words"),
        (LIMITS.region, "fecnjniakfkn2314ndekqldedcsadfg", "a\r\nb"),
        (LIMITS.instance, "ins-X63C8r", "X63C8r"),
    ],
)
def test_patterns_take_the_good_and_refuse_the_bad(pattern: str, good: str, bad: str) -> None:
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)


def refusals(description: str = "", marker: str = "shop/prod/orders") -> list[tuple[str, str]]:
    settings = Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT, description=description)
    return list(LIMITS.refusals(DesiredKey("orders", TARGET, settings, Marker(marker))))


def test_an_ordinary_key_is_not_refused() -> None:
    assert refusals("orders [of the shop]") == []


def test_a_description_that_looks_like_a_marker_is_refused() -> None:
    assert [field for field, _why in refusals("x [kms-resources:other/prod/key]")] == ["description"]


def test_a_marker_that_has_no_room_in_the_description_is_refused() -> None:
    assert [field for field, _why in refusals(marker=f"shop/prod/{'n' * 500}")] == ["name"]


def test_missing_credentials_are_found_without_a_request() -> None:
    with pytest.raises(CredentialsError, match="CTYUN_AK and CTYUN_SK are not set"):
        CLOUD.connect(TARGET, {})


def test_a_client_goes_to_the_vendors_host_or_where_the_variable_says() -> None:
    environ = {"CTYUN_AK": "AK-FAKE", "CTYUN_SK": "SK-FAKE"}
    assert CLOUD.connect(TARGET, environ)._api.url == HOST  # type: ignore[attr-defined]
    overridden = CLOUD.connect(TARGET, {**environ, "KMS_ENDPOINT_CTYUN": "http://127.0.0.1:9/"})
    assert overridden._api.url == "http://127.0.0.1:9"  # type: ignore[attr-defined]
