"""What a call is about, for the sake of permission: which actions it asks for, on which resources.

Source: the KMS page "Use RAM to control access to resources" (K5); what it does not have is inferred, see ``readings``.
A resource that the request does not name is none here: the service complains about it afterwards.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kms_emulator.alibaba.ciphertexts import Sealed
from kms_emulator.alibaba.decision import USE
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.key_policies import has_policy, policy_text
from kms_emulator.alibaba.model import ALIASES, KEYS, VERSIONS, Key
from kms_emulator.alibaba.names import arn, split_arn
from kms_emulator.alibaba.operation import ALIAS_PREFIX, Operation
from kms_emulator.alibaba.policy_documents import SECRET_SID, parsed, told, usual
from kms_emulator.alibaba.secret_model import SECRETS, Secret
from kms_emulator.ciphers import CipherError
from kms_emulator.contract import Scope

NO_RESOURCE = "*"


@dataclass(frozen=True)
class Target:
    """One action on one resource. ``policy`` is the key's or the secret's own, if it has one."""

    action: str
    resource: str
    policy: Mapping[str, Any] | None = field(default=None, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)
    scope: Scope | None = None


_Named = Callable[[str, Operation], Sequence[Target]]


def targets(name: str, operation: Operation) -> Sequence[Target]:
    """What must be allowed for the call of this name."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(f"kms:{name}", operation)
    return _object(f"kms:{name}", operation)


def is_lent(name: str) -> bool:
    """Whether a call of this name can be about a key of another account."""
    return name == "ReEncrypt" or f"kms:{name}" in USE


def _scopes(operation: Operation) -> Sequence[Scope]:
    directory, cloud = operation.context.directory, operation.context.cloud
    accounts = dict.fromkeys(entry.account for entry in directory.of_cloud(cloud))
    return [Scope(account, operation.home.region) for account in accounts if account != operation.home.account]


def _container(kind: str) -> _Named:
    return lambda action, operation: [Target(action, arn(operation.home, kind))]


def _nothing_particular(action: str, operation: Operation) -> Sequence[Target]:
    del operation
    return [Target(action, NO_RESOURCE)]


def _no_permission(action: str, operation: Operation) -> Sequence[Target]:
    del action, operation
    return []


def _by(kind: str, parameter: str) -> _Named:
    def found(action: str, operation: Operation) -> Sequence[Target]:
        given = operation.parameters.text(parameter)
        return [Target(action, arn(operation.home, f"{kind}/{given}"))] if given else []

    return found


def _object(action: str, operation: Operation) -> Sequence[Target]:
    """What KeyId, SecretName or CertificateId names."""
    given = operation.parameters
    if given.text("KeyId"):
        return [_key(action, operation, given.text("KeyId"))]
    if given.text("SecretName"):
        return [_secret(action, operation, given.text("SecretName"))]
    if given.text("CertificateId"):
        return [Target(action, arn(operation.home, f"certificate/{given.text('CertificateId')}"))]
    return []


def _key(action: str, operation: Operation, given: str) -> Target:
    parts = split_arn(given)
    scope, name = operation.home, given
    if parts is not None:
        scope, name = parts[0], parts[1].removeprefix("key/")
        if scope not in (operation.home, *_scopes(operation)):
            return Target(action, arn(scope, parts[1]), scope=scope)
    store = operation.context.store
    if name.startswith(ALIAS_PREFIX):
        alias = store.collection(ALIASES, scope).get(name)
        if alias is None:
            return Target(action, arn(scope, name), scope=scope)
        name = str(alias["key"])
    return _on(action, operation, scope, name)


def _on(action: str, operation: Operation, scope: Scope, identifier: str) -> Target:
    document = operation.context.store.collection(KEYS, scope).get(identifier)
    resource = arn(scope, f"key/{identifier}")
    if document is None:
        return Target(action, resource, scope=scope)
    key = Key.load(document)
    policy = parsed(policy_text(scope, key)) if has_policy(key) else None
    return Target(action, resource, policy, key.tags, scope)


def _secret(action: str, operation: Operation, given: str) -> Target:
    parts = split_arn(given)
    scope, name = operation.home, given
    if parts is not None:
        scope, name = parts[0], parts[1].removeprefix("secret/")
    document = operation.context.store.collection(SECRETS, scope).get(name) if scope == operation.home else None
    resource = arn(scope, f"secret/{name}")
    if document is None:
        return Target(action, resource)
    secret = Secret.load(document)
    text = secret.policy or told(usual(scope.account, SECRET_SID))
    return Target(action, resource, parsed(text) if secret.instance or secret.policy else None, secret.tags)


def _secret_value(action: str, operation: Operation) -> Sequence[Target]:
    name = operation.parameters.text("SecretName")
    return _values(action, operation, [name] if name else [])


def _secret_values(action: str, operation: Operation) -> Sequence[Target]:
    try:
        entries = operation.parameters.json_list("SecretsList")
    except VendorError:
        return []
    names = [entry.get("SecretName") if isinstance(entry, dict) else entry for entry in entries]
    return _values(action, operation, [name for name in names if isinstance(name, str)])


