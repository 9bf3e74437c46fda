"""Access points: operations 55 to 74."""

import json
from typing import Any

import pytest

from kms_emulator.ctyun.permission_actions import INTERFACES
from tests.emulator.ctyun.support import Client

UNKNOWN = "971ba207-5323-4a04-a290-3a9e8b4c7343"
VPC, FRONT, BACK = "vpc-example0001", "subnet-example0001", "subnet-example0002"


def make(client: Client, name: str = "orders", **more: Any) -> str:
    fields = {"name": name, "vpcId": VPC, "subnetId": FRONT, **more}
    return str(client.call("createAccessPoint", **fields)["accessPointId"])


def test_the_networks_are_those_of_the_seed(client: Client) -> None:
    applications, loopback = client.call("listVpcs")["list"]
    assert applications == {"vpcId": VPC, "vpcName": "applications"}
    assert loopback == {"vpcId": "vpc-example0002", "vpcName": "this machine"}
    assert client.call("listVpcs", pageNumber=2) == {"list": []}
    assert client.call("listSubnets", vpcId=VPC)["list"] == [
        {"subnetId": FRONT, "subnetName": "front", "cidr": "192.168.1.0/24"},
        {"subnetId": BACK, "subnetName": "back", "cidr": "192.168.2.0/24"},
    ]
    assert client.refused("listSubnets", vpcId="vpc-none") == (404, "KMS_9009")


def test_a_new_access_point_is_listed(client: Client) -> None:
    client.region = "another-pool"
    point = make(client, description="for orders", epId="project-1", subnetId=BACK)
    found = client.call("listAccessPoints")
    assert found["list"][0].pop("createdAt").endswith("Z")
    assert found == {
        "totalCount": 1,
        "list": [
            {"accessPointId": point, "name": "orders", "instanceId": "ins-X63C8r", "vpcId": VPC, "subnetId": BACK,
             "description": "for orders", "epId": "project-1", "permissionControl": True},
        ],
    }  # fmt: skip


def test_access_points_are_filtered_in_pages(client: Client) -> None:
    client.region = "another-pool"
    points = [make(client, name) for name in ("one", "two", "three")]
    page = client.call("listAccessPoints", pageNumber=2, pageSize=2)
    assert (page["totalCount"], [point["accessPointId"] for point in page["list"]]) == (3, points[2:])
    for fields, expected in (
        ({"name": "two"}, points[1:2]), ({"name": "tw"}, []), ({"instanceId": "ins-X63C8r"}, points),
        ({"instanceId": "ins-X63C8r", "name": "one"}, points[:1]), ({"instanceId": "ins-none"}, []),
    ):  # fmt: skip
        found = client.call("listAccessPoints", **fields)["list"]
        assert [point["accessPointId"] for point in found] == expected


@pytest.mark.parametrize(
    ("bad", "status", "code"),
    [
        ({"vpcId": "vpc-none"}, 404, "KMS_9009"),
        ({"subnetId": "subnet-none"}, 404, "KMS_9010"),
        ({"instanceId": "ins-none"}, 404, "KMS_9005"),
        ({"name": "x" * 129}, 400, "KMS_9031"),
        ({"description": "x" * 8193}, 400, "KMS_9031"),
        ({"name": "example"}, 400, "KMS_9024"),
    ],
)
def test_a_bad_access_point_is_not_made(client: Client, bad: dict[str, Any], status: int, code: str) -> None:
    fields = {"name": "orders", "vpcId": VPC, "subnetId": FRONT, **bad}
    before = client.call("listAccessPoints")
    assert client.refused("createAccessPoint", **fields) == (status, code)
    assert client.call("listAccessPoints") == before


def test_the_endpoint_whitelist_grows(client: Client) -> None:
    point = make(client)
    assert client.call("listEndpointWhitelist", accessPointId=point) == {"list": []}
    client.call("addEndpointWhitelist", accessPointId=point, endpoints=["endpoint-1", "192.168.1.0/24"])
    client.call("addEndpointWhitelist", accessPointId=point, endpoints=["endpoint-2", "endpoint-1"])
    expected = ["endpoint-1", "192.168.1.0/24", "endpoint-2"]
    assert client.call("listEndpointWhitelist", accessPointId=point) == {"list": expected}


