"""Keys leave the stack: refused, scheduled, abandoned, and rescued."""

from collections.abc import Callable
from datetime import datetime

from kms_resources.model import KeyState
from tests.support.clouds import CTYUN, TENCENT, Shop

Golden = Callable[[str, str], None]

PREVENT = """\
keys: {orders: {target: guangzhou, spec: SM4, aliases: [prevent-orders]}, rest: {target: guangzhou, spec: SM4}}
"""
WITHOUT = "keys: {rest: {target: guangzhou, spec: SM4}}\n"
LEAVE = "deletion: {policy: schedule, window_days: 9}"
SCHEDULE = f"""\
keys:
  orders: {{target: guangzhou, spec: SM4, aliases: [schedule-orders], {LEAVE}}}
  cold: {{target: north, spec: AES_256, aliases: [schedule-cold], {LEAVE}}}
  rest: {{target: guangzhou, spec: SM4, {LEAVE}}}
  also: {{target: north, spec: SM4, {LEAVE}}}
"""
SCHEDULE_WITHOUT = f"""\
keys:
  rest: {{target: guangzhou, spec: SM4, {LEAVE}}}
  also: {{target: north, spec: SM4, {LEAVE}}}
"""


def aliases(shop: Shop) -> set[str]:
    """The names that people gave to keys at Tencent and CTYun."""
    found: set[str] = set()
    for target in (TENCENT, CTYUN):
        console = shop.clouds.console(target)
        found |= {alias.name for alias in console.list_aliases(list(console.list_keys()))}
    return found


def test_removing_a_key_with_prevent_is_refused_and_touches_nothing(shop: Shop, golden: Golden) -> None:
    shop.stack(PREVENT)
    shop.up()
    mark = shop.clouds.mark()
    shop.stack(WITHOUT)
    golden("refused-prevent", shop.normal(shop.refused("preview")))
    shop.refused("up", "--yes")
    assert shop.clouds.actions(mark) == []
    said = shop.refused("up", "--yes", "--skip-preview")
    assert "cannot be deleted" in said
    assert shop.keys()["orders"].state is KeyState.ENABLED
    assert "prevent-orders" in aliases(shop)
    shop.stack(PREVENT)
    shop.up()
    shop.calm()
    assert shop.project.resources().keys() == {"orders", "rest", "tencent:ap-guangzhou:prevent-orders"}


def test_after_unprotect_by_hand_the_deletion_is_refused_in_our_own_words(shop: Shop, golden: Golden) -> None:
    shop.stack(PREVENT.replace("prevent-orders", "unprotect-orders"))
    shop.up()
    shop.ok("state", "unprotect", shop.urn("orders"), "--yes")
    shop.stack(WITHOUT)
    golden("refused-unprotected", shop.normal(shop.refused("up", "--yes", "--skip-preview")))
    assert shop.keys()["orders"].state is KeyState.ENABLED
    assert "unprotect-orders" in aliases(shop)
    shop.stack(PREVENT.replace("prevent-orders", "unprotect-orders"))
    shop.up()
    shop.calm()


def test_a_key_with_schedule_is_scheduled_with_its_window_and_rescued_when_it_comes_back(shop: Shop) -> None:
    shop.stack(SCHEDULE)
    shop.up()
    before = shop.ids()
    shop.stack(SCHEDULE_WITHOUT)
    told = shop.up()
    for target, name in ((TENCENT, "orders"), (CTYUN, "cold")):
        key = shop.keys(target)[name]
        assert key.state is KeyState.PENDING_DELETION
        assert f"key {key.id} will be destroyed on {key.pending_deletion}" in told
        assert shop.keys(target)["rest" if target is TENCENT else "also"].state is KeyState.ENABLED
    shop.calm()
    shop.stack(SCHEDULE)
    told = shop.up()
    assert told.count("its deletion is cancelled and no new key is made") >= 2
    assert before == shop.ids()
    assert {key.state for target in (TENCENT, CTYUN) for key in shop.keys(target).values()} == {KeyState.ENABLED}
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")
    assert {"schedule-orders", "schedule-cold"} <= aliases(shop)


def test_the_window_of_the_stack_is_the_window_of_the_deletion(shop: Shop) -> None:
    shop.stack(SCHEDULE.replace("schedule-", "window-"))
    shop.up()
    now = shop.clouds.control("GET", "clock")["now"]
    shop.stack(SCHEDULE_WITHOUT)
    shop.up()
    for target, name in ((TENCENT, "orders"), (CTYUN, "cold")):
        date = shop.keys(target)[name].pending_deletion
        assert 8.9 < (_seconds(date) - now) / 86400 < 10.1, date


