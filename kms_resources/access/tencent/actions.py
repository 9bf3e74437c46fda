"""Tencent Cloud's calls and what each is for, with the open rules of CAM.

Sources: C1 tencentyun/qcloud-documents, CAM guide, C2 older English pages of it, C3 cloud.tencent.com/document/product/
598/69971 and 598/57129, C4 KMS guide 573/10128, C5 deny that does not take effect, C6 598/10605, C7 the models of KMS
API 2019-01-18.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kms_resources.access.words import ActionClass, ActionRow, Mark, OpenRule

_A, _E, _D = ActionClass.ADMINISTER, ActionClass.USE_ENCRYPT, ActionClass.USE_DECRYPT


def _rows(kind: ActionClass, names: str, *, on_key: bool = True, mark: Mark = Mark.VENDOR) -> list[ActionRow]:
    return [ActionRow(f"kms:{name}", kind, on_key, mark, "C4 C7") for name in names.split()]


ACTIONS: tuple[ActionRow, ...] = (
    *_rows(
        _A,
        "EnableKey EnableKeys DisableKey DisableKeys CancelKeyDeletion ArchiveKey CancelKeyArchive UpdateAlias "
        "UpdateKeyDescription EnableKeyRotation DisableKeyRotation RotateKey GetParametersForImport ImportKeyMaterial",
    ),
    *_rows(_A, "BindCloudResource UnbindCloudResource"),
    *_rows(ActionClass.DELETE, "ScheduleKeyDeletion DeleteImportedKeyMaterial"),
    *_rows(ActionClass.READ, "DescribeKey DescribeKeys GetKeyRotationStatus"),
    *_rows(_E, "Encrypt GenerateDataKey PostQuantumCryptoEncrypt"),
    ActionRow("kms:ReEncrypt", _D, source="C4", also=(_E,)),
    *_rows(_D, "Decrypt AsymmetricRsaDecrypt AsymmetricSm2Decrypt PostQuantumCryptoDecrypt"),
    *_rows(ActionClass.USE_SIGN, "SignByAsymmetricKey PostQuantumCryptoSign"),
    *_rows(ActionClass.USE_VERIFY, "VerifyByAsymmetricKey PostQuantumCryptoVerify GetPublicKey"),
    *_rows(_A, "CreateKey", on_key=False),
    *_rows(ActionClass.READ, "ListKeys ListKeyDetail GetServiceStatus", on_key=False),
    *_rows(ActionClass.READ, "ListAlgorithms GetRegions", on_key=False, mark=Mark.INFERRED),
    *_rows(_E, "GenerateRandom", on_key=False, mark=Mark.INFERRED),
)

POLICY_ACTIONS: tuple[ActionRow, ...] = tuple(
    ActionRow(f"cam:{name}", ActionClass.POLICY, on_key=False, mark=Mark.VENDOR, source="C1")
    for name in (
        "CreatePolicy",
        "UpdatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "SetDefaultPolicyVersion",
        "AttachUserPolicy",
        "DetachUserPolicy",
        "AttachGroupPolicy",
        "DetachGroupPolicy",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "AddUserToGroup",
        "UpdateAssumeRolePolicy",
    )
)
"""Who may use a key is changed in CAM: there is no key policy. Asked on the whole account."""

WITHOUT_ADDRESS = frozenset({"kms:BindCloudResource"})
"""Calls without a condition on the address (C3)."""


def _open(*pairs: tuple[str, str]) -> Mapping[str, OpenRule]:
    return MappingProxyType({f"tencent.{name}": OpenRule(f"tencent.{name}", question) for name, question in pairs})


RULES: Mapping[str, OpenRule] = _open(
    ("action-case", "whether action names ignore case (C1)"),
    ("region-forms", "whether gz, sh and * are understood as region (C1, C2)"),
    ("account-wildcard", "whether a wildcard as account means every account or none"),
    ("project", "whether a statement with a project in its second segment reaches keys, which have none"),
    ("directory", "whether a path without a star takes what lies below it (C4, C1)"),
    ("absent-negated", "whether a negated test holds when the request has no such key"),
    ("tags-without-any", "whether string_equal without for_any_value fits a key with several tags (C1)"),
    ("app-id", "what the variable ${app_id} stands for (C1)"),
    ("role-uin", "what the variable ${uin} stands for when a role asks (C1)"),
    ("unknown-uin", "the number of a user who is known by name only"),
)
