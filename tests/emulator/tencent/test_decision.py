"""The decision by CAM documents as a pure function: every rule, and both sides of every open one."""

from typing import Any

import pytest

from kms_emulator.tencent.decision import CallFacts, decide
from kms_emulator.tencent.decision_conditions import COMPARISONS, comparison
from kms_emulator.tencent.known_actions import LISTED
from kms_emulator.tencent.readings import READINGS, SWITCHES, Rules
from kms_emulator.tencent.services import SERVICES
from kms_emulator.tencent.targets import ON_KEYS, OPERATIONS
from tests.emulator.tencent.support import document, statement

UIN, OWNER = "100000000003", "100000000001"
PATH = "key/creatorUin/100000000001/11111111-2222-3333-4444-555555555555"
KEY = f"qcs::kms:ap-guangzhou:uin/{OWNER}:{PATH}"
NOON = 1_700_006_400.0  # 2023-11-15T00:00:00Z


def facts(action: str = "kms:Encrypt", resource: str = KEY, **more: Any) -> CallFacts:
    given = {"region": "ap-guangzhou", "source_ip": "10.1.2.3", "now": NOON, "app_id": "1250000001", **more}
    return CallFacts(action, resource, owner_uin=OWNER, uin=UIN, **given)


def allowed(call: CallFacts, *statements: dict[str, Any], **rules: str) -> bool:
    return decide([document(*statements)], call, Rules(**rules)).allowed


def fits(resource: str, call: CallFacts | None = None, **rules: str) -> bool:
    return allowed(call or facts(), statement("allow", "kms:*", resource), **rules)


def meets(condition: dict[str, Any], call: CallFacts | None = None, **rules: str) -> bool:
    return allowed(call or facts(), statement("allow", "*", **condition), **rules)


def test_what_no_statement_allows_is_refused_with_a_reason() -> None:
    assert decide([], facts()) == (False, "no statement allows")
    assert decide([document(statement("allow", "kms:Decrypt"))], facts()) == (False, "no statement allows")


def test_an_allow_counts_from_any_document() -> None:
    documents = [document(statement("allow", "tag:*")), document(statement("allow", "kms:Encrypt"))]
    assert decide(documents, facts()) == (True, "statement 1 of document 2 allows")


@pytest.mark.parametrize("order", [1, -1])
def test_a_deny_beats_every_allow_whatever_the_order(order: int) -> None:
    documents = [document(statement("allow", "*")), document(statement("deny", "kms:Enc*"))][::order]
    assert decide(documents, facts()).allowed is False
    assert "denies" in decide(documents, facts()).why


def test_a_statement_may_stand_without_its_list() -> None:
    assert decide([{"version": "2.0", "statement": statement("allow", "kms:*")}], facts()).allowed


@pytest.mark.parametrize(
    "pattern", ["*", "*:*", "kms:*", "kms:Encrypt", "name/kms:Encrypt", "name/kms:*", "kms:E*", "kms:*crypt", "kms:E*t"]
)
def test_actions_are_named_with_or_without_prefix_and_with_stars(pattern: str) -> None:
    assert allowed(facts(), statement("allow", pattern))


@pytest.mark.parametrize("pattern", ["kms:Decrypt", "kms:Encryp", "kms:Encrypt?", "kms:?ncrypt", "tag:*", "kms:ReE*"])
def test_other_actions_do_not_fit(pattern: str) -> None:
    assert not allowed(facts(), statement("allow", pattern))


def test_names_of_api_2_are_other_actions() -> None:
    assert not allowed(facts("kms:ListKeys", "*"), statement("allow", ["kms:ListKey", "kms:GetKeyAttributes"]))


def test_case_of_actions_is_an_open_rule() -> None:
    assert not allowed(facts(), statement("allow", "kms:encrypt"))
    assert allowed(facts(), statement("allow", "KMS:encrypt"), action_case="ignored")


@pytest.mark.parametrize(
    "resource",
    [
        "*", KEY, f"qcs::kms:::{PATH}", f"qcs::kms::uin/:{PATH}", f"qcs::::uin/{OWNER}:{PATH}", "qcs::kms:::*",
        "qcs::kms:::key/*", f"qcs::kms:ap-guangzhou:uin/{OWNER}:key/*", "qcs::kms:::key/creatorUin/100000000001/*",
        f"qcs:id/0:kms:::{PATH}", "qcs::kms:*::key/*", "qcs::kms:::key/creatorUin/*/11111111-*",
        "qcs::kms:::key/creatorUin/${owner_uin}/*",
    ],
)  # fmt: skip
def test_a_key_is_reached_by(resource: str) -> None:
    assert fits(resource)


