"""What every cloud must do with aliases."""

import pytest

from kms_resources.capabilities import Capability
from kms_resources.errors import CloudError, UnsafeError
from kms_resources.model import DesiredAlias
from kms_resources.operations import aliases
from tests.conformance.conftest import Case


@pytest.fixture
def orders(case: Case) -> DesiredAlias:
    return DesiredAlias("orders", case.target, "orders")


def test_an_alias_is_made_found_and_taken_away(case: Case, orders: DesiredAlias) -> None:
    key = case.make(case.key())
    aliases.create(case.site, orders, key.id)
    case.restart()
    assert aliases.read(case.site, orders) == key.id
    assert case.again(case.key(), key.id) == ()
    aliases.delete(case.site, orders, key.id)
    case.restart()
    assert aliases.read(case.site, orders) is None
    assert case.again(case.key(), key.id) == ()


def test_making_an_alias_twice_is_success(case: Case, orders: DesiredAlias) -> None:
    key = case.make(case.key())
    for _ in range(2):
        aliases.create(case.site, orders, key.id)
        case.restart()
    assert aliases.read(case.site, orders) == key.id


def test_taking_away_an_alias_twice_is_success(case: Case, orders: DesiredAlias) -> None:
    key = case.make(case.key())
    aliases.create(case.site, orders, key.id)
    for _ in range(2):
        case.restart()
        aliases.delete(case.site, orders, key.id)
    assert aliases.read(case.site, orders) is None


def test_an_alias_is_never_taken_from_another_key(case: Case, orders: DesiredAlias) -> None:
    theirs, ours = case.make(case.key("theirs")), case.make(case.key("ours"))
    aliases.create(case.site, orders, theirs.id)
    for fresh in (False, True):
        if fresh:
            case.restart()
        with pytest.raises(UnsafeError, match=theirs.id):
            aliases.create(case.site, orders, ours.id)
        with pytest.raises(UnsafeError, match=theirs.id):
            aliases.delete(case.site, orders, ours.id)
    case.restart()
    assert aliases.read(case.site, orders) == theirs.id


def test_an_alias_moves_or_the_move_is_refused_by_name(case: Case, orders: DesiredAlias) -> None:
    old, new = case.make(case.key("old")), case.make(case.key("new"))
    aliases.create(case.site, orders, old.id)
    case.restart()
    if case.needs(Capability.ALIAS_MOVE):
        aliases.move(case.site, orders, old.id, new.id)
        case.restart()
        assert aliases.read(case.site, orders) == new.id
    else:
        with pytest.raises(CloudError, match="field of the key"):
            aliases.move(case.site, orders, old.id, new.id)
        case.restart()
        assert aliases.read(case.site, orders) == old.id


def test_several_aliases_of_one_key_where_the_cloud_has_them(case: Case) -> None:
    key = case.make(case.key())
    names = ["first", "second", "third"] if case.needs(Capability.ALIAS_MANY) else ["first"]
    for name in names:
        aliases.create(case.site, DesiredAlias(name, case.target, "orders"), key.id)
    case.restart()
    assert dict.fromkeys(names, key.id) == dict(case.site.sweep.aliases())


def test_a_lost_answer_to_create_alias_is_harmless(case: Case, orders: DesiredAlias) -> None:
    key = case.make(case.key())
    case.emulator.fault(kind="lost_after_commit", cloud=case.cloud, action=case.alias_action, count=1)
    aliases.create(case.site, orders, key.id)
    case.restart()
    assert aliases.read(case.site, orders) == key.id
