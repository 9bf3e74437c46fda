"""Enforces the policies of an access point at the gateway of an instance; its switch is that of ``authorisation``."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kms_emulator.alibaba import readings
from kms_emulator.alibaba.access_model import NETWORK_RULES, AccessPolicy, NetworkRule
from kms_emulator.alibaba.authorisation import source_address
from kms_emulator.alibaba.decision_points import KEY_USER, SECRET_USER, Grant, Need, PointCall, decide_at_point
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.readings import Rules
from kms_emulator.alibaba.secret_model import Secret
from kms_emulator.contract import Call, Context, Scope


@dataclass
class Gate:
    """What the policies of one access point say about one call; ``asked`` tells whether it was about anything."""

    grants: Sequence[Grant]
    networks: Mapping[str, Sequence[str]]
    address: str
    rules: Rules
    asked: bool = field(default=False)

    def use_key(self, instance: str, key: str) -> None:
        """Refuse unless this key may be used."""
        self._need([instance], Need(KEY_USER, f"key/{key}"))

    def read_secret(self, secret: Secret) -> None:
        """Refuse unless the secret may be read, and the key that encrypts it used [S18]."""
        key = (Need(KEY_USER, f"key/{secret.key}"),) if secret.key else ()
        self._need([secret.instance], Need(SECRET_USER, f"secret/{secret.id}"), *key)

    def finish(self, instances: Iterable[str]) -> None:
        """Refuse a call that was about no key unless some instance may be used for it."""
        if not self.asked:
            self._need(instances, Need(KEY_USER, ""))

    def _need(self, instances: Iterable[str], *needs: Need) -> None:
        self.asked = True
        calls = [PointCall(instance, needs, self.address) for instance in instances]
        found = [decide_at_point(self.grants, self.networks, call, self.rules) for call in calls]
        if not any(decision.allowed for decision in found):
            # The vendor tells one code and no reason; the reason is for whoever reads the emulator's answers.
            why = f" ({found[0].why})" if found else ""
            raise VendorError("Forbidden.NoPermission", f"This operation is forbidden by permission system{why}.")


def open_gate(call: Call, context: Context, scope: Scope, policies: Sequence[AccessPolicy]) -> Gate:
    """The gate of the access point with these policies."""
    grants = [
        Grant(policy.instance, tuple(policy.permissions), tuple(policy.resources), rule_names(policy.rules))
        for policy in policies
    ]
    stored = context.store.collection(NETWORK_RULES, scope)
    documents = {name: stored.get(name) for grant in grants for name in grant.network_rules}
    networks = {
        name: addresses(NetworkRule.load(document).addresses)
        for name, document in documents.items() if document is not None
    }  # fmt: skip
    return Gate(grants, networks, source_address(call, context), readings.rules(context.switch))


@functools.lru_cache(maxsize=1024)
def rule_names(text: str) -> tuple[str, ...]:
    """The network rules that access control rules name."""
    return tuple(json.loads(text).get("NetworkRules", ())) if text else ()


@functools.lru_cache(maxsize=1024)
def addresses(text: str) -> tuple[str, ...]:
    """The addresses of a network rule."""
    return tuple(json.loads(text)) if text else ()
