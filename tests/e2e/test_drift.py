"""Somebody changes keys in a console; the nightly check shows exactly that, and `up --refresh` repairs it."""

from collections.abc import Callable

from kms_resources.model import NO_MARKER, KeyState, Marker
from tests.support.clouds import ALIBABA, CTYUN, TENCENT, Shop

Golden = Callable[[str, str], None]

KEYS = """\
keys:
  orders:
    target: guangzhou
    spec: SM4
    description: Card numbers
    rotation: {every_days: 90}
    tags: {owner: payments}
    aliases: [drift-orders]
  ledger:
    target: guangzhou
    spec: RSA_2048
    usage: SIGN_VERIFY
    deletion: {policy: schedule, window_days: 7}
  archive:
    target: north
    spec: AES_256
    description: Cold storage
    rotation: {every_days: 30}
    deletion_protection: true
    aliases: [drift-archive]
  scratch: {target: north, spec: SM4}
"""


def test_drift_by_hand_is_shown_exactly_and_repaired_in_place(shop: Shop, golden: Golden) -> None:
    shop.stack(KEYS)
    shop.up()
    shop.ok("preview", "--refresh", "--expect-no-changes")
    before = shop.ids()
    tencent, ctyun = shop.clouds.console(TENCENT), shop.clouds.console(CTYUN)
    orders, ledger = shop.key_id("orders"), shop.key_id("ledger")
    tencent.disable_key(orders)
    tencent.set_description(orders, "changed by hand", NO_MARKER)
    tencent.change_tags(orders, {"stage": "test"}, ["owner"])
    tencent.set_rotation(orders, None)
    tencent.delete_alias("drift-orders", orders)
    tencent.schedule_deletion(ledger, 7)
    archive, scratch = shop.key_id("archive", CTYUN), shop.key_id("scratch", CTYUN)
    ctyun.set_rotation(archive, 60)
    ctyun.set_deletion_protection(archive, on=False)
    ctyun.delete_alias("drift-archive", archive)
    ctyun.schedule_deletion(scratch, 9)
    date = ctyun.describe_key(scratch).pending_deletion
    raw = shop.run("preview", "--refresh", "--diff", "--expect-no-changes")
    assert raw.returncode == 7
    assert f'pending_deletion: "{date}"' in raw.stdout
    golden("drift", _in_order(shop.normal(raw.stdout)))
    shop.up("--refresh")
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")
    assert before == shop.ids()
    for target in (TENCENT, CTYUN):
        assert {KeyState.ENABLED} == {key.state for key in shop.keys(target).values()}
    assert shop.keys(CTYUN)["archive"].settings.rotation_days == 30


def test_drift_at_alibaba_is_shown_and_repaired(shop: Shop) -> None:
    shop.stack(
        "keys:\n  invoices: {target: hangzhou, spec: AES_256, description: Archive,\n"
        "    tags: {owner: finance}, aliases: [drift-invoices, drift/more]}\n"
        "  receipts: {target: hangzhou, spec: EC_P256}\n"
    )
    shop.up()
    before = shop.ids()
    console = shop.clouds.console(ALIBABA)
    invoices, receipts = shop.key_id("invoices", ALIBABA), shop.key_id("receipts", ALIBABA)
    console.set_description(invoices, "changed by hand", NO_MARKER)
    console.change_tags(invoices, {"stage": "test"}, ["owner"])
    console.delete_alias("drift/more", invoices)
    console.disable_key(invoices)
    console.schedule_deletion(receipts, 7)
    seen = shop.drift()
    for line in ('description: "changed by hand" => "Archive"', "enabled    : false => true", "- pending_deletion: "):
        assert line in seen
    assert '- stage: "test"' in seen
    shop.up("--refresh")
    shop.calm()
    assert before == shop.ids()
    shop.ok("preview", "--refresh", "--expect-no-changes")
    assert {KeyState.ENABLED} == {key.state for key in shop.keys(ALIBABA).values()}


def test_a_plain_up_without_refresh_does_not_undo_what_it_has_not_seen(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
    shop.up()
    shop.clouds.console(TENCENT).disable_key(shop.key_id("orders"))
    shop.up()
    assert shop.keys()["orders"].state is KeyState.DISABLED
    assert "enabled    : false => true" in shop.drift() or "enabled: false => true" in shop.drift()


def test_a_refresh_takes_reality_into_the_state_and_the_next_up_still_repairs_it(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4, aliases: [refresh-orders]}}\n")
    shop.up()
    shop.clouds.console(TENCENT).schedule_deletion(shop.key_id("orders"), 7)
    before = shop.key_id("orders")
    shop.ok("refresh", "--yes")
    assert shop.project.resources()["orders"]["outputs"]["pending_deletion"]
    assert "pending_deletion" in shop.run("preview", "--diff").stdout
    shop.up()
    assert (before, KeyState.ENABLED) == (shop.key_id("orders"), shop.keys()["orders"].state)
    shop.calm()


def test_a_lost_marker_is_shown_and_written_again(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}, cold: {target: north, spec: SM4}}\n")
    shop.up()
    before = shop.ids()
    shop.clouds.console(TENCENT).change_tags(shop.key_id("orders"), {}, ["kms-resources-marker"])
    shop.clouds.console(CTYUN).set_description(shop.key_id("cold", CTYUN), "tidied", NO_MARKER)
    seen = shop.drift()
    assert '+ marker: "<project>/<stack>/orders"' in seen
    assert '<project>/<stack>/cold"' in seen
    shop.up("--refresh")
    shop.calm()
    assert before == shop.ids()
    assert shop.keys()["orders"].marker == Marker(f"{shop.name}/dev/orders")
    assert shop.keys(CTYUN)["cold"].settings.description == ""


def test_an_alias_taken_by_another_key_is_not_taken_back(shop: Shop) -> None:
    shop.stack("keys: {one: {target: north, spec: SM4, aliases: [taken]}, two: {target: north, spec: SM4}}\n")
    shop.up()
    one, two = shop.key_id("one", CTYUN), shop.key_id("two", CTYUN)
    shop.clouds.console(CTYUN).move_alias("taken", two)
    seen = shop.drift()
    assert 'key_id: "<id of two>" => "<id of one>"' in seen
    shop.up("--refresh")
    shop.calm()
    aliases = {alias.name: alias.key_id for alias in shop.clouds.console(CTYUN).list_aliases(())}
    assert aliases["taken"] == one


def _in_order(text: str) -> str:
    """The blocks of a diff sorted: the engine prints resources in the order in which they happen to finish."""
    head, *blocks = _blocks(text)
    refresh = sorted(block for block in blocks if "(refresh)" in block.splitlines()[0])
    rest = sorted(block for block in blocks if "(refresh)" not in block.splitlines()[0])
    return "\n".join([head, *refresh, *rest]) + "\n"


def _blocks(text: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.lstrip(" ~+-").startswith(("pulumi:", "pulumi-python:", "Resources:")):
            blocks.append([])
        blocks[-1].append(line)
    return ["\n".join(block) for block in blocks]
