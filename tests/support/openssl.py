"""The openssl command line: the second implementation that keys, signatures and ciphertexts are checked with."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from kms_resources.crypto.local import public_key_to_pem
from kms_resources.crypto.words import Algorithm

IDENTITY = "distid:1234567812345678"
_PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256")
_VERIFYING: dict[Algorithm, Sequence[str]] = {
    Algorithm.RSA_PSS_SHA_256: ("-sha256", *_PSS),
    Algorithm.RSA_PKCS1_SHA_256: ("-sha256",),
    Algorithm.ECDSA_SHA_256: ("-sha256",),
    Algorithm.ECDSA_SHA_384: ("-sha384",),
}
_ENCRYPTING: dict[Algorithm, Sequence[str]] = {
    Algorithm.RSAES_OAEP_SHA_256: ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"),
    Algorithm.RSAES_OAEP_SHA_1: ("rsa_padding_mode:oaep", "rsa_oaep_md:sha1", "rsa_mgf1_md:sha1"),
    Algorithm.RSAES_PKCS1_V1_5: ("rsa_padding_mode:pkcs1",),
    Algorithm.SM2PKE: (),
}


def openssl(folder: Path, *arguments: str, **files: bytes) -> "subprocess.CompletedProcess[bytes]":
    """Run openssl in a folder that holds these files, whatever its end."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return subprocess.run(["openssl", *arguments], cwd=folder, check=False, capture_output=True)


def verifies(folder: Path, public_key: bytes, algorithm: Algorithm, message: bytes, signature: bytes) -> bool:
    """Whether openssl accepts a signature of the message."""
    files = {"public": public_key_to_pem(public_key).encode(), "message": message, "signature": signature}
    if algorithm is Algorithm.SM2DSA:
        options = ("-rawin", "-digest", "sm3", "-pkeyopt", IDENTITY)
        command = ("pkeyutl", "-verify", "-pubin", "-inkey", "public", "-in", "message", "-sigfile", "signature")
        result = openssl(folder, *command, *options, **files)
    else:
        options = tuple(_VERIFYING[algorithm])
        result = openssl(folder, "dgst", *options, "-verify", "public", "-signature", "signature", "message", **files)
    return result.returncode == 0


def encrypt(folder: Path, public_key: bytes, algorithm: Algorithm, plaintext: bytes) -> bytes:
    """What openssl encrypts for the owner of the private key."""
    options = [word for option in _ENCRYPTING[algorithm] for word in ("-pkeyopt", option)]
    command = ("pkeyutl", "-encrypt", "-pubin", "-inkey", "public", "-in", "plaintext", *options)
    result = openssl(folder, *command, public=public_key_to_pem(public_key).encode(), plaintext=plaintext)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


def hmac_sm3(key: bytes, message: bytes, folder: Path) -> bytes:
    """HMAC-SM3."""
    command = ("mac", "-digest", "SM3", "-macopt", f"hexkey:{key.hex()}", "-in", "message", "HMAC")
    result = openssl(folder, *command, message=message)
    assert result.returncode == 0, result.stderr.decode()
    return bytes.fromhex(result.stdout.decode().strip())


def request_problem(folder: Path, pem: str, *, sm2: bool) -> str:
    """What openssl finds wrong with a certificate request; empty when its signature is right."""
    options = ("-vfyopt", IDENTITY) if sm2 else ()
    result = openssl(folder, "req", "-verify", "-noout", "-in", "request", *options, request=pem.encode())
    said = (result.stdout + result.stderr).decode()
    return "" if result.returncode == 0 and "verify OK" in said else said


def request_text(folder: Path, pem: str) -> str:
    """A certificate request in words."""
    return openssl(folder, "req", "-text", "-noout", "-in", "request", request=pem.encode()).stdout.decode()
