"""The own account, wherever it is known: by --account, or because a cloud told it about a key of the same target."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from kms_resources.cli import main
from kms_resources.review import Options, review
from kms_resources.review.cloud import from_cloud
from kms_resources.review.rules import Asked
from kms_resources.review.snapshot import Identity, Side, assemble
from kms_resources.review.worlds import OWN, Scope, account_of
from kms_resources.rules import Config
from tests.conformance.policies import open_policy_case

HOME, AWAY = "1000000000000001", "1000000000000009"
ASKED = Asked(Config(), date(2026, 6, 1))
RULE = "decrypt-to-other-account"
STACK = """version: 1
targets:
  {target}
keys:
"""
TARGET = "hz: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}"
NATIVE = """  {name}:
    target: {target}
    spec: AES_256
    policy:
      native:
        Version: "1"
        Statement:
          - {{Sid: own, Effect: Allow, Principal: {{RAM: ["acs:ram::{own}:role/app"]}}, Action: ["kms:Decrypt"], Resource: ["*"]}}
          - {{Sid: away, Effect: Allow, Principal: {{RAM: ["acs:ram::{away}:role/app"]}}, Action: ["kms:Decrypt"], Resource: ["*"]}}
"""  # noqa: E501


def stack(*names: str, own: str = HOME, away: str = AWAY, target: str = TARGET) -> str:
    name = target.partition(":")[0]
    keys = [NATIVE.format(name=each, target=name, own=own, away=away) for each in names]
    return STACK.format(target=target) + "".join(keys)


def said(what: list[tuple[str, str]]) -> list[str]:
    return [text.partition(" (BASE")[0] for rule, text in what if rule == RULE]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (
            (),
            [
                f"role/app of account {account}, perhaps another account (name yours in `accounts`), may decrypt"
                for account in (HOME, AWAY)
            ],
        ),
        (("--account", HOME), [f"role/app of account {AWAY}, another account, may decrypt"]),
    ],
    ids=["not-known", "given"],
)
def test_rules_are_told_the_account_of_the_command_line(
    args: tuple[str, ...], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("stack.yaml").write_text(stack("orders"), encoding="utf-8")
    command = ["review", "stack.yaml", "stack.yaml", "--format", "json", *args]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert said([(one["id"], one["what"]) for one in json.loads(result.stdout)["findings"]]) == expected


def test_rules_are_told_the_account_that_a_cloud_has_told(tmp_path: Path) -> None:
    with open_policy_case("alibaba", "http", tmp_path) as case:
        own = case.key.account
        path = tmp_path / "prod.yaml"
        target = "hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvsoft01}"
        # `orders` is at the cloud; `later` is not there yet, and its account is the same.
        path.write_text(stack("orders", "later", own=own, target=target), encoding="utf-8")
        report = review(*from_cloud([path], "shop", "prod", case.emulator.environ), Options(rules=ASKED))
    found = [*report.findings, *(one for subject in report.subjects for one in subject.findings)]
    assert said([(one.id, one.what) for one in found]) == [
        f"role/app of account {AWAY}, another account, may decrypt" for _ in ("orders", "later")
    ]
    notes = [note for subject in report.subjects for note in subject.notes]
    assert [note for note in notes if "the own account is not known" in note] == []


TWO = """version: 1
targets:
  hz: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
  bj: {cloud: alibaba, region: cn-beijing, instance: kst-bjj62ee817bvyyr5x}
  other: {cloud: alibaba, region: cn-beijing, instance: kst-bjj62ee817bvyyr5x, credentials: OTHER}
  gz: {cloud: tencent, region: ap-guangzhou}
keys:
  orders: {target: hz, spec: AES_256}
  ledger: {target: gz, spec: SM4}
"""


def test_what_a_cloud_tells_counts_for_its_own_accounts_only() -> None:
    checked = assemble("head", [("prod", "prod.yaml", TWO.encode())])
    told = {
        ("prod", "orders"): Identity("key-1", account=HOME),
        ("prod", "ledger"): Identity("1", account="100000000001"),
    }
    side = Side("head", checked.stacks, told)
    targets = checked.stacks["prod"].stack.targets
    found = {name: account_of(side, "prod", Scope(), target) for name, target in targets.items()}
    assert found == {"hz": HOME, "bj": HOME, "other": OWN, "gz": "100000000001"}
    assert account_of(side, "prod", Scope(AWAY), targets["gz"]) == AWAY
    assert account_of(side, "absent", Scope(), targets["gz"]) == OWN
