"""The rules of key policies and RAM, one by one, on the pure function."""

from dataclasses import replace

import pytest

from kms_emulator.alibaba.decision import CallFacts, Documents, Why, decide, trusts
from kms_emulator.alibaba.readings import READINGS, SWITCHES, Rules
from kms_emulator.contract import Switch
from tests.emulator.alibaba.support import ACCOUNT, policy, statement

OTHER = "1000000000000002"
KEY = f"acs:kms:cn-hangzhou:{ACCOUNT}:key/key-hzz62ee817bv000000000"
ALICE = f"acs:ram::{ACCOUNT}:user/alice"
CALL = CallFacts("kms:Encrypt", KEY, account=ACCOUNT, name="user/alice", source_ip="203.0.113.7", now=1_700_000_000)
NOTHING = Documents()
DEFAULT = Rules()


def ram(action: object = "kms:*", resource: object = "*", effect: str = "Allow", **more: object) -> dict[str, object]:
    return {"Version": "1", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]}


def by_key(*statements: object, call: CallFacts = CALL, rules: Rules = DEFAULT) -> bool:
    """Whether a key policy alone allows the call."""
    return decide(Documents(key_policy=policy(*statements)), call, rules).allowed


def by_ram(*documents: dict[str, object], call: CallFacts = CALL, rules: Rules = DEFAULT) -> bool:
    """Whether RAM alone allows the call."""
    return decide(Documents(ram=documents), call, rules).allowed


def on(action: str, call: CallFacts = CALL) -> CallFacts:
    return replace(call, action=action)


FOREIGN = replace(CALL, account=OTHER, name="user/bob")
BOB = f"acs:ram::{OTHER}:user/bob"


def test_what_nothing_allows_is_refused() -> None:
    assert decide(NOTHING, CALL) == (False, Why.NOTHING_ALLOWS)


def test_in_the_owner_account_key_policy_or_ram_is_enough() -> None:
    allow = policy(statement(ALICE, "kms:Encrypt"))
    assert decide(Documents(key_policy=allow), CALL) == (True, Why.KEY_POLICY_ALLOWS)
    assert decide(Documents(ram=[ram("kms:Encrypt")]), CALL) == (True, Why.RAM_ALLOWS)
    assert decide(Documents(key_policy=policy(statement(ALICE, "kms:Decrypt")), ram=[ram()]), CALL).allowed


def test_an_explicit_deny_is_final_wherever_it_stands() -> None:
    allow, deny = statement(ALICE, "kms:*"), statement(ALICE, "kms:Encrypt", Effect="Deny")
    assert decide(Documents(key_policy=policy(deny, allow), ram=[ram()]), CALL) == (False, Why.KEY_POLICY_DENIES)
    assert decide(Documents(key_policy=policy(allow, deny), ram=[ram()]), CALL) == (False, Why.KEY_POLICY_DENIES)
    denied = Documents(key_policy=policy(allow), ram=[ram(), ram("kms:Enc*", effect="Deny")])
    assert decide(denied, CALL) == (False, Why.RAM_DENIES)
    assert Why.RAM_DENIES.explicit
    assert not Why.NOTHING_ALLOWS.explicit


def test_in_another_account_key_policy_and_ram_are_both_needed() -> None:
    allow = policy(statement(BOB, "kms:Encrypt"))
    assert decide(Documents(key_policy=allow, ram=[ram()]), FOREIGN) == (True, Why.BOTH_ALLOW)
    assert decide(Documents(key_policy=allow), FOREIGN) == (False, Why.FOREIGN_RAM_SILENT)
    assert decide(Documents(ram=[ram()]), FOREIGN) == (False, Why.FOREIGN_KEY_POLICY_SILENT)


def test_a_key_without_policy_is_closed_to_other_accounts_root_included() -> None:
    root = replace(FOREIGN, name="root")
    assert not decide(Documents(ram=[ram()]), root).allowed
    assert decide(Documents(key_policy=policy(statement(f"acs:ram::{OTHER}:root", "kms:*"))), root).allowed


