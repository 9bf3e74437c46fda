"""alibabacloud-dkms-gcs 1.0.2, unmodified: every operation it has, and ciphertexts of both gateways."""

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kms_emulator.alibaba.gateway_actions import GATEWAY_ACTIONS
from kms_emulator.ciphers import asymmetric
from kms_emulator.doors import door_of
from kms_emulator.emulator import Emulator
from tests.emulator.alibaba.foreign.environment import Driver, Foreign, ForeignError, data, of
from tests.emulator.alibaba.support import HARDWARE, SOFTWARE, Client, b64, unb64

TEXT = base64.b64encode(b"example plaintext")
CONTEXT = {"b": "2", "a": "1"}
AAD = hashlib.sha256(b"a=1&b=2").hexdigest().encode()
NOT_IN_THE_PACKAGE = {"Hmac", "Hash", "KmsEncrypt", "KmsDecrypt"}


@pytest.fixture
def key(client: Client) -> str:
    return client.key()


def pair(client: Client, spec: str, usage: str) -> dict[str, str]:
    key = client.key(DKMSInstanceId=HARDWARE, KeySpec=spec, KeyUsage=usage)
    versions = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
    return {"KeyId": key, "KeyVersionId": versions[0]["KeyVersionId"]}


def code(foreign: Foreign, call: str, **request: object) -> str:
    with pytest.raises(ForeignError) as caught:
        foreign.gcs(call, **request)
    return caught.value.code


def test_every_operation_of_the_package_is_emulated(driver: Driver) -> None:
    names = {
        "".join(word.capitalize() for word in name.removesuffix("_with_options").split("_"))
        for name in driver.operations
    }  # fmt: skip
    assert names == set(GATEWAY_ACTIONS) - NOT_IN_THE_PACKAGE


def test_advance_ciphertexts_go_both_ways(foreign: Foreign, client: Client, key: str) -> None:
    made = foreign.gcs("AdvanceEncrypt", KeyId=key, Plaintext=data(TEXT), Aad=data(AAD))
    blob = of(made["CiphertextBlob"])
    assert (made["KeyId"], blob[:3], blob[3:39].decode()) == (key, b"\x24\x00\x02", made["KeyVersionId"])
    opened = client.call("Decrypt", CiphertextBlob=b64(blob[3:]), EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == TEXT.decode()
    shared = client.call("Encrypt", KeyId=key, Plaintext=TEXT.decode(), EncryptionContext=CONTEXT)
    for content in (blob, blob[:3] + unb64(shared["CiphertextBlob"])):
        back = foreign.gcs("AdvanceDecrypt", CiphertextBlob=data(content), Iv=data(content[39:51]), Aad=data(AAD))
        assert of(back["Plaintext"]) == TEXT
        assert back["KeyId"] == key


def test_plain_ciphertexts_come_back(foreign: Foreign, key: str) -> None:
    made = foreign.gcs("Encrypt", KeyId=key, Plaintext=data(b"raw"), Aad=data(b"x"), Algorithm="AES_GCM")
    given = {"KeyId": key, "CiphertextBlob": made["CiphertextBlob"], "Iv": made["Iv"], "Algorithm": "AES_GCM"}
    assert of(foreign.gcs("Decrypt", **given, Aad=data(b"x"))["Plaintext"]) == b"raw"
    assert code(foreign, "Decrypt", **given, Aad=data(b"y")) == "InvalidParameter"


@pytest.mark.parametrize(("spec", "algorithm"), [("RSA_2048", "RSAES_OAEP_SHA_256"), ("EC_SM2", "SM2PKE")])
def test_asymmetric_ciphertexts_go_both_ways(foreign: Foreign, client: Client, spec: str, algorithm: str) -> None:
    named = pair(client, spec, "ENCRYPT/DECRYPT")
    given = {"KeyId": named["KeyId"], "Algorithm": algorithm}
    made = foreign.gcs("Encrypt", **given, Plaintext=data(b"there"))
    blob = b64(of(made["CiphertextBlob"]))
    assert (
        unb64(client.call("AsymmetricDecrypt", CiphertextBlob=blob, Algorithm=algorithm, **named)["Plaintext"])
        == b"there"
    )
    shared = client.call("AsymmetricEncrypt", Plaintext=b64(b"back"), Algorithm=algorithm, **named)
    opened = foreign.gcs("Decrypt", **given, CiphertextBlob=data(unb64(shared["CiphertextBlob"])))
    assert of(opened["Plaintext"]) == b"back"


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "RSA_PSS_SHA_256"), ("RSA_2048", "RSA_PKCS1_SHA_256"), ("EC_P256", "ECDSA_SHA_256"),
     ("EC_SM2", "SM2DSA")],
)  # fmt: skip
def test_signatures_go_both_ways(foreign: Foreign, client: Client, spec: str, algorithm: str) -> None:
    named = pair(client, spec, "SIGN/VERIFY")
    given = {"KeyId": named["KeyId"], "Algorithm": algorithm, "MessageType": "DIGEST"}
    digest = hashlib.sha256(b"example").digest()
    made = of(foreign.gcs("Sign", **given, Message=data(digest))["Signature"])
    checked = client.call("AsymmetricVerify", Digest=b64(digest), Value=b64(made), Algorithm=algorithm, **named)
    assert checked["Value"] is True
    shared = unb64(client.call("AsymmetricSign", Digest=b64(digest), Algorithm=algorithm, **named)["Value"])
    assert foreign.gcs("Verify", **given, Message=data(digest), Signature=data(shared))["Value"] is True
    assert foreign.gcs("Verify", **given, Message=data(bytes(32)), Signature=data(shared))["Value"] is False


