"""What a review says: verdicts, regions, witnesses, lockout, rollback and reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kms_resources.access import compare as comparing
from kms_resources.access.alibaba.translate import default_policy
from kms_resources.access.clouds import CLOUDS, evaluate
from kms_resources.access.compare import Relation, WitnessError, compare
from kms_resources.access.lockout import Reach, locked_out, needs, reach, standing, who_can
from kms_resources.access.words import (
    ActionClass,
    Document,
    DocumentKind,
    Principal,
    PrincipalKind,
    Resource,
    ResourceKind,
    Verdict,
    World,
    parse_principal,
)

OWN, AWAY = "1000000000000001", "2000000000000002"
KEY = Resource(ResourceKind.KEY, OWN, "cn-hangzhou", "key-hzz0001", instance="kst-hzz0001", tags={})
OPS = parse_principal("role/ops", OWN)


def statement(who: str, actions: Any, effect: str = "Allow", condition: Any = None) -> dict[str, Any]:
    made = {"Effect": effect, "Principal": {"RAM": who}, "Action": actions, "Resource": "*"}
    return {**made, "Condition": condition} if condition else made


def world(*statements: dict[str, Any], more: tuple[Document, ...] = ()) -> World:
    policy = Document(DocumentKind.KEY_POLICY, {"Version": "1", "Statement": list(statements)})
    return World("alibaba", OWN, KEY, (policy, *more))


def own(name: str) -> str:
    return f"acs:ram::{OWN}:{name}"


BASE = statement(own("role/ops"), "kms:*")


@pytest.mark.parametrize(
    ("after", "administration", "use"),
    [
        ([BASE], Relation.EQUIVALENT, Relation.EQUIVALENT),
        ([BASE, statement(own("user/a"), "kms:Decrypt")], Relation.EQUIVALENT, Relation.WIDER),
        ([BASE, statement(own("user/a"), "kms:DisableKey")], Relation.WIDER, Relation.EQUIVALENT),
        ([BASE, statement(own("role/ops"), "kms:Decrypt", "Deny")], Relation.EQUIVALENT, Relation.NARROWER),
        ([statement(own("role/web"), "kms:*")], Relation.INCOMPARABLE, Relation.INCOMPARABLE),
        ([BASE, statement(own("role/ops"), "kms:Encrypt")], Relation.EQUIVALENT, Relation.EQUIVALENT),
    ],
)
def test_verdicts_for_administration_and_for_use(
    after: list[dict[str, Any]], administration: Relation, use: Relation
) -> None:
    result = compare(world(BASE), world(*after))
    assert (result.administration.relation, result.use.relation) == (administration, use)
    assert result.equivalent is (administration is use is Relation.EQUIVALENT)


def test_a_gain_comes_with_a_witness_that_both_evaluators_confirm() -> None:
    grant = statement(
        f"acs:ram::{AWAY}:user/eve", "kms:Decrypt", condition={"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}
    )
    before, after = world(BASE), world(BASE, grant)
    decided = [region for region in compare(before, after).gains if region.decided]
    assert [(region.principal.short(OWN), region.actions) for region in decided] == [
        (f"{AWAY}:user/eve", ("kms:Decrypt",))
    ]
    witness = decided[0].witness
    assert witness.attributes["source_ip"].startswith("10.")
    assert (evaluate(before, witness).allowed, evaluate(after, witness).allowed) == (False, True)


def test_what_hangs_on_an_open_rule_is_possible_and_names_it() -> None:
    result = compare(world(BASE), world(BASE, statement(own("user/a"), "kms:AsymmetricSign")))
    assert (result.use.relation, result.use.decided) == (Relation.WIDER, Relation.EQUIVALENT)
    assert result.use.open_rules == ("alibaba.unlisted-action",)


def test_an_open_rule_that_both_worlds_share_makes_no_difference() -> None:
    odd = statement(own("user/a"), "kms:AsymmetricSign", condition={"BinaryEquals": {"acs:Odd": "1"}})
    assert compare(world(BASE, odd), world(odd, BASE, odd)).equivalent


def test_calls_of_the_future_are_judged_apart() -> None:
    listed = [row.action for row in CLOUDS["alibaba"].actions]
    result = compare(
        world(BASE), world(BASE, statement(own("role/ops"), listed, "Deny"), statement(own("role/web"), "kms:*"))
    )
    assert result.unlisted is Relation.WIDER
    named = compare(world(BASE, statement(own("role/web"), [a for a in listed if a.startswith("kms:")])), world(BASE))
    assert named.unlisted in {Relation.EQUIVALENT, Relation.NARROWER}


def test_everybody_else_is_a_class_of_its_own() -> None:
    result = compare(world(BASE), world(BASE, statement(own("user/a*"), "kms:Decrypt")))
    assert [(region.fresh, region.principal.name[0]) for region in result.gains] == [(True, "a")]


def test_actions_of_a_class_are_told_together_only_under_the_same_conditions() -> None:
    decrypt = statement(own("user/a"), "kms:Decrypt")
    other = statement(own("user/a"), "kms:AsymmetricDecrypt", condition={"Bool": {"acs:MFAPresent": "true"}})
    result = compare(world(BASE), world(BASE, decrypt, other))
    assert [(region.actions, region.when) for region in result.gains] == [
        (("kms:Decrypt",), ()),
        (("kms:AsymmetricDecrypt",), ("mfa such as true",)),
    ]


def test_every_open_rule_that_an_action_depends_on_is_named() -> None:
    vpc = {"StringEquals": {"acs:SourceVpc": "vpc-*"}}
    export, decrypt = (statement(own("user/a"), f"kms:{name}") for name in ("ExportDataKey", "Decrypt"))
    result = compare(world(BASE), world(BASE, export, {**decrypt, "Condition": vpc}))
    possible = [(region.actions, region.open_rules) for region in result.gains if not region.decided]
    assert possible == [
        (("kms:ExportDataKey",), ("alibaba.unlisted-action",)),
        (("kms:Decrypt",), ("alibaba.wildcard-in-equals",)),
    ]
    assert result.use.open_rules == ("alibaba.unlisted-action", "alibaba.wildcard-in-equals")


def test_what_is_open_at_the_border_of_a_block_is_told_apart_from_what_is_sure() -> None:
    block = {"IpAddress": {"acs:SourceIp": "192.0.2.0/24"}}
    inside = statement(own("user/a"), ["kms:Decrypt", "kms:ExportDataKey"], condition=block)
    sure, export, border = compare(world(BASE), world(BASE, inside)).gains
    assert (sure.actions, sure.when, sure.decided) == (("kms:Decrypt",), ("source_ip such as 192.0.2.10",), True)
    assert (export.actions, export.open_rules) == (
        ("kms:ExportDataKey",),
        ("alibaba.block-border", "alibaba.unlisted-action"),
    )
    assert (border.actions, border.when) == (("kms:Decrypt",), ("source_ip such as 192.0.2.0, 192.0.2.255",))
    assert border.open_rules == ("alibaba.block-border",)


def test_a_group_that_the_world_does_not_know_may_have_any_member() -> None:
    body = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
    document = Document(DocumentKind.IDENTITY_POLICY, body, "p", ("group/dev",))
    result = compare(world(BASE), world(BASE, more=(document,)))
    assert {region.witness.principal.groups for region in result.gains} == {("dev",)}
    assert result.gains[0].when == ("in group dev",)


def test_patterns_that_cannot_be_classed_are_graded_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kms_resources.access.patterns.STATES", 3)
    vpc = {"StringLike": {"acs:SourceVpc": "*ab*ba*unseen*"}}
    result = compare(world(BASE), world(BASE, statement(own("user/a"), "kms:Decrypt", condition=vpc)))
    assert (result.use.relation, result.use.decided) == (Relation.WIDER, Relation.EQUIVALENT)
    assert result.use.open_rules == ("outside:vpc",)


@pytest.mark.parametrize(
    ("one", "other"),
    [("StringLike", "StringEquals"), ("StringEquals", "StringEqualsIgnoreCase"), ("StringLike", "StringNotLike")],
)
def test_tests_that_cannot_be_classed_are_one_question_only_if_they_are_one_test(
    monkeypatch: pytest.MonkeyPatch, one: str, other: str
) -> None:
    monkeypatch.setattr("kms_resources.access.patterns.STATES", 3)

    def asking(operator: str) -> World:
        vpc = {operator: {"acs:SourceVpc": f"*ab*{one}*ba*{other}*"}}
        return world(BASE, statement(own("user/a"), "kms:Decrypt", condition=vpc))

    assert compare(asking(one), asking(other)).use.relation is Relation.INCOMPARABLE
    assert compare(asking(one), asking(one)).use.relation is Relation.EQUIVALENT


def test_a_finding_that_the_evaluators_do_not_confirm_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    liar = replace(CLOUDS["alibaba"], evaluate=lambda _world, _request: Verdict(False, "never"))
    monkeypatch.setitem(comparing.CLOUDS, "alibaba", liar)  # type: ignore[misc]
    with pytest.raises(WitnessError, match="kms:Decrypt"):
        compare(world(BASE), world(BASE, statement(own("user/a"), "kms:Decrypt")))


def test_worlds_of_two_clouds_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="one cloud"):
        compare(world(BASE), replace(world(BASE), cloud="tencent"))


def test_who_can_change_the_policy() -> None:
    holders = who_can(world(BASE), ActionClass.POLICY)
    assert [(h.principal.short(OWN), h.sure, h.always) for h in holders] == [
        ("account", True, True),
        ("role/ops", True, True),
    ]


def test_a_deny_for_the_whole_account_locks_everybody_out() -> None:
    assert not locked_out(world(BASE))
    assert locked_out(world(BASE, statement(own("*"), "kms:*", "Deny")))


def test_whoever_can_change_the_policy_only_in_one_reading_does_not_count() -> None:
    shut = statement(own("*"), "kms:*", "Deny", {"NotIpAddress": {"acs:SourceIp": "10.0.0.0/8"}})
    holders = who_can(world(BASE, shut), ActionClass.POLICY)
    assert {h.always for h in holders} == {False}
    assert locked_out(world(BASE, statement(own("*"), "kms:*", "Deny", {"BinaryNot": {"x": "1"}})))


NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("conditions", "periods"),
    [
        ({"DateGreaterThanEquals": "2020-01-01T00:00:00Z"}, [("2020-01-01T00:00:00Z", "")]),
        ({"DateGreaterThanEquals": "2030-01-01T00:00:00Z"}, [("2030-01-01T00:00:00Z", "")]),
        ({"DateLessThan": "2020-01-01T00:00:00Z"}, []),
        ({"DateLessThan": "2027-01-01T00:00:00Z"}, [("", "2027-01-01T00:00:00Z")]),
        (
            {"DateGreaterThan": "2030-01-01T00:00:00Z", "DateLessThan": "2031-01-01T00:00:00Z"},
            [("2030-01-01T00:00:01Z", "2031-01-01T00:00:00Z")],
        ),
    ],
)
def test_a_deny_that_shuts_everybody_out_for_a_time_to_come_locks_out(
    conditions: dict[str, str], periods: list[tuple[str, str]]
) -> None:
    given = {operator: {"acs:CurrentTime": value} for operator, value in conditions.items()}
    shut = world(BASE, statement(own("*"), "kms:*", "Deny", given))
    found = standing(shut, ActionClass.POLICY, NOW)
    assert [(one.since, one.until) for one in found.shut] == periods
    assert locked_out(shut, NOW) is bool(periods)
    assert any(holder.sure for holder in found.holders)


def test_without_a_condition_on_time_no_time_is_shut() -> None:
    assert standing(world(BASE), ActionClass.POLICY, NOW).shut == ()
    assert standing(world(BASE, statement(own("*"), "kms:*", "Deny")), ActionClass.POLICY, NOW).shut == ()


def test_at_tencent_policies_are_changed_on_the_whole_account() -> None:
    body = {"version": "2.0", "statement": {"effect": "allow", "action": "cam:*", "resource": "*"}}
    key = Resource(ResourceKind.KEY, "100000000001", "ap-guangzhou", "k")
    document = Document(DocumentKind.IDENTITY_POLICY, body, "p", ("role/ops",))
    holders = who_can(World("tencent", "100000000001", key, (document,)), ActionClass.POLICY)
    assert [holder.principal.name for holder in holders] == ["", "ops"]


def test_the_deployer_keeps_or_loses_what_a_rollback_takes() -> None:
    kept = needs(OPS, world(BASE), world(BASE, statement(own("user/a"), "kms:Decrypt")))
    assert (kept.keeps, kept.policy) == (True, True)
    lost = needs(OPS, world(BASE), world(statement(own("role/web"), "kms:*")))
    assert (lost.keeps, lost.policy) == (False, False)
    assert {region.kind for region in lost.lost} == {ActionClass.POLICY, ActionClass.READ, ActionClass.ADMINISTER}


def test_a_deployer_whom_no_document_names_is_asked_for_all_the_same() -> None:
    everybody = world(statement(own("*"), "kms:*"))
    result = needs(OPS, everybody, world(statement(own("role/web"), "kms:*")))
    assert not result.keeps
    numbered = Principal(PrincipalKind.USER, OWN, "carol", uin="7")
    assert not needs(numbered, everybody, world(BASE)).keeps
    assert needs(parse_principal("account", OWN), everybody, world(BASE)).keeps


def test_a_deployer_who_is_in_a_group_loses_what_the_group_loses() -> None:
    body = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    document = Document(DocumentKind.IDENTITY_POLICY, body, "p", ("group/dev",))
    member = Principal(PrincipalKind.USER, OWN, "carol", ("dev",))
    assert not needs(member, world(BASE, more=(document,)), world(BASE)).keeps
    assert needs(member.plain, world(BASE, more=(document,)), world(BASE)).keeps


def trust(*principals: str, kind: str = "RAM") -> Document:
    one = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {kind: list(principals)}}
    return Document(DocumentKind.TRUST, {"Version": "1", "Statement": [one]}, attached_to=("role/ops",))


@pytest.mark.parametrize(
    ("asks", "fresh", "documents", "expected"),
    [
        ("user/a", False, (), Reach.USER),
        ("user/somebody", True, (), Reach.WHOLE_ACCOUNT),
        ("role/ops", False, (), Reach.ROLE),
        ("role/ops", False, (trust(f"acs:ram::{OWN}:root"),), Reach.ROLE),
        ("role/ops", False, (trust(f"acs:ram::{AWAY}:root"),), Reach.ASSUMABLE_ROLE),
        ("role/ops", False, (trust("ecs.aliyuncs.com", kind="Service"),), Reach.ASSUMABLE_ROLE),
        ("role/web", False, (trust(f"acs:ram::{AWAY}:root"),), Reach.ROLE),
        ("access_point/billing", False, (), Reach.ACCESS_POINT),
        ("account", False, (), Reach.OWNER),
        (f"{AWAY}:user/eve", False, (trust(f"acs:ram::{AWAY}:root"),), Reach.OTHER_ACCOUNT),
        ("3000000000000003:user/x", True, (), Reach.EVERYONE),
    ],
)
def test_reach(asks: str, fresh: bool, documents: tuple[Document, ...], expected: Reach) -> None:
    assert reach(world(BASE, more=documents), parse_principal(asks, OWN), fresh=fresh) is expected


def test_the_deployer_that_stands_outside_of_every_address_is_not_said_to_keep_its_rights() -> None:
    addresses = {"IpAddress": {"acs:SourceIp": ["0.0.0.0/0", "::/0"]}}
    shut = world(BASE, statement(own("role/ops"), "kms:*", "Deny", addresses))
    assert needs(OPS, world(BASE), world(BASE)).policy is True
    assert needs(OPS, shut, shut).policy is None
    assert needs(OPS, world(BASE), world(BASE, statement(own("role/ops"), "kms:*", "Deny"))).policy is False


def test_the_default_policy_gives_the_whole_account_everything() -> None:
    default = World("alibaba", OWN, KEY, (default_policy(OWN),))
    assert compare(default, world(statement(own("root"), "kms:*"))).equivalent


@pytest.mark.parametrize("text", ["nobody", "user/", "x:account", ":user/a", "account:", "queen/a"])
def test_a_principal_that_cannot_be_read_names_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: user/NAME"):
        parse_principal(text, OWN)


def test_a_right_that_comes_under_several_conditions_is_told_under_each_of_them() -> None:
    given = [
        {"IpAddress": {"acs:SourceIp": "192.0.2.0/24"}},
        {"Bool": {"acs:MFAPresent": "true"}},
        {"StringEquals": {"acs:SourceVpc": "vpc-1"}},
    ]
    grants = [statement(own("user/a"), "kms:Decrypt", condition=one) for one in given]
    gains = [region for region in compare(world(BASE), world(BASE, *grants)).gains if region.decided]
    assert {region.principal.short(OWN) for region in gains} == {"user/a"}
    for one, request in [
        (given[0], {"source_ip": "192.0.2.10", "mfa": "false"}),
        (given[1], {"source_ip": "203.0.113.10", "mfa": "true"}),
        (given[2], {"vpc": "vpc-1", "mfa": "false"}),
    ]:
        told = [dict(region.witness.attributes) for region in gains]
        assert any(request.items() <= each.items() or _fits_one(one, each) for each in told), (one, told)
    assert len(gains) == len(given)


def _fits_one(condition: dict[str, dict[str, str]], attributes: dict[str, str]) -> bool:
    """Whether a witness meets this condition and, as far as it says, no other one of the test."""
    ((operator, _),) = condition.items()
    met = {
        "IpAddress": attributes.get("source_ip", "").startswith("192.0.2."),
        "Bool": attributes.get("mfa") == "true",
        "StringEquals": attributes.get("vpc") == "vpc-1",
    }
    return met[operator]