@pytest.mark.parametrize(
    "resource",
    [
        f"qcs::kms:ap-shanghai:uin/{OWNER}:{PATH}", f"qcs::kms:ap-guangzhou:uin/200000000001:{PATH}",
        f"qcs::tag:::{PATH}", "qcs::kms:::key/creatorUin/100000000002/*", "qcs::kms:::key/creatorUin/100000000001",
        "qcs::kms:::key/creatorUin/100000000001/", "qcs::kms:::key/11111111-2222-3333-4444-555555555555",
        "qcs::kms:gz::key/*", f"qcs:id/7:kms:::{PATH}", "qcs::kms::uin/*:key/*", "qcs::kms::*:key/*",
        "qcs::kms:::key/creatorUin/${uin}/*", "qcs::kms:::${unknown}", "key/*", "qcs:kms:key/*",
    ],
)  # fmt: skip
def test_a_key_is_not_reached_by(resource: str) -> None:
    assert not fits(resource)


def test_open_rules_on_resources_can_be_read_the_other_way() -> None:
    assert not fits("qcs::kms:*::key/*", region_star="nothing")
    assert fits("qcs::kms:gz::key/*", short_regions="known")
    assert not fits("qcs::kms:sh::key/*", short_regions="known")
    assert fits("qcs::kms:::key/creatorUin/100000000001/", directory="below")
    assert not fits("qcs::kms:::key/creatorUin/100000000001", directory="below")


def test_variables_stand_for_the_caller_in_the_last_segment_only() -> None:
    own = facts(resource=f"qcs::kms:ap-guangzhou:uin/{OWNER}:key/creatorUin/{UIN}/1")
    assert fits("qcs::kms:::key/creatorUin/${uin}/*", own)
    assert not fits("qcs::kms::uin/${owner_uin}:key/*", own)
    assert not allowed(own, statement("allow", "kms:${uin}"))


def test_the_variable_app_id_is_an_open_rule() -> None:
    call = facts(resource=f"qcs::kms:ap-guangzhou:uin/{OWNER}:key/1250000001")
    assert fits("qcs::kms:::key/${app_id}", call)
    assert not fits("qcs::kms:::key/${app_id}", call, app_id="unknown")


@pytest.mark.parametrize("action", ["CreateKey", "ListKeys", "ListKeyDetail", "GetServiceStatus"])
@pytest.mark.parametrize(
    ("resource", "reached"),
    [("*", True), ("qcs::kms:::*", True), ("qcs::kms:::key/*", True), ("qcs::kms:ap-guangzhou::key/*", True),
     ("qcs::kms:ap-beijing::key/*", False), ("qcs::tag:::*", False), (KEY, False),
     ("qcs::kms:::key/creatorUin/100000000001/*", False)],
)  # fmt: skip
def test_operations_on_all_keys_are_reached_by_all_keys(action: str, resource: str, reached: bool) -> None:
    assert fits(resource, facts(f"kms:{action}", "*")) is reached


@pytest.mark.parametrize(("resource", "reached"), [("*", True), ("qcs::kms:::*", True), ("qcs::kms:::key/*", False)])
def test_other_operations_are_reached_by_everything_only(resource: str, reached: bool) -> None:
    assert fits(resource, facts("kms:GenerateRandom", "*")) is reached


def test_a_deny_on_a_single_key_does_not_touch_operations() -> None:
    statements = [statement("allow", "kms:*"), statement("deny", "kms:*", KEY)]
    assert allowed(facts("kms:CreateKey", "*"), *statements)
    assert not allowed(facts(), *statements)


def test_roles_of_other_accounts_are_named_with_their_account() -> None:
    role = "qcs::cam::uin/200000000001:roleName/reader"
    call = facts("sts:AssumeRole", role, also_named=("qcs::cam::uin/200000000001:role/7",))
    for named in (role, "qcs::cam::uin/200000000001:role/7", "qcs::cam::uin/200000000001:roleName/*", "*"):
        assert allowed(call, statement("allow", "sts:AssumeRole", named))
    assert not allowed(call, statement("allow", "sts:AssumeRole", "qcs::cam:::roleName/reader"))


