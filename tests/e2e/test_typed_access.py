"""A program of one's own with `KeyPolicy` and `AccessPoint`, no stack file: made, unchanged, mended, removed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kms_resources.access.words import Native
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import ActualPoint, Attachment, WantedPoint
from kms_resources.clouds.marking import derived_name, policy_name
from kms_resources.model import KeyState, Marker
from tests.support.clouds import ALIBABA, CTYUN, TARGETS, TENCENT, Clouds, Shop, run_clouds

ALLOWED = """{
    "admins": {"principals": ["user/key-admin"], "actions": ["administer", "read"]},
    "app": {"principals": ["user/payments-app", "user/auditor"], "actions": ["encrypt", "decrypt"]},
}"""
POLICY = f"""\
who = KeyPolicy("who", key=orders, statements={ALLOWED})
pulumi.export("phase", who.phase)
pulumi.export("others", who.others)
pulumi.export("documents", who.documents)
"""
POINTS = {
    "alibaba": 'actions=["use"], allow=["10.0.0.0/8"], ',
    "ctyun": 'actions=["encrypt", "decrypt"], vpc="vpc-example0001", subnet="subnet-example0001", ',
}
OTHER_ACTIONS = {"alibaba": ('["use"]', '["secrets"]'), "ctyun": ('["encrypt", "decrypt"]', '["encrypt"]')}
LOST = {"alibaba": "use", "ctyun": "decrypt"}
LOOKS = ("get", "list", "describe", "check")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    """The usual seed: it has users, groups, roles and private networks."""
    with run_clouds(tmp_path_factory.mktemp("clouds"), "--no-quotas") as clouds:
        yield clouds


@pytest.mark.parametrize("cloud", ["alibaba", "tencent"])
def test_a_policy_lives_as_long_as_the_program_has_it(shop: Shop, cloud: str) -> None:
    write(shop, cloud, POLICY)
    shop.ok("up", "--yes")  # with its preview, in which the key is not yet known
    made = documents(shop, cloud)
    assert stated(made) == {"admins": ["user/key-admin"], "app": ["user/auditor", "user/payments-app"]}
    told = outputs(shop)
    assert (told["phase"], set(told["documents"])) == ("complete", set(made))

    mark = shop.clouds.mark()
    shop.calm()
    assert shop.clouds.actions(mark) == []
    shop.ok("preview", "--refresh", "--expect-no-changes")
    assert writes(shop, mark) == []

    write(shop, cloud)
    shop.up()
    shop.calm()
    # Tencent Cloud has no policy of a key: none is left.
    left = {"alibaba": {"kms default key policy": ["account"]}, "tencent": {}}
    assert stated(documents(shop, cloud)) == left[cloud]
    assert shop.keys(TARGETS[cloud])["orders"].state is KeyState.ENABLED


@pytest.mark.parametrize("cloud", ["alibaba", "tencent"])
def test_what_somebody_else_changed_in_a_policy_shows_and_is_mended(shop: Shop, cloud: str) -> None:
    write(shop, cloud, POLICY)
    shop.up()
    before = documents(shop, cloud)
    widen(shop, cloud)
    assert documents(shop, cloud) != before
    assert "ScheduleKeyDeletion" in shop.drift()
    mark = shop.clouds.mark()
    shop.up("--refresh")
    assert writes(shop, mark) == {"alibaba": ["SetKeyPolicy"], "tencent": ["UpdatePolicy"]}[cloud]
    assert documents(shop, cloud) == before
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_somebody_elses_attachment_is_shown_and_left_alone(shop: Shop) -> None:
    write(shop, "tencent", POLICY)
    shop.up()
    client = connected(shop, "connect_identity_policies", TENCENT)
    client.attach(client.find_policy(named(shop, "app")).id, "user/guest")
    shop.up("--refresh")
    assert outputs(shop)["others"] == ["user/guest"]
    assert stated(documents(shop, "tencent"))["app"] == ["user/auditor", "user/guest", "user/payments-app"]
    write(shop, "tencent")
    assert "because somebody else attached it to user/guest" in shop.up()
    assert stated(documents(shop, "tencent")) == {"app": ["user/guest"]}


@pytest.mark.parametrize("cloud", ["alibaba", "tencent"])
def test_a_change_of_one_statement_is_one_write_and_leaves_the_other_one_as_it_is(shop: Shop, cloud: str) -> None:
    write(shop, cloud, POLICY)
    shop.up()
    before = rules(documents(shop, cloud))
    write(shop, cloud, POLICY.replace('["encrypt", "decrypt"]', '["encrypt"]'))
    mark = shop.clouds.mark()
    shop.up()
    assert writes(shop, mark) == {"alibaba": ["SetKeyPolicy"], "tencent": ["UpdatePolicy"]}[cloud]
    after = rules(documents(shop, cloud))
    assert after["admins"] == before["admins"]
    assert "Decrypt" in before["app"]
    assert "Decrypt" not in after["app"]
    shop.calm()


def test_a_document_in_the_clouds_own_form_is_carried_as_it_is(shop: Shop) -> None:
    whole = {"Sid": "own", "Effect": "Allow", "Principal": {"RAM": ["acs:ram::1000000000000001:*"]},
             "Action": ["kms:*"], "Resource": ["*"]}  # fmt: skip
    shut = {**whole, "Sid": "shut", "Effect": "Deny", "Action": ["kms:Decrypt"]}
    shut["Principal"] = {"RAM": ["acs:ram::1000000000000001:user/newcomer"]}
    write(shop, "alibaba", f'KeyPolicy("who", key=orders, native={{"Version": "1", "Statement": [{whole}, {shut}]}})\n')
    shop.up()
    ((body, _),) = documents(shop, "alibaba").values()
    assert body["Statement"] == [whole, shut]
    shop.ok("preview", "--refresh", "--expect-no-changes")


@pytest.mark.parametrize("cloud", ["alibaba", "ctyun"])
def test_an_access_point_changes_in_place_and_leaves_with_the_program(shop: Shop, cloud: str) -> None:
    write(shop, cloud, point(cloud))
    shop.ok("up", "--yes")  # with its preview, in which the key is not yet known
    made = described(shop, cloud)
    key = f"key/{shop.key_id('orders', TARGETS[cloud])}"
    assert made.point.resources == (key,)
    assert outputs(shop) == {"name": made.point.name, "id": made.id, "phase": "complete"}

    mark = shop.clouds.mark()
    shop.calm()
    assert shop.clouds.actions(mark) == []
    shop.ok("preview", "--refresh", "--expect-no-changes")
    assert writes(shop, mark) == []

    write(shop, cloud, point(cloud).replace(*OTHER_ACTIONS[cloud]))
    mark = shop.clouds.mark()
    shop.up()
    assert writes(shop, mark) == {"alibaba": ["UpdatePolicy"], "ctyun": ["updateApiPermissions"]}[cloud]
    changed = described(shop, cloud)
    assert (changed.id, changed.point.resources) == (made.id, (key,))
    assert LOST[cloud] in made.point.actions
    assert LOST[cloud] not in changed.point.actions
    shop.calm()

    write(shop, cloud)
    shop.up()
    shop.calm()
    assert looked_up(shop, cloud) is None
    assert shop.keys(TARGETS[cloud])["orders"].state is KeyState.ENABLED


@pytest.mark.parametrize("cloud", ["alibaba", "ctyun"])
def test_what_somebody_else_opened_at_an_access_point_shows_and_is_mended(shop: Shop, cloud: str) -> None:
    write(shop, cloud, point(cloud))
    shop.up()
    before = described(shop, cloud)
    resources = tuple(sorted({*before.point.resources, "key/*"}))
    client = connected(shop, "connect_access_points", TARGETS[cloud])
    opened = WantedPoint(
        replace(before.point, resources=resources), Marker(f"{marker(shop)}/billing"), before.description
    )
    for step in client.steps(opened, before):
        client.take(step, opened, before)
    assert "key/*" in described(shop, cloud).point.resources
    assert "key/*" in shop.drift()
    shop.up("--refresh")
    assert described(shop, cloud) == before
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_part_that_somebody_deleted_is_made_again(shop: Shop) -> None:
    write(shop, "alibaba", point("alibaba"))
    shop.up()
    before = described(shop, "alibaba")
    client = connected(shop, "connect_access_points", ALIBABA)
    gone = client.removal(before)[-1]
    client.take(gone, WantedPoint(before.point, Marker(f"{marker(shop)}/billing")), before)
    mark = shop.clouds.mark()
    shop.up("--refresh")
    assert writes(shop, mark) == ["CreateNetworkRule"]
    assert described(shop, "alibaba") == before
    shop.ok("preview", "--refresh", "--expect-no-changes")


@pytest.mark.parametrize(
    ("cloud", "text", "sentence"),
    [
        ("alibaba", 'KeyPolicy("who", key=orders)', "who needs either statements or native"),
        ("alibaba", 'KeyPolicy("who", key=orders, statements={}, native={})', "who needs either statements or native"),
        ("alibaba", 'KeyPolicy("who", key=orders, statements={"app": {"actions": ["encrypt"]}})', "principals"),
        (
            "alibaba",
            'KeyPolicy("who", key=orders, statements={"app": {"principals": ["user/app"], "actions": ["encrypt"], '
            '"conditions": {"moon": ["full"]}}})',
            "there is no condition moon",
        ),
        ("tencent", 'AccessPoint("billing", target=place, actions=["use"])', "Tencent Cloud has no access points"),
        ("ctyun", 'AccessPoint("billing", target=place, actions=["encrpyt"])', 'did you mean "encrypt"'),
    ],
)
def test_what_cannot_be_declared_is_one_sentence_before_anything_is_asked(
    shop: Shop, cloud: str, text: str, sentence: str
) -> None:
    write(shop, cloud, text + "\n")
    mark = shop.clouds.mark()
    assert sentence in shop.refused("preview")
    assert shop.clouds.actions(mark) == []


def write(shop: Shop, cloud: str, more: str = "") -> None:
    """A program with one key of a cloud, and what else it declares."""
    place = TARGETS[cloud]
    spec = "SM4" if cloud == "tencent" else "AES_256"
    shop.project.write(
        "import pulumi\n"
        "from kms_resources import AccessPoint, Key, KeyPolicy, Target\n"
        f'place = Target("place", cloud="{cloud}", region="{place.region}", instance="{place.instance}")\n'
        f'orders = Key("orders", target=place, spec="{spec}")\n' + more
    )


def point(cloud: str) -> str:
    return (
        f'billing = AccessPoint("billing", target=place, keys=[orders], {POINTS[cloud]}description="Billing", '
        'deletion_policy="schedule")\n'
        'pulumi.export("name", billing.cloud_name)\n'
        'pulumi.export("id", billing.point_id)\n'
        'pulumi.export("phase", billing.phase)\n'
    )


def outputs(shop: Shop) -> dict[str, Any]:
    result = shop.run("stack", "output", "--json")
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def writes(shop: Shop, mark: int) -> list[str]:
    """What was sent since then that changes something."""
    return [action for action in shop.clouds.actions(mark) if not action.lower().startswith(LOOKS)]


def connected(shop: Shop, name: str, target: Any) -> Any:
    return getattr(get_cloud(target.cloud), name)(target, shop.clouds.environ)


def marker(shop: Shop) -> str:
    return f"{shop.name}/{shop.project.stack}"


def named(shop: Shop, sid: str) -> str:
    """The name of a statement's policy at Tencent Cloud."""
    return policy_name(Marker(f"{marker(shop)}/orders"), sid)


