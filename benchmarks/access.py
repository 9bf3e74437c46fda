"""1,000 keys × 10 statements: two worlds per key compared, when nothing, every tenth key, and every key changed.

`python -m benchmarks.access [--keys N]`. The time is that of the comparison alone, in seconds of the processor:
documents are parsed in it, stacks are not read. Ends with code 1 if a merge request that changes every tenth key takes
longer than `kms review` can spare. When every key changed, the time is that of the witnesses, two replays for each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import click

from kms_resources.access.compare import compare
from kms_resources.access.words import Document, DocumentKind, Resource, ResourceKind, World

BUDGET_SECONDS = 3.0
OWN, AWAY = "1000000000000001", "2000000000000002"
QCLOUD = "100000000001"


def alibaba(number: int, *, changed: bool) -> World:
    statements: list[dict[str, Any]] = []
    for place in range(10):
        who = [f"acs:ram::{OWN}:user/u{(number * 7 + place) % 40}", f"acs:ram::{OWN}:role/r{place}"]
        one: dict[str, Any] = {"Effect": "Deny" if place == 9 else "Allow", "Principal": {"RAM": who}, "Resource": "*"}
        one["Action"] = ["kms:Decrypt", "kms:Encrypt", "kms:Get*"][place % 3 :]
        if place % 3 == 0:
            one["Condition"] = {"IpAddress": {"acs:SourceIp": f"10.{number % 200}.{place}.0/24"}}
        statements.append(one)
    statements[0] = {**statements[0], "Principal": {"RAM": f"acs:ram::{OWN}:*"}, "Action": "kms:*", "Condition": {}}
    if changed:
        statements[3] = {**statements[3], "Principal": {"RAM": [f"acs:ram::{AWAY}:role/x{number % 10}"]}}
    key = Resource(ResourceKind.KEY, OWN, "cn-hangzhou", f"key-hzz{number}", instance="kst-hzz0001")
    policy = Document(DocumentKind.KEY_POLICY, {"Version": "1", "Statement": statements})
    return World("alibaba", OWN, key, (policy,))


def tencent(number: int, *, changed: bool) -> World:
    documents = []
    key = Resource(ResourceKind.KEY, QCLOUD, "ap-guangzhou", f"00000000-0000-0000-0000-{number:012}")
    path = f"qcs::kms:ap-guangzhou:uin/{QCLOUD}:key/creatorUin/{QCLOUD}/{key.id}"
    for place in range(10):
        one: dict[str, Any] = {"effect": "deny" if place == 9 else "allow", "resource": [path]}
        one["action"] = ["kms:Decrypt", "kms:Encrypt", "kms:Describe*"][place % 3 :]
        if place % 3 == 0:
            one["condition"] = {"ip_equal": {"qcs:ip": f"10.{number % 200}.{place}.0/24"}}
        if changed and place == 3:
            one["action"] = "kms:*"
        holders = (f"user/u{(number * 7 + place) % 40}", f"group/g{place % 3}")
        body = {"version": "2.0", "statement": [one]}
        documents.append(Document(DocumentKind.IDENTITY_POLICY, body, f"p{place}", holders))
    return World("tencent", QCLOUD, key, tuple(documents))


def ctyun(number: int, *, changed: bool) -> World:
    documents = []
    key = Resource(ResourceKind.KEY, "example-ctyun-account", "pool", f"key-{number}")
    for place in range(10):
        body: dict[str, Any] = {
            "vpcId": f"vpc-{place}",
            "apis": ["encrypt", "decrypt", "describeKey"][: 1 + place % 3] + (["asymmetricSign"] if changed else []),
            "resources": [{"resourceType": "key", "resourceId": key.id}],
            "endpoints": [f"ep-{number % 50}"],
        }
        documents.append(Document(DocumentKind.ACCESS_POINT, body, f"point-{place}"))
    return World("ctyun", "example-ctyun-account", key, tuple(documents))


def run(make: Callable[..., World], keys: int, every: int) -> tuple[float, int]:
    """Seconds, and how many findings there are, when one of so many keys changed (0: none)."""
    changed = [bool(every) and number % every == 0 for number in range(keys)]
    pairs = [(make(number, changed=False), make(number, changed=changed[number])) for number in range(keys)]
    begun = time.process_time()
    results = [compare(before, after) for before, after in pairs]
    seconds = time.process_time() - begun
    return seconds, sum(len(result.gains) + len(result.losses) for result in results)


@click.command()
@click.option("--keys", default=1_000, show_default=True)
def main(keys: int) -> None:
    """Compare access before and after, cloud by cloud."""
    slowest = 0.0
    for name, make in (("alibaba", alibaba), ("tencent", tencent), ("ctyun", ctyun)):
        for every, what in ((0, "nothing changed"), (10, "every tenth changed"), (1, "every key changed")):
            seconds, findings = run(make, keys, every)
            slowest = max(slowest, seconds if every != 1 else 0.0)
            print(f"{name:8} {keys} keys, {what:19} {seconds:6.2f} s, {findings} findings")
    if slowest > BUDGET_SECONDS * keys / 1_000:
        sys.exit(1)


if __name__ == "__main__":
    main()
