"""Never two keys, never none: renames, adoption, replacement, wrong accounts, half-made keys."""

from collections.abc import Callable

import pytest

from kms_resources.model import DesiredKey, KeyId, KeyState, Marker, Settings, Spec, Target, Usage
from tests.e2e.conftest import STRANGER
from tests.support.clouds import CTYUN, TENCENT, Shop

Golden = Callable[[str, str], None]
LEAVE = "deletion: {policy: schedule, window_days: 7}"
TWO = "keys: {orders: {target: guangzhou, spec: SM4}, cold: {target: north, spec: SM4}}\n"


def foreign(shop: Shop, target: Target, marker: str, spec: Spec = Spec.SM4) -> str:
    """A key that somebody else made."""
    settings = Settings(spec, Usage.ENCRYPT_DECRYPT)
    return str(shop.clouds.console(target).create_key(DesiredKey("x", target, settings, Marker(marker))))


def test_a_changed_spec_is_refused_in_the_preview_with_advice(shop: Shop, golden: Golden) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
    shop.up()
    before, mark = shop.ids(), shop.clouds.mark()
    shop.stack("keys: {orders: {target: guangzhou, spec: RSA_2048}}\n")
    golden("refused-spec", shop.normal(shop.refused("preview")))
    shop.refused("up", "--yes", "--skip-preview")
    assert shop.clouds.actions(mark) == []
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
    shop.calm()
    assert before == shop.ids()


def test_a_changed_region_is_refused(shop: Shop, golden: Golden) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
    shop.up()
    mark = shop.clouds.mark()
    shop.stack(
        "version: 1\ntargets: {guangzhou: {cloud: tencent, region: ap-shanghai}}\n"
        "keys: {orders: {target: guangzhou, spec: SM4}}\n"
    )
    golden("refused-region", shop.normal(shop.refused("preview")))
    shop.refused("up", "--yes", "--skip-preview")
    assert shop.clouds.actions(mark) == []


def test_a_key_moved_to_another_target_is_refused(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4, deletion: {policy: schedule, window_days: 7}}}\n")
    shop.up()
    mark = shop.clouds.mark()
    shop.stack("keys: {orders: {target: north, spec: SM4, deletion: {policy: schedule, window_days: 7}}}\n")
    assert "is not replaced" in shop.refused("up", "--yes", "--skip-preview")
    assert shop.clouds.actions(mark) == []


def test_a_renamed_target_keeps_its_keys_and_aliases(shop: Shop) -> None:
    text = (
        "version: 1\ntargets:\n  {0}: {{cloud: tencent, region: ap-guangzhou}}\n"
        "  {1}: {{cloud: ctyun, region: bb9fdb42056f11eda1610242ac110002}}\n"
        "keys:\n  orders: {{target: {0}, spec: SM4, aliases: [renamed-orders]}}\n"
        "  cold: {{target: {1}, spec: SM4, aliases: [renamed-cold], deletion: {{policy: schedule, window_days: 7}}}}\n"
    )
    shop.stack(text.format("guangzhou", "north"))
    shop.up()
    before = (shop.key_id("orders"), shop.key_id("cold", CTYUN))
    mark = shop.clouds.mark()
    shop.stack(text.format("canton", "upper"))
    shop.up()
    assert not {"ScheduleKeyDeletion", "scheduleKeyDeletion", "deleteAlias", "UpdateAlias"} & set(
        shop.clouds.actions(mark)
    )
    assert before == (shop.key_id("orders"), shop.key_id("cold", CTYUN))
    for target, alias in ((TENCENT, "renamed-orders"), (CTYUN, "renamed-cold")):
        console = shop.clouds.console(target)
        assert alias in {found.name for found in console.list_aliases(list(console.list_keys()))}
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_forced_replacement_of_a_schedulable_key_leaves_the_very_same_key_in_use(shop: Shop) -> None:
    shop.stack(
        f"keys:\n  orders: {{target: guangzhou, spec: SM4, aliases: [replace-orders], {LEAVE}}}\n"
        f"  cold: {{target: north, spec: SM4, aliases: [replace-cold], {LEAVE}}}\n"
    )
    shop.up()
    before = shop.ids()
    mark = shop.clouds.mark()
    shop.up("--replace", shop.urn("orders"), "--replace", shop.urn("cold"))
    assert before == shop.ids()
    # Not for a moment is one of them out of use.
    asked = shop.clouds.actions(mark)
    assert not [one for one in asked if one.lower().startswith(("schedule", "cancel", "delete", "create"))]
    assert {KeyState.ENABLED} == {key.state for target in (TENCENT, CTYUN) for key in shop.keys(target).values()}
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_tainted_key_survives_as_well(shop: Shop) -> None:
    shop.stack(f"keys: {{orders: {{target: guangzhou, spec: SM4, {LEAVE}}}}}\n")
    shop.up()
    before = shop.ids()
    shop.ok("state", "taint", shop.urn("orders"), "--yes")
    shop.up()
    assert before == shop.ids()
    assert shop.keys()["orders"].state is KeyState.ENABLED
    shop.calm()