def documents(shop: Shop, cloud: str) -> dict[str, tuple[Native, tuple[Attachment, ...]]]:
    """The policies as the cloud has them: name → document and whom it is attached to."""
    if cloud == "alibaba":
        client = connected(shop, "connect_key_policies", ALIBABA)
        return {"default": (client.get_policy(shop.key_id("orders", ALIBABA)), ())}
    client = connected(shop, "connect_identity_policies", TENCENT)
    found = {}
    for policy_id, name in client.list_policies(named(shop, "")):
        policy = client.find_policy(name)
        found[name] = (policy.body, client.attachments(policy_id))
    return found


def stated(found: dict[str, tuple[Native, tuple[Attachment, ...]]]) -> dict[str, list[str]]:
    """Statement → its principals in the form of a stack."""
    said: dict[str, list[str]] = {}
    for name, (body, attached) in found.items():
        if name == "default":
            for one in body["Statement"]:
                principals = [text.split(":", 4)[-1] for text in one["Principal"]["RAM"]]
                said[one["Sid"]] = sorted("account" if text == "*" else text for text in principals)
        else:
            said[sid_of(name)] = sorted(one.short for one in attached)
    return said


def rules(found: dict[str, tuple[Native, tuple[Attachment, ...]]]) -> dict[str, str]:
    """Statement → what it says, as text."""
    if "default" in found:
        return {one["Sid"]: json.dumps(one, sort_keys=True) for one in found["default"][0]["Statement"]}
    return {sid_of(name): json.dumps(body, sort_keys=True) for name, (body, _) in found.items()}


