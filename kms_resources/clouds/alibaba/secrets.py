"""Secrets of Alibaba Cloud KMS as managed things; shared gateway only.

Pages: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-createsecret
and its neighbours. Field names: models of alibabacloud-kms20160120 3.3.1. [I] marks what is inferred.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from kms_resources.clouds.alibaba import wire
from kms_resources.clouds.alibaba.convert import MARKER_TAG, RESERVED_TAGS
from kms_resources.clouds.alibaba.openapi import OpenApi, filled
from kms_resources.clouds.paging import batched
from kms_resources.clouds.secrets import ActualSecret, SecretSettings, SecretState, SecretType, SecretVersion
from kms_resources.errors import NotFoundError, RejectedError
from kms_resources.model import Marker, Target

TAGS_PER_CALL = 10
DESCRIBING_THREADS = 8
_UNITS: Mapping[str, int] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


class AlibabaSecrets:
    """One method per need of `SecretsClient`."""

    def __init__(self, target: Target, api: OpenApi) -> None:
        self.target = target
        self._api = api

    def list_secrets(self) -> list[ActualSecret]:
        """ListSecrets, and DescribeSecret for each (kms: the same names).

        Secrets that another product of the cloud keeps, and those of kinds we have no words for, are left out.
        """
        rows = self._api.all("ListSecrets", {"FetchTags": False}, ("SecretList", "Secret", "SecretName"))
        own = [
            str(row["SecretName"]) for row in rows if not row.get("OwingService") and row.get("SecretType") in _TYPES
        ]
        with ThreadPoolExecutor(DESCRIBING_THREADS, thread_name_prefix="describe") as pool:
            return [found for found in pool.map(self._if_there, own) if found]

    def describe_secret(self, name: str) -> ActualSecret:
        """DescribeSecret with its tags, then ListSecretVersionIds unless it is pending deletion (kms: alike)."""
        found = self._described(name)
        if found.state is SecretState.PENDING_DELETION:
            return found
        return replace(found, versions=tuple(self.list_versions(name)))

    def create_secret(
        self,
        name: str,
        settings: SecretSettings,
        marker: Marker,
        value: bytes,
        version: str,
        *,
        binary: bool = False,
    ) -> str:
        """CreateSecret (kms:CreateSecret; kms:GenerateDataKey on its key [I]), the marker among the tags."""
        tags = {MARKER_TAG: str(marker)} | {key: text for key, text in settings.tags.items() if key != MARKER_TAG}
        fields: dict[str, Any] = {
            "SecretName": name,
            "SecretType": str(settings.type),
            "VersionId": version,
            "Description": settings.description,
            "Tags": _tag_rows(tags),
            **_value_fields(value, binary=binary),
        }
        if settings.encryption_key:
            fields["EncryptionKeyId"] = settings.encryption_key
        if instance := settings.instance or self.target.instance:
            fields["DKMSInstanceId"] = instance
        if settings.configuration:
            fields["ExtendedConfig"] = dict(settings.configuration)
        if settings.rotation_seconds is not None:
            fields |= _rotation_fields(settings.rotation_seconds)
        return self._api.send("CreateSecret", fields, lambda answer: filled(answer["VersionId"]), repeatable=False)

    def put_value(self, name: str, value: bytes, version: str, *, binary: bool = False) -> str:
        """PutSecretValue (kms:PutSecretValue); generic secrets only. The version's name makes it safe to repeat."""
        fields = {"SecretName": name, "VersionId": version, **_value_fields(value, binary=binary)}
        return self._api.send("PutSecretValue", fields, lambda answer: filled(answer["VersionId"]))

    def set_description(self, name: str, description: str) -> None:
        """UpdateSecret (kms:UpdateSecret)."""
        self._api.change("UpdateSecret", {"SecretName": name, "Description": description})

    def set_rotation(self, name: str, every_seconds: int | None) -> None:
        """UpdateSecretRotationPolicy (kms:UpdateSecretRotationPolicy); not for generic secrets."""
        self._api.change("UpdateSecretRotationPolicy", {"SecretName": name, **_rotation_fields(every_seconds)})

    def write_marker(self, name: str, marker: Marker) -> None:
        """TagResource (kms:TagResource)."""
        self.change_tags(name, {MARKER_TAG: str(marker)}, ())

    def change_tags(self, name: str, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """UntagResource, then TagResource (kms: the same names): in this order a full one has room for the new."""
        for keys in batched(remove, TAGS_PER_CALL):
            self._api.change("UntagResource", {"SecretName": name, "TagKeys": keys})
        for rows in batched(_tag_rows(put), TAGS_PER_CALL):
            self._api.change("TagResource", {"SecretName": name, "Tags": rows})

    def delete_secret(self, name: str, window_days: int) -> str:
        """DeleteSecret with a window (kms:DeleteSecret); never at once."""
        fields = {"SecretName": name, "RecoveryWindowInDays": window_days, "ForceDeleteWithoutRecovery": False}
        return self._api.send("DeleteSecret", fields, lambda answer: filled(answer["PlannedDeleteTime"]))

    def restore_secret(self, name: str) -> None:
        """RestoreSecret (kms:RestoreSecret)."""
        self._api.change("RestoreSecret", {"SecretName": name})

    def list_versions(self, name: str) -> list[SecretVersion]:
        """ListSecretVersionIds (kms:ListSecretVersionIds), without those that have no stage any more."""
        rows = self._api.all("ListSecretVersionIds", {"SecretName": name}, ("VersionIds", "VersionId", "VersionId"))
        return sorted((_version(row) for row in rows), key=lambda version: version.created)

    def _described(self, name: str) -> ActualSecret:
        return self._api.send("DescribeSecret", {"SecretName": name, "FetchTags": True}, _secret)

    def _if_there(self, name: str) -> ActualSecret | None:
        try:
            return self._described(name)
        except NotFoundError:
            return None


_TYPES = {str(kind): kind for kind in SecretType}


def _secret(answer: Mapping[str, Any]) -> ActualSecret:
    name = filled(answer["SecretName"])
    kind = _TYPES.get(str(answer.get("SecretType") or SecretType.GENERIC))
    if kind is None:
        raise RejectedError(
            f"secret {name} is of a kind that this product does not know", why=f"SecretType {answer['SecretType']}"
        )
    rows = (answer.get("Tags") or {}).get("Tag") or []
    tags = {str(row["TagKey"]): str(row.get("TagValue") or "") for row in rows}
    planned = str(answer.get("PlannedDeleteTime") or "")
    rotates = answer.get("AutomaticRotation") in {"Enabled", "Suspended"}
    return ActualSecret(
        name,
        SecretSettings(
            type=kind,
            description=str(answer.get("Description") or ""),
            encryption_key=str(answer.get("EncryptionKeyId") or ""),
            instance=str(answer.get("DKMSInstanceId") or ""),
            rotation_seconds=_seconds(str(answer.get("RotationInterval") or "")) if rotates else None,
            tags={key: text for key, text in tags.items() if key != MARKER_TAG and not key.startswith(RESERVED_TAGS)},
            configuration=_configuration(str(answer.get("ExtendedConfig") or "")),
        ),
        SecretState.PENDING_DELETION if planned else SecretState.ACTIVE,
        marker=Marker(tags.get(MARKER_TAG, "")),
        arn=str(answer.get("Arn") or ""),
        created=str(answer.get("CreateTime") or ""),
        updated=str(answer.get("UpdateTime") or ""),
        planned_deletion=planned,
        next_rotation=str(answer.get("NextRotationDate") or ""),
    )


def _version(row: Mapping[str, Any]) -> SecretVersion:
    stages = (row.get("VersionStages") or {}).get("VersionStage") or []
    return SecretVersion(
        str(row["VersionId"]), str(row.get("CreateTime") or ""), tuple(sorted(str(stage) for stage in stages))
    )


def _value_fields(value: bytes, *, binary: bool) -> dict[str, str]:
    """[I] A binary value travels as Base64 in the same field; a text must be UTF-8."""
    if binary:
        return {"SecretData": wire.to_text(value), "SecretDataType": "binary"}
    text = value.decode(errors="replace")
    if text.encode() != value:
        raise RejectedError("the value was not sent", why="it is not UTF-8 text", advice="declare the secret as binary")
    return {"SecretData": text, "SecretDataType": "text"}


def _rotation_fields(every_seconds: int | None) -> dict[str, Any]:
    if every_seconds is None:
        return {"EnableAutomaticRotation": False}
    return {"EnableAutomaticRotation": True, "RotationInterval": f"{every_seconds}s"}


def _seconds(interval: str) -> int | None:
    written = re.fullmatch(r"(\d+)([dhms])", interval)
    return int(written[1]) * _UNITS[written[2]] if written else None


def _configuration(text: str) -> Mapping[str, Any]:
    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004  (foreign data)
    return found


def _tag_rows(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
