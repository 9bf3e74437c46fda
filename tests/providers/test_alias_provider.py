"""The provider of aliases, method by method, as the engine calls it."""

import pytest
from pulumi.output import Unknown

from kms_resources.model import DesiredAlias, KeyId
from kms_resources.providers.alias import AliasProvider
from kms_resources.providers.key import KeyProvider
from kms_resources.providers.process import site_of
from kms_resources.providers.props import Props, alias_props
from tests.providers.conftest import GUANGZHOU, ORDERS, inputs
from tests.support.emulator import Running
from tests.support.mini_engine import next_run

provider = AliasProvider()
ALIAS = DesiredAlias("orders", GUANGZHOU, "orders")


def declared(key_id: object, name: str = "orders") -> Props:
    return {**alias_props(DesiredAlias(name, GUANGZHOU, "orders"), key_id), "__provider": "reference"}


def made_key() -> str:
    return str(KeyProvider().create(inputs(ORDERS)).id)


def test_an_alias_is_named_by_itself_and_echoes_its_inputs(tencent: Running) -> None:
    key_id = made_key()
    result = provider.create(declared(key_id))
    assert result.id == "orders"
    assert {**(result.outs or {}), "__provider": "reference"} == declared(key_id)


def test_check_refuses_what_the_cloud_cannot_name() -> None:
    assert provider.check({}, declared("id")).failures == []
    (failure,) = provider.check({}, declared("id", "kms-orders")).failures
    assert "guangzhou/alias/kms-orders: is not possible here" in failure.reason


def test_check_refuses_a_move_by_name_and_waits_for_unknown_keys() -> None:
    (failure,) = provider.check(declared("old"), declared("new")).failures
    assert "the alias is a field of the key" in failure.reason
    assert provider.check(declared("old"), declared(Unknown())).failures == []
    assert provider.check(declared("old"), declared("old")).failures == []


def test_diff_asks_for_an_update_only_when_another_key_is_named() -> None:
    assert provider.diff("orders", declared("one"), declared("one")).changes is False
    assert provider.diff("orders", declared("one"), declared("two")).changes is None
    assert provider.diff("orders", declared("one"), declared(Unknown())).changes is None


def test_read_says_which_key_has_the_name_now(tencent: Running) -> None:
    key_id = made_key()
    outputs = declared(key_id)
    provider.create(outputs)
    next_run()
    assert provider.read("orders", outputs).inputs == outputs
    site_of(GUANGZHOU).client.delete_alias("orders", KeyId(key_id))
    next_run()
    gone = provider.read("orders", outputs)
    assert (gone.id, gone.outs) == ("", {})


def test_delete_takes_the_name_away_and_leaves_the_key(tencent: Running) -> None:
    key_id = made_key()
    provider.create(declared(key_id))
    next_run()
    KeyProvider().check({}, inputs(ORDERS))
    provider.delete("orders", declared(key_id))
    next_run()
    key = site_of(GUANGZHOU).client.describe_key(KeyId(key_id))
    assert key.state == "Enabled"
    assert dict(site_of(GUANGZHOU).sweep.aliases()) == {}


def test_update_to_the_same_key_does_nothing(tencent: Running) -> None:
    key_id = made_key()
    provider.create(declared(key_id))
    next_run()
    assert (provider.update("orders", declared(key_id), declared(key_id)).outs or {})["key_id"] == key_id
    assert tencent.actions("tencent").count("UpdateAlias") == 1


def test_a_forced_replacement_leaves_the_name_where_it_is(tencent: Running) -> None:
    key_id = made_key()
    provider.create(declared(key_id))
    next_run()
    provider.check(declared(key_id), declared(key_id))
    provider.create(declared(key_id))
    provider.delete("orders", declared(key_id))
    next_run()
    assert provider.read("orders", declared(key_id)).id == "orders"


def test_a_key_that_stays_keeps_its_names_when_the_rest_is_destroyed(
    tencent: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    key_id = made_key()
    provider.create(declared(key_id))
    next_run()
    provider.delete("orders", declared(key_id))
    assert "guangzhou/alias/orders: the alias stays, because its key may stay" in capfd.readouterr().err
    assert dict(site_of(GUANGZHOU).sweep.aliases()) == {"orders": key_id}
