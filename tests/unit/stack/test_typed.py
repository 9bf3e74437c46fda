"""Keys declared in Python: the same words, the same checks, the same key."""

import pytest

from kms_resources.errors import InputError
from kms_resources.model import Target, Usage
from kms_resources.stack.typed import declare_key

GUANGZHOU = Target("guangzhou", "tencent", "ap-guangzhou")


def test_a_typed_key_is_the_key_of_a_stack_file() -> None:
    fields = {"spec": "SM4", "description": "订单", "rotation": {"every_days": 90}, "tags": {"owner": "payments"}}
    key = declare_key("orders", GUANGZHOU, fields, "shop", "prod")
    assert (key.marker, key.target, key.settings.rotation_days) == ("shop/prod/orders", GUANGZHOU, 90)
    assert (key.settings.usage, key.settings.description) == (Usage.ENCRYPT_DECRYPT, "订单")


def test_what_the_cloud_lacks_is_refused_before_anything_happens() -> None:
    with pytest.raises(InputError, match=r"keys\.orders\.spec: AES_256 is not offered here"):
        declare_key("orders", GUANGZHOU, {"spec": "AES_256"}, "shop", "prod")


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        declare_key("orders", GUANGZHOU, {"spec": "SM5", "enabled": "perhaps", "aliases": ["kms-x"]}, "shop", "prod")
    assert "SM5" in str(caught.value)
    assert "enabled" in str(caught.value)


def test_a_secret_in_the_wrong_place_is_not_shown() -> None:
    secret = "AKID" + "0123456789abcdefghijklmnopqrstuv"
    with pytest.raises(InputError) as caught:
        declare_key("orders", GUANGZHOU, {"spec": "SM4", "description": secret}, "shop", "prod")
    assert secret not in str(caught.value)


def test_a_bad_name_or_target_is_refused() -> None:
    with pytest.raises(InputError):
        declare_key("not a name!", GUANGZHOU, {"spec": "SM4"}, "shop", "prod")
    with pytest.raises(InputError, match="nube"):
        declare_key("orders", Target("t", "nube", "r"), {"spec": "SM4"}, "shop", "prod")
