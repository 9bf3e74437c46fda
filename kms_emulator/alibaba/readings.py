"""How this emulator reads the vendor's rules of access, each with its certainty mark; the open ones can be switched.

Marks: ``v`` the vendor says so, ``i`` inferred, ``o`` the vendor is silent or two of its pages disagree. A reading with
a field of ``Rules`` is switched outside with ``alibaba.access_<field>``.

Sources: RAM pages on policy elements, structure and syntax, evaluation, conditional operators (December 2025) and trust
policies; KMS pages on key policies, SetKeyPolicy, condition keys and "Use RAM to control access to resources" (2021);
CreatePolicy; the guide to application access points; AssumeRole of STS 2015-04-01.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import NamedTuple

from kms_emulator.contract import Switch


@dataclass(frozen=True)
class Rules:
    """The open rules that can be read in two ways."""

    key_policy_case: str = "kept"
    unlisted_actions: str = "without effect"
    whole_foreign_account: str = "granted"
    root_principal: str = "whole account"
    undocumented_principals: str = "refused"
    absent_negated: str = "fails"
    block_ends: str = "inside"
    host_bits: str = "masked"
    not_resource: str = "understood"
    session_policy: str = "limits everything"
    encrypting_key: str = "asked"
    missing_rule: str = "matches nothing"
    empty_rule: str = "matches nothing"


class Reading(NamedTuple):
    """One rule: its mark, what was decided, and the values of its switch (default first; none: not switchable)."""

    mark: str
    rule: str
    field: str = ""
    choices: tuple[str, ...] = ()


READINGS: tuple[Reading, ...] = (
    Reading("o", "case of actions in a key policy", "key_policy_case", ("kept", "ignored")),
    Reading("o", "actions in a key policy that the list of 2024 does not have; kms:* covers them in any case",
            "unlisted_actions", ("without effect", "effective")),
    Reading("o", "the whole of another account (:* or :root) as a principal of a key policy", "whole_foreign_account",
            ("granted", "nothing")),
    Reading("i", "the principal :root is the whole account, as :* is, or the account alone", "root_principal",
            ("whole account", "account alone")),
    Reading("o", "groups, services and the bare star as principals of a key policy; effective: only the bare star is "
                 "somebody, namely everybody", "undocumented_principals", ("refused", "without effect", "effective")),
    Reading("o", "a negated operator on a condition key that the call does not have", "absent_negated",
            ("fails", "holds")),
    Reading("o", "first and last address of a block of more than two", "block_ends", ("inside", "outside")),
    Reading("o", "an address block whose host bits are set", "host_bits", ("masked", "matches nothing")),
    Reading("o", "NotResource in a RAM policy; ignored: the statement has no effect", "not_resource",
            ("understood", "ignored")),
    Reading("o", "a session policy of AssumeRole limits what the role's RAM policies allow, or key policies too",
            "session_policy", ("limits everything", "limits RAM")),
    Reading("o", "reading a secret's value also needs kms:Decrypt on the key that encrypts it", "encrypting_key",
            ("asked", "not asked")),
    Reading("o", "a network rule that a permission policy names and that does not exist", "missing_rule",
            ("matches nothing", "open")),
    Reading("o", "a network rule without addresses", "empty_rule", ("matches nothing", "open")),
    Reading("v", "an explicit deny in the key policy or in RAM is final; what nothing allows is refused"),
    Reading("v", "owner account: key policy or RAM; other account: key policy and RAM there"),
    Reading("v", "principals of other accounts use a key and never administer it"),
    Reading("i", "using is: the cryptographic calls, GetPublicKey, DescribeKey, DescribeKeyVersion, ListKeyVersions, "
                 "ListAliasesByKeyId, TagResource; kms:* of another account gives no more"),
    Reading("v", "the account itself has everything in RAM"),
    Reading("i", "an explicit deny in a key policy hits the owner account itself too"),
    Reading("v", "an instance key without a policy of its own has the usual one: its account, everything"),
    Reading("v", "keys outside of instances and keys of cloud products have no key policy"),
    Reading("v", "RAM actions ignore case"),
    Reading("v", "* is any run of characters, none included, and ? one, in actions, resources, StringLike"),
    Reading("i", "wildcards count inside a principal's name too, and not in StringEquals"),
    Reading("i", "a pattern of a RAM resource is matched against the whole ARN, so * crosses colons"),
    Reading("v", "operators AND, condition keys AND, values OR"),
    Reading("i", "negated operators: no value may fit"),
    Reading("i", "names of operators and condition keys keep their case"),
    Reading("i", "acs:SourceIp is the caller's address unless the call comes from a VPC; then acs:SourceVpc and "
                 "acs:VpcSourceIp are there instead, though not on the host of an instance"),
    Reading("i", "acs:SecureTransport is true over HTTPS, acs:MFAPresent is false: access keys know no second factor"),
    Reading("i", "kms:tag/<key> is a tag on the key or secret itself; containers have none"),
    Reading("v", "CreateKey and ListKeys are asked on the key container, ListAliases on the alias container, "
                 "CreateSecret and ListSecrets on the secret container"),
    Reading("v", "calls on aliases are asked on the alias and on its key; DeleteAlias on the key it leads to"),
    Reading("i", "UpdateAlias is asked on the key that the alias will lead to, not on the former one"),
    Reading("v", "ReEncrypt is kms:ReEncryptFrom on the source key and kms:ReEncryptTo on the destination"),
    Reading("v", "DescribeRegions needs no permission"),
    Reading("i", "a call that names a key by an alias is asked on the key alone"),
    Reading("i", "an id that does not exist is asked about as it was given; one that is missing or cannot be read goes "
                 "on to the error of the service"),
    Reading("i", "a secret's policy works as a key's does; every action counts as listed there"),
    Reading("i", "permission is asked after the instance's gateway or the parameters' common form, before all else"),
    Reading("i", "instances, network rules, permission policies, access points and client keys are asked as keystore/, "
                 "network/, policy/, applicationaccesspoint/ and clientkey/, their lists and makers on the containers "
                 "of these names; account calls and GetRandomPassword on *"),
    Reading("i", "AssumeRole needs both: the role's trust policy, and sts:AssumeRole in RAM of the caller"),
    Reading("v", "the account itself cannot assume a role"),
    Reading("i", "policies of one access point add up"),
    Reading("v", "a permission policy's instance limits it"),
    Reading("v", "CryptoServiceKeyUser is for cryptographic calls on keys, CryptoServiceSecretUser for secrets only"),
    Reading("v", "reading a secret at an instance needs the secret and the key that encrypts it"),
    Reading("i", "a permission policy without network rules is open to every address; addresses and rules OR"),
    Reading("i", "calls at an instance that are about no key need CryptoServiceKeyUser and no resource"),
)  # fmt: skip

SWITCHES = {
    f"access_{reading.field}": Switch(reading.choices[0], f"open rule of access: {reading.rule}", reading.choices)
    for reading in READINGS if reading.field
}  # fmt: skip


def rules(switch: Callable[[str], object]) -> Rules:
    """The rules as the switches say."""
    return Rules(**{field.name: str(switch(f"access_{field.name}")) for field in fields(Rules)})
