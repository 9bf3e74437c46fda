"""Instances, regions, and the account: what can be looked at but not made here."""

from __future__ import annotations

from kms_emulator.alibaba.facts import INSTANCE_PAGE_SIZE, REGIONS
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import Instance
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation


def list_kms_instances(operation: Operation) -> Payload:
    """ListKmsInstances."""
    number, size = operation.parameters.page(INSTANCE_PAGE_SIZE)
    page = operation.instances.list(start=(number - 1) * size, limit=size)
    return {
        "KmsInstances": {
            "KmsInstance": [
                {"KmsInstanceId": entry["id"], "KmsInstanceArn": operation.arn(f"keystore/{entry['id']}")}
                for entry in page.items
            ]
        },
        "PageNumber": number, "PageSize": size, "TotalCount": page.total,
    }  # fmt: skip


def get_kms_instance(operation: Operation) -> Payload:
    """GetKmsInstance; an unknown id is answered with an empty ``InstanceId`` and no error [S10]."""
    document = operation.instances.get(operation.parameters.required("KmsInstanceId"))
    if document is None:
        return {"KmsInstance": {"InstanceId": ""}}
    instance = Instance.load(document)
    network: Payload = {
        "VpcId": instance.vpc, "VswitchIds": instance.vswitches, "ZoneIds": instance.zones,
        "VpcNum": instance.vpc_quota, "BindVpcs": {"BindVpc": []},
    }  # fmt: skip
    return {
        "KmsInstance": {
            "InstanceId": instance.id, "InstanceName": instance.name, "Status": instance.status,
            "CreateTime": moment(instance.created), "StartDate": moment(instance.created),
            "EndDate": moment(instance.ends), "Spec": instance.performance, "KeyNum": instance.key_quota,
            "SecretNum": str(instance.secret_quota), "ChargeType": "PREPAY", "ProductType": "kms_ddi_public_cn",
            "DeletionProtection": instance.protected, "DeletionProtectionDescription": instance.protection_note,
            **network,
        }
    }  # fmt: skip


def get_default_kms_instance(operation: Operation) -> Payload:
    """GetDefaultKmsInstance."""
    document = operation.instances.find("default", "yes")
    return {"DefaultKmsInstanceId": document["id"] if document else ""}


def describe_regions(operation: Operation) -> Payload:
    """DescribeRegions: those of the account if the seed limits them."""
    context = operation.context
    regions = context.directory.regions(context.cloud, operation.scope.account) or REGIONS
    return {"Regions": {"Region": [{"RegionId": region} for region in regions]}}


def describe_account_kms_status(operation: Operation) -> Payload:
    """DescribeAccountKmsStatus; the switch decides."""
    return {"AccountStatus": operation.context.switch("account_status")}
