"""Policies and access points through the real engine: made, unchanged, drifted, mended, removed."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import AccessPointClient, IdentityPolicyClient, KeyPolicyClient
from kms_resources.clouds.marking import derived_name, policy_name
from kms_resources.model import Marker
from tests.support.clouds import ALIBABA, CTYUN, TENCENT, Clouds, Shop, run_clouds

LEAVE = "deletion: {policy: schedule, window_days: 7}"
KEYS = f"""\
keys:
  orders:
    target: hangzhou
    spec: AES_256
    {LEAVE}
    policy:
      admins: {{principals: [user/key-admin], actions: [administer, policy, read]}}
      app: {{principals: [user/orders], actions: [encrypt, decrypt], conditions: {{source_ip: [192.0.2.0/24]}}}}
  invoices:
    target: guangzhou
    spec: SM4
    {LEAVE}
    policy:
      app: {{principals: [user/payments-app, group/auditors, role/kms-application], actions: [encrypt, decrypt]}}
  cold: {{target: north, spec: AES_256, {LEAVE}}}
"""
POINTS = """\
access_points:
  billing:
    target: hangzhou
    description: Billing
    actions: [use]
    keys: [orders]
    network: {allow: [10.0.0.0/8]}
    deletion: {policy: schedule}
  archive:
    target: north
    actions: [encrypt, decrypt]
    keys: [cold]
    network: {vpc: vpc-example0001, subnet: subnet-example0001}
    deletion: {policy: schedule}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    """The usual seed: it has users, groups, roles and private networks."""
    with run_clouds(tmp_path_factory.mktemp("clouds"), "--no-quotas") as clouds:
        yield clouds


def test_policies_and_access_points_live_and_leave_with_the_stack(shop: Shop) -> None:
    shop.stack(KEYS + POINTS)
    shop.up()
    shop.calm()
    document = key_policies(shop).get_policy(shop.key_id("orders", ALIBABA))
    assert [one["Sid"] for one in document["Statement"]] == ["admins", "app"]
    assert attached(shop) == ["group/auditors", "role/kms-application", "user/payments-app"]
    billing = points(shop, ALIBABA).describe(cloud_name(shop, "billing"))
    assert billing is not None
    assert billing.point.resources == (f"key/{shop.key_id('orders', ALIBABA)}",)
    assert billing.point.addresses == ("10.0.0.0/8",)
    archive = points(shop, CTYUN).describe(cloud_name(shop, "archive"))
    assert archive is not None
    assert "decrypt" in archive.point.actions

    shop.stack("\n".join(line for line in KEYS.splitlines() if "admins:" not in line and "app:" not in line
                         and "policy:\n" not in f"{line.strip()}\n") + "\n")  # fmt: skip
    shop.up()
    shop.calm()
    document = key_policies(shop).get_policy(shop.key_id("orders", ALIBABA))
    assert [one["Sid"] for one in document["Statement"]] == ["kms default key policy"]
    assert cam(shop).find_policy(app_policy(shop)) is None
    assert points(shop, ALIBABA).describe(cloud_name(shop, "billing")) is None
    assert points(shop, CTYUN).describe(cloud_name(shop, "archive")) is None


def test_a_change_by_hand_shows_in_the_nightly_check_and_is_mended(shop: Shop) -> None:
    shop.stack(KEYS + POINTS)
    shop.up()
    key_id = shop.key_id("orders", ALIBABA)
    client = key_policies(shop)
    document = json.loads(json.dumps(client.get_policy(key_id)))
    document["Statement"][1]["Principal"]["RAM"].append("acs:ram::1000000000000001:user/intruder")
    client.set_policy(key_id, document)
    text = shop.drift()
    assert "user/intruder" in text
    assert "policy:orders" in text
    shop.up("--refresh")
    assert "intruder" not in json.dumps(client.get_policy(key_id))
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_document_that_was_only_written_in_another_way_is_no_drift(shop: Shop) -> None:
    shop.stack(KEYS)
    shop.up()
    key_id = shop.key_id("orders", ALIBABA)
    client = key_policies(shop)
    document = client.get_policy(key_id)
    turned = {name: document[name] for name in reversed(list(document))}
    turned["Statement"] = [
        {**one, "Action": list(reversed(one["Action"])), "Resource": "*"} for one in reversed(document["Statement"])
    ]
    client.set_policy(key_id, turned)
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_statement_in_another_order_is_no_change(shop: Shop) -> None:
    shop.stack(KEYS)
    shop.up()
    shop.stack(KEYS.replace("[encrypt, decrypt]", "[decrypt, encrypt]"))
    shop.calm()