def sid_of(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def widen(shop: Shop, cloud: str) -> None:
    """Somebody gives the application one action more, by hand."""
    ((name, (body, _)),) = [
        pair for pair in documents(shop, cloud).items() if pair[0] in {"default", named(shop, "app")}
    ]
    parts, actions = ("Statement", "Action") if cloud == "alibaba" else ("statement", "action")
    changed = json.loads(json.dumps(body))
    changed[parts][-1][actions].append("kms:ScheduleKeyDeletion")
    if cloud == "alibaba":
        connected(shop, "connect_key_policies", ALIBABA).set_policy(shop.key_id("orders", ALIBABA), changed)
    else:
        client = connected(shop, "connect_identity_policies", TENCENT)
        policy = client.find_policy(name)
        client.replace_policy(policy.id, changed, policy.description)


def looked_up(shop: Shop, cloud: str) -> ActualPoint | None:
    target = {"alibaba": ALIBABA, "ctyun": CTYUN}[cloud]
    name = derived_name(Marker(f"{marker(shop)}/billing"), 63)
    found: ActualPoint | None = connected(shop, "connect_access_points", target).describe(name)
    return found


def described(shop: Shop, cloud: str) -> ActualPoint:
    found = looked_up(shop, cloud)
    assert found is not None
    assert found.exists
    return found