@pytest.mark.parametrize(
    ("endpoints", "code"),
    [(["with blank"], "KMS_9031"), ([1], "KMS_9031"), ([""], "KMS_9031"), ([], "KMS_0101"), ("one", "KMS_9032"),
     ([f"endpoint-{number}" for number in range(101)], "KMS_9041")],
)  # fmt: skip
def test_bad_endpoints_are_refused(client: Client, endpoints: Any, code: str) -> None:
    point = make(client)
    assert client.refused("addEndpointWhitelist", accessPointId=point, endpoints=endpoints) == (400, code)
    assert client.call("listEndpointWhitelist", accessPointId=point) == {"list": []}


def allowed(client: Client, **names: Any) -> list[str]:
    found = client.call("getTenantApiPermission", **names)["list"]
    assert [entry["apiName"] for entry in found] == list(INTERFACES)
    return [entry["apiName"] for entry in found if entry["allowed"]]


def test_a_new_access_point_permits_nothing(client: Client) -> None:
    point = make(client)
    assert allowed(client, accessPointId=point) == []
    assert client.call("checkPermissionControl", accessPointId=point) == {"enabled": True}
    assert client.call("listResourcePermissions", accessPointId=point) == {"list": []}


def test_interface_permissions_are_replaced_as_a_whole(client: Client) -> None:
    point = make(client)
    client.call("updateApiPermissions", accessPointId=point, apis=["encrypt", {"apiName": "decrypt"}])
    assert allowed(client, accessPointId=point) == ["encrypt", "decrypt"]
    client.call(
        "updateApiPermissions", accessPointId=point, apis=[{"apiName": "encrypt", "allowed": False}, "createKey"]
    )
    assert allowed(client, accessPointId=point) == ["createKey"]
    client.call("updateApiPermissions", accessPointId=point, apis=[])
    assert allowed(client, accessPointId=point) == []


def test_a_listing_of_interface_permissions_can_be_given_back(client: Client) -> None:
    point, other = make(client), make(client, "other")
    client.call("updateApiPermissions", accessPointId=point, apis=["encrypt", "messageDigest"])
    pages = [
        client.call("listApiPermissions", accessPointId=point, pageNumber=number, pageSize=50) for number in (1, 2)
    ]
    assert pages[0]["totalCount"] == len(INTERFACES)
    given = [entry for page in pages for entry in page["list"]]
    client.call("updateApiPermissions", accessPointId=other, apis=given)
    assert allowed(client, accessPointId=other) == ["encrypt", "messageDigest"]


@pytest.mark.parametrize(
    ("apis", "code"),
    [(["explode"], "KMS_9031"), (["createAccessPoint"], "KMS_9031"), ([1], "KMS_9032"), ([{}], "KMS_9032"),
     ([{"apiName": "encrypt", "allowed": "yes"}], "KMS_9032"), ("encrypt", "KMS_9032"), (None, "KMS_0101")],
)  # fmt: skip
def test_bad_interface_permissions_change_nothing(client: Client, apis: Any, code: str) -> None:
    point = make(client)
    client.call("updateApiPermissions", accessPointId=point, apis=["decrypt"])
    assert client.refused("updateApiPermissions", accessPointId=point, apis=apis) == (400, code)
    assert allowed(client, accessPointId=point) == ["decrypt"]


def test_permission_control_is_switched_off_and_a_change_switches_it_on(client: Client) -> None:
    point = make(client)
    client.call("disablePermissionControl", accessPointId=point)
    assert client.call("checkPermissionControl", accessPointId=point) == {"enabled": False}
    client.call("updateApiPermissions", accessPointId=point, apis=["encrypt"])
    assert client.call("checkPermissionControl", accessPointId=point) == {"enabled": True}


def test_resource_permissions_are_replaced_as_a_whole(client: Client) -> None:
    point, key = make(client), client.make()
    entries = [{"resourceType": "key", "resourceId": key}, {"resourceType": "certificate", "resourceId": "*"}]
    client.call("updateResourcePermissions", accessPointId=point, resources=[*entries, entries[0]])
    assert client.call("listResourcePermissions", accessPointId=point) == {"list": entries}
    assert client.call("listResourcePermissions", accessPointId=point, pageSize=1, pageNumber=2)["list"] == entries[1:]
    expected = {"accessPointId": point, "enabled": True, "list": entries}
    assert client.call("getResourcePermission", accessPointId=point) == expected
    client.call("updateResourcePermissions", accessPointId=point, resources=[])
    assert client.call("getResourcePermission", accessPointId=point)["list"] == []


