"""The client key: both forms of file, both encryptions, every place it may stand, and what is said when it is wrong."""

from __future__ import annotations

import base64
import json
import traceback
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from kms_resources.clouds.alibaba import client_key as module
from kms_resources.clouds.alibaba.client_key import ClientKey, Settings, load_client_key
from kms_resources.errors import CredentialsError
from kms_resources.model import Gateway, Source, SourceKind
from tests.unit.clouds.alibaba.doubles import CLIENT_KEY_ID, PASSWORD, TARGET, client_key, private_key, store

Environ = dict[str, str]


def load(environ: Environ, gateway: Gateway | None = None, credentials: str = "") -> ClientKey:
    return load_client_key(Settings(replace(TARGET, credentials=credentials), gateway or Gateway("host"), environ))


def usual(text: str = "", **more: str) -> Environ:
    return {"ALIBABA_KMS_CLIENT_KEY": text or client_key(), "ALIBABA_KMS_CLIENT_KEY_PASSWORD": PASSWORD, **more}


def as_json(data: bytes, name: str = "KeyId") -> str:
    return json.dumps({name: CLIENT_KEY_ID, "PrivateKeyData": base64.b64encode(data).decode()})


@pytest.mark.parametrize("old", [True, False], ids=["3DES and SHA-1", "PBES2"])
def test_both_encryptions_of_the_file_are_read(old: bool) -> None:
    key = load(usual(as_json(store(old=old))))
    assert key.id == CLIENT_KEY_ID
    private_key().public_key().verify(key.sign(b"text"), b"text", PKCS1v15(), SHA256())


def test_the_answer_of_create_client_key_is_read_as_it_is() -> None:
    assert load(usual(as_json(store(), "ClientKeyId"))).id == CLIENT_KEY_ID


def test_a_pkcs12_alone_takes_its_name_from_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "key.p12"
    file.write_bytes(store())
    environ = {
        "ALIBABA_KMS_CLIENT_KEY_FILE": str(file),
        "ALIBABA_KMS_CLIENT_KEY_PASSWORD": PASSWORD,
        "ALIBABA_KMS_CLIENT_KEY_ID": CLIENT_KEY_ID,
    }
    assert load(environ).id == CLIENT_KEY_ID


def test_base64_of_a_pkcs12_is_read_too() -> None:
    text = base64.encodebytes(store()).decode()
    assert load(usual(text, ALIBABA_KMS_CLIENT_KEY_ID=CLIENT_KEY_ID)).id == CLIENT_KEY_ID


def test_a_pkcs12_without_a_name_says_where_to_write_it() -> None:
    with pytest.raises(CredentialsError, match="ALIBABA_KMS_CLIENT_KEY_ID"):
        load(usual(base64.b64encode(store()).decode()))


@pytest.mark.parametrize(("friendly", "common"), [(CLIENT_KEY_ID, "x"), ("x", CLIENT_KEY_ID)])
def test_a_pkcs12_whose_certificate_carries_the_name_needs_no_other(friendly: str, common: str) -> None:
    data = store(name=friendly, common=common)
    assert load(usual(base64.b64encode(data).decode())).id == CLIENT_KEY_ID


def test_an_encryption_that_nobody_supports_any_more_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise UnsupportedAlgorithm("RC2")

    monkeypatch.setattr(module, "load_pkcs12", refuse)
    with pytest.raises(CredentialsError, match="not supported any more"):
        load(usual())


def test_the_targets_own_sources_go_before_the_variables(tmp_path: Path) -> None:
    key, password = tmp_path / "key.json", tmp_path / "password"
    key.write_text(client_key())
    password.write_text(PASSWORD + "\n")  # editors end files like this
    gateway = Gateway("host", Source(SourceKind.FILE, str(key)), Source(SourceKind.FILE, str(password)))
    assert load({"ALIBABA_KMS_CLIENT_KEY": "rubbish"}, gateway).id == CLIENT_KEY_ID


def test_a_command_may_print_the_password() -> None:
    gateway = Gateway("host", password=Source(SourceKind.COMMAND, f"echo {PASSWORD}"))
    assert load({"ALIBABA_KMS_CLIENT_KEY": client_key(), "PATH": "/usr/bin:/bin"}, gateway).id == CLIENT_KEY_ID


def test_with_a_suffix_only_the_variables_with_that_suffix_count() -> None:
    suffixed = {f"{name}_PROD": value for name, value in usual().items()}
    assert load(suffixed, credentials="PROD").id == CLIENT_KEY_ID
    with pytest.raises(CredentialsError, match="ALIBABA_KMS_CLIENT_KEY_FILE_PROD or ALIBABA_KMS_CLIENT_KEY_PROD"):
        load(usual(), credentials="PROD")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "no client key: ALIBABA_KMS_CLIENT_KEY_FILE or ALIBABA_KMS_CLIENT_KEY are not set"),
        ({"ALIBABA_KMS_CLIENT_KEY": "{}"}, "no password of the client key: ALIBABA_KMS_CLIENT_KEY_PASSWORD is not set"),
        (usual() | {"ALIBABA_KMS_CLIENT_KEY_PASSWORD": "wrong"}, "the password is wrong"),
        (usual("{"), "neither the vendor's JSON"),
        (usual("{}"), "neither the vendor's JSON"),
        (usual('{"KeyId": 5, "PrivateKeyData": 5}'), "neither the vendor's JSON"),
        (usual("%%%"), "neither the vendor's JSON"),
        (usual(base64.b64encode(b"\x30rubbish").decode()), "the password is wrong, or it is no PKCS#12"),
        (usual(as_json(store()).replace("KAAP.", "LTAI.")), "its name does not look like KAAP"),
        (usual(as_json(store(key=ec.generate_private_key(ec.SECP256R1())))), "it holds no RSA private key"),
    ],
)
def test_what_cannot_be_used_is_refused_with_one_sentence_that_shows_nothing(environ: Environ, said: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        load(environ)
    assert said in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value, chain=True)) + repr(caught.value)
    for secret in (PASSWORD, base64.b64encode(store()).decode()[:40], "rubbish"):
        assert secret not in shown
    assert "target hangzhou" in shown


def test_no_repr_shows_the_key_or_the_environment() -> None:
    settings = Settings(TARGET, Gateway("host"), usual())
    assert PASSWORD not in repr(settings)
    assert "private" not in repr(load(usual()))
