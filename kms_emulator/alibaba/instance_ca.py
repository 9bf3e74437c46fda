"""The private authority of KMS instances, and the server certificate of their gateway that it has signed.

One authority stands for all instances of an emulator. It is made at every start.
"""

from __future__ import annotations

from pathlib import Path

from kms_emulator.tls import TlsFiles, make_certificates

DOMAINS = ("*.cryptoservice.kms.aliyuncs.com", "*.cryptoservice.localhost")
_NAME = "KMS emulator authority of instances"


def make_instance_certificates(folder: Path, host: str) -> TlsFiles:
    """Write the authority, the certificate and its key below the folder."""
    own = folder / "instance"
    own.mkdir(mode=0o700, exist_ok=True)
    return make_certificates(own, host, authority=_NAME, domains=DOMAINS)
