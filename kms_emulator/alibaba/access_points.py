"""Access points of applications: made, read, changed and deleted by name."""

from __future__ import annotations

import json
from dataclasses import replace

from kms_emulator.alibaba.access_model import (
    ACCESS_POINTS,
    POLICIES,
    AccessPoint,
    access_point_index,
    client_keys,
    description,
    listed,
    named,
    new_name,
    texts,
    things,
    wanted,
)
from kms_emulator.alibaba.errors import invalid, missing
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.operation import Operation

POLICIES_PER_ACCESS_POINT = 3  # [S18]
METHOD = "ClientKey"  # [S1]


def create_application_access_point(operation: Operation) -> Payload:
    """CreateApplicationAccessPoint."""
    name = new_name(operation, ACCESS_POINTS)
    operation.parameters.required("Policies")
    method = operation.parameters.choice("AuthenticationMethod", (METHOD,), METHOD)
    point = AccessPoint(name, description(operation), method, _policies(operation))
    things(operation, ACCESS_POINTS).put(name, point.document())
    return _point(operation, point)


def describe_application_access_point(operation: Operation) -> Payload:
    """DescribeApplicationAccessPoint."""
    return _point(operation, AccessPoint.load(wanted(operation, ACCESS_POINTS)))


def update_application_access_point(operation: Operation) -> Payload:
    """UpdateApplicationAccessPoint: what is not sent stays."""
    point = AccessPoint.load(wanted(operation, ACCESS_POINTS))
    if operation.parameters.present("Description"):
        point = replace(point, description=description(operation))
    if operation.parameters.present("Policies"):
        point = replace(point, policies=_policies(operation))
    things(operation, ACCESS_POINTS).put(point.id, point.document())
    return {}


def delete_application_access_point(operation: Operation) -> Payload:
    """DeleteApplicationAccessPoint; its client keys go with it [S9][S18]."""
    name = wanted(operation, ACCESS_POINTS)["id"]
    keys = client_keys(operation.context, operation.scope.account)
    for identifier in keys.ids(where=("access-point", access_point_index(operation.scope.region, name))):
        keys.delete(identifier)
    things(operation, ACCESS_POINTS).delete(name)
    return {}


def list_application_access_points(operation: Operation) -> Payload:
    """ListApplicationAccessPoints."""
    path = "ApplicationAccessPoints ApplicationAccessPoint"
    return listed(operation, ACCESS_POINTS, AccessPoint, path, Name="id", AuthenticationMethod="method")


def _policies(operation: Operation) -> list[str]:
    names = texts(operation, "Policies")
    if not names:
        raise missing("Policies")
    if len(names) > POLICIES_PER_ACCESS_POINT:
        raise invalid("Policies", f"at most {POLICIES_PER_ACCESS_POINT} are allowed")
    for name in names:
        named(operation, POLICIES, name)  # [I?] that they must exist
    return names


def _point(operation: Operation, point: AccessPoint) -> Payload:
    policies = json.dumps(point.policies, ensure_ascii=False)
    return {
        "Arn": operation.arn(f"applicationaccesspoint/{point.id}"), "Name": point.id,
        "Description": point.description, "AuthenticationMethod": point.method, "Policies": policies,
    }  # fmt: skip
