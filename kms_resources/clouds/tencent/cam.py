"""Policies of Tencent Cloud's CAM (访问管理): the only place where it is written who may use a key.

API 2019-01-16 as in the official SDK tencentcloud-sdk-python-cam; pages: https://cloud.tencent.com/document/api/598/33154
and following. [I] marks what is inferred.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

from kms_resources.access.words import Native, PrincipalKind
from kms_resources.clouds.access import ActualPolicy, Attachment
from kms_resources.clouds.tencent.api import TencentApi
from kms_resources.errors import NotFoundError, RejectedError, UnclearError
from kms_resources.model import Target

T = TypeVar("T")
ROWS = 200
"""The most rows of a page, of every list here."""
MANY = 2
"""Policies asked for by name after which one listing of all is taken: whoever reads two reads a whole stack."""
OWN = "Local"
"""The scope of policies that the account made itself."""
_KINDS: Mapping[int, PrincipalKind] = {1: PrincipalKind.USER, 2: PrincipalKind.GROUP, 3: PrincipalKind.ROLE}
_UIN = re.compile(r"[0-9]{6,20}")


class TencentPolicies:
    """One method per need of `IdentityPolicyClient`; the docstrings say which action and permission it takes."""

    def __init__(self, target: Target, api: TencentApi) -> None:
        self.target = target
        self._api = api
        self._ids: dict[str, str] = {}
        self._policies: dict[str, str] = {}
        self._asked_for = 0
        self._lock = Lock()

    def find_policy(self, name: str) -> ActualPolicy | None:
        """ListPolicies (cam:ListPolicies), whose search is a match, so filtered exactly; GetPolicy (cam:GetPolicy).

        From the second one on, a listing of the whole account says the numbers of all. A number is a hint and no more:
        what is given was read under it just now, and has the name.
        """
        known = self._known_policy(name)
        if known:
            with suppress(NotFoundError):  # deleted since, and perhaps made again under another number
                found = self._described(known)
                if found.name == name:
                    return found
        ids = [policy_id for policy_id, found in self._listed(name) if found == name]
        for policy_id in ids:
            with suppress(NotFoundError):  # deleted between the two calls
                return self._described(policy_id)
        return None

    def list_policies(self, beginning: str) -> Iterator[tuple[str, str]]:
        """ListPolicies (cam:ListPolicies)."""
        return ((policy_id, name) for policy_id, name in self._listed(beginning) if name.startswith(beginning))

    def create_policy(self, name: str, body: Native, description: str) -> str:
        """CreatePolicy (cam:CreatePolicy)."""
        fields = {"PolicyName": name, "PolicyDocument": _text(body), "Description": description}
        made = self._read("CreatePolicy", fields, lambda answer: str(int(answer["PolicyId"])), repeatable=False)
        with self._lock:
            self._policies[name] = made
        return made

    def replace_policy(self, policy_id: str, body: Native, description: str) -> None:
        """UpdatePolicy (cam:UpdatePolicy): the version that counts is changed in place, so that none is used up."""
        fields = {"PolicyId": int(policy_id), "PolicyDocument": _text(body), "Description": description}
        self._call("UpdatePolicy", fields)

    def delete_policy(self, policy_id: str) -> None:
        """DeletePolicy (cam:DeletePolicy); it takes a list."""
        with suppress(NotFoundError):
            self._call("DeletePolicy", {"PolicyId": [int(policy_id)]})

    def attachments(self, policy_id: str) -> tuple[Attachment, ...]:
        """ListEntitiesForPolicy (cam:ListEntitiesForPolicy)."""
        query = {"PolicyId": int(policy_id), "EntityFilter": "All"}
        return tuple(sorted(_attachment(row) for row in self._pages("ListEntitiesForPolicy", query)))

    def attach(self, policy_id: str, principal: str) -> None:
        """AttachUserPolicy after GetUser, AttachGroupPolicy after ListGroups, AttachRolePolicy (cam: the same names).

        A number in place of a name is not looked up.
        """
        kind, _, name = principal.partition("/")
        if kind == PrincipalKind.USER:
            self._call("AttachUserPolicy", {"PolicyId": int(policy_id), "AttachUin": int(self._uin(name))})
        elif kind == PrincipalKind.GROUP:
            self._call("AttachGroupPolicy", {"PolicyId": int(policy_id), "AttachGroupId": int(self._group(name))})
        elif kind == PrincipalKind.ROLE:
            self._call("AttachRolePolicy", {"PolicyId": int(policy_id), "AttachRoleName": name})
        else:
            raise RejectedError(
                f"nothing can be attached to {principal}", where=self._where, why="it is no user, group or role"
            )

    def detach(self, policy_id: str, attachment: Attachment) -> None:
        """DetachUserPolicy, DetachGroupPolicy or DetachRolePolicy (cam: the same names)."""
        policy = {"PolicyId": int(policy_id)}
        with suppress(NotFoundError):
            if attachment.kind is PrincipalKind.USER:
                self._call("DetachUserPolicy", policy | {"DetachUin": int(attachment.id)})
            elif attachment.kind is PrincipalKind.GROUP:
                self._call("DetachGroupPolicy", policy | {"DetachGroupId": int(attachment.id)})
            else:
                self._call("DetachRolePolicy", policy | {"DetachRoleName": attachment.name})

    def versions(self, policy_id: str) -> tuple[tuple[str, bool], ...]:
        """ListPolicyVersions (cam:ListPolicyVersions), oldest first."""
        return self._read(
            "ListPolicyVersions",
            {"PolicyId": int(policy_id)},
            lambda answer: tuple(
                sorted((str(int(row["VersionId"])), bool(int(row["IsDefaultVersion"]))) for row in answer["Versions"])
            ),
        )

    @property
    def _where(self) -> str:
        return f"target {self.target.name}"

    def _known_policy(self, name: str) -> str:
        """The number that a policy of this name had when it was seen; empty if it was not."""
        with self._lock:
            self._asked_for += 1
            if self._asked_for == MANY:
                self._policies |= {found: policy_id for policy_id, found in self._listed("")}
            return self._policies.get(name, "")

    def _listed(self, keyword: str) -> Iterator[tuple[str, str]]:
        for row in self._pages("ListPolicies", {"Scope": OWN, **({"Keyword": keyword} if keyword else {})}):
            yield str(int(row["PolicyId"])), str(row["PolicyName"])

    def _described(self, policy_id: str) -> ActualPolicy:
        """GetPolicy (cam:GetPolicy)."""
        return self._read(
            "GetPolicy",
            {"PolicyId": int(policy_id)},
            lambda answer: ActualPolicy(
                policy_id,
                str(answer["PolicyName"]),
                str(answer.get("Description") or ""),
                _object(str(answer["PolicyDocument"])),
            ),
        )

    def _uin(self, name: str) -> str:
        """GetUser (cam:GetUser). A number is taken as it is."""
        if _UIN.fullmatch(name):
            return name
        return self._known(
            f"user/{name}",
            lambda: self._read("GetUser", {"Name": name}, lambda answer: str(int(answer["Uin"]))),
        )

    def _group(self, name: str) -> str:
        """ListGroups (cam:ListGroups) [I]: GetGroup wants the number. A number is taken as it is."""
        if name.isdigit():
            return name

        def search() -> str:
            rows = self._pages("ListGroups", {"Keyword": name}, "GroupInfo")
            found = next((str(int(row["GroupId"])) for row in rows if row["GroupName"] == name), "")
            if not found:
                raise NotFoundError(f"there is no group {name}", where=self._where)
            return found

        return self._known(f"group/{name}", search)

    def _known(self, principal: str, ask: Callable[[], str]) -> str:
        with self._lock:
            if principal not in self._ids:
                self._ids[principal] = ask()
            return self._ids[principal]

    def _pages(self, action: str, query: Mapping[str, Any], name: str = "List") -> Iterator[Mapping[str, Any]]:
        page, seen = 0, 0
        while True:
            page += 1
            fields = {**query, "Page": page, "Rp": ROWS}
            rows, total = self._read(
                action, fields, lambda answer: (list(answer[name] or []), int(answer.get("TotalNum") or 0))
            )
            yield from rows
            seen += len(rows)
            if not rows or seen >= total:
                return

    def _call(self, action: str, fields: Mapping[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
        return self._api.call("cam", action, fields, repeatable=repeatable)

    def _read(
        self, action: str, fields: Mapping[str, Any], pick: Callable[[dict[str, Any]], T], *, repeatable: bool = True
    ) -> T:
        answer = self._call(action, fields, repeatable=repeatable)
        try:
            return pick(answer)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UnclearError(f"{action} was answered in a form that is not the vendor's", where=self._where) from None


def _attachment(row: Mapping[str, Any]) -> Attachment:
    kind = _KINDS[int(row["RelatedType"])]
    # [I] Of a user both numbers are told, and only the uin is of use; of a group and a role there is one.
    number = str(row.get("Uin") or row["Id"]) if kind is PrincipalKind.USER else str(row["Id"])
    return Attachment(kind, str(row["Name"]), number)


def _text(body: Native) -> str:
    """The document as it is sent: what is short has more room under the limit of 6,144 characters."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _object(text: str) -> Native:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004  (foreign data)
    return found
