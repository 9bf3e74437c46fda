"""Whether key policy and RAM allow a call: a pure function of the documents and of what is known of the call.

No store, no clock, no network; a tester can call it by the hundred thousand:

    from kms_emulator.alibaba.decision import CallFacts, Documents, decide
    call = CallFacts("kms:Encrypt", "acs:kms:cn-hangzhou:1000000000000001:key/key-hzz…", account="1000000000000001",
                     name="user/alice", source_ip="203.0.113.7", now=1_700_000_000)
    allowed, why = decide(Documents(key_policy={...}, ram=[{...}, ...]), call)

Documents are parsed JSON in the forms that ``policy_documents`` accepts. A call on several resources (ReEncrypt, alias
calls, lists of ids) is allowed if it is on each of them. ``decision_points`` decides about access points. The rules,
and what a third argument can change in them, are in ``readings``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from kms_emulator.alibaba.decision_conditions import as_text, fits, holds
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.readings import Rules

ReadOnly = Mapping[str, Any]
ROOT = "root"
_TAG = "kms:tag/"
_PRINCIPAL = re.compile(r"acs:ram::(?P<account>[0-9]+):(?P<name>.+)", re.DOTALL)

CRYPTOGRAPHY = frozenset({
    "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext", "kms:ExportDataKey", "kms:GenerateAndExportDataKey", "kms:AsymmetricEncrypt",
    "kms:AsymmetricDecrypt", "kms:AsymmetricSign", "kms:AsymmetricVerify", "kms:GetPublicKey", "kms:GenerateMac",
    "kms:VerifyMac",
})  # fmt: skip
# What the vendor's page of 2024 lists for users of a key [S13].
_LISTED_USE = frozenset({
    "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateAndExportDataKey", "kms:AsymmetricEncrypt",
    "kms:AsymmetricDecrypt", "kms:DescribeKey", "kms:DescribeKeyVersion", "kms:ListKeyVersions",
    "kms:ListAliasesByKeyId", "kms:TagResource",
})  # fmt: skip
_LISTED_ADMINISTRATION = (
    "kms:List*", "kms:Describe*", "kms:Create*", "kms:Enable*", "kms:Disable*", "kms:Get*", "kms:Set*", "kms:Update*",
    "kms:Delete*", "kms:Cancel*", "kms:TagResource", "kms:UntagResource", "kms:ImportKeyMaterial",
    "kms:ScheduleKeyDeletion",
)  # fmt: skip
USE = CRYPTOGRAPHY | _LISTED_USE
"""All that a principal of another account can be allowed."""


class Why(StrEnum):
    """The rule that decided, as a sentence."""

    KEY_POLICY_ALLOWS = "the key policy allows it"
    RAM_ALLOWS = "RAM allows it"
    BOTH_ALLOW = "the key policy and RAM of the other account allow it"
    KEY_POLICY_DENIES = "the key policy denies it"
    RAM_DENIES = "RAM denies it"
    SESSION_DENIES = "the session policy denies it"
    SESSION_SILENT = "the session policy does not allow it"
    FOREIGN_ADMINISTRATION = "principals of other accounts cannot administer"
    FOREIGN_KEY_POLICY_SILENT = "the key policy does not allow it to this principal of another account"
    FOREIGN_RAM_SILENT = "RAM of the principal's own account does not allow it"
    NOTHING_ALLOWS = "neither the key policy nor RAM allows it"

    @property
    def explicit(self) -> bool:
        """Whether a statement says no."""
        return self in (Why.KEY_POLICY_DENIES, Why.RAM_DENIES, Why.SESSION_DENIES)


class Decision(NamedTuple):
    """The outcome, and the rule that brought it about."""

    allowed: bool
    why: Why


@dataclass(frozen=True)
class Documents:
    """What has a say in a call on one resource.

    ``key_policy``: of the key or secret; nothing where there is none. ``ram``: the documents of the user and of its
    groups, or of the role. ``session``: what AssumeRole was given, if anything.
    """

    key_policy: ReadOnly | None = None
    ram: Sequence[ReadOnly] = ()
    session: ReadOnly | None = None


@dataclass(frozen=True)
class CallFacts:
    """What is known of a call on one resource.

    ``account`` and ``name`` are the caller's: ``user/<name>``, ``role/<name>`` or ``root``. ``resource`` is an ARN, of
    a container for calls that are not about one thing; its account is the owner. Empty addresses are unknown ones.
    """

    action: str
    resource: str
    account: str
    name: str
    source_ip: str = ""
    vpc: str = ""
    vpc_source_ip: str = ""
    now: float | None = None
    secure: bool = True
    mfa: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def owner(self) -> str:
        """The account that the resource belongs to."""
        parts = self.resource.split(":", 4)
        return parts[3] if len(parts) == 5 else self.account

    @functools.cached_property
    def is_on_key(self) -> bool:
        """Whether the resource is a key."""
        return self.resource.split(":", 4)[-1].startswith("key/")

    def value(self, key: str) -> str | None:
        """The value of a condition key; ``None`` if the call does not have it."""
        if key.startswith(_TAG):
            return self.tags.get(key.removeprefix(_TAG))
        return self._own.get(key)

    @functools.cached_property
    def _own(self) -> Mapping[str, str]:
        known = {"acs:SourceIp": self.source_ip, "acs:SourceVpc": self.vpc, "acs:VpcSourceIp": self.vpc_source_ip}
        made = {key: value for key, value in known.items() if value}
        made |= {"acs:SecureTransport": as_text(self.secure), "acs:MFAPresent": as_text(self.mfa)}
        return made if self.now is None else {**made, "acs:CurrentTime": moment(self.now)}


def decide(documents: Documents, call: CallFacts, rules: Rules | None = None) -> Decision:
    """Whether the documents allow the call."""
    reading = rules or Rules()
    key = _key_policy_says(documents.key_policy, call, reading)
    ram, session = _in_ram(documents, call, reading)
    for effect, why in ((key, Why.KEY_POLICY_DENIES), (ram, Why.RAM_DENIES), (session, Why.SESSION_DENIES)):
        if effect == "Deny":
            return Decision(False, why)
    if session != "Allow" and reading.session_policy == "limits everything":
        return Decision(False, Why.SESSION_SILENT)
    by_key, by_ram = key == "Allow", ram == session == "Allow"
    return (_at_home if call.account == call.owner else _abroad)(call.action, by_key=by_key, by_ram=by_ram)


def _at_home(action: str, *, by_key: bool, by_ram: bool) -> Decision:
    del action  # in its own account everybody may be allowed everything
    if by_key:
        return Decision(True, Why.KEY_POLICY_ALLOWS)
    return Decision(by_ram, Why.RAM_ALLOWS if by_ram else Why.NOTHING_ALLOWS)


def _abroad(action: str, *, by_key: bool, by_ram: bool) -> Decision:
    if action not in USE:
        return Decision(False, Why.FOREIGN_ADMINISTRATION)
    if not by_key:
        return Decision(False, Why.FOREIGN_KEY_POLICY_SILENT)
    return Decision(by_ram, Why.BOTH_ALLOW if by_ram else Why.FOREIGN_RAM_SILENT)


def allowed_in_ram(documents: Documents, call: CallFacts, rules: Rules) -> bool:
    """Whether RAM alone allows the call, on a resource of whichever account."""
    return _in_ram(documents, call, rules) == ("Allow", "Allow")


def _in_ram(documents: Documents, call: CallFacts, rules: Rules) -> tuple[str, str]:
    """What RAM says, and what the session policy says; without one it allows."""
    ram = _ram_says(documents.ram, call, rules) or ("Allow" if call.name == ROOT else "")
    return ram, "Allow" if documents.session is None else _ram_says([documents.session], call, rules)


def trusts(document: ReadOnly, call: CallFacts, rules: Rules) -> bool:
    """Whether the trust policy of a role lets the caller assume it: the same form, with the role as the resource."""
    effects = {
        statement["Effect"]
        for statement in listed(document["Statement"])
        if any(fits(entry.lower(), call.action.lower()) for entry in listed(statement["Action"]))
        and _principal_fits(statement["Principal"], call, rules)
        and _conditions_hold(statement, call, rules)
    }
    return effects == {"Allow"}


def listed(value: Any) -> Sequence[Any]:
    """One thing stands for a list of one."""
    return value if isinstance(value, list) else [value]


def _effect(effects: Iterable[str]) -> str:
    found = set(effects)
    return "Deny" if "Deny" in found else "Allow" if found else ""


def _key_policy_says(document: ReadOnly | None, call: CallFacts, rules: Rules) -> str:
    return _effect(
        statement["Effect"]
        for statement in (document["Statement"] if document else ())
        if any(_key_action_fits(entry, call, rules) for entry in listed(statement["Action"]))
        and _principal_fits(statement["Principal"], call, rules)
        and _conditions_hold(statement, call, rules)
    )


def _key_action_fits(pattern: str, call: CallFacts, rules: Rules) -> bool:
    if pattern == "kms:*":
        return True
    if rules.unlisted_actions == "without effect" and call.is_on_key and not _is_listed(call.action):
        return False
    if rules.key_policy_case == "ignored":
        return fits(pattern.lower(), call.action.lower())
    return fits(pattern, call.action)


@functools.lru_cache(maxsize=512)
def _is_listed(action: str) -> bool:
    return action in _LISTED_USE or any(fits(pattern, action) for pattern in _LISTED_ADMINISTRATION)


def _principal_fits(principal: Any, call: CallFacts, rules: Rules) -> bool:
    entries = listed(principal.get("RAM", [])) if isinstance(principal, dict) else [principal]
    return any(_is_caller(entry, call, rules) for entry in entries)


@functools.lru_cache(maxsize=8192)
def _principal(entry: str) -> tuple[str, str]:
    found = _PRINCIPAL.fullmatch(entry)
    return (found["account"], found["name"]) if found else ("", "")


def _is_caller(entry: str, call: CallFacts, rules: Rules) -> bool:
    if entry == "*":
        return rules.undocumented_principals == "effective"
    account, name = _principal(entry)
    if account != call.account:
        return False
    if name not in ("*", ROOT):
        # A bare pattern such as us* would be a form of its own; only names after user/ and role/ have wildcards.
        kind, slash, rest = name.partition("/")
        own, _, called = call.name.partition("/")
        return bool(slash) and kind == own and fits(rest, called)
    if call.account != call.owner and rules.whole_foreign_account == "nothing":
        return False
    return name == "*" or call.name == ROOT or rules.root_principal == "whole account"


def _ram_says(documents: Iterable[ReadOnly], call: CallFacts, rules: Rules) -> str:
    return _effect(
        statement["Effect"]
        for document in documents
        for statement in listed(document["Statement"])
        if _ram_action_fits(statement, call)
        and _ram_resource_fits(statement, call, rules)
        and _conditions_hold(statement, call, rules)
    )


def _ram_action_fits(statement: ReadOnly, call: CallFacts) -> bool:
    action = call.action.lower()
    if "NotAction" in statement:
        return not any(fits(entry.lower(), action) for entry in listed(statement["NotAction"]))
    return any(fits(entry.lower(), action) for entry in listed(statement["Action"]))


def _ram_resource_fits(statement: ReadOnly, call: CallFacts, rules: Rules) -> bool:
    if "NotResource" in statement:
        named = any(fits(entry, call.resource) for entry in listed(statement["NotResource"]))
        return rules.not_resource == "understood" and not named
    return any(fits(entry, call.resource) for entry in listed(statement["Resource"]))


def _conditions_hold(statement: ReadOnly, call: CallFacts, rules: Rules) -> bool:
    """Operators AND, keys AND; the values of one key OR, which ``holds`` knows."""
    return all(
        holds(operator, [as_text(value) for value in listed(values)], call.value(key), rules)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )
