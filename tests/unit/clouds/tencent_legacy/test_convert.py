"""The words of API 2.0 and ours, both ways."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kms_resources.clouds.tencent_legacy import convert
from kms_resources.clouds.tencent_legacy.limits import LIMITS
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import KeyId, KeyState, Marker, Settings, Spec, Usage
from tests.unit.clouds.tencent_legacy.cloud import KEY_ID, MARKER, desired, metadata


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (4000, RejectedError),
        (4100, DeniedError),
        (4300, DeniedError),
        (4420, ThrottledError),
        (4480, ThrottledError),
        (4490, RejectedError),
        (4500, AlreadyExistsError),
        (4510, RejectedError),
        (4530, NotFoundError),
        (4540, RejectedError),
        (4550, WrongStateError),
        (4580, RejectedError),
        (6000, UnclearError),
        (9999, RejectedError),
    ],
)
def test_a_code_decides_the_kind_of_the_error(code: int, kind: type[CloudError]) -> None:
    error = convert.error("CreateKey", code, "(10000)text", "r-1")
    assert type(error) is kind
    assert str(error).startswith(f"CreateKey was refused: (10000)text (code {code}, request id r-1)")


def test_a_key_from_its_attributes() -> None:
    key = convert.key(metadata())
    assert (key.id, key.marker, key.state) == (KEY_ID, MARKER, KeyState.ENABLED)
    assert key.settings == Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT)
    assert (key.created, key.pending_deletion) == ("2023-11-14T22:13:20Z", "")
    assert key.native_alias == convert.first_alias(MARKER)


@pytest.mark.parametrize(
    ("changed", "state", "date"),
    [
        ({"keyState": "Disabled"}, KeyState.DISABLED, ""),
        ({"keyState": "Disabled", "deleteTime": 1700000000}, KeyState.PENDING_DELETION, "2023-11-14T22:13:20Z"),
        ({"keyState": "PendingDelete", "deleteTime": 1700000000}, KeyState.PENDING_DELETION, "2023-11-14T22:13:20Z"),
        ({"keyState": "Dying", "deleteTime": 1700000000}, KeyState.PENDING_DELETION, "2023-11-14T22:13:20Z"),
        ({"keyState": "Enabled", "deleteTime": None}, KeyState.ENABLED, ""),
        ({"keyState": "NeverHeardOf"}, KeyState.UNAVAILABLE, ""),
    ],
)
def test_the_state_of_a_key(changed: dict[str, Any], state: KeyState, date: str) -> None:
    key = convert.key(metadata(**changed))
    assert (key.state, key.pending_deletion) == (state, date)


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("[kms-resources:a/b/c]", "a/b/c"),
        ("words before [kms-resources:a/b/c] and behind", "a/b/c"),
        ("[kms-resources:old/b/c] [kms-resources:a/b/c]", "a/b/c"),
        ("words", ""),
        (None, ""),
    ],
)
def test_the_marker_is_found_wherever_it_stands_in_the_description(text: str | None, marker: str) -> None:
    key = convert.key(metadata(description=text))
    assert (key.marker, key.settings.description) == (marker, "")


def test_a_key_is_created_under_an_alias_of_its_marker() -> None:
    assert convert.creation(desired()) == {
        "alias": convert.first_alias(MARKER),
        "description": "[kms-resources:shop/prod/orders]",
        "keyUsage": "ENCRYPT/DECRYPT",
    }


@pytest.mark.parametrize(
    "marker", ["a/b/c", "shop/production/orders-of-customers", "\u8ba2/\u5355/x", "a/" * 100 + "b"]
)
def test_first_aliases_fit_differ_and_are_no_names_for_people(marker: str) -> None:
    alias = convert.first_alias(Marker(marker))
    assert re.fullmatch(r"m-[A-Za-z0-9_-]{0,17}-[0-9a-f]{12}", alias)
    assert len(alias) <= 32
    assert alias != convert.first_alias(Marker(marker + "x"))
    assert convert.is_own_alias(alias)
    assert not re.fullmatch(LIMITS.alias, alias)


def test_a_key_of_nobody_has_an_alias_to_fall_back_on() -> None:
    alias = convert.home_alias(convert.key(metadata("11111111-2222-3333-4444-555555555555", description="")))
    assert alias.startswith("unnamed-")
    assert len(alias) <= 32
    assert convert.is_own_alias(alias)
    assert not re.fullmatch(LIMITS.alias, alias)


def test_keys_that_api_2_cannot_make_are_foreign_unless_marked() -> None:
    other = {"keyUsage": "ASYMMETRIC_DECRYPT_SM2"}
    assert convert.is_foreign(metadata(**other, description="")) is True
    assert convert.is_foreign(metadata(**other)) is False
    assert convert.is_foreign(metadata(keyUsage="ENCRYPT_DECRYPT", description="")) is False
    with pytest.raises(RejectedError, match="unknown kind"):
        convert.key(metadata(**other))


def test_ids_of_both_forms_are_taken() -> None:
    key_id = "11111111-2222-3333-4444-555555555555"
    assert convert.key(metadata(key_id)).id == KeyId(key_id)
