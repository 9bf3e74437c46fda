"""The second implementation: keys that only the `openssl` program has, and what it does with them."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from kms_resources.crypto.words import Algorithm
from kms_resources.model import Spec

IDENTITY = "1234567812345678"
_NEW_KEY = {
    Spec.RSA_2048: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    Spec.EC_P256: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    Spec.EC_P256K: "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
    Spec.EC_P384: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
    Spec.SM2: "-algorithm SM2",
}
_OPTIONS = {
    Algorithm.RSAES_OAEP_SHA_256: "rsa_padding_mode:oaep rsa_oaep_md:sha256 rsa_mgf1_md:sha256",
    Algorithm.RSAES_OAEP_SHA_1: "rsa_padding_mode:oaep",
    Algorithm.RSAES_PKCS1_V1_5: "rsa_padding_mode:pkcs1",
    Algorithm.RSA_PSS_SHA_256: "digest:sha256 rsa_padding_mode:pss rsa_pss_saltlen:32",
    Algorithm.RSA_PKCS1_SHA_256: "digest:sha256",
}


def openssl(*arguments: str | Path, data: bytes = b"") -> bytes:
    """Run the program; its standard output. Raises when it ends otherwise than well."""
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@dataclass(frozen=True)
class OpenSslKey:
    """A key pair in a file of its own."""

    spec: Spec
    file: Path

    @classmethod
    def new(cls, spec: Spec, folder: Path) -> "OpenSslKey":
        file = folder / f"{spec}.pem"
        openssl("genpkey", *_NEW_KEY[spec].split(), "-out", file)
        return cls(spec, file)

    @property
    def public_der(self) -> bytes:
        return openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")

    @property
    def public_pem(self) -> str:
        return openssl("pkey", "-in", self.file, "-pubout").decode()

    def sign(self, algorithm: Algorithm, digest: bytes) -> bytes:
        return openssl("pkeyutl", "-sign", "-inkey", self.file, *_options(algorithm), data=digest)

    def sign_message(self, message: bytes) -> bytes:
        """SM2 only: openssl computes Z and the digest by itself."""
        file = self.file.with_suffix(".message")
        file.write_bytes(message)
        options = ("-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{IDENTITY}")
        return openssl("pkeyutl", "-sign", "-inkey", self.file, *options, "-in", file)

    def decrypt(self, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        return openssl("pkeyutl", "-decrypt", "-inkey", self.file, *_options(algorithm), data=ciphertext)


def _options(algorithm: Algorithm) -> list[str]:
    return [part for option in _OPTIONS.get(algorithm, "").split() for part in ("-pkeyopt", option)]