def test_a_forced_replacement_takes_nothing_back(shop: Shop) -> None:
    shop.stack(KEYS + POINTS)
    shop.up()
    before, mark = shop.ids(), shop.clouds.mark()
    urns = [found["urn"] for name, found in shop.project.resources().items() if name.startswith(("policy:", "access-"))]
    assert len(urns) == 4
    shop.up(*(part for urn in urns for part in ("--replace", urn)))
    assert [one for one in shop.clouds.actions(mark) if one.startswith(("Delete", "Detach", "Set", "delete"))] == []
    assert before == shop.ids()
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_a_key_that_is_not_destroyed_keeps_its_policy_and_its_names(shop: Shop) -> None:
    shop.stack(KEYS.replace(f"    {LEAVE}\n", "    aliases: [stays]\n").replace(f", {LEAVE}", ""))
    shop.up()
    document = key_policies(shop).get_policy(shop.key_id("orders", ALIBABA))
    mark = shop.clouds.mark()
    told = shop.ok("destroy", "--yes", "--skip-preview", "--exclude-protected")
    parts = set(re.findall(r"(\S+): the \w+ stays, because its key may stay", told))
    assert parts == {
        "hangzhou/policy/orders",
        "hangzhou/alias/stays",
        "guangzhou/policy/invoices",
        "guangzhou/alias/stays",
    }
    assert [one for one in shop.clouds.actions(mark) if not one.startswith(("Describe", "List", "Get", "list"))] == []
    assert key_policies(shop).get_policy(shop.key_id("orders", ALIBABA)) == document
    assert attached(shop) == ["group/auditors", "role/kms-application", "user/payments-app"]
    shop.up()
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")


def test_an_access_point_without_leave_stays(shop: Shop) -> None:
    shop.stack(KEYS + POINTS.replace("    deletion: {policy: schedule}\n", ""))
    shop.up()
    shop.stack(KEYS)
    said = shop.refused("up", "--yes", "--skip-preview")
    assert "protect" in said
    assert points(shop, ALIBABA).describe(cloud_name(shop, "billing")) is not None


def test_a_half_made_access_point_is_finished_by_the_next_run(shop: Shop, clouds: Clouds) -> None:
    shop.stack(KEYS + POINTS)
    clouds.fault("error_before", "alibaba", "CreateApplicationAccessPoint")
    said = shop.refused("up", "--yes", "--skip-preview")
    assert "the access point exists and is not finished" in said
    clouds.calm()
    shop.up()
    shop.calm()
    billing = points(shop, ALIBABA).describe(cloud_name(shop, "billing"))
    assert billing is not None
    assert billing.exists


def test_a_client_key_exists_in_its_file_and_nowhere_else(shop: Shop) -> None:
    shop.stack(KEYS + POINTS)
    shop.up()
    folder = shop.project.directory
    made = kms(shop, "create", "billing", "-o", "client-key.json", "--password-file", "password.txt")
    assert made.returncode == 0, made.stderr
    content = json.loads((folder / "client-key.json").read_text(encoding="utf-8"))
    assert set(content) == {"KeyId", "PrivateKeyData"}
    assert [os.stat(folder / name).st_mode & 0o777 for name in ("client-key.json", "password.txt")] == [0o600, 0o600]
    assert content["PrivateKeyData"] not in made.stdout + made.stderr
    listed = kms(shop, "list", "billing")
    assert content["KeyId"] in listed.stdout
    rotated = kms(shop, "rotate", "billing", "-o", "next.json", "--password-file", "next.txt", "--delete-after", "0s")
    assert rotated.returncode == 0, rotated.stderr
    after = kms(shop, "list", "billing").stdout
    assert content["KeyId"] not in after
    assert len(after.splitlines()) == 1
    tenant = kms(shop, "create", "archive", "-o", "tenant.json")
    assert tenant.returncode == 0, tenant.stderr
    state = shop.project.directory / "export.json"
    shop.ok("stack", "export", "--show-secrets", "--file", str(state))
    secrets = [content["PrivateKeyData"][:60], json.loads((folder / "tenant.json").read_text())["secretKey"]]
    assert not [secret for secret in secrets if secret in state.read_text(encoding="utf-8")]


def kms(shop: Shop, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from kms_resources.cli import main; main()", "client-key", *arguments]
    stack = f"--stack-file=stacks/{shop.project.stack}.yaml"
    return subprocess.run(
        [*command, stack],
        cwd=shop.project.directory,
        env=shop.project.variables(),
        capture_output=True,
        text=True,
        check=False,
    )


def connected(shop: Shop, name: str, target: Any) -> Any:
    connect = getattr(get_cloud(target.cloud), name)
    return connect(target, shop.clouds.environ)


def key_policies(shop: Shop) -> KeyPolicyClient:
    found: KeyPolicyClient = connected(shop, "connect_key_policies", ALIBABA)
    return found


def cam(shop: Shop) -> IdentityPolicyClient:
    found: IdentityPolicyClient = connected(shop, "connect_identity_policies", TENCENT)
    return found


def points(shop: Shop, target: Any) -> AccessPointClient:
    found: AccessPointClient = connected(shop, "connect_access_points", target)
    return found


def cloud_name(shop: Shop, name: str) -> str:
    return derived_name(Marker(f"{shop.name}/{shop.project.stack}/{name}"), 63)


def app_policy(shop: Shop) -> str:
    return policy_name(Marker(f"{shop.name}/{shop.project.stack}/invoices"), "app")


def attached(shop: Shop) -> list[str]:
    client = cam(shop)
    found = client.find_policy(app_policy(shop))
    assert found is not None
    return sorted(one.short for one in client.attachments(found.id))
