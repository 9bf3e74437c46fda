"""Each rule finds what its own bad example shows, nothing in the good one, and knows the cases in between."""

from datetime import date

import pytest

from kms_resources.rules import RULES, Credential, Rule, RuleSeverity
from tests.unit.rules.support import findings, found, native, policy, said

ADMINS = "admins: {principals: [role/key-admin], actions: [administer, policy, read]}"
OWN = "acs:ram::1000000000000001"
ALL_RULES = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def credentials(kind: str) -> tuple[Credential, ...]:
    return (Credential("billing", "KAAP.example", date(2026 if kind == "bad" else 2027, 6, 15)),)


@ALL_RULES
def test_a_rule_finds_its_bad_example(rule: Rule) -> None:
    result = [one for one in findings(rule.bad, credentials=credentials("bad")).found if one.rule == rule.id]
    assert len(result) == 1
    assert result[0].severity is rule.severity
    assert result[0].position.line > 1
    assert result[0].message[0].islower() or result[0].message[0].isdigit()
    assert not result[0].message.endswith(".")


@ALL_RULES
def test_a_rule_finds_nothing_in_its_good_example(rule: Rule) -> None:
    assert [one for one in findings(rule.good, credentials=credentials("good")).found if one.rule == rule.id] == []


@ALL_RULES
def test_a_rule_can_be_switched_off_and_changed_in_severity(rule: Rule) -> None:
    off = findings(rule.bad, f"version: 1\nrules: {{{rule.id}: off}}\n", credentials("bad"))
    other = next(each for each in RuleSeverity if each is not rule.severity)
    changed = findings(rule.bad, f"version: 1\nrules: {{{rule.id}: {other}}}\n", credentials("bad"))
    assert rule.id not in {one.rule for one in off.found}
    assert {one.severity for one in changed.found if one.rule == rule.id} == {other}


@ALL_RULES
def test_a_rule_says_why_and_what_instead(rule: Rule) -> None:
    assert rule.reason.endswith(".")
    assert not rule.title.endswith(".")
    assert rule.remedy
    assert rule.bad != rule.good


@pytest.mark.parametrize(
    "key",
    [
        "{target: guangzhou, spec: RSA_2048, usage: SIGN_VERIFY}",
        "{target: guangzhou, spec: SM4, origin: EXTERNAL}",
        "{target: guangzhou, spec: SM4, rotation: {every_days: 7}}",
    ],
    ids=["asymmetric", "material-from-outside", "rotating"],
)
def test_a_key_that_cannot_rotate_or_does_is_left_alone(key: str) -> None:
    assert found("no-rotation", f"keys: {{orders: {key}}}\n") == []


def test_rotation_from_the_defaults_counts() -> None:
    text = "defaults: {rotation: {every_days: 90}}\nkeys: {orders: {target: guangzhou, spec: SM4}}\n"
    assert found("no-rotation", text) == []


def test_rotation_that_is_switched_off_is_found_where_that_stands() -> None:
    text = "keys:\n  orders: {target: guangzhou, spec: SM4, rotation: off}\n"
    assert [(one.position.line, one.position.column) for one in found("no-rotation", text)] == [(7, 52)]


def test_the_shortest_wait_can_be_made_longer_by_a_parameter() -> None:
    text = "keys: {cold: {target: north, spec: SM4, deletion: {policy: schedule, window_days: 14}}}\n"
    config = "version: 1\nrules: {deletion-window-at-minimum: {days: 14}}\n"
    assert said("deletion-window-at-minimum", text) == []
    assert said("deletion-window-at-minimum", text, config) == [
        "keys.cold.deletion.window_days: after 14 days its data is lost; that wait is no more than 14"
    ]


def test_a_wait_means_nothing_while_deletion_is_prevented() -> None:
    text = "keys: {cold: {target: north, spec: SM4, deletion: {policy: prevent, window_days: 7}}}\n"
    assert found("deletion-window-at-minimum", text) == []


def test_protection_is_asked_only_where_the_cloud_offers_it() -> None:
    text = "keys: {orders: {target: guangzhou, spec: SM4, deletion: {policy: schedule}}}\n"
    assert found("schedule-policy-without-protection", text) == []