def test_messages_are_hashed_by_the_gateway(foreign: Foreign, client: Client) -> None:
    key = pair(client, "EC_SM2", "SIGN/VERIFY")["KeyId"]
    given = {"KeyId": key, "Algorithm": "SM2DSA", "MessageType": "RAW", "Message": data(b"message")}
    assert foreign.gcs("Verify", **given, Signature=foreign.gcs("Sign", **given)["Signature"])["Value"] is True


def test_the_public_key_is_that_of_the_shared_gateway(foreign: Foreign, client: Client) -> None:
    named = pair(client, "EC_P256", "SIGN/VERIFY")
    pem = foreign.gcs("GetPublicKey", KeyId=named["KeyId"])["PublicKey"]
    assert pem == client.call("GetPublicKey", **named)["PublicKey"]


def test_random_bytes_are_given(foreign: Foreign) -> None:
    assert len(of(foreign.gcs("GenerateRandom", Length=40)["Random"])) == 40


def test_data_keys_come_open_and_sealed(foreign: Foreign, client: Client, key: str) -> None:
    made = foreign.gcs("AdvanceGenerateDataKey", KeyId=key, NumberOfBytes=32, Aad=data(AAD))
    opened = foreign.gcs("AdvanceDecrypt", CiphertextBlob=made["CiphertextBlob"], Iv=made["Iv"], Aad=data(AAD))
    assert opened["Plaintext"] == made["Plaintext"]
    shared = client.call("Decrypt", CiphertextBlob=b64(of(made["CiphertextBlob"])[3:]), EncryptionContext=CONTEXT)
    assert unb64(shared["Plaintext"]) == of(made["Plaintext"])
    plain = foreign.gcs("GenerateDataKey", KeyId=key, Algorithm="AES_GCM", NumberOfBytes=16)
    assert len(of(plain["Plaintext"])) == 16
    back = foreign.gcs("Decrypt", KeyId=key, CiphertextBlob=plain["CiphertextBlob"], Iv=plain["Iv"])
    assert back["Plaintext"] == plain["Plaintext"]


