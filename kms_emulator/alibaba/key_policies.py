"""The policies of keys: read and replaced as a whole. Only keys of instances have one [S7][S13]."""

from __future__ import annotations

from dataclasses import replace

from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.lifecycle import Payload, require_not_pending_deletion
from kms_emulator.alibaba.model import KEYS, SERVICE, Instance, Key
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.policy_documents import KEY_SID, check_name, checked, foreign_accounts, told, usual
from kms_emulator.contract import Scope

AVAILABLE = "Connected"


def set_key_policy(operation: Operation) -> Payload:
    """SetKeyPolicy. That it looks for no lock-out is [I]; a key that waits for deletion refuses it [I?]."""
    operation.parameters.required("Policy")
    key = _key(operation)
    check_name(operation.parameters.text("PolicyName", "default"))
    require_not_pending_deletion(key)
    policy = given_policy(operation)
    document = operation.instances.get(key.instance)
    if document is not None and Instance.load(document).status != AVAILABLE:
        raise VendorError("Forbidden.DKMSInstanceStateInvalid")
    changed = replace(key, policy=policy, shares=list(foreign_accounts(policy, operation.scope.account)))
    check_shares(operation, changed)
    operation.save(changed)
    return {}


def get_key_policy(operation: Operation) -> Payload:
    """GetKeyPolicy: the text is the service's own, whatever was sent."""
    key = _key(operation)
    check_name(operation.parameters.text("PolicyName", "default"))
    return {"Policy": policy_text(operation.scope, key)}


def policy_text(scope: Scope, key: Key) -> str:
    """The policy of a key of an instance; until one is set it is the usual one."""
    return key.policy or told(usual(scope.account, KEY_SID))


def has_policy(key: Key) -> bool:
    """Whether keys of this kind have a policy."""
    return bool(key.instance) and key.creator_type != SERVICE


def given_policy(operation: Operation) -> str:
    """``Policy`` as it is kept, empty when absent."""
    text = operation.parameters.text("Policy")
    undocumented = operation.context.switch("access_undocumented_principals") != "refused"
    return checked("Policy", text, undocumented=undocumented) if text else ""


def check_shares(operation: Operation, key: Key) -> None:
    """Refuse a further account that an instance's keys are shared with: it would use more than was bought [S7][S13]."""
    document = operation.instances.get(key.instance) if key.shares and operation.context.quotas else None
    if document is None:
        return
    others = operation.context.store.collection(KEYS, operation.scope).list(
        where=("shared-in", key.instance), lagged=False
    )
    accounts = set(key.shares).union(*(Key.load(entry).shares for entry in others.items if entry["id"] != key.id))
    if len(accounts) > Instance.load(document).share_quota:
        raise VendorError("Rejected.ShareQuotaExceedLimit")


def _key(operation: Operation) -> Key:
    key = operation.key()
    if not has_policy(key):
        raise VendorError("Forbidden.KeyPolicyUnSupported")
    return key
