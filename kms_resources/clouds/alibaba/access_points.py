"""Application access points of Alibaba Cloud KMS: network rule, permission policy and the point itself, by one name.

Pages: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-createapplicationaccesspoint
and its neighbours. KMS does not check what a policy names, so nothing is bound that was not seen. [I] marks what is
inferred.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any

from kms_resources.access.words import AccessPoint
from kms_resources.clouds.access import ActualPoint, Part, PointStep, WantedPoint
from kms_resources.clouds.alibaba.openapi import OpenApi, filled
from kms_resources.clouds.marking import split_marker, with_marker
from kms_resources.errors import NotFoundError, UnsafeError
from kms_resources.model import Marker, Target

PERMISSIONS: Mapping[str, str] = {
    "use": "RbacPermission/Template/CryptoServiceKeyUser",
    "secrets": "RbacPermission/Template/CryptoServiceSecretUser",
}
AUTHENTICATION = "ClientKey"
PRIVATE = "Private"
EVERYWHERE: tuple[str, ...] = ()

Fields = dict[str, Any]


class AlibabaAccessPoints:
    """One method per need of `AccessPointClient`."""

    def __init__(self, target: Target, api: OpenApi) -> None:
        self.target = target
        self._api = api

    def describe(self, name: str) -> ActualPoint | None:
        """DescribeApplicationAccessPoint, DescribePolicy, DescribeNetworkRule (kms: the same names)."""
        point = self._if_there("DescribeApplicationAccessPoint", name)
        policy = self._if_there("DescribePolicy", name)
        rule = self._if_there("DescribeNetworkRule", name)
        found = {Part.POINT: point, Part.POLICY: policy, Part.RULE: rule}
        parts = {part: _marker(answer) for part, answer in found.items() if answer is not None}
        if not parts:
            return None
        shown = policy or {}
        rules = tuple(_texts(_parsed(shown.get("AccessControlRules") or {}).get("NetworkRules") or []))
        return ActualPoint(
            AccessPoint(
                name,
                actions=tuple(word for word, text in PERMISSIONS.items() if text in _list(shown, "Permissions")),
                resources=tuple(dict.fromkeys(_list(shown, "Resources"))),
                addresses=_canonical(_list(rule or {}, "SourcePrivateIp")),
                instance=str(shown.get("KmsInstance") or ""),
            ),
            parts,
            id=name,
            arn=str((point or {}).get("Arn") or ""),
            description=split_marker(str((point or shown).get("Description") or ""))[0],
            policies=tuple(_list(point or {}, "Policies")),
            rules=rules,
        )

    def steps(self, wanted: WantedPoint, actual: ActualPoint | None) -> tuple[PointStep, ...]:
        """Rule, then policy, then point: at no moment is anything open that should not be."""
        wish = wanted.point
        if actual is None:
            first = (PointStep.CREATE_RULE,) if wish.addresses else ()
            return (*first, PointStep.CREATE_POLICY, PointStep.CREATE_POINT)
        fact, parts = actual.point, actual.parts
        steps: list[PointStep] = []
        if wish.addresses and Part.RULE not in parts:
            steps.append(PointStep.CREATE_RULE)
        elif wish.addresses and _canonical(wish.addresses) != fact.addresses:
            steps.append(PointStep.UPDATE_RULE)
        if Part.POLICY not in parts:
            steps.append(PointStep.CREATE_POLICY)
        elif fact.instance != wish.instance:
            raise UnsafeError(
                f"the permission policy {wish.name} cannot be moved",
                where=f"target {self.target.name}",
                why=f"it is for instance {fact.instance or 'of nobody'}, fixed when it is made",
                advice="declare a second access point under a new name, move its applications, and only then remove "
                "this one",
            )
        elif (sorted(fact.actions), sorted(fact.resources), actual.rules) != (
            sorted(wish.actions),
            sorted(wish.resources),
            self._rules(wanted),
        ):
            steps.append(PointStep.UPDATE_POLICY)
        if Part.POINT not in parts:
            steps.append(PointStep.CREATE_POINT)
        elif actual.policies != (wish.name,) or actual.description != wanted.description:
            steps.append(PointStep.UPDATE_POINT)
        if Part.RULE in parts and not wish.addresses:
            steps.append(PointStep.DELETE_RULE)
        return tuple(steps)

    def take(self, step: PointStep, wanted: WantedPoint, actual: ActualPoint | None) -> None:  # noqa: ARG002
        """One a step: CreateNetworkRule, CreatePolicy, CreateApplicationAccessPoint, UpdateNetworkRule, UpdatePolicy,
        UpdateApplicationAccessPoint, DeleteApplicationAccessPoint, DeletePolicy, DeleteNetworkRule (kms: the same
        names)."""
        action, fields = self._calls()[step](wanted)
        creates = action.startswith("Create")
        try:
            self._api.change(action, {"Name": wanted.point.name, **fields}, repeatable=not creates)
        except NotFoundError:
            if not action.startswith("Delete"):
                raise

    def removal(self, actual: ActualPoint) -> tuple[PointStep, ...]:
        """Point, then policy, then rule: the way back."""
        order = {
            Part.POINT: PointStep.DELETE_POINT,
            Part.POLICY: PointStep.DELETE_POLICY,
            Part.RULE: PointStep.DELETE_RULE,
        }
        return tuple(step for part, step in order.items() if part in actual.parts)

    def _calls(self) -> Mapping[PointStep, Callable[[WantedPoint], tuple[str, Fields]]]:
        return {
            PointStep.CREATE_RULE: lambda wanted: ("CreateNetworkRule", {"Type": PRIVATE, **self._rule(wanted)}),
            PointStep.UPDATE_RULE: lambda wanted: ("UpdateNetworkRule", self._rule(wanted)),
            PointStep.DELETE_RULE: lambda _: ("DeleteNetworkRule", {}),
            PointStep.CREATE_POLICY: lambda wanted: (
                "CreatePolicy",
                ({"KmsInstance": wanted.point.instance} if wanted.point.instance else {}) | self._policy(wanted),
            ),
            PointStep.UPDATE_POLICY: lambda wanted: ("UpdatePolicy", self._policy(wanted)),
            PointStep.DELETE_POLICY: lambda _: ("DeletePolicy", {}),
            PointStep.CREATE_POINT: lambda wanted: (
                "CreateApplicationAccessPoint",
                {"AuthenticationMethod": AUTHENTICATION, **self._point(wanted)},
            ),
            PointStep.UPDATE_POINT: lambda wanted: ("UpdateApplicationAccessPoint", self._point(wanted)),
            PointStep.DELETE_POINT: lambda _: ("DeleteApplicationAccessPoint", {}),
        }

    def _rule(self, wanted: WantedPoint) -> Fields:
        return {"SourcePrivateIp": list(wanted.point.addresses), "Description": _description(wanted)}

    def _policy(self, wanted: WantedPoint) -> Fields:
        return {
            "Permissions": [PERMISSIONS[action] for action in wanted.point.actions],
            "Resources": list(wanted.point.resources),
            # [I] No rule is no restriction; the list is always sent, so that an update can empty it.
            "AccessControlRules": {"NetworkRules": list(self._rules(wanted))},
            "Description": _description(wanted),
        }

    def _point(self, wanted: WantedPoint) -> Fields:
        return {"Policies": [wanted.point.name], "Description": _description(wanted)}

    def _rules(self, wanted: WantedPoint) -> tuple[str, ...]:
        return (wanted.point.name,) if wanted.point.addresses else EVERYWHERE

    def _if_there(self, action: str, name: str) -> Fields | None:
        try:
            return self._api.send(action, {"Name": name}, dict)
        except NotFoundError:
            return None


def _description(wanted: WantedPoint) -> str:
    return with_marker(wanted.description, wanted.marker)


def _marker(answer: Mapping[str, Any]) -> Marker:
    return split_marker(str(answer.get("Description") or ""))[1]


def _list(answer: Mapping[str, Any], name: str) -> list[str]:
    """A list, whether the answer has it as such or as JSON text; the calls of one family differ."""
    return _texts(_parsed(answer.get(name) or []))


def _texts(items: Any) -> list[str]:
    return [filled(item) for item in items]


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _canonical(addresses: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Addresses and blocks in one spelling and order."""
    return tuple(sorted({str(ip_network(address.strip(), strict=False)) for address in addresses}))
