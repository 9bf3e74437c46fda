"""The stored format of what uses keys: a change here breaks every stack that exists; it needs a migration."""

import base64
from types import SimpleNamespace

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from kms_resources.clouds.secrets import ActualSecret, SecretSettings, SecretType, SecretVersion
from kms_resources.crypto.seal import Seal
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError, UnsafeError
from kms_resources.model import (
    ActualKey,
    Deletion,
    DeletionPolicy,
    DesiredKey,
    Gateway,
    KeyId,
    KeyState,
    Marker,
    Material,
    Origin,
    Settings,
    Source,
    SourceKind,
    Spec,
    Target,
    Usage,
)
from kms_resources.operations.secrets import SecretOutcome
from kms_resources.providers import certificate_request, ciphertext, props, public_key, secret, used
from kms_resources.providers.certificate_request import CertificateRequestProvider
from kms_resources.providers.ciphertext import CiphertextProvider
from kms_resources.providers.public_key import PublicKeyProvider
from kms_resources.providers.secret import SecretProvider
from kms_resources.providers.use_resources import CertificateRequest, Ciphertext, PublicKey, Secret
from kms_resources.uses import DesiredCiphertext, DesiredPublicKey, DesiredRequest, DesiredSecret

GATEWAY = Gateway(
    "kst-1.cryptoservice.kms.aliyuncs.com",
    client_key=Source(SourceKind.FILE, "client-key.json"),
    password=Source(SourceKind.ENV, "PASSWORD"),
    ca=Source(SourceKind.COMMAND, "cat ca.pem"),
    shared=("GetSecretValue",),
    encoding="gbk",
    ignore_ssl=True,
)
TARGET = Target("hangzhou", "alibaba", "cn-hangzhou", "kst-1", "PROD", GATEWAY)
PLAIN = Target("hangzhou", "alibaba", "cn-hangzhou")
KEY = SimpleNamespace(
    key_id="key-1",
    declaration=SimpleNamespace(settings=Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT)),
)
SIGNER = SimpleNamespace(
    key_id="key-2",
    declaration=SimpleNamespace(settings=Settings(Spec.EC_P256, Usage.SIGN_VERIFY)),
)
STORED_TARGET = {"name": "hangzhou", "cloud": "alibaba", "region": "cn-hangzhou"}
STORED_GATEWAY = {
    "endpoint": "kst-1.cryptoservice.kms.aliyuncs.com",
    "client_key": {"from_file": "client-key.json"},
    "password": {"from_env": "PASSWORD"},
    "ca": {"from_command": "cat ca.pem"},
    "shared": ["GetSecretValue"],
    "encoding": "gbk",
    "ignore_ssl": True,
}
SECRET = DesiredSecret(
    name="db",
    target=PLAIN,
    cloud_name="prod/db",
    marker=Marker("shop/prod/db"),
    value=Source(SourceKind.ENV, "DB"),
    settings=SecretSettings(
        SecretType.RDS, "words", "key-1", "", 604_800, {"b": "2", "a": "1"}, {"SecretSubType": "SingleUser"}
    ),
    binary=True,
    key="vault",
    deletion=Deletion(DeletionPolicy.SCHEDULE, 7),
)
STORED_SECRET = {
    "target": STORED_TARGET,
    "name": "db",
    "cloud_name": "prod/db",
    "marker": "shop/prod/db",
    "value": {"from_env": "DB"},
    "binary": True,
    "type": "Rds",
    "description": "words",
    "encryption_key": "key-1",
    "rotation_seconds": 604_800,
    "tags": {"a": "1", "b": "2"},
    "configuration": {"SecretSubType": "SingleUser"},
    "deletion": {"policy": "schedule", "window_days": 7},
}


@pytest.mark.parametrize(
    ("provider", "module", "name"),
    [
        (CiphertextProvider(), "ciphertext", "CiphertextProvider"),
        (PublicKeyProvider(), "public_key", "PublicKeyProvider"),
        (CertificateRequestProvider(), "certificate_request", "CertificateRequestProvider"),
        (SecretProvider(), "secret", "SecretProvider"),
    ],
)
def test_a_provider_in_state_is_a_bare_reference(provider: ResourceProvider, module: str, name: str) -> None:
    stored = base64.b64decode(serialize_provider(provider))
    module = f"kms_resources.providers.{module}"
    body = b"\x8c%c%s\x94\x8c%c%s\x94\x93\x94)\x81\x94." % (len(module), module.encode(), len(name), name.encode())

    assert stored == b"\x80\x04\x95" + len(body).to_bytes(8, "little") + body
    assert vars(provider) == {}
    assert not provider.serialize_as_secret_always


def test_type_tokens_are_stored() -> None:
    tokens = [kind._resource_type_name for kind in (Ciphertext, PublicKey, CertificateRequest, Secret)]
    assert tokens == [
        "dynamic/kms:Ciphertext", "dynamic/kms:PublicKey", "dynamic/kms:CertificateRequest", "dynamic/kms:Secret",
    ]  # fmt: skip


def test_a_target_with_its_gateway_is_stored_and_read_again() -> None:
    stored = used.place_props(TARGET)

    assert stored == STORED_TARGET | {"instance": "kst-1", "credentials": "PROD", "gateway": STORED_GATEWAY}
    assert used.place_of({"target": stored}) == TARGET
    assert used.place_props(PLAIN) == STORED_TARGET
    assert used.place_of({"target": STORED_TARGET}) == PLAIN


def test_a_damaged_gateway_in_the_state_is_one_sentence() -> None:
    damaged = {name: value for name, value in STORED_GATEWAY.items() if name != "endpoint"}
    with pytest.raises(InputError, match="the gateway in the state is damaged"):
        used.place_of({"target": STORED_TARGET | {"gateway": damaged}})