def test_the_owner_is_asked_by_the_name_of_ones_own_tag_and_only_where_there_are_tags() -> None:
    text = "keys: {orders: {target: guangzhou, spec: SM4, tags: {owner: payments}}, cold: {target: north, spec: SM4}}\n"
    config = "version: 1\nrules: {no-owner-tag: {tag: team}}\n"
    assert said("no-owner-tag", text) == []
    assert said("no-owner-tag", text, config) == ["keys.orders.tags: the key has no tag team"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-05-31", "its material ended on 2026-05-31: then nothing can be decrypted"),
        ("2026-06-01", "its material ended on 2026-06-01: then nothing can be decrypted"),
        ("2026-06-02", "its material ends on 2026-06-02, in 1 day: then nothing can be decrypted"),
        ("2026-07-01", "its material ends on 2026-07-01, in 30 days: then nothing can be decrypted"),
        ("2026-07-02", ""),
        ("never", ""),
    ],
)
def test_material_is_reported_from_30_days_before_its_end(day: str, expected: str) -> None:
    source = f'{{from_env: VAULT_KEY, expires: "{day}"}}'
    text = f"keys: {{vault: {{target: hangzhou, spec: AES_256, origin: EXTERNAL, material: {source}}}}}\n"
    assert [one.message for one in found("expiring-material", text)] == ([expected] if expected else [])


def test_a_credential_of_an_access_point_that_the_stack_does_not_have_is_nobodys_business_here() -> None:
    foreign = (Credential("somebody-elses", "KAAP.example", date(2026, 6, 2)),)
    assert findings(RULES["expiring-client-key"].bad, credentials=foreign).advisory
    assert "expiring-client-key" not in {
        one.rule for one in findings(RULES["expiring-client-key"].bad, credentials=foreign).found
    }


def test_a_disabled_key_that_encrypts_a_secret_is_in_use() -> None:
    text = (
        "keys: {vault: {target: hangzhou, spec: AES_256, enabled: false}, idle: {target: north, spec: SM4,"
        " enabled: false}}\nsecrets: {db: {target: hangzhou, value: {from_env: NOBODY_READS_THIS},"
        " encryption_key: vault}}\n"
    )
    assert said("disabled-key-in-use", text) == ["keys.vault.enabled: the key is disabled, and secret db needs it"]


def test_administration_and_use_are_one_hand_over_several_statements() -> None:
    text = policy(ADMINS, "app: {principals: [role/app, role/key-admin], actions: [decrypt]}")
    assert said("administration-and-use-in-one-hand", text) == [
        "keys.orders.policy.admins.principals.0: role/key-admin has administer, policy and also decrypt"
    ]


def test_a_deny_without_condition_separates_the_hands_again() -> None:
    both = "all: {principals: [role/key-admin], actions: [administer, policy, encrypt, decrypt]}"
    never = "never: {effect: deny, principals: [role/key-admin], actions: [encrypt, decrypt]%s}"
    assert said("administration-and-use-in-one-hand", policy(both, never % "")) == []
    assert len(said("administration-and-use-in-one-hand", policy(both, never % ", conditions: {mfa: false}"))) == 1


def test_a_deny_of_some_calls_of_a_class_does_not_take_the_class() -> None:
    both = "all: {principals: [role/key-admin], actions: [administer, policy, decrypt]}"
    never = 'never: {effect: deny, principals: [role/key-admin], actions: ["kms:Decrypt"]}'
    assert len(said("administration-and-use-in-one-hand", policy(both, never))) == 1


def test_policies_of_tencent_are_read_by_whom_they_are_attached_to() -> None:
    text = policy("all: {principals: [group/apps], actions: [administer, decrypt]}", cloud="guangzhou")
    assert said("administration-and-use-in-one-hand", text) == [
        "keys.orders.policy.all.principals.0: group/apps has administer and also decrypt"
    ]


def test_wildcards_of_a_native_document_are_found_at_their_statement() -> None:
    admins = (
        f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:*"]}}, Action: ["kms:SetKeyPolicy"], Resource: ["*"]}}'
    )
    users = f'{{Effect: Allow, Principal: {{RAM: ["{OWN}:user/app*"]}}, Action: ["kms:Decrypt"], Resource: ["*"]}}'
    results = found("wildcard-principal", native(admins, users))
    assert [(one.path[-2:], one.message) for one in results] == [(("Statement", "1"), "every user/app* may decrypt")]
    assert results[0].position.line == 15