@pytest.mark.parametrize("action", ["SetKeyPolicy", "GetKeyPolicy", "DisableKey", "ScheduleKeyDeletion", "CreateAlias",
                                    "UntagResource", "UpdateRotationPolicy", "ListResourceTags"])  # fmt: skip
def test_principals_of_other_accounts_never_administer(action: str) -> None:
    documents = Documents(key_policy=policy(statement(BOB, "kms:*")), ram=[ram()])
    assert decide(documents, on(f"kms:{action}", FOREIGN)) == (False, Why.FOREIGN_ADMINISTRATION)
    own = Documents(key_policy=policy(statement(ALICE, "kms:*")))
    assert decide(own, on(f"kms:{action}")).allowed


@pytest.mark.parametrize("action", ["Decrypt", "ReEncryptFrom", "GenerateDataKeyWithoutPlaintext", "AsymmetricSign",
                                    "GetPublicKey", "DescribeKey", "ListKeyVersions", "TagResource"])  # fmt: skip
def test_everything_for_another_account_is_use_only(action: str) -> None:
    documents = Documents(key_policy=policy(statement(BOB, "kms:*")), ram=[ram()])
    assert decide(documents, on(f"kms:{action}", FOREIGN)).allowed


def test_the_account_itself_has_everything_but_what_is_denied() -> None:
    root = replace(CALL, name="root")
    assert decide(NOTHING, root) == (True, Why.RAM_ALLOWS)
    everyone = statement(f"acs:ram::{ACCOUNT}:*", "kms:*", Effect="Deny")
    assert decide(Documents(key_policy=policy(everyone)), root) == (False, Why.KEY_POLICY_DENIES)


@pytest.mark.parametrize(
    ("principal", "name", "fits"),
    [
        ("user/alice", "user/alice", True), ("user/alice", "user/alicia", False), ("user/alice", "role/alice", False),
        ("user/alice", "user/Alice", False), ("user/al*", "user/alice", True), ("user/alic?", "user/alice", True),
        ("role/alice", "role/alice", True), ("role/*", "role/x", True), ("role/*", "user/x", False),
        ("*", "user/alice", True), ("*", "role/x", True), ("*", "root", True), ("root", "root", True),
        ("root", "user/alice", True), ("user/*", "root", False),
    ],
)  # fmt: skip
def test_principals(principal: str, name: str, fits: bool) -> None:
    entry = statement([f"acs:ram::{OTHER}:*", f"acs:ram::{ACCOUNT}:{principal}"], "kms:Encrypt", Effect="Deny")
    decision = decide(Documents(key_policy=policy(entry), ram=[ram()]), replace(CALL, name=name))
    assert decision.allowed is not fits


def test_the_same_name_in_another_account_is_somebody_else() -> None:
    assert not by_key(statement(f"acs:ram::{OTHER}:user/alice", "kms:*"))


def test_order_repetition_sid_and_one_text_for_a_list_mean_nothing() -> None:
    for form in (statement(ALICE, "kms:Encrypt"), statement([ALICE, ALICE], "kms:Encrypt", "kms:Encrypt", Sid="x"),
                 statement(ALICE, Action="kms:Encrypt", Resource="*")):  # fmt: skip
        assert by_key(form)
        assert by_key(form, form)


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("kms:Encrypt", True), ("kms:*", True), ("kms:En*", True), ("kms:?ncrypt", True), ("kms:*crypt", True),
     ("kms:Encryp", False), ("kms:Encrypt?", False), ("kms:Encrypt*", True), ("kms:**t", True)],
)  # fmt: skip
def test_wildcards_in_actions(pattern: str, fits: bool) -> None:
    assert by_key(statement(ALICE, pattern)) is fits
    assert by_ram(ram(pattern)) is fits