def test_a_forced_replacement_of_a_prevented_key_is_refused(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
    shop.up()
    mark = shop.clouds.mark()
    shop.refused("up", "--yes", "--skip-preview", "--replace", shop.urn("orders"))
    assert shop.clouds.actions(mark) == []
    shop.calm()


def test_a_renamed_stack_keeps_its_keys_and_writes_its_new_marker(shop: Shop) -> None:
    shop.stack(TWO)
    shop.up()
    before = shop.ids()
    shop.ok("stack", "rename", "prod")
    shop.stack(TWO, "prod")
    shop.up()
    assert before == shop.ids()
    for target, name in ((TENCENT, "orders"), (CTYUN, "cold")):
        found = shop.clouds.keys(target, shop.name)
        assert {f"{shop.name}/prod/{name}": 1} == {marker: len(keys) for marker, keys in found.items()}
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_renamed_stack_survives_a_refresh_before_its_first_up(shop: Shop) -> None:
    shop.stack(TWO)
    shop.up()
    before = shop.ids()
    shop.ok("stack", "rename", "prod")
    shop.stack(TWO, "prod")
    shop.up("--refresh")
    assert before == shop.ids()
    shop.calm()


def test_an_existing_key_is_adopted_by_its_id_and_never_without(shop: Shop) -> None:
    old = foreign(shop, TENCENT, "other/dev/orders")
    shop.clouds.console(TENCENT).change_tags(KeyId(old), {}, ["kms-resources-marker"])
    shop.stack(f"keys: {{orders: {{target: guangzhou, spec: SM4, description: Ours now, adopt: {old}}}}}\n")
    shop.up()
    assert shop.ids() == {"orders": old}
    assert shop.keys()["orders"].settings.description == "Ours now"
    shop.calm()
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4, description: Ours now}}\n")
    shop.up()
    assert shop.ids() == {"orders": old}
    shop.calm()


def test_the_adoption_of_somebody_elses_key_is_refused(shop: Shop, golden: Golden) -> None:
    old = foreign(shop, CTYUN, "other/dev/orders")
    shop.stack(f"keys: {{orders: {{target: north, spec: SM4, adopt: {old}}}}}\n")
    said = shop.refused("up", "--yes", "--skip-preview")
    golden("refused-foreign", shop.normal(said.replace(old, "<id>")))
    assert shop.clouds.console(CTYUN).describe_key(KeyId(old)).marker == "other/dev/orders"
    assert shop.keys(CTYUN) == {}


def test_the_adoption_of_a_key_of_another_spec_is_refused(shop: Shop) -> None:
    old = foreign(shop, CTYUN, f"{shop.name}/dev/other", Spec.AES_256)
    shop.clouds.console(CTYUN).set_description(KeyId(old), "", Marker(""))
    shop.stack(f"keys: {{orders: {{target: north, spec: SM4, adopt: {old}}}}}\n")
    assert "spec: AES_256 → SM4, fixed when a key is made" in shop.refused("up", "--yes", "--skip-preview")
    assert shop.keys(CTYUN) == {}


def test_two_keys_with_one_marker_stop_everything_and_are_both_named(shop: Shop, golden: Golden) -> None:
    marker = f"{shop.name}/dev/orders"
    ids = {foreign(shop, CTYUN, marker), foreign(shop, CTYUN, marker)}
    assert len(ids) == 2
    shop.stack("keys: {orders: {target: north, spec: SM4}}\n")
    said = shop.refused("up", "--yes", "--skip-preview")
    assert all(key_id in said for key_id in ids)
    for key_id in ids:
        said = said.replace(key_id, "<id>")
    golden("refused-two-keys", shop.normal(said))
    assert ids == {str(key.id) for key in shop.clouds.keys(CTYUN, shop.name)[marker]}
    assert shop.ids() == {}