def test_not_principal_lets_everybody_else_in() -> None:
    admins = (
        f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:*"]}}, Action: ["kms:SetKeyPolicy"], Resource: ["*"]}}'
    )
    rest = f'{{Effect: Allow, NotPrincipal: {{RAM: ["{OWN}:user/x"]}}, Action: ["kms:Decrypt"], Resource: ["*"]}}'
    assert [one.message for one in found("wildcard-principal", native(admins, rest))] == [
        "everybody but those who are named may, also in other accounts"
    ]


def test_a_deny_for_everybody_is_no_wildcard_that_lets_anybody_in() -> None:
    admins = (
        f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:*"]}}, Action: ["kms:SetKeyPolicy"], Resource: ["*"]}}'
    )
    deny = '{Effect: Deny, Principal: {RAM: ["*"]}, Action: ["kms:Decrypt"], Resource: ["*"]}'
    assert found("wildcard-principal", native(admins, deny)) == []


def test_an_account_is_ones_own_if_the_document_names_no_other_or_somebody_says_so() -> None:
    one = f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:*"]}}, Action: ["kms:*"], Resource: ["*"]}}'
    two = (
        '{Sid: b, Effect: Allow, Principal: {RAM: ["acs:ram::1000000000000009:role/x"]}, Action: ["kms:Decrypt"],'
        ' Resource: ["*"]}'
    )
    config = 'version: 1\nrules: {decrypt-to-other-account: {accounts: ["1000000000000001", "1000000000000009"]}}\n'
    assert said("decrypt-to-other-account", native(one)) == []
    assert len(said("decrypt-to-other-account", native(one, two))) == 2
    assert all("perhaps another" in text for text in said("decrypt-to-other-account", native(one, two)))
    assert said("decrypt-to-other-account", native(one, two), config) == []
    assert said("decrypt-to-other-account", native(one, two), account="1000000000000001") == [
        "keys.orders.policy.native.Statement.1: role/x of account 1000000000000009, another account, may decrypt"
    ]


PARTNER = 'partner: {principals: ["1000000000000009:role/partner"], actions: [decrypt]}'
AT_PARTNER = "keys.orders.policy.partner.principals.0: role/partner of account 1000000000000009, "


@pytest.mark.parametrize(
    "others",
    [
        (),
        ('again: {principals: ["1000000000000009:user/x"], actions: [encrypt]}',),
        ('all: {principals: ["account:1000000000000009"], actions: [encrypt]}',),
    ],
    ids=["alone", "with-a-user-there", "with-the-account"],
)
def test_a_number_before_a_principal_is_perhaps_another_account_if_nothing_says_which_is_ones_own(
    others: tuple[str, ...],
) -> None:
    assert said("decrypt-to-other-account", policy(PARTNER, *others)) == [
        f"{AT_PARTNER}perhaps another account (name yours in `accounts`), may decrypt"
    ]


def test_a_number_before_a_principal_is_another_account_beside_somebody_without_one() -> None:
    assert said("decrypt-to-other-account", policy(ADMINS, PARTNER)) == [f"{AT_PARTNER}another account, may decrypt"]


@pytest.mark.parametrize(
    ("account", "config", "expected"),
    [
        ("1000000000000001", "", [f"{AT_PARTNER}another account, may decrypt"]),
        ("1000000000000009", "", []),
        ("", 'rules: {decrypt-to-other-account: {accounts: ["1000000000000009"]}}', []),
        (
            "",
            'rules: {decrypt-to-other-account: {accounts: ["1000000000000001"]}}',
            [f"{AT_PARTNER}another account, may decrypt"],
        ),
    ],
    ids=["known", "ones-own", "said-to-be-ones-own", "another-is-ones-own"],
)
def test_a_number_before_a_principal_counts_by_what_is_known(account: str, config: str, expected: list[str]) -> None:
    rules = f"version: 1\n{config}\n" if config else ""
    assert said("decrypt-to-other-account", policy(PARTNER), rules, account) == expected


def test_a_native_star_action_gives_everything() -> None:
    one = f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:role/all"]}}, Action: ["kms:*"], Resource: ["*"]}}'
    assert len(found("administration-and-use-in-one-hand", native(one))) == 1


