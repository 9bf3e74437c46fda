"""Trust documents of roles: their check, and whom they let in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kms_emulator.tencent.decision import CallFacts, conditions_hold, fits, listed
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.policy_documents import actions, conditions, effect, keywords, statements, texts
from kms_emulator.tencent.readings import Rules

ASSUME_ROLE = "sts:AssumeRole"
_ACTIONS = frozenset({ASSUME_ROLE, "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})
_STATEMENT = frozenset({"effect", "action", "principal", "condition"})
_PRINCIPALS = frozenset({"qcs", "service", "federated"})
_QCS = re.compile(r"qcs::cam::uin/(?P<account>\d+):(?P<who>root|uin/\d+|role/\d+|roleName/[\w+=,.@-]+)")
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:cloud\.tencent|qcloud)\.com")


class People(Protocol):
    """Who exists, as far as a trust document may name them."""

    def has_account(self, account: str) -> bool:
        """Whether there is such a main account."""
        ...

    def has_user(self, account: str, uin: str) -> bool:
        """Whether there is such a user of it, the main account itself included."""
        ...


@dataclass(frozen=True)
class Asker:
    """Who asks for a role: a user by its uin, or a role session by the role's id and name."""

    account: str
    uin: str = ""
    role: str = ""
    role_name: str = ""


def check(text: str, people: People) -> None:
    """Refuse a text that is no trust document."""
    # The vendor lists no code of its own for a trust document that is not JSON.
    statements(text, Code.PARAM_ERROR, lambda statement: _check_statement(statement, people))


def _check_statement(statement: Mapping[str, Any], people: People) -> None:
    keywords(statement, _STATEMENT)
    effect(statement)
    for action in actions(statement):
        if not any(fits(action, known) for known in _ACTIONS):
            raise ApiError(Code.ACTION_ERROR, f"The action `{action}` is not one of {', '.join(sorted(_ACTIONS))}.")
    principal = statement.get("principal")
    if not isinstance(principal, dict) or not principal or set(principal) - _PRINCIPALS:
        raise ApiError(Code.PRINCIPAL_ERROR, "`principal` has `qcs`, `service` or `federated`.")
    for kind, names in principal.items():
        for name in texts(names, f"principal.{kind}", Code.PRINCIPAL_ERROR):
            _check_principal(kind, name, people)
    conditions(statement)


def _check_principal(kind: str, name: str, people: People) -> None:
    if kind == "service" and not _SERVICE.fullmatch(name):
        raise ApiError(Code.PRINCIPAL_SERVICE_NOT_EXIST, f"The service `{name}` does not exist.")
    if kind != "qcs":
        return
    found = _QCS.fullmatch(name)
    if found is None:
        raise ApiError(Code.PRINCIPAL_QCS_ERROR, f"The principal `{name}` is not valid.")
    who, _, uin = found["who"].partition("/")
    exists = people.has_user(found["account"], uin) if who == "uin" else people.has_account(found["account"])
    if not exists:
        raise ApiError(Code.PRINCIPAL_QCS_NOT_EXIST, f"The principal `{name}` does not exist.")


def trusts(document: Mapping[str, Any], asker: Asker, call: CallFacts, rules: Rules) -> bool:
    """Whether a trust document lets the asker in; deny beats allow."""
    effects = {
        statement["effect"]
        for statement in listed(document["statement"])
        if any(fits(action.removeprefix("name/"), ASSUME_ROLE) for action in listed(statement["action"]))
        and _named(listed(statement["principal"].get("qcs", [])), asker)
        and conditions_hold(statement, call, rules)
    }
    return effects == {"allow"}


def _named(principals: Sequence[str], asker: Asker) -> bool:
    # The whole account means its users and its roles [I].
    names = ["root"]
    names += [f"uin/{asker.uin}"] if asker.uin else [f"role/{asker.role}", f"roleName/{asker.role_name}"]
    return any(f"qcs::cam::uin/{asker.account}:{name}" in principals for name in names)