@pytest.mark.parametrize(
    ("value", "met"),
    [("10.1.2.3", True), ("10.1.2.0/24", True), ("10.1.2.200/24", True), (["192.168.0.0/16", "10.0.0.0/8"], True),
     ("10.1.3.0/24", False), ("::/0", False)],
)  # fmt: skip
def test_addresses_are_compared_with_blocks_whose_host_bits_mean_nothing(value: Any, met: bool) -> None:
    assert meets({"ip_equal": {"qcs:ip": value}}) is met
    assert meets({"ip_not_equal": {"qcs:ip": value}}) is not met


def test_bind_cloud_resource_has_no_address() -> None:
    bind = facts("kms:BindCloudResource")
    assert not meets({"ip_equal": {"qcs:ip": "0.0.0.0/0"}}, bind)
    assert meets({"ip_equal_if_exist": {"qcs:ip": "10.9.9.9"}}, bind)


@pytest.mark.parametrize(
    ("operator", "day", "met"),
    [("date_less_than", "2023-11-15T00:00:01Z", True), ("date_less_than", "2023-11-15T00:00:00Z", False),
     ("date_less_than_equal", "2023-11-15T00:00Z", True), ("date_greater_than", "2023-11-14T23:59:59Z", True),
     ("date_greater_than", "2023-11-15T00:00:00Z", False), ("date_greater_than_equal", "2023-11-15T00:00:00Z", True),
     ("date_equal", "2023-11-15T 00:00:00Z", True), ("date_not_equal", "2023-11-15T00:00:00Z", False)],
)  # fmt: skip
def test_dates_are_utc_with_or_without_seconds(operator: str, day: str, met: bool) -> None:
    assert meets({operator: {"qcs:current_time": day}}) is met


@pytest.mark.parametrize(
    ("operator", "wanted", "met"),
    [("string_equal", "blue", True), ("string_equal", "Blue", False), ("string_equal", "b*", False),
     ("string_not_equal", ["red", "green"], True), ("string_not_equal", ["red", "blue"], False),
     ("string_equal_ignore_case", "BLUE", True), ("string_not_equal_ignore_case", "BLUE", False),
     ("string_like", "b*e", True), ("string_like", "b?ue", False), ("string_not_like", "b*", False),
     ("binary_equal", "blue", True), ("null_equal", "false", True), ("null_equal", "true", False)],
)  # fmt: skip
def test_texts_are_compared_as_the_operator_says(operator: str, wanted: Any, met: bool) -> None:
    assert meets({operator: {"kms:colour": wanted}}, facts(more={"kms:colour": ("blue",)})) is met


@pytest.mark.parametrize(
    ("operator", "wanted", "met"),
    [("numeric_equal", 5, True), ("numeric_equal", "5.0", True), ("numeric_not_equal", 5, False),
     ("numeric_less_than", 6, True), ("numeric_less_than_equal", 5, True), ("numeric_greater_than", 5, False),
     ("numeric_greater_than_equal", "4", True)],
)  # fmt: skip
def test_numbers_are_compared_by_size(operator: str, wanted: Any, met: bool) -> None:
    assert meets({operator: {"kms:size": wanted}}, facts(more={"kms:size": ("5",)})) is met


@pytest.mark.parametrize("wanted", [True, "true", "True"])
def test_truths_are_compared_without_case(wanted: Any) -> None:
    assert meets({"bool_equal": {"kms:mfa": wanted}}, facts(more={"kms:mfa": ("true",)}))


def test_blocks_and_keys_must_all_hold_and_of_values_one() -> None:
    right, wrong = {"qcs:ip": ["10.9.9.9", "10.1.2.3"]}, {"qcs:uin": "1"}
    assert meets({"ip_equal": right, "string_equal": {"qcs:uin": UIN, "qcs:owner_uin": OWNER}})
    assert not meets({"ip_equal": right, "string_equal": wrong})
    assert not meets({"string_equal": {"qcs:uin": UIN, "qcs:owner_uin": "1"}})


def test_variables_are_filled_into_values() -> None:
    assert meets({"string_equal": {"qcs:uin": "${uin}"}})
    assert not meets({"string_equal": {"qcs:uin": "${owner_uin}"}})