def test_the_inputs_of_a_ciphertext_are_stored() -> None:
    source = Source(SourceKind.FILE, "db.txt")
    desired = DesiredCiphertext("db", PLAIN, "vault", source, {"stage": "1", "app": "orders"})

    assert ciphertext.ciphertext_inputs(desired, KEY) == {
        "target": STORED_TARGET,
        "key": "vault",
        "key_id": "key-1",
        "spec": "AES_256",
        "usage": "ENCRYPT_DECRYPT",
        "name": "db",
        "plaintext": {"from_file": "db.txt"},
        "context": {"app": "orders", "stage": "1"},
    }
    assert ciphertext.OUTPUTS == ("ciphertext", "key_version", "plaintext_fingerprint")


def test_the_inputs_of_a_public_key_and_of_a_request_are_stored() -> None:
    common = {"target": STORED_TARGET, "key": "web", "key_id": "key-2", "spec": "EC_P256", "usage": "SIGN_VERIFY"}
    request = DesiredRequest("www", PLAIN, "web", "CN=www", ("DNS:www",), Algorithm.ECDSA_SHA_256, "v1")

    assert public_key.public_key_inputs(DesiredPublicKey("web", PLAIN, "web", "v1"), SIGNER) == common | {
        "name": "web", "version": "v1",
    }  # fmt: skip
    assert certificate_request.request_inputs(request, SIGNER) == common | {
        "name": "www", "subject": "CN=www", "names": ["DNS:www"], "algorithm": "ECDSA_SHA_256", "version": "v1",
    }  # fmt: skip
    assert (public_key.OUTPUTS, certificate_request.OUTPUTS) == (
        ("pem", "key_version"), ("pem", "key_version", "signed_with"),
    )  # fmt: skip


def test_the_inputs_of_a_secret_are_stored_and_read_again() -> None:
    assert secret.secret_inputs(SECRET, "key-1") == STORED_SECRET
    # Pulumi gives every number back as a float and drops what is null.
    floats = STORED_SECRET | {"rotation_seconds": 604_800.0, "deletion": {"policy": "schedule", "window_days": 7.0}}
    read = secret._desired(floats)
    assert secret.secret_inputs(read, "key-1") == STORED_SECRET
    assert type(read.settings.rotation_seconds) is type(read.deletion.window_days) is int


def test_the_outputs_of_a_secret_are_its_inputs_and_what_the_cloud_adds() -> None:
    found = ActualSecret(
        "prod/db", SECRET.settings, arn="arn", created="2026-01-01T00:00:00Z", next_rotation="2026-02-01",
        versions=(SecretVersion("v1"), SecretVersion("v2")),
    )  # fmt: skip
    seal = Seal("00" * 32, "11" * 32)
    added = {
        "arn": "arn",
        "created": "2026-01-01T00:00:00Z",
        "version": "v2",
        "phase": "complete",
        "next_rotation": "2026-02-01",
        "value_fingerprint": f"{'00' * 32}:{'11' * 32}",
    }
    inputs = STORED_SECRET | {"__provider": "x"}

    assert secret._outputs(inputs, SecretOutcome(found, seal)) == STORED_SECRET | added
    assert secret._outputs(inputs, SecretOutcome(found, seal, "no"))["phase"] == "incomplete"
    assert {*added, "pending_deletion"} == set(secret.OUTPUTS)


def test_material_is_stored_as_where_it_comes_from_and_a_keyed_fingerprint() -> None:
    settings = Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, Origin.EXTERNAL)
    key = DesiredKey("orders", PLAIN, settings, Marker("shop/prod/orders"))
    actual = ActualKey(
        KeyId("key-1"), settings, KeyState.ENABLED, key.marker, material_expires="2027-06-30T00:00:00Z"
    )  # fmt: skip
    forms = {
        Material(Source(SourceKind.ENV, "A"), "2027-06-30"): {"from_env": "A", "expires": "2027-06-30"},
        Material(Source(SourceKind.FILE, "a.key")): {"from_file": "a.key", "expires": "never"},
        Material(Source(SourceKind.COMMAND, "a b")): {"from_command": "a b", "expires": "never"},
    }
    for material, stored in forms.items():
        assert props.material_props(material) == stored
        assert props.material_of({"material": stored}) == material
    outputs = props.key_outputs(props.key_props(key), actual, seal=Seal("00" * 32, "11" * 32))
    assert outputs["material_expires"] == "2027-06-30T00:00:00Z"
    assert outputs["material_fingerprint"] == f"{'00' * 32}:{'11' * 32}"


@pytest.mark.parametrize("text", ["x", "00:11", f"{'00' * 32}", f"{'00' * 32}:{'1' * 63}", f"{'zz' * 32}:{'11' * 32}"])
@pytest.mark.parametrize("kind", ["ciphertext", "secret", "material"])
def test_a_damaged_fingerprint_stops_before_anything_is_read_or_sent(text: str, kind: str) -> None:
    provider: ResourceProvider
    if kind == "ciphertext":
        provider = CiphertextProvider()
        desired = DesiredCiphertext("db", PLAIN, "vault", Source(SourceKind.ENV, "NOBODY"))
        inputs, name = ciphertext.ciphertext_inputs(desired, KEY), "plaintext_fingerprint"
    elif kind == "secret":
        provider, inputs, name = SecretProvider(), dict(STORED_SECRET), "value_fingerprint"
    else:
        with pytest.raises(ValueError, match=r"fingerprint is damaged|hexadecimal|non-hex"):
            props.seal_of({"material_fingerprint": text})
        return
    with pytest.raises(UnsafeError, match="the state of db is damaged"):
        provider.diff("db", {**inputs, name: text}, inputs)
