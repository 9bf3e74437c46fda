"""What a caller of the cryptographic actions does on their own side, with other tools than the emulator's."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.emulator.tencent.support import Client

PADDINGS = {
    "RSAES_PKCS1_V1_5": padding.PKCS1v15(),
    "RSAES_OAEP_SHA_1": padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None),
    "RSAES_OAEP_SHA_256": padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
}
CANARY = b"canary-plaintext-4711"
MISSING = "11111111-2222-3333-4444-555555555555"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def openssl(folder: Path, *arguments: str, **files: bytes) -> bytes:
    """Run openssl in a folder that holds these files; its output."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True).stdout


def encrypt(client: Client, key: str, plaintext: bytes = CANARY, **more: Any) -> str:
    return str(client.call("Encrypt", KeyId=key, Plaintext=b64(plaintext), **more)["CiphertextBlob"])


def decrypt(client: Client, blob: str, **more: Any) -> bytes:
    return base64.b64decode(client.call("Decrypt", CiphertextBlob=blob, **more)["Plaintext"])


def public_pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def wrapped_material(
    client: Client, key: str, material: bytes, algorithm: str = "RSAES_OAEP_SHA_256"
) -> dict[str, Any]:
    """The parameters of ImportKeyMaterial for this material."""
    given = client.call(
        "GetParametersForImport", KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
    )  # fmt: skip
    public = serialization.load_der_public_key(base64.b64decode(given["PublicKey"]))
    assert isinstance(public, rsa.RSAPublicKey)
    wrapped = b64(public.encrypt(material, PADDINGS[algorithm]))
    return {"KeyId": key, "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": wrapped}


def imported(client: Client, key: str, material: bytes, **more: Any) -> None:
    """Import this material."""
    client.call("ImportKeyMaterial", **wrapped_material(client, key, material), **more)
