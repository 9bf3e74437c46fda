"""Certificate requests for keys whose private half stays in the cloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kms_resources.crypto.csr import build_request, parse_alternative_name, parse_subject, request_pem
from kms_resources.crypto.words import Algorithm, PublicKey
from kms_resources.model import Usage
from kms_resources.use.keys import UsedKey


@dataclass(frozen=True)
class CertificateRequest:
    """A request and what it was made with."""

    pem: str
    algorithm: Algorithm
    public_key: PublicKey


def certificate_request(
    key: UsedKey, subject: str, names: Sequence[str] = (), algorithm: Algorithm | None = None, version: str = ""
) -> CertificateRequest:
    """A PKCS#10 request for `subject` (RFC 4514) and further `names` (`DNS:…`, `IP:…`, `email:…`, `URI:…`).

    Two calls: public key, sign. Permissions: get public key, sign. Raises `InputError` for names that cannot be, and
    for a key that does not sign.
    """
    parsed = parse_subject(subject)
    alternatives = [parse_alternative_name(name) for name in names]
    chosen = key.choose_algorithm(algorithm, Usage.SIGN_VERIFY)
    public = key.public_key(version)
    number = version or public.version

    def sign(digest: bytes) -> bytes:
        return key.client.sign(key.key_id, number, chosen, digest)

    request = build_request(public.der, chosen, parsed, alternatives, sign)
    return CertificateRequest(request_pem(request), chosen, public)
