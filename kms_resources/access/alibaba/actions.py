"""Alibaba Cloud's calls and what each is for, with the open rules of its access control.

Sources: R1 AlibabaCloudDocs/ram, R2 alibabacloud.com/help/en/ram/policy-elements, K1 KMS overview of key policies,
K2 API SetKeyPolicy, K3 modify a key policy (list of 2024), K4 KMS condition keys, K5 AlibabaCloudDocs/kms,
K8 API overview of KMS 2016-01-20.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from kms_resources.access.patterns import glob
from kms_resources.access.words import ActionClass, ActionRow, Mark, OpenRule

_A, _E, _D = ActionClass.ADMINISTER, ActionClass.USE_ENCRYPT, ActionClass.USE_DECRYPT
_S, _V, _R = ActionClass.USE_SIGN, ActionClass.USE_VERIFY, ActionClass.READ


def _rows(kind: ActionClass, names: str, *, on_key: bool = True, mark: Mark = Mark.VENDOR) -> list[ActionRow]:
    return [ActionRow(f"kms:{name}", kind, on_key, mark, "K8") for name in names.split()]


ACTIONS: tuple[ActionRow, ...] = (
    *_rows(
        _A,
        "EnableKey DisableKey CancelKeyDeletion SetDeletionProtection UpdateKeyDescription UpdateRotationPolicy "
        "CreateKeyVersion CreateAlias UpdateAlias DeleteAlias TagResource UntagResource GetParametersForImport "
        "ImportKeyMaterial",
    ),
    *_rows(ActionClass.DELETE, "ScheduleKeyDeletion DeleteKeyMaterial"),
    *_rows(ActionClass.POLICY, "SetKeyPolicy"),
    *_rows(_R, "DescribeKey DescribeKeyVersion ListKeyVersions ListAliasesByKeyId ListResourceTags GetKeyPolicy"),
    *_rows(
        _E,
        "Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateAndExportDataKey AsymmetricEncrypt "
        "GenerateMac",
    ),
    ActionRow("kms:ReEncryptTo", _E, source="K5"),
    *_rows(_D, "Decrypt AsymmetricDecrypt ExportDataKey"),
    ActionRow("kms:ReEncryptFrom", _D, source="K5"),
    *_rows(_S, "AsymmetricSign"),
    *_rows(_V, "AsymmetricVerify VerifyMac GetPublicKey"),
    *_rows(_A, "CreateKey TagResources UntagResources", on_key=False),
    *_rows(_R, "ListKeys ListAliases", on_key=False),
    *_rows(_R, "ListTagResources", on_key=False, mark=Mark.INFERRED),
    *_rows(
        ActionClass.POLICY,
        "CreatePolicy UpdatePolicy DeletePolicy CreateNetworkRule UpdateNetworkRule DeleteNetworkRule "
        "CreateApplicationAccessPoint UpdateApplicationAccessPoint DeleteApplicationAccessPoint CreateClientKey "
        "DeleteClientKey",
        on_key=False,
        mark=Mark.INFERRED,
    ),
    *_rows(
        ActionClass.SECRETS,
        "CreateSecret GetSecretValue PutSecretValue DeleteSecret RestoreSecret UpdateSecret RotateSecret "
        "SetSecretPolicy",
        on_key=False,
        mark=Mark.INFERRED,
    ),
)

ALL = "kms:*"

LISTED: tuple[str, ...] = tuple(
    f"kms:{name}"
    for name in [
        "List*",
        "Describe*",
        "Create*",
        "Enable*",
        "Disable*",
        "Get*",
        "Set*",
        "Update*",
        "Delete*",
        "Cancel*",
        "TagResource",
        "UntagResource",
        "ImportKeyMaterial",
        "ScheduleKeyDeletion",
        "Encrypt",
        "Decrypt",
        "GenerateDataKey",
        "GenerateAndExportDataKey",
        "AsymmetricEncrypt",
        "AsymmetricDecrypt",
    ]
)
"""K3: what takes effect in a key policy when it is named; `kms:*` covers everything."""

_USERS = frozenset(
    f"kms:{name}"
    for name in ["DescribeKey", "DescribeKeyVersion", "ListKeyVersions", "ListAliasesByKeyId", "TagResource"]
)


def foreign_may(row: ActionRow) -> bool:
    """Whether principals of another account can have it at all: use, and what K3 lists for users (K1 v; set i)."""
    return row.kind.is_use or row.action in _USERS


@lru_cache(maxsize=4096)
def listed(action: str) -> bool:
    """Whether a key policy is documented to give it when it is named (K3)."""
    return any(glob(pattern, action) for pattern in LISTED)


def _open(*pairs: tuple[str, str]) -> Mapping[str, OpenRule]:
    return MappingProxyType({f"alibaba.{name}": OpenRule(f"alibaba.{name}", question) for name, question in pairs})


RULES: Mapping[str, OpenRule] = _open(
    ("action-case", "whether action names in a key policy ignore case (R2: RAM actions do; key policies: silent)"),
    ("unlisted-action", "whether a key policy gives an action that the list of 2024 does not name (K2, K3)"),
    ("not-forms", "whether NotResource, or any Not… in a key policy, means the complement or nothing (R2)"),
    ("principal-group", "whether a RAM group in a key policy means its members or nothing (K1, R1)"),
    ("principal-everyone", "whether a bare * as principal means everybody or nothing (K1, R1)"),
    ("absent-negated", "whether a negated test holds when the request has no such key"),
    (
        "wildcard-in-equals",
        "whether * and ? under StringEquals are wildcards, as under StringLike, or letters (R1)",
    ),
    ("block-border", "whether IpAddress takes the first and last address of a block (R5)"),
    ("host-bits", "whether a block with host bits set means its network or nothing (R5)"),
    ("missing-rule", "whether a named network rule that does not exist opens to every address or to none"),
)

KEY_USER = "RbacPermission/Template/CryptoServiceKeyUser"
SECRET_USER = "RbacPermission/Template/CryptoServiceSecretUser"  # noqa: S105  (a template's name)