def test_not_action_gives_all_the_others() -> None:
    one = (
        f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:role/all"]}}, NotAction: ["kms:Encrypt"],'
        ' Resource: ["*"]}'
    )
    (result,) = found("administration-and-use-in-one-hand", native(one))
    assert "administer" in result.message
    assert "decrypt" in result.message


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        ("source_ip: [10.0.0.0/8, 0.0.0.0/0]", "app.conditions.source_ip.1"),
        ('source_ip: ["::/0"]', "app.conditions.source_ip.0"),
        ("source_ip: [0.0.0.0/1, 128.0.0.0/1]", "app.conditions.source_ip"),
        ("private_ip: [0.0.0.0/0]", "app.conditions.private_ip.0"),
        ("source_ip: [0.0.0.0/1]", ""),
        ("mfa: true", ""),
    ],
)
def test_a_condition_that_every_address_meets_is_found(conditions: str, path: str) -> None:
    text = policy(ADMINS, f"app: {{principals: [role/app], actions: [decrypt], conditions: {{{conditions}}}}}")
    assert [".".join(one.path) for one in found("public-network", text)] == (
        [f"keys.orders.policy.{path}"] if path else []
    )


def test_a_deny_of_every_other_address_denies_nobody_if_every_address_is_named() -> None:
    deny = "away: {effect: deny, principals: [role/app], actions: [decrypt], conditions: {not_source_ip: [%s]}}"
    assert len(found("public-network", policy(ADMINS, deny % "0.0.0.0/0"))) == 1
    assert found("public-network", policy(ADMINS, deny % "10.0.0.0/8")) == []


def test_an_access_point_without_network_is_open_unless_it_stands_in_a_vpc() -> None:
    text = (
        "keys: {orders: {target: hangzhou, spec: AES_256}, cold: {target: north, spec: AES_256}}\naccess_points:\n"
        "  open: {target: hangzhou, actions: [use], keys: [orders]}\n"
        "  inside: {target: north, actions: [encrypt], keys: [cold], network: {vpc: vpc-1, subnet: subnet-1}}\n"
    )
    assert said("public-network", text) == [
        "access_points.open.network: no network is named, so a stolen credential works from every address"
    ]


def tencent(statement: str, attached: str = "[role/app]") -> str:
    """A policy in Tencent Cloud's own form."""
    return (
        "keys:\n  orders:\n    target: guangzhou\n    spec: SM4\n    policy:\n      native:\n"
        f'        version: "2.0"\n        attached_to: {attached}\n        statement: {statement}\n'
    )


@pytest.mark.parametrize(
    ("statement", "path"),
    [
        ('[{sid: all, effect: allow, action: "kms:*", resource: "*"}]', ("statement", "0")),
        ('[{effect: allow, action: ["kms:Encrypt"], resource: "*"}, {effect: allow, action: "*", resource: "*"}]',
         ("statement", "0")),
        ('{sid: all, effect: allow, action: ["name/kms:*"], resource: "*"}', ("native", "statement")),
    ],
    ids=["with-sid", "without-sid", "one-statement-without-list"],
)  # fmt: skip
def test_a_native_document_of_tencent_is_read_with_those_it_is_attached_to(
    statement: str, path: tuple[str, str]
) -> None:
    (result,) = found("administration-and-use-in-one-hand", tencent(statement))
    assert result.message.startswith("role/app has administer")
    assert result.path[-2:] == path


def test_an_address_condition_of_a_native_document_is_found_at_its_statement() -> None:
    condition = '{IpAddress: {"acs:SourceIp": ["0.0.0.0/0"]}}'
    one = (
        f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:*"]}}, Action: ["kms:SetKeyPolicy"], Resource: ["*"],'
        f" Condition: {condition}}}"
    )
    two = f'{{Sid: b, Effect: Allow, Principal: {{RAM: ["{OWN}:*"]}}, Action: ["kms:SetKeyPolicy"], Resource: ["*"]}}'
    assert [one.path[-1] for one in found("public-network", native(one, two))] == ["0"]


def test_a_star_alone_is_everybody_in_whichever_account() -> None:
    everyone = native(
        f'{{Sid: a, Effect: Allow, Principal: {{RAM: ["{OWN}:*"]}}, Action: ["kms:SetKeyPolicy"], Resource: ["*"]}}',
        '{Sid: b, Effect: Allow, Principal: {RAM: ["*"]}, Action: ["kms:Decrypt"], Resource: ["*"]}',
    )
    assert [one.message for one in found("wildcard-principal", everyone)] == [
        "everybody, in whichever account, may decrypt"
    ]


def test_a_key_of_a_cloud_without_rotation_is_left_alone() -> None:
    text = "targets: {old: {cloud: tencent-legacy, region: gz}}\nkeys: {ancient: {target: old, spec: SM4}}\n"
    assert found("no-rotation", text) == []
