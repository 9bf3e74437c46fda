"""Instances, regions, and the account: what can be looked at but not made here."""

from __future__ import annotations

from dataclasses import replace

from kms_emulator.alibaba.authority import new_authority
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.facts import INSTANCE_PAGE_SIZE, REGIONS
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import Instance
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.secret_model import secrets_of

QUOTAS = ("key", "secret", "qps", "vpc")  # [S1]


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
            "ProductVersion": "3", "SaleStatus": "Normal", "Log": 0, "LogStorage": 0,
            "CaCertificateChainPem": _authority(operation, instance), **network,
        }
    }  # fmt: skip


def _authority(operation: Operation, instance: Instance) -> str:
    """The chain that clients of the instance's own host have to trust.

    The switch holds it when the emulator speaks TLS. Otherwise nothing is signed by anybody, and the instance gets an
    authority of its own, which stays the same.
    """
    chain = str(operation.context.switch("ca_chain"))
    if chain:
        return chain
    if not instance.authority:
        instance = replace(instance, authority=new_authority(instance.id, operation.context.now))
        operation.save(instance)
    return instance.authority


def get_kms_instance_quota_infos(operation: Operation) -> Payload:
    """GetKmsInstanceQuotaInfos: of one instance or of all, of one kind of resource or of all [I?]."""
    wanted = operation.parameters.choice("ResourceType", QUOTAS)
    identifier = operation.parameters.text("KmsInstanceId")
    document = operation.instances.get(identifier) if identifier else None
    if identifier and document is None:
        raise VendorError("Forbidden.DKMSInstanceNotFound")
    documents = [document] if document is not None else operation.instances.list().items
    found = [Instance.load(entry) for entry in documents]
    return {
        "KmsInstanceQuotaInfos": [
            {"KmsInstanceId": instance.id, "ResourceType": kind, "ResourceQuota": quota, "UsedQuantity": used}
            for instance in found
            for kind, (quota, used) in _quotas(operation, instance).items()
            if wanted in ("", kind)
        ]
    }


def _quotas(operation: Operation, instance: Instance) -> dict[str, tuple[int, int]]:
    """What an instance may hold, and what it holds. Nothing measures requests against an instance here."""
    where = ("instance", instance.id)
    return {
        "key": (instance.key_quota, operation.versions.count(where=where)),
        "secret": (instance.secret_quota, secrets_of(operation).count(where=where)),
        "qps": (instance.performance, 0),
        "vpc": (instance.vpc_quota, 1 if instance.vpc else 0),
    }


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
