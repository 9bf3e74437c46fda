"""Key policies and client keys of Alibaba Cloud KMS.

Pages: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-setkeypolicy
and .../api-kms-2016-01-20-createclientkey. [I] marks what is inferred.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kms_resources.access.alibaba.translate import default_policy
from kms_resources.access.words import Native
from kms_resources.clouds.access import ActualCredential, ActualPoint, NewCredential
from kms_resources.clouds.alibaba.openapi import OpenApi, filled
from kms_resources.model import KeyId, Target

POLICY_NAME = "default"
"""A key has exactly one policy, of this name."""


class AlibabaKeyPolicies:
    """One method per need of `KeyPolicyClient`."""

    def __init__(self, target: Target, api: OpenApi) -> None:
        self.target = target
        self._api = api

    def get_policy(self, key_id: KeyId) -> Native:
        """GetKeyPolicy (kms:GetKeyPolicy). The text has an order of its own, so it is given parsed."""
        return self._api.send(
            "GetKeyPolicy",
            {"KeyId": key_id, "PolicyName": POLICY_NAME},
            lambda answer: _object(filled(answer["Policy"])),
        )

    def set_policy(self, key_id: KeyId, body: Native) -> None:
        """SetKeyPolicy (kms:SetKeyPolicy). There is no call that tries one, and none that merges two."""
        self._api.change("SetKeyPolicy", {"KeyId": key_id, "PolicyName": POLICY_NAME, "Policy": dict(body)})

    def default_policy(self, account: str) -> Native:
        """The policy that KMS itself writes."""
        return default_policy(account).body


class AlibabaClientKeys:
    """One method per need of `CredentialClient`."""

    has_password = True
    has_validity = True

    def __init__(self, target: Target, api: OpenApi) -> None:
        self.target = target
        self._api = api

    def create(self, point: ActualPoint, password: str, not_before: str, not_after: str) -> NewCredential:
        """CreateClientKey (kms:CreateClientKey). The private key is in this one answer and nowhere else."""
        fields = {"AapName": point.point.name, "Password": password}
        fields |= {"NotBefore": not_before, "NotAfter": not_after} if not_before else {}
        return self._api.send("CreateClientKey", fields, _new, repeatable=False)

    def list(self, point: ActualPoint) -> tuple[ActualCredential, ...]:
        """ListClientKeys (kms:ListClientKeys); it has no pages."""
        found = self._api.send("ListClientKeys", {"AapName": point.point.name}, _rows)
        return tuple(sorted(found, key=lambda one: (one.created, one.id)))

    def delete(self, point: ActualPoint, credential_id: str) -> None:  # noqa: ARG002  (its id says it all)
        """DeleteClientKey (kms:DeleteClientKey)."""
        self._api.change("DeleteClientKey", {"ClientKeyId": credential_id})


def _object(text: str) -> Native:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004  (foreign data)
    return found


def _new(answer: Mapping[str, Any]) -> NewCredential:
    client_key_id = filled(answer["ClientKeyId"])
    # The file that the vendor's packages read; the members are theirs.
    content = {"KeyId": client_key_id, "PrivateKeyData": filled(answer["PrivateKeyData"])}
    return NewCredential(_credential({**answer, "ClientKeyId": client_key_id}), json.dumps(content).encode())


def _rows(answer: Mapping[str, Any]) -> list[ActualCredential]:
    rows = answer["ClientKeys"]
    # [I] The list itself; other listings of the API have a second name around the rows.
    rows = rows["ClientKey"] if isinstance(rows, Mapping) else rows
    return [_credential(row) for row in rows]


def _credential(row: Mapping[str, Any]) -> ActualCredential:
    return ActualCredential(
        filled(row["ClientKeyId"]),
        created=str(row.get("CreateTime") or ""),
        not_before=str(row.get("NotBefore") or ""),
        not_after=str(row.get("NotAfter") or ""),
    )
