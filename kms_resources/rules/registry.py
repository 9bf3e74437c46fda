"""Every rule there is, with its reason and an example: the one list for `kms rules`, reviews, policy packs and docs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kms_resources.rules import access, keys
from kms_resources.rules.words import Parameter, ParameterKind, Rule, RuleSeverity, Subject

_ADVISORY, _MANDATORY = RuleSeverity.ADVISORY, RuleSeverity.MANDATORY
_ACCOUNT = Parameter(
    "accounts",
    ParameterKind.TEXTS,
    (),
    "Accounts that count as one's own, by their numbers.",
    ["1000000000000001"],
    r"^\d{6,20}$",
    "the number of an account, in quotes",
)


def _billing(allowed: str) -> str:
    network = f"network: {{allow: [{allowed}]}}"
    return f"access_points: {{billing: {{target: hangzhou, actions: [use], keys: [orders], {network}}}}}\n"


def _days(default: int, description: str) -> Parameter:
    return Parameter("days", ParameterKind.DAYS, default, description, default)


_ALL = (
    Rule(
        "no-rotation",
        _ADVISORY,
        (Subject.KEY,),
        "A symmetric key with the cloud's own material does not rotate",
        "Whoever once got hold of the material can read everything that the key ever encrypts. With rotation, new data "
        "is encrypted with new material, and old data stays readable.",
        "rotation: {every_days: 90}; where the instance cannot rotate, accept it below `ignore`",
        "keys: {orders: {target: guangzhou, spec: SM4}}\n",
        "keys: {orders: {target: guangzhou, spec: SM4, rotation: {every_days: 90}}}\n",
        keys.no_rotation,
    ),
    Rule(
        "deletion-window-at-minimum",
        _ADVISORY,
        (Subject.KEY,),
        "A key may be deleted after the shortest wait",
        "The wait is the only time in which a deletion by mistake can be noticed and taken back; data that is read "
        "once a month does not fail within a week.",
        "deletion: {policy: schedule, window_days: 30}",
        "keys: {scratch: {target: north, spec: SM4, deletion: {policy: schedule, window_days: 7}}}\n",
        "keys: {scratch: {target: north, spec: SM4, deletion: {policy: schedule, window_days: 30}}}\n",
        keys.deletion_window_at_minimum,
        (_days(7, "Waits up to this many days are too short; the cloud's shortest always is."),),
    ),
    Rule(
        "schedule-policy-without-protection",
        _ADVISORY,
        (Subject.KEY,),
        "A key may be deleted without a second step, although the cloud offers one",
        "With deletion policy schedule a removed line in the stack schedules the deletion. The cloud's deletion "
        "protection makes that two changes, and also stops everybody who works beside the stack.",
        "deletion_protection: true until the key is really meant to go; then one change takes the protection off, and "
        "the next one the key",
        "keys: {cold: {target: north, spec: SM4, deletion: {policy: schedule}}}\n",
        "keys: {cold: {target: north, spec: SM4, deletion: {policy: schedule}, deletion_protection: true}}\n",
        keys.schedule_without_protection,
    ),
    Rule(
        "no-owner-tag",
        _ADVISORY,
        (Subject.KEY,),
        "A key does not say who answers for it",
        "When a key is to be rotated, disabled or deleted, somebody has to know what breaks. Where a cloud has no tags "
        "for keys, nothing is asked.",
        "tags: {owner: payments}",
        "keys: {orders: {target: guangzhou, spec: SM4}}\n",
        "keys: {orders: {target: guangzhou, spec: SM4, tags: {owner: payments}}}\n",
        keys.no_owner_tag,
        (
            Parameter(
                "tag", ParameterKind.TEXT, "owner", "The tag's key.", "team", r"^\S(.{0,126}\S)?$", "the key of a tag"
            ),
        ),
    ),
    Rule(
        "expiring-material",
        _ADVISORY,
        (Subject.KEY,),
        "Imported key material ends soon, or has ended",
        "From that day the cloud refuses the key, and everything it encrypted is unreadable until the same material is "
        "imported again.",
        "import the material again with a later day, or let it never expire",
        'keys: {vault: {target: hangzhou, spec: AES_256, origin: EXTERNAL,\n'
        '               material: {from_env: VAULT_KEY, expires: "2026-06-15"}}}\n',
        'keys: {vault: {target: hangzhou, spec: AES_256, origin: EXTERNAL,\n'
        '               material: {from_env: VAULT_KEY, expires: "2027-06-15"}}}\n',
        keys.expiring_material,
        (_days(30, "How many days before its end it is reported."),),
    ),
    Rule(
        "disabled-key-in-use",
        _ADVISORY,
        (Subject.STACK,),
        "A disabled key is needed by an access point or a secret of the same stack",
        "Every call that needs the key fails, and the one who reads the error sees neither the stack nor the reason.",
        "enable the key, or take it out of what needs it first",
        "keys: {orders: {target: hangzhou, spec: AES_256, enabled: false}}\n"
        + _billing("10.0.0.0/8"),
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n"
        + _billing("10.0.0.0/8"),
        keys.disabled_key_in_use,
    ),
    Rule(
        "ignore-ssl",
        _MANDATORY,
        (Subject.TARGET,),
        "The certificate of a gateway is not checked",
        "Plaintext and data keys travel through this door. Without the check anybody in between can answer in its "
        "place.",
        "ca: {from_file: ca.pem} with the instance's own certificate authority",
        "targets:\n  hangzhou:\n    cloud: alibaba\n    region: cn-hangzhou\n    instance: kst-hzz62ee817bvyyr5x\n"
        "    gateway: {endpoint: kst-hzz62ee817bvyyr5x.cryptoservice.kms.aliyuncs.com, ignore_ssl: true}\n"
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n",
        "targets:\n  hangzhou:\n    cloud: alibaba\n    region: cn-hangzhou\n    instance: kst-hzz62ee817bvyyr5x\n"
        "    gateway: {endpoint: kst-hzz62ee817bvyyr5x.cryptoservice.kms.aliyuncs.com, ca: {from_file: ca.pem}}\n"
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n",
        keys.ignore_ssl,
    ),
    Rule(
        "wildcard-principal",
        _MANDATORY,
        (Subject.POLICY,),
        "A policy lets in principals that it does not name",
        "A wildcard also means those who are made tomorrow, and in a cloud's own form perhaps those of other accounts; "
        "no review can say who that is.",
        "name users, roles or groups one by one",
        _NATIVE_POLICY := "keys:\n  ledger:\n    target: hangzhou\n    spec: AES_256\n    policy:\n      native:\n"
        '        Version: "1"\n        Statement:\n'
        "          - Sid: admins\n            Effect: Allow\n"
        '            Principal: {RAM: ["acs:ram::1000000000000001:*"]}\n'
        '            Action: ["kms:DescribeKey", "kms:SetKeyPolicy"]\n            Resource: ["*"]\n'
        "          - Sid: app\n            Effect: Allow\n"
        '            Principal: {RAM: ["acs:ram::*:role/app"]}\n'
        '            Action: ["kms:Encrypt"]\n            Resource: ["*"]\n',
        _NATIVE_POLICY.replace("acs:ram::*:", "acs:ram::1000000000000001:"),
        access.wildcard_principal,
    ),
    Rule(
        "whole-account",
        _ADVISORY,
        (Subject.POLICY,),
        "A policy gives the use of a key to everybody in an account",
        "At Alibaba Cloud the key policy alone is enough: every user and role of the account may then decrypt or sign, "
        "those included that are made later.",
        "give decrypt and sign to single users and roles; leave the account only what keeps the key manageable",
        "keys:\n  orders:\n    target: hangzhou\n    spec: AES_256\n    policy:\n"
        "      admins: {principals: [account], actions: [administer, policy, read, decrypt]}\n",
        "keys:\n  orders:\n    target: hangzhou\n    spec: AES_256\n    policy:\n"
        "      admins: {principals: [account], actions: [administer, policy, read]}\n"
        "      app: {principals: [role/orders], actions: [decrypt]}\n",
        access.whole_account,
    ),
    Rule(
        "decrypt-to-other-account",
        _MANDATORY,
        (Subject.POLICY,),
        "A policy lets another account decrypt",
        "Data leaves the company's control with the plaintext; who in the other account has it is decided there.",
        "re-encrypt the data for a key of the other account, or name the account in `accounts` if it is one's own",
        "keys:\n  orders:\n    target: hangzhou\n    spec: AES_256\n    policy:\n"
        "      admins: {principals: [role/key-admin], actions: [administer, policy, read]}\n"
        '      partner: {principals: ["1000000000000009:role/partner"], actions: [decrypt]}\n',
        "keys:\n  orders:\n    target: hangzhou\n    spec: AES_256\n    policy:\n"
        "      admins: {principals: [role/key-admin], actions: [administer, policy, read]}\n"
        '      partner: {principals: ["1000000000000009:role/partner"], actions: [encrypt]}\n',
        access.decrypt_to_other_account,
        (_ACCOUNT,),
    ),
    Rule(
        "administration-and-use-in-one-hand",
        _ADVISORY,
        (Subject.POLICY,),
        "One principal may both change a key or its policy and use it",
        "Whoever administers a key must not be able to read what it protects, and whoever reads must not be able to "
        "let others in: otherwise one stolen credential is enough for both.",
        "two roles: one with administer, policy and delete, one with encrypt and decrypt",
        "keys:\n  orders:\n    target: hangzhou\n    spec: AES_256\n    policy:\n"
        "      all: {principals: [role/key-admin], actions: [administer, policy, encrypt, decrypt]}\n",
        "keys:\n  orders:\n    target: hangzhou\n    spec: AES_256\n    policy:\n"
        "      admins: {principals: [role/key-admin], actions: [administer, policy, read]}\n"
        "      app: {principals: [role/orders], actions: [encrypt, decrypt]}\n",
        access.administration_and_use,
    ),
    Rule(
        "public-network",
        _ADVISORY,
        (Subject.POLICY, Subject.POINT),
        "A condition or an access point is open to every address",
        "0.0.0.0/0 and ::/0 look like a rule and keep nobody out. A credential that is stolen then works from "
        "everywhere.",
        "the addresses of the application, such as 10.1.2.0/24",
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n"
        + _billing("0.0.0.0/0"),
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n"
        + _billing("10.1.2.0/24"),
        access.public_network,
    ),
    Rule(
        "access-point-to-every-key",
        _ADVISORY,
        (Subject.POINT,),
        "An access point opens every key, also those of tomorrow",
        "A key that is made later for something else is then open to this application from its first day.",
        "name the keys",
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n"
        'access_points: {all: {target: hangzhou, actions: [use], keys: ["*"], network: {allow: [10.0.0.0/8]}}}\n',
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n"
        "access_points: {all: {target: hangzhou, actions: [use], keys: [orders], network: {allow: [10.0.0.0/8]}}}\n",
        access.access_point_to_every_key,
    ),
    Rule(
        "no-permission-control",
        _MANDATORY,
        (Subject.POINT,),
        "An access point does not check permissions",
        "With permission control off, the lists of interfaces and keys have no effect.",
        "control: true",
        "keys: {cold: {target: north, spec: AES_256}}\naccess_points:\n"
        "  archive: {target: north, actions: [encrypt], keys: [cold], control: false,\n"
        "            network: {vpc: vpc-example0001, subnet: subnet-example0001}}\n",
        "keys: {cold: {target: north, spec: AES_256}}\naccess_points:\n"
        "  archive: {target: north, actions: [encrypt], keys: [cold],\n"
        "            network: {vpc: vpc-example0001, subnet: subnet-example0001}}\n",
        access.no_permission_control,
    ),
    Rule(
        "expiring-client-key",
        _ADVISORY,
        (Subject.CREDENTIAL,),
        "A client key or tenant credential of an access point ends soon, or has ended",
        "On that day the application cannot use its keys any more. Files do not know it: the rule needs what the cloud "
        "says (`kms client-key list`).",
        "kms client-key rotate billing -o client-key.json --delete-after 7d",
        "# its client key ends on 2026-06-15\n"
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n"
        + _billing("10.0.0.0/8"),
        "# its client key ends on 2027-06-15\n"
        "keys: {orders: {target: hangzhou, spec: AES_256}}\n"
        + _billing("10.0.0.0/8"),
        access.expiring_client_key,
        (_days(30, "How many days before its end it is reported."),),
    ),
)  # fmt: skip

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in _ALL})
"""By id, in the order in which they are listed."""