@pytest.mark.parametrize(
    ("entry", "status", "code"),
    [
        ("key", 400, "KMS_9032"),
        ({"resourceType": "key"}, 400, "KMS_9032"),
        ({"resourceType": "disk", "resourceId": "*"}, 400, "KMS_9031"),
        ({"resourceType": "key", "resourceId": UNKNOWN}, 404, "KMS_9001"),
        ({"resourceType": "certificate", "resourceId": UNKNOWN}, 404, "KMS_9006"),
        ({"resourceType": "ukCertificate", "resourceId": UNKNOWN}, 404, "KMS_9006"),
    ],
)
def test_bad_resource_permissions_are_refused(client: Client, entry: Any, status: int, code: str) -> None:
    point = make(client)
    assert client.refused("updateResourcePermissions", accessPointId=point, resources=[entry]) == (status, code)


def test_a_secret_key_is_shown_once(client: Client) -> None:
    point = make(client)
    made = client.call("createTenantAkSk", accessPointId=point)
    assert set(made) == {"accessKey", "secretKey"}
    listed = client.call("listTenantAks", accessPointId=point)
    assert listed["list"][0].pop("createdAt").endswith("Z")
    assert listed == {"list": [{"accessKey": made["accessKey"], "status": "Enabled"}]}
    assert made["secretKey"] not in json.dumps(client.control("GET", "journal"))


def test_credentials_come_in_pages(client: Client) -> None:
    point = make(client)
    made = [client.call("createTenantAkSk", accessPointId=point)["accessKey"] for _ in range(3)]
    found = client.call("listTenantAks", accessPointId=point, pageSize=2, pageNumber=2)["list"]
    assert [entry["accessKey"] for entry in found] == made[2:]


def test_credentials_are_switched_and_deleted(client: Client) -> None:
    point = make(client)
    name = {"accessKey": client.call("createTenantAkSk", accessPointId=point)["accessKey"]}
    for operation, status in (("disableTenantAk", "Disabled"), ("enableTenantAk", "Enabled")):
        for _ in range(2):
            client.call(operation, **name)
            assert client.call("listTenantAks", accessPointId=point)["list"][0]["status"] == status
    assert client.refused("deleteAccessPoint", accessPointId=point) == (400, "KMS_9025")
    client.call("deleteTenantAk", **name)
    assert client.call("listTenantAks", accessPointId=point) == {"list": []}
    client.call("deleteAccessPoint", accessPointId=point)
    assert client.refused("listTenantAks", accessPointId=point) == (404, "KMS_9007")


def test_the_permissions_of_a_credential_are_those_of_its_access_point(client: Client) -> None:
    point = make(client)
    client.call("updateApiPermissions", accessPointId=point, apis=["decrypt"])
    made = client.call("createTenantAkSk", accessPointId=point)
    assert allowed(client, accessKey=made["accessKey"]) == ["decrypt"]
    assert client.refused("getTenantApiPermission", accessKey="none") == (404, "KMS_9007")


@pytest.mark.parametrize("operation", ["disableTenantAk", "enableTenantAk", "deleteTenantAk"])
def test_credentials_of_another_resource_pool_are_not_there(client: Client, operation: str) -> None:
    made = client.call("createTenantAkSk", accessPointId=make(client))
    client.region = "another-pool"
    assert client.refused(operation, accessKey=made["accessKey"]) == (404, "KMS_9008")
    assert client.refused("getTenantApiPermission", accessKey=made["accessKey"]) == (404, "KMS_9007")


ON_A_POINT: dict[str, dict[str, Any]] = {
    "listApiPermissions": {}, "listEndpointWhitelist": {}, "listResourcePermissions": {}, "listTenantAks": {},
    "createTenantAkSk": {}, "disablePermissionControl": {}, "getResourcePermission": {}, "checkPermissionControl": {},
    "updateApiPermissions": {"apis": ["encrypt"]}, "deleteAccessPoint": {},
    "addEndpointWhitelist": {"endpoints": ["e"]}, "updateResourcePermissions": {"resources": []},
}  # fmt: skip


@pytest.mark.parametrize("operation", list(ON_A_POINT))
def test_an_unknown_access_point_is_refused(client: Client, operation: str) -> None:
    assert client.refused(operation, accessPointId=UNKNOWN, **ON_A_POINT[operation]) == (404, "KMS_9007")