def test_condition_keys_keep_their_case() -> None:
    assert not meets({"string_equal": {"qcs:UIN": UIN}})


@pytest.mark.parametrize("operator", sorted(set(COMPARISONS) - {"null_equal"}))
def test_a_key_the_call_does_not_have_holds_with_if_exist_only(operator: str) -> None:
    wanted = {"ip": "10.0.0.0/8", "date": "2023-11-15T00:00:00Z", "numeric": "5", "bool": "true"}
    value = wanted.get(operator.partition("_")[0], "blue")
    assert meets({f"{operator}_if_exist": {"kms:absent": value}})
    assert not meets({operator: {"kms:absent": value}})
    assert meets({operator: {"kms:absent": value}}, absent_negated="holds") is COMPARISONS[operator].negated


def test_absence_itself_can_be_asked_for() -> None:
    assert meets({"null_equal": {"kms:absent": "true"}})
    assert not meets({"null_equal": {"kms:absent": "false"}})


TAGGED = facts(resource_tags=("env&prod", "team&pay"))


@pytest.mark.parametrize(
    ("operator", "wanted", "met"),
    [("for_any_value:string_equal", "env&prod", True), ("for_any_value:string_equal", ["a&b", "team&pay"], True),
     ("for_any_value:string_equal", "env&dev", False), ("for_any_value:string_not_equal", "env&prod", True),
     ("for_all_value:string_equal", "env&prod", False), ("for_all_value:string_equal", ["env&prod", "team&pay"], True),
     ("string_equal", "env&prod", True), ("string_not_equal", "env&prod", False),
     ("string_not_equal", "env&dev", True)],
)  # fmt: skip
def test_several_tags_are_asked_for_one_or_all(operator: str, wanted: Any, met: bool) -> None:
    assert meets({operator: {"qcs:resource_tag": wanted}}, TAGGED) is met


def test_plain_operators_on_several_values_are_an_open_rule() -> None:
    one = facts(resource_tags=("env&prod",))
    for call, met in ((TAGGED, False), (one, True)):
        assert meets({"string_equal": {"qcs:resource_tag": "env&prod"}}, call, several_values="never") is met


@pytest.mark.parametrize(
    ("operator", "met"),
    [("for_any_value:string_equal", False), ("for_any_value:string_equal_if_exist", True),
     ("for_all_value:string_equal", True)],
)  # fmt: skip
def test_a_key_without_tags_has_no_tag_to_ask_for(operator: str, met: bool) -> None:
    assert meets({operator: {"qcs:resource_tag": "env&prod"}}) is met


def test_tags_in_the_request_are_a_key_of_their_own() -> None:
    call = facts("kms:CreateKey", "*", request_tags=("env&dev",))
    assert meets({"for_any_value:string_equal": {"qcs:request_tag": "env&dev"}}, call)
    assert not meets({"for_any_value:string_equal": {"qcs:resource_tag": "env&dev"}}, call)


@pytest.mark.parametrize("name", ["ip_like", "for_any_value:null_equal", "null_equal_if_exist", "String_equal", ""])
def test_what_is_no_operator_never_holds(name: str) -> None:
    assert comparison(name) is None
    assert not meets({name: {"qcs:uin": UIN}})


def test_values_that_cannot_be_read_fit_nothing() -> None:
    assert not meets({"ip_equal": {"qcs:ip": "nowhere"}})
    assert not meets({"ip_equal": {"qcs:ip": "10.0.0.0/8"}}, facts(source_ip="nowhere"))
    assert not meets({"date_less_than": {"qcs:current_time": "2023-13-45T00:00:00Z"}})
    assert not meets({"date_less_than": {"qcs:current_time": "tomorrow"}})


def test_each_open_rule_has_a_switch_with_its_default() -> None:
    assert {reading.field for reading in READINGS if reading.field} == set(vars(Rules()))
    assert {name.removeprefix("access_"): switch.default for name, switch in SWITCHES.items()} == vars(Rules())
    assert {reading.mark for reading in READINGS} == {"v", "i", "o"}


def test_each_action_of_kms_is_asked_on_a_key_or_at_operation_level_and_can_be_named() -> None:
    actions = set(SERVICES["kms"].actions)
    assert set(ON_KEYS) | OPERATIONS == actions
    assert not set(ON_KEYS) & OPERATIONS
    assert actions | SERVICES["kms"].gaps < LISTED["kms"]
