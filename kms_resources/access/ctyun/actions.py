"""CTYun's interfaces and what each is for, with the rules of its access points and their marks.

Only the titles of the access point calls are published (S1 of the fact sheet); names of interfaces follow the naming
rule of the API, and what permissions mean is ours until somebody sees the real service.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kms_resources.access.words import ActionClass, ActionRow, Mark, OpenRule

_A, _E, _D = ActionClass.ADMINISTER, ActionClass.USE_ENCRYPT, ActionClass.USE_DECRYPT


def _rows(kind: ActionClass, names: str, mark: Mark, *, on_key: bool = True) -> list[ActionRow]:
    return [ActionRow(name, kind, on_key, mark, "§8") for name in names.split()]


_I, _COINED = Mark.INFERRED, Mark.COINED

ACTIONS: tuple[ActionRow, ...] = (
    *_rows(
        _A,
        "disableKey cancelKeyDeletion updateKeyDescription createAlias updateAlias deleteAlias "
        "getParametersForImport importKeyMaterial updateRotationPolicy createKeyVersion",
        _I,
    ),
    *_rows(_A, "enableKey", Mark.VENDOR),
    *_rows(_A, "setDeletionProtection cancelDeletionProtection", _COINED),
    *_rows(ActionClass.DELETE, "scheduleKeyDeletion deleteKeyMaterial", _I),
    *_rows(ActionClass.READ, "describeKey listAliasesByKeyId describeKeyVersion listKeyVersions", _I),
    *_rows(
        _E,
        "encrypt generateDataKey generateDataKeyWithoutPlaintext generateAndExportDataKey asymmetricEncrypt "
        "hmaccompute",
        _I,
    ),
    *_rows(_D, "decrypt exportDataKey asymmetricDecrypt", _I),
    ActionRow("reEncrypt", _D, source="§8", also=(_E,)),
    *_rows(ActionClass.USE_SIGN, "asymmetricSign", _I),
    *_rows(ActionClass.USE_VERIFY, "asymmetricVerify getPublicKey", _I),
    *_rows(_A, "createKey", _I, on_key=False),
    *_rows(ActionClass.READ, "listKeys listAliases", _I, on_key=False),
    *_rows(_E, "generateRandom", _COINED, on_key=False),
    *_rows(
        ActionClass.POLICY,
        "createAccessPoint deleteAccessPoint updateApiPermissions updateResourcePermissions disablePermissionControl "
        "addEndpointWhitelist createTenantAkSk enableTenantAk disableTenantAk deleteTenantAk",
        _COINED,
        on_key=False,
    ),
)

DECISIONS: Mapping[str, tuple[str, Mark]] = MappingProxyType(
    {
        "permission control off lets every interface reach every key of the account": ("§8.7 row 64", Mark.COINED),
        "permission control on asks for the interface and the resource": ("§8.7 rows 67, 73", Mark.COINED),
        "an interface that is not about one key needs the interface permission only": ("§8.7", Mark.COINED),
        "an access point is reached from its own VPC and subnet only": ("§7.9", Mark.COINED),
        "without a usable tenant credential nobody gets in": ("§8.7 rows 63, 68", Mark.COINED),
        "access points never change who may": ("§8.7", Mark.COINED),
        "the account itself has everything on the public host": ("§3", Mark.INFERRED),
    }
)
"""What the evaluator takes for true, where it stands in the fact sheet, and how sure it is."""


def _open(*pairs: tuple[str, str]) -> Mapping[str, OpenRule]:
    return MappingProxyType({f"ctyun.{name}": OpenRule(f"ctyun.{name}", question) for name, question in pairs})


RULES: Mapping[str, OpenRule] = _open(
    ("empty-whitelist", "whether an empty endpoint whitelist lets every endpoint in or none"),
    ("whitelist-without-control", "whether the endpoint whitelist counts while permission control is off"),
    ("iam", "what users and roles of the account may do: CTYun's IAM is not described"),
)