def test_ram_ignores_the_case_of_actions() -> None:
    assert by_ram(ram("KMS:encrypt"))


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("*", True), (KEY, True), ("acs:kms:*:*:key/*", True), ("acs:kms:*", True), ("acs:kms:cn-beijing:*:key/*", False),
     (f"acs:kms:cn-hangzhou:{ACCOUNT}:key/key-hzz*", True), ("acs:kms:*:*:alias/*", False), ("acs:kms:*:*:key", False),
     (KEY[:-1] + "?", True), (f"acs:kms:*:{OTHER}:key/*", False)],
)  # fmt: skip
def test_resources_in_ram(pattern: str, fits: bool) -> None:
    assert by_ram(ram(resource=["acs:oss:*", pattern])) is fits


def test_a_container_is_not_one_of_its_keys() -> None:
    listing = replace(CALL, action="kms:ListKeys", resource=f"acs:kms:cn-hangzhou:{ACCOUNT}:key")
    assert not by_ram(ram(resource="acs:kms:*:*:key/*"), call=listing)
    assert by_ram(ram(resource="acs:kms:*:*:key"), call=listing)


def test_what_is_not_named_is_meant_by_not_action_and_not_resource() -> None:
    def without(element: str, value: str) -> dict[str, object]:
        entry = {"Effect": "Allow", "Action": "*", "Resource": "*", element: value}
        del entry[element.removeprefix("Not")]
        return {"Version": "1", "Statement": [entry]}

    assert by_ram(without("NotAction", "kms:Decrypt"))
    assert not by_ram(without("NotAction", "kms:ENCRYPT"))
    assert by_ram(without("NotResource", "acs:oss:*"))
    assert not by_ram(without("NotResource", KEY))
    assert not by_ram(without("NotResource", "acs:oss:*"), rules=Rules(not_resource="ignored"))


def holds(operator: str, key: str, *values: object, call: CallFacts = CALL, rules: Rules = DEFAULT) -> bool:
    allowed = by_key(statement(ALICE, "kms:*", Condition={operator: {key: list(values)}}), call=call, rules=rules)
    assert allowed is by_ram(ram(Condition={operator: {key: list(values)}}), call=call, rules=rules)
    return allowed


TAGGED = replace(CALL, tags={"app": "Pay", "n": "7", "day": "2023-11-14T22:13:20Z"})
AT = "2023-11-14T22:13:20Z"  # the moment of the call


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "kms:tag/app", ["Pay"], True), ("StringEquals", "kms:tag/app", ["pay"], False),
        ("StringEquals", "kms:tag/app", ["P*"], False), ("StringEquals", "kms:tag/app", ["x", "Pay"], True),
        ("StringNotEquals", "kms:tag/app", ["pay"], True), ("StringNotEquals", "kms:tag/app", ["x", "Pay"], False),
        ("StringEqualsIgnoreCase", "kms:tag/app", ["pAY"], True),
        ("StringNotEqualsIgnoreCase", "kms:tag/app", ["pAY"], False),
        ("StringLike", "kms:tag/app", ["P?y"], True), ("StringLike", "kms:tag/app", ["p*"], False),
        ("StringNotLike", "kms:tag/app", ["P*"], False), ("StringNotLike", "kms:tag/app", ["x*", "y*"], True),
        ("NumericEquals", "kms:tag/n", [7], True), ("NumericEquals", "kms:tag/n", ["7.0"], True),
        ("NumericNotEquals", "kms:tag/n", ["8"], True), ("NumericLessThan", "kms:tag/n", ["7"], False),
        ("NumericLessThanEquals", "kms:tag/n", ["7"], True), ("NumericGreaterThan", "kms:tag/n", ["6.9"], True),
        ("NumericGreaterThanEquals", "kms:tag/n", ["8"], False), ("NumericEquals", "kms:tag/app", ["7"], False),
        ("DateEquals", "acs:CurrentTime", ["2023-11-15T06:13:20+08:00"], True),
        ("DateNotEquals", "acs:CurrentTime", [AT], False), ("DateLessThan", "acs:CurrentTime", [AT], False),
        ("DateLessThanEquals", "acs:CurrentTime", [AT], True),
        ("DateGreaterThan", "acs:CurrentTime", ["2023-11-15T06:13:19+08:00"], True),
        ("DateGreaterThanEquals", "acs:CurrentTime", ["2023-11-14T22:13:21Z"], False),
        ("DateEquals", "kms:tag/day", [AT], True),
        ("Bool", "acs:SecureTransport", ["true"], True), ("Bool", "acs:SecureTransport", [False], False),
        ("Bool", "acs:MFAPresent", ["false"], True),
        ("IpAddress", "acs:SourceIp", ["203.0.113.0/24"], True), ("IpAddress", "acs:SourceIp", ["203.0.113.7"], True),
        ("IpAddress", "acs:SourceIp", ["198.51.100.0/24", "2001:db8::/32"], False),
        ("NotIpAddress", "acs:SourceIp", ["198.51.100.0/24"], True),
        ("NotIpAddress", "acs:SourceIp", ["198.51.100.0/24", "203.0.113.0/24"], False),
    ],
)  # fmt: skip
def test_operators(operator: str, key: str, values: list[object], expected: bool) -> None:
    assert holds(operator, key, *values, call=TAGGED) is expected


