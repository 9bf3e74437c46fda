"""What CAM policies can say about a key of Tencent Cloud: one policy for each statement, attached to its principals.

The path of a key is taken from its metadata, never put together; the translation's own path only stands for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kms_resources.access.equal import same_document
from kms_resources.access.tencent.actions import ACTIONS
from kms_resources.access.tencent.match import action_fits, key_path
from kms_resources.access.tencent.parse import parse
from kms_resources.access.tencent.translate import refusals, translate
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Native,
    PrincipalKind,
    Problem,
    Resource,
    ResourceKind,
    Statement,
    parse_principal,
)
from kms_resources.clouds.access import PolicyKey
from kms_resources.clouds.drafting import unknown_actions
from kms_resources.clouds.marking import policy_name
from kms_resources.model import Target

NATIVE = "native"
ATTACHED = "attached_to"
THIS_KEY = "${key}"
"""Stands in a native document for the path of the key, which is known only when the key is made."""
_ATTACHABLE = frozenset({PrincipalKind.USER, PrincipalKind.GROUP, PrincipalKind.ROLE})
_ALLOWED = "allowed: user/NAME, group/NAME, role/NAME of the own account"
_UNKNOWN_ID = "00000000-0000-0000-0000-000000000000"
"""As long as a real one, for lengths are checked."""


class TencentRules:
    """`AccessRules` of Tencent Cloud."""

    kind = DocumentKind.IDENTITY_POLICY

    def refusal(self, target: Target) -> str:  # noqa: ARG002
        """Every key can have one."""
        return ""

    def draft(
        self, statements: tuple[Statement, ...], key: PolicyKey
    ) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
        """A policy for each statement: a change of one never touches another."""
        resource = Resource(ResourceKind.KEY, key.account, key.target.region, key.id or _UNKNOWN_ID)
        problems = [*unknown_actions(statements, ACTIONS, _fits), *refusals(statements, resource)]
        if any(problem.fatal for problem in problems):
            return (), tuple(problems)
        stands_for = f"qcs::kms:{key.target.region}:uin/{key.account}:{key_path(resource)}"
        documents = tuple(
            replace(
                one,
                name=policy_name(key.marker, one.name),
                body=_replaced(one.body, stands_for, _path(key)),
                attached_to=tuple(sorted(one.attached_to)),
            )
            for one in translate(statements, resource)
        )
        return documents, tuple(problems)

    def native(self, body: Native, key: PolicyKey) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
        """The document without our own member `attached_to`, which says to whom it is attached."""
        attached = body.get(ATTACHED, [])
        if not isinstance(attached, list) or not all(isinstance(one, str) for one in attached):
            return (), (Problem(ATTACHED, f"must be a list of principals; {_ALLOWED}"),)
        problems = [
            Problem(f"{ATTACHED}[{place}]", why)
            for place, text in enumerate(attached)
            if (why := _not_attachable(text, key.account))
        ]
        if not attached:
            problems.append(Problem("", "it is attached to nobody, so it has no effect", fatal=False))
        bare = {name: part for name, part in body.items() if name != ATTACHED}
        name = policy_name(key.marker, NATIVE)
        document = Document(self.kind, _replaced(bare, THIS_KEY, _path(key)), name, tuple(sorted(attached)))
        return (document,), (*problems, *parse(document).problems)

    def same(self, one: Native, other: Native, account: str) -> bool:  # noqa: ARG002
        """By meaning."""
        return same_document("tencent", Document(self.kind, one), Document(self.kind, other))

    def lockout(self, documents: tuple[Document, ...], key: PolicyKey) -> str:  # noqa: ARG002
        """Nothing here can: who may is changed in CAM, and the main account is never denied that."""
        return ""


def _fits(word: str, action: str) -> bool:
    return bool(action_fits(word.removeprefix("name/"), action, ignore_case=True))


def _not_attachable(text: str, account: str) -> str:
    try:
        principal = parse_principal(text, account)
    except ValueError as error:
        return str(error)
    if principal.account != account:
        return f"somebody of another main account cannot be named: let them assume a role here; {_ALLOWED}"
    if principal.kind is PrincipalKind.ACCOUNT:
        return f"the main account has everything already and can have no policy; {_ALLOWED}"
    return "" if principal.kind in _ATTACHABLE else f"nothing can be attached to {text}; {_ALLOWED}"


def _path(key: PolicyKey) -> str:
    """The key's own path; before it is made, one of the same length."""
    owner = f"uin/{key.account}"
    return key.arn or f"qcs::kms:{key.target.region}:{owner}:key/creatorUin/{key.account}/{_UNKNOWN_ID}"


def _replaced(part: Any, old: str, new: str) -> Any:
    if isinstance(part, dict):
        return {name: _replaced(below, old, new) for name, below in part.items()}
    if isinstance(part, list | tuple):
        return [_replaced(below, old, new) for below in part]
    return new if part == old else part


RULES = TencentRules()