def _values(action: str, operation: Operation, names: Sequence[str]) -> Sequence[Target]:
    found = [_secret(action, operation, name) for name in names]
    if operation.context.switch("access_encrypting_key") != "asked":
        return found
    secrets = operation.context.store.collection(SECRETS, operation.home)
    documents = [secrets.get(target.resource.partition(":secret/")[2]) for target in found]
    keys = dict.fromkeys(document["key"] for document in documents if document is not None and document.get("key"))
    return [*found, *(_on("kms:Decrypt", operation, operation.home, key) for key in keys)]


def _alias_and_key(action: str, operation: Operation) -> Sequence[Target]:
    name, key = operation.parameters.text("AliasName"), operation.parameters.text("KeyId")
    found = [Target(action, arn(operation.home, name))] if name else []
    return [*found, _key(action, operation, key)] if key else found


def _alias_and_its_key(action: str, operation: Operation) -> Sequence[Target]:
    name = operation.parameters.text("AliasName")
    if not name:
        return []
    alias = operation.aliases.get(name)
    found = [Target(action, arn(operation.home, name))]
    return [*found, _on(action, operation, operation.home, str(alias["key"]))] if alias is not None else found


def _ciphertext(action: str, operation: Operation) -> Sequence[Target]:
    try:
        sealed = Sealed.parse(base64.b64decode(operation.parameters.text("CiphertextBlob"), validate=True))
    except (ValueError, CipherError):
        return []
    scope = operation.lender(sealed.version_id)
    document = operation.context.store.collection(VERSIONS, scope).get(sealed.version_id)
    return [_on(action, operation, scope, str(document["key"]))] if document is not None else []


def _re_encryption(action: str, operation: Operation) -> Sequence[Target]:
    given = operation.parameters
    source, to = given.text("SourceKeyId"), given.text("DestinationKeyId")
    first = [_key(f"{action}From", operation, source)] if source else _ciphertext(f"{action}From", operation)
    return [*first, _key(f"{action}To", operation, to)] if to else first


def _tagged(action: str, operation: Operation) -> Sequence[Target]:
    """The objects of a call on many; without ids it is about every object of its type."""
    kind = {"instance": "keystore"}.get(kind_ := operation.parameters.text("ResourceType"), kind_)
    try:
        names = operation.parameters.numbered("ResourceId", 1000)
    except VendorError:
        return []
    if not names:
        return [Target(action, arn(operation.home, kind))] if kind else []
    if kind == "key":
        return [_key(action, operation, name) for name in names]
    if kind == "secret":
        return [_secret(action, operation, name) for name in names]
    return [Target(action, arn(operation.home, f"{kind}/{name}")) for name in names]


def _protected(action: str, operation: Operation) -> Sequence[Target]:
    given = operation.parameters
    named = given.text("ProtectedResourceArn") or given.text("KeyId")
    if ":keystore/" in named:
        return [Target(action, named)]
    if named:
        return [_key(action, operation, named)]
    return _by("keystore", "KmsInstanceId")(action, operation)


_ACCESS = {"NetworkRule": "network", "Policy": "policy", "ApplicationAccessPoint": "applicationaccesspoint"}
_ACCESS_LISTS = {"NetworkRules": "network", "Policies": "policy", "ApplicationAccessPoints": "applicationaccesspoint"}

_SPECIAL: Mapping[str, _Named] = {
    "CreateKey": _container("key"), "ListKeys": _container("key"), "ListAliases": _container("alias"),
    "CreateSecret": _container("secret"), "ListSecrets": _container("secret"),
    "CreateCertificate": _container("certificate"), "DescribeRegions": _no_permission,
    "DescribeAccountKmsStatus": _nothing_particular, "GetRandomPassword": _nothing_particular,
    "CreateAlias": _alias_and_key, "UpdateAlias": _alias_and_key, "DeleteAlias": _alias_and_its_key,
    "Decrypt": _ciphertext, "ExportDataKey": _ciphertext, "ReEncrypt": _re_encryption,
    "GetSecretValue": _secret_value, "BatchGetSecretValue": _secret_values,
    "TagResources": _tagged, "UntagResources": _tagged, "ListTagResources": _tagged,
    "SetDeletionProtection": _protected,
    "ListKmsInstances": _container("keystore"), "GetDefaultKmsInstance": _container("keystore"),
    "GetKmsInstance": _by("keystore", "KmsInstanceId"), "GetKmsInstanceQuotaInfos": _by("keystore", "KmsInstanceId"),
    **{f"Create{thing}": _container(kind) for thing, kind in _ACCESS.items()},
    **{f"{verb}{thing}": _by(kind, "Name") for thing, kind in _ACCESS.items()
       for verb in ("Describe", "Update", "Delete")},
    **{f"List{things}": _container(kind) for things, kind in _ACCESS_LISTS.items()},
    "CreateClientKey": _by("applicationaccesspoint", "AapName"),
    "ListClientKeys": _by("applicationaccesspoint", "AapName"),
    "GetClientKey": _by("clientkey", "ClientKeyId"), "DeleteClientKey": _by("clientkey", "ClientKeyId"),
}  # fmt: skip
