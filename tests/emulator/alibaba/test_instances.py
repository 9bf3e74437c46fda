"""Instances: quotas, and the authorities that their clients have to trust."""

from cryptography import x509

from kms_emulator.emulator import Emulator
from tests.emulator.alibaba.support import DAY, HARDWARE, SOFTWARE, Client, plant


def chain(client: Client, instance: str) -> str:
    return str(client.call("GetKmsInstance", KmsInstanceId=instance)["KmsInstance"]["CaCertificateChainPem"])


def test_an_instance_has_an_authority_of_its_own_that_stays(client: Client) -> None:
    first = chain(client, SOFTWARE)
    (authority,) = x509.load_pem_x509_certificates(first.encode())
    authority.verify_directly_issued_by(authority)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    client.advance(DAY)
    assert chain(client, SOFTWARE) == first != chain(client, HARDWARE)


def test_the_switch_names_the_authorities_of_the_emulator_itself(client: Client) -> None:
    client.set(ca_chain="-----BEGIN CERTIFICATE-----\nexample\n")
    assert chain(client, SOFTWARE) == chain(client, HARDWARE) == "-----BEGIN CERTIFICATE-----\nexample\n"


def test_an_unknown_instance_is_an_empty_answer(client: Client) -> None:
    assert client.call("GetKmsInstance", KmsInstanceId="kst-none")["KmsInstance"] == {"InstanceId": ""}


def test_quotas_tell_what_is_used(client: Client, emulator: Emulator) -> None:
    plant(emulator, "instances", "kst-own", type="software", key_quota=7, secret_quota=5, performance=2000, vpc="vpc-1")
    client.key(DKMSInstanceId="kst-own")
    client.call("CreateSecret", SecretName="s", VersionId="v1", SecretData="x", DKMSInstanceId="kst-own")
    answer = client.call("GetKmsInstanceQuotaInfos", KmsInstanceId="kst-own")["KmsInstanceQuotaInfos"]
    told = {entry["ResourceType"]: (entry["ResourceQuota"], entry["UsedQuantity"]) for entry in answer}
    assert told == {"key": (7, 1), "secret": (5, 1), "qps": (2000, 0), "vpc": (1, 1)}
    assert {entry["KmsInstanceId"] for entry in answer} == {"kst-own"}


def test_quotas_of_one_kind_or_of_all_instances(client: Client) -> None:
    (one,) = client.call("GetKmsInstanceQuotaInfos", KmsInstanceId=SOFTWARE, ResourceType="key")[
        "KmsInstanceQuotaInfos"
    ]
    assert (one["KmsInstanceId"], one["ResourceType"], one["ResourceQuota"]) == (SOFTWARE, "key", 1000)
    assert len(client.call("GetKmsInstanceQuotaInfos")["KmsInstanceQuotaInfos"]) == 8
    assert client.refused("GetKmsInstanceQuotaInfos", ResourceType="keys") == (400, "InvalidParameter")
    unknown = client.refused("GetKmsInstanceQuotaInfos", KmsInstanceId="kst-none")
    assert unknown == (403, "Forbidden.DKMSInstanceNotFound")