@pytest.mark.parametrize("advance", [True, False])
def test_data_key_pairs_come_open_and_sealed(foreign: Foreign, key: str, advance: bool) -> None:
    name, more = ("AdvanceGenerateDataKeyPair", {}) if advance else ("GenerateDataKeyPair", {"Algorithm": "AES_GCM"})
    given = {"KeyId": key, "KeyPairSpec": "EC_P256", "KeyFormat": "DER", "Aad": data(b"x"), **more}
    whole, sealed = foreign.gcs(name, **given), foreign.gcs(f"{name}WithoutPlaintext", **given)
    opened = []
    for made in (whole, sealed):
        told = {"CiphertextBlob": made["PrivateKeyCiphertextBlob"], "Iv": made["Iv"], "Aad": data(b"x")}
        back = foreign.gcs("AdvanceDecrypt", **told) if advance else foreign.gcs("Decrypt", KeyId=key, **told)
        opened.append(of(back["Plaintext"]))
        assert asymmetric.public_key_der("EC_P256", opened[-1]) == of(made["PublicKey"])
    assert opened[0] == of(whole["PrivateKeyPlaintext"])
    assert "PrivateKeyPlaintext" not in sealed


def test_secrets_of_the_instance_are_read(foreign: Foreign, client: Client) -> None:
    client.call("CreateSecret", SecretName="mine", VersionId="v1", SecretData="wörtlich", DKMSInstanceId=SOFTWARE)
    read = foreign.gcs("GetSecretValue", SecretName="mine", FetchExtendedConfig=True)
    assert (read["SecretData"], read["VersionId"], read["VersionStages"]) == ("wörtlich", "v1", ["ACSCurrent"])
    assert code(foreign, "GetSecretValue", SecretName="other") == "Forbidden.ResourceNotFound"


def test_refusals_arrive_with_their_codes(foreign: Foreign, client: Client, key: str) -> None:
    assert code(foreign, "AdvanceEncrypt", KeyId="key-x", Plaintext=data(TEXT)) == "Forbidden.KeyNotFound"
    client.call("DisableKey", KeyId=key)
    assert code(foreign, "AdvanceEncrypt", KeyId=key, Plaintext=data(TEXT)) == "Rejected.Disabled"
    pem = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    wrong = {"access_key_id": "KAAP.00000000-0000-4000-8000-00000000ffff", "private_key": b64(pem)}
    wrong |= {"protocol": "http", "endpoint": client.host}
    assert code(replace(foreign, config=wrong), "GenerateRandom", Length=8) == "Unauthorized"
    wrong["access_key_id"] = "KAAP.00000000-0000-4000-8000-000000000001"
    assert code(replace(foreign, config=wrong), "GenerateRandom", Length=8) == "SignatureNotMatch"


def test_the_package_tries_again_when_throttled(foreign: Foreign, client: Client) -> None:
    client.control("faults", {"kind": "throttle", "cloud": "alibaba", "action": "GenerateRandom", "count": 1})
    foreign = replace(foreign, runtime={"backoff_policy": "no"})
    assert len(of(foreign.gcs("GenerateRandom", Length=8)["Random"])) == 8


def test_the_package_trusts_the_authority_of_the_instance(
    foreign: Foreign, client: Client, emulator: Emulator, tmp_path: Path
) -> None:
    door = door_of(emulator, tmp_path, host="127.0.0.1", port=0)
    assert door is not None
    with door as url:
        told = client.call("GetKmsInstance", KmsInstanceId=SOFTWARE)["KmsInstance"]["CaCertificateChainPem"]
        authority = tmp_path / "authority.pem"
        authority.write_text(told, encoding="ascii")
        config = {**foreign.config, "protocol": "https", "endpoint": url.removeprefix("https://")}
        trusting = replace(foreign, config={**config, "ca_file_path": str(authority)})
        # The package keeps connections by address: one that was trusted once would be used again.
        with pytest.raises(ForeignError, match=r"(?i)certificate"):
            replace(foreign, config=config, runtime={"autoretry": False}).gcs("GenerateRandom", Length=8)
        assert len(of(trusting.gcs("GenerateRandom", Length=8)["Random"])) == 8