def test_operators_and_keys_are_all_needed() -> None:
    good = {"IpAddress": {"acs:SourceIp": "203.0.113.7"}, "StringEquals": {"kms:tag/app": "Pay", "kms:tag/n": "7"}}
    assert by_key(statement(ALICE, "kms:*", Condition=good), call=TAGGED)
    for bad in (
        {**good, "Bool": {"acs:MFAPresent": "true"}},
        {**good, "StringEquals": {"kms:tag/app": "Pay", "n": "7"}},
    ):
        assert not by_key(statement(ALICE, "kms:*", Condition=bad), call=TAGGED)


def test_a_call_through_a_vpc_has_a_private_address_only() -> None:
    inside = replace(CALL, source_ip="", vpc="vpc-one", vpc_source_ip="192.168.0.7")
    assert holds("StringEquals", "acs:SourceVpc", "vpc-one", call=inside)
    assert holds("IpAddress", "acs:VpcSourceIp", "192.168.0.0/16", call=inside)
    assert not holds("IpAddress", "acs:SourceIp", "0.0.0.0/0", call=inside)
    assert not holds("StringEquals", "acs:SourceVpc", "vpc-one")


def test_a_condition_on_a_deny_limits_the_deny() -> None:
    outside = {"NotIpAddress": {"acs:SourceIp": "198.51.100.0/24"}}
    documents = Documents(key_policy=policy(statement(ALICE, "kms:*", Effect="Deny", Condition=outside)), ram=[ram()])
    assert not decide(documents, CALL).allowed
    assert decide(documents, replace(CALL, source_ip="198.51.100.9")).allowed


def test_a_session_policy_only_takes_away() -> None:
    role = replace(CALL, name="role/deployer")
    limited = Documents(ram=[ram()], session=ram("kms:Decrypt"))
    assert decide(limited, role) == (False, Why.SESSION_SILENT)
    assert decide(limited, on("kms:Decrypt", role)).allowed
    assert not decide(Documents(session=ram()), role).allowed
    assert decide(Documents(ram=[ram()], session=ram(effect="Deny")), role) == (False, Why.SESSION_DENIES)