def test_permission_and_removal_in_one_go_is_refused(shop: Shop, golden: Golden) -> None:
    shop.stack("keys: {orders: {target: north, spec: SM4}, rest: {target: north, spec: SM4}}\n")
    shop.up()
    shop.stack("keys: {rest: {target: north, spec: SM4, deletion: {policy: schedule, window_days: 7}}}\n")
    golden("refused-edit-and-removal", shop.normal(shop.refused("up", "--yes", "--skip-preview")))
    assert shop.keys(CTYUN)["orders"].state is KeyState.ENABLED


def test_deletion_protection_keeps_a_key_that_may_be_scheduled(shop: Shop, golden: Golden) -> None:
    key = "{target: guangzhou, spec: SM4, deletion_protection: true, deletion: {policy: schedule, window_days: 7}}"
    shop.stack(f"keys: {{orders: {key}, rest: {{target: guangzhou, spec: SM4}}}}\n")
    shop.up()
    shop.stack(WITHOUT)
    golden("refused-protected", shop.normal(shop.refused("up", "--yes", "--skip-preview")))
    assert shop.keys()["orders"].state is KeyState.ENABLED


def test_protection_switched_on_in_the_console_also_keeps_the_key(shop: Shop) -> None:
    key = "{target: north, spec: SM4, deletion: {policy: schedule, window_days: 7}}"
    shop.stack(f"keys: {{orders: {key}, rest: {{target: north, spec: SM4}}}}\n")
    shop.up()
    shop.clouds.console(CTYUN).set_deletion_protection(shop.key_id("orders", CTYUN), on=True)
    shop.stack("keys: {rest: {target: north, spec: SM4}}\n")
    assert "deletion protection is on" in shop.refused("up", "--yes", "--skip-preview")
    assert shop.keys(CTYUN)["orders"].state is KeyState.ENABLED


def test_an_abandoned_key_stays_as_it_is_and_is_taken_over_when_it_comes_back(shop: Shop) -> None:
    abandon = """\
keys:
  orders: {target: guangzhou, spec: SM4, aliases: [abandon-orders], deletion: {policy: abandon}}
  cold: {target: north, spec: SM4, aliases: [abandon-cold], deletion: {policy: abandon}}
"""
    shop.stack(abandon)
    shop.up()
    before, mark = shop.ids(), shop.clouds.mark()
    shop.stack("keys: {}\n")
    shop.up()
    assert shop.ids() == {}
    assert not [action for action in shop.clouds.actions(mark) if not action.startswith(("Describe", "List", "list"))]
    assert {"abandon-orders", "abandon-cold"} <= aliases(shop)
    shop.stack(abandon)
    assert "is taken over; no new key is made" in shop.up()
    assert before == shop.ids()
    shop.keys(), shop.keys(CTYUN)
    shop.calm()


def test_destroy_schedules_what_may_go_and_up_brings_all_of_it_back(shop: Shop, golden: Golden) -> None:
    shop.stack(
        SCHEDULE.replace("schedule-", "destroy-") + "  keep: {target: north, spec: SM4, deletion: {policy: prevent}}\n"
    )
    shop.up()
    before = shop.ids()
    golden("refused-destroy", shop.normal(shop.refused("destroy", "--yes")))
    shop.ok("destroy", "--yes", "--skip-preview", "--exclude-protected")
    assert shop.keys(CTYUN)["keep"].state is KeyState.ENABLED
    assert {"orders", "rest"} == {name for name, key in shop.keys().items() if key.state is KeyState.PENDING_DELETION}
    shop.up()
    assert before == shop.ids()
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_key_whose_window_is_over_is_made_anew_and_the_plan_says_so(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}, rest: {target: guangzhou, spec: SM4}}\n")
    shop.up()
    old = shop.key_id("orders")
    shop.clouds.console(TENCENT).schedule_deletion(old, 7)
    shop.clouds.advance(8 * 86400)
    result = shop.run("preview", "--refresh", "--expect-no-changes")
    assert result.returncode == 7
    assert "+ 1 to create" in result.stdout
    shop.up("--refresh")
    assert shop.key_id("orders") != old
    shop.calm()


def _seconds(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()
