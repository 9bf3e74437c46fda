"""The table of actions against the official SDK, and what is made of fields written on a command line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import pytest
from tencentcloud.kms.v20190118 import models
from tencentcloud.kms.v20190118.kms_client import KmsClient as OfficialClient

from kms_resources.clouds.tencent import actions
from kms_resources.errors import InputError

KEY = "11111111-2222-3333-4444-555555555555"
OFFICIAL = sorted(name for name, value in vars(OfficialClient).items() if inspect.isfunction(value))


def official(action: str) -> dict[str, str]:
    """Field → type, as the SDK's own model says."""
    model = getattr(models, f"{action}Request")
    text = inspect.getsource(model.__init__) if "__init__" in vars(model) else ""
    return dict(re.findall(r":type (\w+): (.+)", text))


def kind(text: str) -> str:
    return {"int": "int", "str": ""}.get(text, "json")


def test_the_table_has_the_official_sdks_actions_and_no_other() -> None:
    assert sorted(actions._ACTIONS) == OFFICIAL


@pytest.mark.parametrize("action", OFFICIAL)
def test_an_actions_fields_are_those_of_the_official_sdk(action: str) -> None:
    ours = {name: of for name, (of, _) in (actions._field(word) for word in actions._ACTIONS[action].split())}
    assert ours == {name: kind(of) for name, of in official(action).items()}


@pytest.mark.parametrize(
    ("action", "fields", "expected"),
    [
        ("DescribeKey", {"KeyId": KEY}, ("kms", "DescribeKey", {"KeyId": KEY})),
        ("kms:GetRegions", {}, ("kms", "GetRegions", {})),
        ("cam:GetUserAppId", {}, ("cam", "GetUserAppId", {})),
        ("tag:GetTagKeys", {"MaxResults": 5}, ("tag", "GetTagKeys", {"MaxResults": 5})),
        ("ListKeys", {"Limit": "5", "Offset": 0}, ("kms", "ListKeys", {"Limit": 5, "Offset": 0})),
        ("DescribeKeys", {"KeyIds": f'["{KEY}"]'}, ("kms", "DescribeKeys", {"KeyIds": [KEY]})),
        ("DescribeKeys", {"KeyIds": [KEY]}, ("kms", "DescribeKeys", {"KeyIds": [KEY]})),
        ("UpdateAlias", {"KeyId": KEY, "Alias": 7}, ("kms", "UpdateAlias", {"KeyId": KEY, "Alias": "7"})),
    ],
)
def test_fields_become_what_the_action_wants(
    action: str, fields: Mapping[str, Any], expected: tuple[str, str, dict[str, Any]]
) -> None:
    assert expected == actions.check(action, fields)


@pytest.mark.parametrize(
    ("action", "fields", "path", "sentence"),
    [
        ("DescribeKee", {}, "", r"no action DescribeKee; did you mean DescribeKey"),
        ("Xyzzy", {}, "", r"no action Xyzzy\n"),
        ("describe key", {}, "", "is no name of an action"),
        ("ssm:GetSecretValue", {}, "", "no service ssm; there are kms, tag, cam"),
        ("DescribeKey", {"KeyId": KEY}, "/v2", "one path only"),
        ("DescribeKey", {"KeyID": KEY}, "", "no field KeyID; did you mean KeyId"),
        ("GetRegions", {"X": 1}, "", "its fields are none"),
        ("Encrypt", {}, "", "Encrypt needs KeyId and Plaintext"),
        ("ListKeys", {"Limit": "many"}, "", "cannot take this Limit: it must be a whole number"),
        ("ListKeys", {"Limit": True}, "", "a whole number"),
        ("DescribeKeys", {"KeyIds": KEY}, "", "a list or an object"),
        ("Encrypt", {"KeyId": KEY, "Plaintext": ["c2VjcmV0"]}, "", "cannot take this Plaintext: it must be a text"),
    ],
)
def test_what_the_table_does_not_know_is_refused(
    action: str, fields: Mapping[str, Any], path: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        actions.check(action, fields, path)
    assert "c2VjcmV0" not in str(caught.value)


def test_with_a_path_what_is_newer_than_the_table_goes_as_it_is() -> None:
    assert actions.check("NewAction", {"Any": "1"}, "/") == ("kms", "NewAction", {"Any": "1"})
    fields = {"KeyId": KEY, "New": "1"}
    assert actions.check("DescribeKey", fields, "/") == ("kms", "DescribeKey", fields)