@pytest.mark.parametrize(
    ("field", "second", "first"),
    [
        ("key_policy_case", lambda rules: by_key(statement(ALICE, "kms:encrypt"), rules=rules), False),
        ("unlisted_actions", lambda rules: by_key(
            statement(ALICE, "kms:Asymmetric*"), call=on("kms:AsymmetricSign"), rules=rules), False),
        ("whole_foreign_account", lambda rules: decide(Documents(policy(
            statement(f"acs:ram::{OTHER}:root", "kms:*")), [ram()]), FOREIGN, rules).allowed, True),
        ("root_principal", lambda rules: by_key(statement(f"acs:ram::{ACCOUNT}:root", "kms:*"), rules=rules), True),
        ("absent_negated", lambda rules: holds("StringNotEquals", "kms:tag/app", "x", rules=rules), False),
        ("block_ends", lambda rules: holds("IpAddress", "acs:SourceIp", "203.0.113.0/29", rules=rules), True),
        ("host_bits", lambda rules: holds("IpAddress", "acs:SourceIp", "203.0.113.1/24", rules=rules), True),
        ("session_policy", lambda rules: not decide(Documents(
            key_policy=policy(statement(ALICE, "kms:*")), session=ram("kms:Decrypt")), CALL, rules).allowed, True),
    ],
)  # fmt: skip
def test_open_rules_can_be_read_in_two_ways(field: str, second: object, first: bool) -> None:
    assert callable(second)
    other = SWITCHES[f"access_{field}"].choices[-1]
    assert second(Rules()) is first
    assert second(Rules(**{field: str(other)})) is not first


def test_actions_that_are_not_listed_are_covered_by_the_star_alone() -> None:
    sign = on("kms:AsymmetricSign")
    assert by_key(statement(ALICE, "kms:*"), call=sign)
    assert not by_key(statement(ALICE, "kms:AsymmetricSign"), call=sign)
    denied = Documents(key_policy=policy(statement(ALICE, "kms:AsymmetricSign", Effect="Deny")), ram=[ram()])
    assert decide(denied, sign).allowed
    assert by_key(statement(ALICE, "kms:Get*"), call=on("kms:GetPublicKey"))


def test_the_bare_star_is_everybody_only_when_a_switch_says_so() -> None:
    for principal in ("*", {"RAM": "*"}):
        entry = {**statement(ALICE, "kms:*"), "Principal": principal}
        assert by_key(entry, rules=Rules(undocumented_principals="effective"))
        assert not by_key(entry, rules=Rules(undocumented_principals="without effect"))


def test_a_service_is_nobody() -> None:
    entry = {**statement(ALICE, "kms:*"), "Principal": {"Service": ["ecs.aliyuncs.com"]}}
    assert not by_key(entry, rules=Rules(undocumented_principals="effective"))


def test_a_role_trusts_whom_its_document_names() -> None:
    role = replace(CALL, action="sts:AssumeRole", resource=f"acs:ram::{ACCOUNT}:role/deployer")

    def trusted(principal: str, call: CallFacts = role, **more: object) -> bool:
        return trusts(policy(statement(principal, "sts:AssumeRole", **more)), call, DEFAULT)

    assert trusted(ALICE)
    assert trusted(f"acs:ram::{ACCOUNT}:root")
    assert not trusted(f"acs:ram::{OTHER}:root")
    assert trusted(f"acs:ram::{OTHER}:root", replace(role, account=OTHER))
    assert not trusted(ALICE, Condition={"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}})
    both = policy(statement(ALICE, "sts:AssumeRole"), statement(ALICE, "sts:*", Effect="Deny"))
    assert not trusts(both, role, DEFAULT)


def test_every_reading_has_a_mark_and_every_open_one_that_can_be_switched_has_a_switch() -> None:
    assert {reading.mark for reading in READINGS} == {"v", "i", "o"}
    fields = [reading.field for reading in READINGS if reading.field]
    assert sorted(fields) == sorted(Rules.__dataclass_fields__)
    for reading in READINGS:
        if reading.field:
            switch = SWITCHES[f"access_{reading.field}"]
            assert isinstance(switch, Switch)
            assert switch.default == getattr(DEFAULT, reading.field) == reading.choices[0]