@pytest.mark.parametrize(
    ("cloud", "action", "key"),
    [
        ("tencent", "EnableKeyRotation", "target: guangzhou, spec: SM4, rotation: {every_days: 90}"),
        ("ctyun", "disableKey", "target: north, spec: SM4, enabled: false"),
    ],
)
def test_a_step_that_fails_after_the_creation_leaves_a_key_that_the_next_up_finishes(
    shop: Shop, cloud: str, action: str, key: str
) -> None:
    target = {"tencent": TENCENT, "ctyun": CTYUN}[cloud]
    shop.clouds.fault("error_before", cloud, action, status=500)
    shop.stack(f"keys: {{orders: {{{key}, aliases: [{cloud}-half]}}}}\n")
    said = shop.refused("up", "--yes", "--skip-preview")
    assert "orders: the key exists and is not finished" in said
    assert action in "".join(shop.outputs)
    state = shop.project.resources()["orders"]
    assert (state["outputs"]["phase"], state["id"]) == ("incomplete", shop.key_id("orders", target))
    shop.clouds.calm()
    shop.up()
    assert shop.project.resources()["orders"]["outputs"]["phase"] == "complete"
    assert state["id"] == shop.key_id("orders", target)
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")


@pytest.mark.parametrize("kind", ["lost_after_commit", "error_after", "cut_body", "wrong_json"])
def test_an_answer_lost_after_the_creation_does_not_make_a_second_key(shop: Shop, kind: str) -> None:
    shop.clouds.fault(kind, "ctyun", "createKey", count=1)
    shop.clouds.fault(kind, "tencent", "CreateKey", count=1)
    shop.stack(TWO)
    shop.up()
    shop.keys(), shop.keys(CTYUN)
    shop.calm()


def test_credentials_of_another_account_do_not_make_all_keys_anew(shop: Shop, golden: Golden) -> None:
    shop.stack(TWO)
    shop.up()
    before, mark = shop.ids(), shop.clouds.mark()
    said = shop.refused("preview", "--refresh", env=STRANGER)
    golden("refused-account", shop.normal(said))
    shop.refused("up", "--yes", "--skip-preview", "--refresh", env=STRANGER)
    shop.refused("refresh", "--yes", env=STRANGER)
    assert not {"CreateKey", "createKey"} & set(shop.clouds.actions(mark))
    assert before == shop.ids()
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_an_update_with_credentials_of_another_account_fails_and_makes_nothing(shop: Shop) -> None:
    shop.stack(TWO)
    shop.up()
    before, mark = shop.ids(), shop.clouds.mark()
    shop.stack(TWO.replace("spec: SM4", "spec: SM4, description: changed"))
    shop.refused("up", "--yes", "--skip-preview", env=STRANGER)
    assert not {"CreateKey", "createKey"} & set(shop.clouds.actions(mark))
    assert before == shop.ids()
    shop.up()
    shop.calm()


def test_an_alias_pointed_to_another_key_moves_at_ctyun_and_is_refused_by_name_at_tencent(shop: Shop) -> None:
    text = "keys:\n  one: {{target: {0}, spec: SM4{1}}}\n  two: {{target: {0}, spec: SM4{2}}}\n"
    alias = ", aliases: [pointed]"
    shop.stack(text.format("north", alias, ""))
    shop.up()
    shop.stack(text.format("north", "", alias))
    shop.up()
    names = {found.name: found.key_id for found in shop.clouds.console(CTYUN).list_aliases(())}
    assert names["pointed"] == shop.key_id("two", CTYUN)
    shop.calm()


def test_an_alias_pointed_to_another_key_is_refused_by_name_at_tencent(shop: Shop, golden: Golden) -> None:
    text = "keys:\n  one: {{target: guangzhou, spec: SM4{0}}}\n  two: {{target: guangzhou, spec: SM4{1}}}\n"
    alias = ", aliases: [moved]"
    shop.stack(text.format(alias, ""))
    shop.up()
    mark = shop.clouds.mark()
    shop.stack(text.format("", alias))
    golden("refused-alias-move", shop.normal(shop.refused("preview")))
    assert shop.clouds.actions(mark) == []
    shop.stack(text.format("", ""))
    shop.up()
    shop.stack(text.format("", alias))
    shop.up()
    console = shop.clouds.console(TENCENT)
    names = {found.name: found.key_id for found in console.list_aliases(list(console.list_keys()))}
    assert names["moved"] == shop.key_id("two")
    shop.calm()
