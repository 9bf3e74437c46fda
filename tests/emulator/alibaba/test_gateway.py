"""The instance gateway: operations, ciphertexts of both gateways, and which keys it reaches."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kms_emulator.ciphers import asymmetric, mac
from kms_emulator.emulator import Emulator
from tests.emulator.alibaba.gateway_support import (
    KEY_VERSION,
    GatewayClient,
    access_point,
    client_key,
)
from tests.emulator.alibaba.support import HARDWARE, SOFTWARE, Client, b64, in_state, plant, unb64

AAD = hashlib.sha256(b"a=1&b=2").hexdigest()
CONTEXT = {"b": "2", "a": "1"}
TEXT = base64.b64encode(b"example plaintext")


@pytest.fixture
def key(client: Client) -> str:
    return client.key()


def texts(fields: dict[int, str | bytes | int], number: int) -> str:
    value = fields[number]
    assert isinstance(value, bytes)
    return value.decode()


def data(fields: dict[int, str | bytes | int], number: int) -> bytes:
    value = fields[number]
    assert isinstance(value, bytes)
    return value


def pair(client: Client, spec: str, usage: str) -> tuple[str, str]:
    key = client.key(DKMSInstanceId=HARDWARE, KeySpec=spec, KeyUsage=usage)
    versions = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
    return key, versions[0]["KeyVersionId"]


# Symmetric ciphertexts


def test_advance_encrypt_answers_header_version_iv_and_sealed_text(gateway: GatewayClient, key: str) -> None:
    made = gateway.call("AdvanceEncrypt", {1: key, 2: TEXT})
    blob, iv, version = data(made, 2), data(made, 3), texts(made, 7)
    assert blob[:3] == b"\x24\x00\x02"
    assert blob[3:39].decode() == version
    assert blob[39:51] == iv
    assert len(blob) == 3 + 36 + 12 + len(TEXT) + 16
    assert texts(made, 1) == key
    assert texts(made, 5) == "AES_GCM"


def test_advance_decrypt_opens_what_advance_encrypt_sealed(gateway: GatewayClient, key: str) -> None:
    made = gateway.call("AdvanceEncrypt", {1: key, 2: TEXT, 4: AAD})
    opened = gateway.call("AdvanceDecrypt", {1: data(made, 2), 4: AAD, 5: data(made, 3)})
    assert data(opened, 2) == TEXT
    assert texts(opened, 1) == key
    assert texts(opened, 6) == texts(made, 7)


def test_the_shared_gateway_opens_what_the_instance_sealed(gateway: GatewayClient, client: Client, key: str) -> None:
    made = gateway.call("AdvanceEncrypt", {1: key, 2: TEXT, 4: AAD})
    opened = client.call("Decrypt", CiphertextBlob=b64(data(made, 2)[3:]), EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == TEXT.decode()
    assert opened["KeyVersionId"] == texts(made, 7)


def test_the_instance_opens_what_the_shared_gateway_sealed(gateway: GatewayClient, client: Client, key: str) -> None:
    made = client.call("Encrypt", KeyId=key, Plaintext=TEXT.decode(), EncryptionContext=CONTEXT)
    blob = b"\x24\x00\x02" + unb64(made["CiphertextBlob"])
    assert data(gateway.call("AdvanceDecrypt", {1: blob, 4: AAD}), 2) == TEXT


def test_an_old_version_still_opens_after_a_rotation(gateway: GatewayClient, client: Client) -> None:
    key = client.key(EnableAutomaticRotation=True, RotationInterval="7d")
    made = gateway.call("AdvanceEncrypt", {1: key, 2: TEXT})
    plain = gateway.call("Encrypt", {1: key, 2: TEXT})
    client.advance(8 * 86400)
    newer = gateway.call("AdvanceEncrypt", {1: key, 2: TEXT})
    assert texts(newer, 7) != texts(made, 7)
    assert data(gateway.call("AdvanceDecrypt", {1: data(made, 2)}), 2) == TEXT
    assert data(gateway.call("Decrypt", {1: data(plain, 2), 2: key, 5: data(plain, 3)}), 2) == TEXT


def test_plain_encrypt_leaves_iv_and_version_to_the_caller(gateway: GatewayClient, key: str) -> None:
    made, headers = gateway.answer("Encrypt", {1: key, 2: TEXT, 4: "as it stands"})
    assert len(data(made, 2)) == len(TEXT) + 16
    told = {5: data(made, 3), 4: "as it stands"}
    by_key, _ = gateway.answer("Decrypt", {1: data(made, 2), 2: key, **told})
    by_version, answered = gateway.answer(
        "Decrypt", {1: data(made, 2), **told}, x_kms_migrationkeyversionid=headers[KEY_VERSION]
    )
    assert data(by_key, 2) == data(by_version, 2) == TEXT
    assert answered[KEY_VERSION] == headers[KEY_VERSION]


def test_the_shared_gateway_opens_plain_ciphertext_put_together(
    gateway: GatewayClient, client: Client, key: str
) -> None:
    made, headers = gateway.answer("Encrypt", {1: key, 2: TEXT})
    blob = headers[KEY_VERSION].encode() + data(made, 3) + data(made, 2)
    assert client.call("Decrypt", CiphertextBlob=b64(blob))["Plaintext"] == TEXT.decode()


def test_an_iv_that_was_sent_is_used(gateway: GatewayClient, key: str) -> None:
    assert data(gateway.call("Encrypt", {1: key, 2: TEXT, 5: b"0123456789ab"}), 3) == b"0123456789ab"
    assert gateway.refused("Encrypt", {1: key, 2: TEXT, 5: b"short"}) == (400, "InvalidParameter")


@pytest.mark.parametrize("place", [0, 1, 2, 3, 40, 60, -1])
def test_a_changed_ciphertext_is_refused(gateway: GatewayClient, key: str, place: int) -> None:
    blob = bytearray(data(gateway.call("AdvanceEncrypt", {1: key, 2: TEXT}), 2))
    blob[place] ^= 1
    status, code = gateway.refused("AdvanceDecrypt", {1: bytes(blob)})
    assert (status, code) in {(400, "InvalidParameter"), (404, "Forbidden.KeyNotFound")}


def test_other_additional_data_iv_or_key_are_refused(gateway: GatewayClient, client: Client, key: str) -> None:
    blob = data(gateway.call("AdvanceEncrypt", {1: key, 2: TEXT, 4: AAD}), 2)
    for wrong in ({}, {4: "x"}, {4: AAD, 5: b"0123456789ab"}, {4: AAD, 2: client.key()}):
        assert gateway.refused("AdvanceDecrypt", {1: blob, **wrong}) == (400, "InvalidParameter")


def test_kms_encrypt_has_the_layout_of_the_shared_gateway(gateway: GatewayClient, client: Client, key: str) -> None:
    blob = data(gateway.call("KmsEncrypt", {1: key, 2: TEXT, 3: AAD}), 2)
    assert data(gateway.call("KmsDecrypt", {1: blob, 2: AAD}), 2) == TEXT
    opened = client.call("Decrypt", CiphertextBlob=b64(blob), EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == TEXT.decode()


def test_other_modes_than_gcm_are_refused(gateway: GatewayClient, key: str) -> None:
    assert gateway.refused("Encrypt", {1: key, 2: TEXT, 3: "AES_CBC"}) == (400, "InvalidParameter")
    assert gateway.refused("Encrypt", {1: key, 2: TEXT, 6: "PKCS7_PADDING"}) == (400, "InvalidParameter")
    assert gateway.call("Encrypt", {1: key, 2: TEXT, 3: "AES_GCM", 6: "NO_PADDING"})[6] == b"NO_PADDING"


def test_the_largest_plaintext_of_the_shared_gateway_fits_as_base64_text(gateway: GatewayClient, key: str) -> None:
    largest = base64.b64encode(bytes(6144))
    made = gateway.call("AdvanceEncrypt", {1: key, 2: largest})
    assert data(gateway.call("AdvanceDecrypt", {1: data(made, 2)}), 2) == largest
    assert gateway.refused("AdvanceEncrypt", {1: key, 2: largest + b"="}) == (400, "InvalidParameter")


@pytest.mark.parametrize("spec", ["Aliyun_AES_128", "Aliyun_AES_192", "Aliyun_SM4"])
def test_every_symmetric_specification_seals(gateway: GatewayClient, client: Client, spec: str) -> None:
    key = client.key(DKMSInstanceId=HARDWARE, KeySpec=spec)
    made = gateway.call("AdvanceEncrypt", {1: key, 2: TEXT})
    assert client.call("Decrypt", CiphertextBlob=b64(data(made, 2)[3:]))["Plaintext"] == TEXT.decode()


# Data keys


def test_data_keys_come_open_and_sealed(gateway: GatewayClient, key: str) -> None:
    made = gateway.call("AdvanceGenerateDataKey", {1: key, 2: 16, 3: AAD})
    assert len(data(made, 3)) == 16
    assert data(gateway.call("AdvanceDecrypt", {1: data(made, 4), 4: AAD}), 2) == data(made, 3)
    plain, headers = gateway.answer("GenerateDataKey", {1: key, 2: "AES_GCM", 3: 24})
    opened = gateway.call(
        "Decrypt", {1: data(plain, 4), 5: data(plain, 2)}, x_kms_migrationkeyversionid=headers[KEY_VERSION]
    )
    assert data(opened, 2) == data(plain, 3)
    assert len(data(plain, 3)) == 24


def test_a_data_key_has_32_bytes_unless_told(gateway: GatewayClient, key: str) -> None:
    assert len(data(gateway.call("AdvanceGenerateDataKey", {1: key}), 3)) == 32
    for wrong in (-1, 1025):
        assert gateway.refused("AdvanceGenerateDataKey", {1: key, 2: wrong}) == (400, "InvalidParameter")


@pytest.mark.parametrize("form", ["PEM", "DER"])
@pytest.mark.parametrize("spec", ["RSA_2048", "EC_P256", "EC_SM2"])
def test_data_key_pairs_belong_together(gateway: GatewayClient, key: str, spec: str, form: str) -> None:
    made = gateway.call("AdvanceGenerateDataKeyPair", {1: key, 2: spec, 3: form, 4: AAD})
    private, public = data(made, 4), data(made, 6)
    assert data(gateway.call("AdvanceDecrypt", {1: data(made, 5), 4: AAD}), 2) == private
    if form == "PEM":
        assert private.startswith(b"-----BEGIN PRIVATE KEY-----\n")
        private, public = (
            base64.b64decode(b"".join(text.splitlines()[1:-1])) for text in (private, public)
        )  # fmt: skip
    kind = "SM2" if spec == "EC_SM2" else spec
    assert asymmetric.public_key_der(kind, private) == public


def test_a_plain_data_key_pair_is_opened_by_plain_decrypt(gateway: GatewayClient, key: str) -> None:
    made = gateway.call("GenerateDataKeyPair", {1: key, 2: "AES_GCM", 3: "EC_P256", 4: "DER"})
    assert data(gateway.call("Decrypt", {1: data(made, 5), 2: key, 5: data(made, 2)}), 2) == data(made, 4)


def test_a_pair_without_plaintext_has_the_private_key_sealed_only(gateway: GatewayClient, key: str) -> None:
    plain = gateway.call("GenerateDataKeyPairWithoutPlaintext", {1: key, 3: "EC_P256", 4: "DER"})
    advanced = gateway.call("AdvanceGenerateDataKeyPairWithoutPlaintext", {1: key, 2: "EC_P256", 3: "DER"})
    opened = [
        gateway.call("Decrypt", {1: data(plain, 4), 2: key, 5: data(plain, 2)}),
        gateway.call("AdvanceDecrypt", {1: data(advanced, 4)}),
    ]
    for made, private in zip((plain, advanced), opened, strict=True):
        assert asymmetric.public_key_der("EC_P256", data(private, 2)) == data(made, 5)
        assert data(private, 2) not in made.values()


def test_pairs_of_other_specifications_are_refused(gateway: GatewayClient, key: str) -> None:
    assert gateway.refused("GenerateDataKeyPair", {1: key}) == (400, "MissingParameter")
    assert gateway.refused("GenerateDataKeyPair", {1: key, 3: "RSA_1"}) == (400, "InvalidParameter")
    assert gateway.refused("GenerateDataKeyPair", {1: key, 3: "EC_P256", 4: "JWK"}) == (400, "InvalidParameter")


# Asymmetric keys


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "RSAES_OAEP_SHA_256"), ("RSA_2048", "RSAES_OAEP_SHA_1"), ("EC_SM2", "SM2PKE")],
)
def test_asymmetric_ciphertexts_cross_the_gateways(
    gateway: GatewayClient, client: Client, spec: str, algorithm: str
) -> None:
    key, version = pair(client, spec, "ENCRYPT/DECRYPT")
    named = {"KeyId": key, "KeyVersionId": version, "Algorithm": algorithm}
    made, headers = gateway.answer("Encrypt", {1: key, 2: b"data", 3: algorithm})
    assert headers[KEY_VERSION] == version
    assert unb64(client.call("AsymmetricDecrypt", CiphertextBlob=b64(data(made, 2)), **named)["Plaintext"]) == b"data"
    blob = unb64(client.call("AsymmetricEncrypt", Plaintext=b64(b"back"), **named)["CiphertextBlob"])
    opened, headers = gateway.answer("Decrypt", {1: blob, 2: key, 3: algorithm})
    assert data(opened, 2) == b"back"
    assert headers[KEY_VERSION] == version


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "RSA_PSS_SHA_256"), ("RSA_2048", "RSA_PKCS1_SHA_256"), ("EC_P256", "ECDSA_SHA_256"),
     ("EC_P256K", "ECDSA_SHA_256"), ("EC_SM2", "SM2DSA")],
)  # fmt: skip
def test_signatures_cross_the_gateways(gateway: GatewayClient, client: Client, spec: str, algorithm: str) -> None:
    key, version = pair(client, spec, "SIGN/VERIFY")
    named = {"KeyId": key, "KeyVersionId": version, "Algorithm": algorithm}
    digest = hashlib.sha256(b"example").digest()
    signature, headers = gateway.answer("Sign", {1: key, 3: algorithm, 4: digest, 5: "DIGEST"})
    assert headers[KEY_VERSION] == version
    assert client.call("AsymmetricVerify", Digest=b64(digest), Value=b64(data(signature, 2)), **named)["Value"] is True
    other = unb64(client.call("AsymmetricSign", Digest=b64(digest), **named)["Value"])
    checked, headers = gateway.answer("Verify", {1: key, 3: other, 4: algorithm, 5: digest, 6: "DIGEST"})
    assert checked[2] == 1
    assert headers[KEY_VERSION] == version
    wrong = gateway.call("Verify", {1: key, 3: other, 4: algorithm, 5: bytes(32), 6: "DIGEST"})
    assert 2 not in wrong  # false is the default, which is left out


def test_a_message_is_hashed_by_the_gateway(gateway: GatewayClient, client: Client) -> None:
    key, _ = pair(client, "RSA_2048", "SIGN/VERIFY")
    made = gateway.call("Sign", {1: key, 3: "RSA_PKCS1_SHA_256", 4: b"message", 5: "RAW"})
    pem = texts(gateway.call("GetPublicKey", {1: key}), 2)
    public = serialization.load_pem_public_key(pem.encode())
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(data(made, 2), b"message", padding.PKCS1v15(), hashes.SHA256())


def test_a_message_for_sm2_is_hashed_with_the_public_key(gateway: GatewayClient, client: Client) -> None:
    key, version = pair(client, "EC_SM2", "SIGN/VERIFY")
    made = gateway.call("Sign", {1: key, 3: "SM2DSA", 4: b"message", 5: "RAW"})
    pem = texts(gateway.call("GetPublicKey", {1: key}), 2)
    digest = asymmetric.sm2_digest(base64.b64decode("".join(pem.splitlines()[1:-1])), b"message")
    checked = client.call(
        "AsymmetricVerify", KeyId=key, KeyVersionId=version, Algorithm="SM2DSA", Digest=b64(digest),
        Value=b64(data(made, 2)),
    )  # fmt: skip
    assert checked["Value"] is True


def test_the_public_key_is_that_of_the_shared_gateway(gateway: GatewayClient, client: Client) -> None:
    key, version = pair(client, "EC_P256", "SIGN/VERIFY")
    made, headers = gateway.answer("GetPublicKey", {1: key})
    assert texts(made, 2) == client.call("GetPublicKey", KeyId=key, KeyVersionId=version)["PublicKey"]
    assert headers[KEY_VERSION] == version


def test_a_key_does_only_what_it_is_for(gateway: GatewayClient, client: Client, key: str) -> None:
    signs, _ = pair(client, "RSA_2048", "SIGN/VERIFY")
    digest = {4: bytes(32), 5: "DIGEST"}
    assert gateway.refused("Encrypt", {1: signs, 2: TEXT}) == (400, "UnsupportedOperation")
    assert gateway.refused("AdvanceEncrypt", {1: signs, 2: TEXT}) == (400, "UnsupportedOperation")
    assert gateway.refused("Sign", {1: key, **digest})[0] == 400
    assert gateway.refused("Sign", {1: signs, 3: "SM2DSA", **digest}) == (400, "InvalidParameter")
    assert gateway.refused("Sign", {1: signs, 4: b"short", 5: "DIGEST"}) == (400, "InvalidParameter")
    assert gateway.refused("GetPublicKey", {1: key})[0] == 400


# Without keys, and with secrets


def test_random_bytes_have_the_length_asked_for(gateway: GatewayClient) -> None:
    first, second = (data(gateway.call("GenerateRandom", {1: 40}), 1) for _ in range(2))
    assert len(first) == len(second) == 40
    assert first != second
    for wrong in (0, 1025):
        assert gateway.refused("GenerateRandom", {1: wrong}) == (400, "InvalidParameter")


def test_hashes_are_those_of_the_names(gateway: GatewayClient) -> None:
    assert data(gateway.call("Hash", {1: b"abc"}), 1) == hashlib.sha256(b"abc").digest()
    assert data(gateway.call("Hash", {1: b"abc", 2: "SHA_512"}), 1) == hashlib.sha512(b"abc").digest()
    answer = gateway.call("Hash", {1: b"abc", 2: "SM3"})
    assert data(answer, 1) == mac.sm3(b"abc")
    assert set(answer) == {1, 3}


def test_hmac_is_that_of_the_shared_gateway(gateway: GatewayClient, client: Client) -> None:
    key = client.key(KeySpec="HMAC", KeyUsage="GENERATE/VERIFY")
    made = data(gateway.call("Hmac", {1: key, 2: b"message"}), 2)
    checked = client.call("VerifyMac", KeyId=key, Algorithm="HMAC_SHA_256", Message=b64(b"message"), Mac=b64(made))
    assert checked["Value"] is True
    assert len(made) == hmac.hashes.SHA256.digest_size


def test_a_secret_of_the_instance_is_read(gateway: GatewayClient, client: Client, key: str) -> None:
    client.call(
        "CreateSecret", SecretName="mine", VersionId="v1", SecretData="value-of-mine", DKMSInstanceId=SOFTWARE,
        EncryptionKeyId=key,
    )  # fmt: skip
    client.call("PutSecretValue", SecretName="mine", VersionId="v2", SecretData="newer")
    current, former = gateway.call("GetSecretValue", {1: "mine"}), gateway.call("GetSecretValue", {1: "mine", 3: "v1"})
    assert (texts(current, 3), texts(current, 5), texts(current, 6)) == ("newer", "ACSCurrent", "v2")
    assert (texts(former, 3), texts(former, 2), texts(former, 4)) == ("value-of-mine", "Generic", "text")
    assert texts(gateway.call("GetSecretValue", {1: "mine", 2: "ACSPrevious"}), 6) == "v1"
    assert gateway.refused("GetSecretValue", {1: "other"}) == (404, "Forbidden.ResourceNotFound")


def test_a_secret_outside_of_the_instance_does_not_exist_there(gateway: GatewayClient, client: Client) -> None:
    client.default_key()
    client.call("CreateSecret", SecretName="shared", VersionId="v1", SecretData="value")
    assert gateway.refused("GetSecretValue", {1: "shared"}) == (404, "Forbidden.ResourceNotFound")


# Which keys


def test_a_key_is_named_by_alias_and_by_arn(gateway: GatewayClient, client: Client, key: str) -> None:
    client.call("CreateAlias", AliasName="alias/mine", KeyId=key)
    for name in ("alias/mine", client.meta(key)["Arn"]):
        assert texts(gateway.call("AdvanceEncrypt", {1: name, 2: TEXT}), 1) == key
    assert gateway.refused("AdvanceEncrypt", {1: "alias/other", 2: TEXT}) == (404, "Forbidden.AliasNotFound")


def test_keys_outside_of_instances_do_not_exist_there(gateway: GatewayClient, client: Client) -> None:
    default = client.default_key()
    blob = unb64(client.call("Encrypt", KeyId=default, Plaintext=TEXT.decode())["CiphertextBlob"])
    assert gateway.refused("AdvanceEncrypt", {1: default, 2: TEXT}) == (404, "Forbidden.KeyNotFound")
    assert gateway.refused("AdvanceDecrypt", {1: b"$\0\2" + blob}) == (404, "Forbidden.KeyNotFound")


def test_a_client_key_reaches_the_instance_of_its_policies_only(client: Client, key: str) -> None:
    other = client.key(DKMSInstanceId=HARDWARE)
    mine = client_key(client, access_point(client, "software"))
    assert texts(mine.call("AdvanceEncrypt", {1: key, 2: TEXT}), 1) == key
    assert mine.refused("AdvanceEncrypt", {1: other, 2: TEXT}) == (404, "Forbidden.KeyNotFound")


def test_the_host_names_the_instance(gateway: GatewayClient, client: Client, key: str) -> None:
    gateway.host = f"{SOFTWARE}.cryptoservice.kms.aliyuncs.com"
    assert texts(gateway.call("AdvanceEncrypt", {1: key, 2: TEXT}), 1) == key
    gateway.host = f"{HARDWARE}.cryptoservice.kms.aliyuncs.com"
    assert gateway.refused("AdvanceEncrypt", {1: key, 2: TEXT}) == (404, "Forbidden.KeyNotFound")
    gateway.host = "kst-hzz00000000000000.cryptoservice.kms.aliyuncs.com"
    assert gateway.refused("AdvanceEncrypt", {1: key, 2: TEXT}) == (403, "Forbidden.NoPermission")


def test_a_client_key_of_a_policy_for_the_shared_gateway_reaches_no_instance(client: Client, key: str) -> None:
    mine = client_key(client, access_point(client, "secrets", "shared"))
    assert mine.refused("AdvanceEncrypt", {1: key, 2: TEXT}) == (403, "Forbidden.NoPermission")


def test_a_policy_without_an_instance_is_for_every_one(client: Client, key: str) -> None:
    client.call("CreatePolicy", Name="every", Permissions="[]", Resources="[]")
    client.call("CreateApplicationAccessPoint", Name="every", Policies=["every"])
    mine = client_key(client, "every")
    for one in (key, client.key(DKMSInstanceId=HARDWARE)):
        assert texts(mine.call("AdvanceEncrypt", {1: one, 2: TEXT}), 1) == one


def test_closed_public_access_does_not_close_the_gateway(
    emulator: Emulator, gateway: GatewayClient, client: Client, key: str
) -> None:
    plant(emulator, "instances", SOFTWARE, type="software", public_access=False)
    assert client.refused("Encrypt", KeyId=key, Plaintext=TEXT.decode())[0] == 400
    assert texts(gateway.call("AdvanceEncrypt", {1: key, 2: TEXT}), 1) == key


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingImport"])
def test_a_key_that_is_not_enabled_is_refused_with_its_state(
    gateway: GatewayClient, client: Client, state: str
) -> None:
    assert gateway.refused("AdvanceEncrypt", {1: in_state(client, state), 2: TEXT}) == (409, f"Rejected.{state}")
