"""What the table of API 2.0 promises."""

from __future__ import annotations

import re

import pytest

from kms_resources.capabilities import Answer, Capability, choose_offer
from kms_resources.clouds import get_cloud
from kms_resources.clouds.credentials import endpoint
from kms_resources.clouds.tencent_legacy.api import HOST
from kms_resources.clouds.tencent_legacy.convert import ACTIONS
from kms_resources.clouds.tencent_legacy.limits import place
from kms_resources.errors import CredentialsError
from kms_resources.model import DesiredKey, Marker, Origin, Settings, Spec, Target, Usage

CLOUD = get_cloud("tencent-legacy")
LIMITS = CLOUD.limits
ENVIRON = {"TENCENTCLOUD_SECRET_ID": "AKIDFAKE", "TENCENTCLOUD_SECRET_KEY": "FAKE"}


def at(region: str, credentials: str = "") -> Target:
    return Target("t", "tencent-legacy", region, credentials=credentials)


def test_every_capability_has_a_row_with_a_reason() -> None:
    assert set(Capability) == set(LIMITS.supports)
    assert all(row.reason for row in LIMITS.supports.values())


def test_what_it_can_do_is_what_its_eleven_actions_do() -> None:
    assert len(ACTIONS) == 11
    assert {capability for capability, row in LIMITS.supports.items() if row.answer is Answer.YES} == {
        Capability.DISABLE,
        Capability.SCHEDULED_DELETION,
        Capability.CANCEL_DELETION,
        Capability.ALIAS,
        Capability.ENCRYPT,
        Capability.ENCRYPTION_CONTEXT,
        Capability.DATA_KEY,
    }


def test_it_makes_one_kind_of_key() -> None:
    assert choose_offer(LIMITS, Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT), at("gz"))
    assert not choose_offer(LIMITS, Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT), at("gz"))
    assert not choose_offer(LIMITS, Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, Origin.EXTERNAL), at("gz"))


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (LIMITS.alias, "a" * 32, "a" * 33),
        (LIMITS.alias, "Orders_2026", "-orders"),
        (LIMITS.alias, "mykms-1", "kms-1"),
        (LIMITS.alias, "m-orders", "m-orders-0123456789ab"),
        (LIMITS.alias, "unnamed", "unnamed-0123456789ab"),
        (LIMITS.region, "gz", "hk"),
        (LIMITS.region, "ap-beijing", "ap-singapore"),
    ],
)
def test_patterns_take_the_good_and_refuse_the_bad(pattern: str, good: str, bad: str) -> None:
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)


@pytest.mark.parametrize(("region", "label"), [("sh", "sh"), ("ap-shanghai", "sh"), ("ap-beijing", "bj"), ("gz", "gz")])
def test_a_region_goes_by_either_of_its_names(region: str, label: str) -> None:
    assert place(region) == label
    assert CLOUD.connect(at(region), ENVIRON)._call.__self__.url == (  # type: ignore[attr-defined]
        f"https://kms-{label}.api.qcloud.com/v2/index.php"
    )


@pytest.mark.parametrize(
    ("settings", "marker", "fields"),
    [
        ({}, "a/b/c", []),
        ({"deletion_protection": True}, "a/b/c", ["deletion_protection"]),
        ({}, "a/b/" + "c" * 1004, []),
        ({}, "a/b/" + "c" * 1005, ["name"]),
    ],
)
def test_what_has_no_place_in_api_2_is_refused(settings: dict[str, bool], marker: str, fields: list[str]) -> None:
    wanted = Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, **settings)
    key = DesiredKey("orders", at("gz"), wanted, Marker(marker))
    assert [field for field, _why in LIMITS.refusals(key)] == fields


def test_the_endpoint_variable_is_a_name_that_a_shell_can_export() -> None:
    assert endpoint(at("gz"), {"KMS_ENDPOINT_TENCENT_LEGACY": "https://x"}, HOST) == "https://x"
    both = {"KMS_ENDPOINT_TENCENT_LEGACY": "https://x", "KMS_ENDPOINT_TENCENT_LEGACY_PROD": "https://y"}
    assert endpoint(at("gz", "PROD"), both, HOST) == "https://y"
    assert endpoint(at("gz"), {"KMS_ENDPOINT_TENCENT": "https://x"}, HOST) == HOST


def test_keys_and_their_use_take_the_same_credentials() -> None:
    assert CLOUD.connect_crypto is not None
    assert CLOUD.connect_crypto(at("gz"), ENVIRON).target == at("gz")
    for connect in (CLOUD.connect, CLOUD.connect_crypto):
        with pytest.raises(CredentialsError, match="TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set"):
            connect(at("gz"), {})
