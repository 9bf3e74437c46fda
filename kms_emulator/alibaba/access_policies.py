"""Network rules and permission policies: made, read, changed and deleted by name."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace

from kms_emulator.alibaba.access_model import (
    ACCESS_POINTS,
    NETWORK_RULES,
    POLICIES,
    AccessPoint,
    AccessPolicy,
    NetworkRule,
    check_unused,
    description,
    listed,
    new_name,
    texts,
    things,
    wanted,
)
from kms_emulator.alibaba.decision_points import KEY_USER, SECRET_USER, SHARED
from kms_emulator.alibaba.errors import VendorError, invalid
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.operation import Operation

RULE_TYPES = ("Private",)  # [S1]
PERMISSIONS = (KEY_USER, SECRET_USER)
_RESOURCE = re.compile(r"(?:key|secret)/(?:[^*\s]+\*?|\*)")  # a star at the end only [S10][S18]


def create_network_rule(operation: Operation) -> Payload:
    """CreateNetworkRule."""
    name = new_name(operation, NETWORK_RULES)
    operation.parameters.required("Type")
    kind = operation.parameters.choice("Type", RULE_TYPES)
    rule = NetworkRule(name, kind, description(operation), _addresses(operation))
    things(operation, NETWORK_RULES).put(name, rule.document())
    return {"Name": name, **_rule(operation, rule)}


def describe_network_rule(operation: Operation) -> Payload:
    """DescribeNetworkRule; the answer does not repeat the name [S1]."""
    return _rule(operation, NetworkRule.load(wanted(operation, NETWORK_RULES)))


def update_network_rule(operation: Operation) -> Payload:
    """UpdateNetworkRule: what is not sent stays."""
    rule = NetworkRule.load(wanted(operation, NETWORK_RULES))
    if operation.parameters.present("Description"):
        rule = replace(rule, description=description(operation))
    if operation.parameters.present("SourcePrivateIp"):
        rule = replace(rule, addresses=_addresses(operation))
    things(operation, NETWORK_RULES).put(rule.id, rule.document())
    return {}


def delete_network_rule(operation: Operation) -> Payload:
    """DeleteNetworkRule."""
    rule = wanted(operation, NETWORK_RULES)["id"]
    policies = things(operation, POLICIES).list(lagged=False).items
    check_unused(operation, any(rule in _rule_names(operation, AccessPolicy.load(entry).rules) for entry in policies))
    things(operation, NETWORK_RULES).delete(rule)
    return {}


def list_network_rules(operation: Operation) -> Payload:
    """ListNetworkRules."""
    return listed(operation, NETWORK_RULES, NetworkRule, "NetworkRules NetworkRule", Name="id", Type="type")


def create_policy(operation: Operation) -> Payload:
    """CreatePolicy; the answer repeats the texts as they were sent [S1]."""
    parameters = operation.parameters
    name = new_name(operation, POLICIES)
    for required in ("Permissions", "Resources"):
        parameters.required(required)
    instance = parameters.text("KmsInstance")
    if instance not in ("", SHARED) and operation.instances.get(instance) is None:
        raise VendorError("Forbidden.DKMSInstanceNotFound")
    policy = AccessPolicy(
        name, description(operation), instance, _permissions(operation), _resources(operation), _rules(operation)
    )
    things(operation, POLICIES).put(name, policy.document())
    return {
        "Arn": operation.arn(f"policy/{name}"), "Name": name, "Description": policy.description,
        "KmsInstance": instance, "AccessControlRules": policy.rules, "Permissions": parameters.text("Permissions"),
        "Resources": parameters.text("Resources"),
    }  # fmt: skip


def describe_policy(operation: Operation) -> Payload:
    """DescribePolicy: permissions and resources as lists, the rules as the text that was sent [S1][S10]."""
    policy = AccessPolicy.load(wanted(operation, POLICIES))
    return {
        "Arn": operation.arn(f"policy/{policy.id}"), "Name": policy.id, "Description": policy.description,
        "KmsInstance": policy.instance, "AccessControlRules": policy.rules, "Permissions": policy.permissions,
        "Resources": policy.resources,
    }  # fmt: skip


def update_policy(operation: Operation) -> Payload:
    """UpdatePolicy: what is not sent stays."""
    parameters = operation.parameters
    policy = AccessPolicy.load(wanted(operation, POLICIES))
    if parameters.present("Description"):
        policy = replace(policy, description=description(operation))
    if parameters.present("Permissions"):
        policy = replace(policy, permissions=_permissions(operation))
    if parameters.present("Resources"):
        policy = replace(policy, resources=_resources(operation))
    if parameters.present("AccessControlRules"):
        policy = replace(policy, rules=_rules(operation))
    things(operation, POLICIES).put(policy.id, policy.document())
    return {}


def delete_policy(operation: Operation) -> Payload:
    """DeletePolicy."""
    policy = wanted(operation, POLICIES)["id"]
    points = things(operation, ACCESS_POINTS).list(lagged=False).items
    check_unused(operation, any(policy in AccessPoint.load(entry).policies for entry in points))
    things(operation, POLICIES).delete(policy)
    return {}


def list_policies(operation: Operation) -> Payload:
    """ListPolicies."""
    return listed(operation, POLICIES, AccessPolicy, "Policies Policy", Name="id")


def _addresses(operation: Operation) -> str:
    for entry in texts(operation, "SourcePrivateIp"):
        try:
            ipaddress.IPv4Network(entry, strict=False)
        except ValueError:
            raise invalid("SourcePrivateIp", "it is not a JSON list of IPv4 addresses and CIDR blocks") from None
    return operation.parameters.text("SourcePrivateIp")


def _permissions(operation: Operation) -> list[str]:
    entries = texts(operation, "Permissions")
    if not set(entries) <= set(PERMISSIONS):
        raise invalid("Permissions", f"allowed are {', '.join(PERMISSIONS)}")
    return entries


def _resources(operation: Operation) -> list[str]:
    entries = texts(operation, "Resources")
    if not all(_RESOURCE.fullmatch(entry) for entry in entries):
        raise invalid("Resources", "every entry is key/<id> or secret/<name>, perhaps with * at its end")
    return entries


def _rules(operation: Operation) -> str:
    """That the named rules exist is not checked [S10]."""
    text = operation.parameters.text("AccessControlRules")
    _rule_names(operation, text)
    return text


def _rule_names(operation: Operation, text: str) -> list[str]:
    content = operation.parameters.json("AccessControlRules", text) if text else {}
    names = content.get("NetworkRules", []) if isinstance(content, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise invalid("AccessControlRules", "it is not a JSON object with the list NetworkRules")
    return names


def _rule(operation: Operation, rule: NetworkRule) -> Payload:
    return {
        "Arn": operation.arn(f"network/{rule.id}"), "Type": rule.type, "Description": rule.description,
        "SourcePrivateIp": rule.addresses,
    }  # fmt: skip
