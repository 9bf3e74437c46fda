"""Certificate requests (PKCS#10) for a key whose private half never leaves its cloud.

The request is put together here, its digest goes to a callback that has it signed, and the signature is checked with
the public key before the request is handed out: a signature of another key or version would be useless.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import NameOID

from kms_resources.crypto import der, digests, local, pem
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import CloudError, InputError

Sign = Callable[[bytes], bytes]
"""Has a digest signed. What comes back is the signature as `kms_resources.crypto.words` describes it."""

_FURTHER_NAMES = {
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
}
_NAMES = "CN, O, OU, C, ST, L, STREET, DC, UID, emailAddress, serialNumber, SN, GN, or an object identifier"

_LABEL = r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_DNS_NAME = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)*{_LABEL}")
_LONGEST_DNS_NAME = 253
_MAILBOX = re.compile(r"[!-~]+@[A-Za-z0-9.-]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_PREFIXES = ("DNS", "IP", "email", "URI")

_SHA_256 = der.WithNull(algorithm=ObjectIdentifier("2.16.840.1.101.3.4.2.1"), parameters=asn1.Null())
_MGF1 = der.MaskGeneration(algorithm=ObjectIdentifier("1.2.840.113549.1.1.8"), hash=_SHA_256)
_IDENTIFIERS: dict[Algorithm, object] = {
    Algorithm.RSA_PKCS1_SHA_256: der.WithNull(
        algorithm=ObjectIdentifier("1.2.840.113549.1.1.11"), parameters=asn1.Null()
    ),
    Algorithm.RSA_PSS_SHA_256: der.WithPss(
        algorithm=ObjectIdentifier("1.2.840.113549.1.1.10"),
        parameters=der.PssParameters(hash=_SHA_256, mask=_MGF1, salt_length=32),
    ),
    Algorithm.ECDSA_SHA_256: der.Plain(algorithm=ObjectIdentifier("1.2.840.10045.4.3.2")),
    Algorithm.ECDSA_SHA_384: der.Plain(algorithm=ObjectIdentifier("1.2.840.10045.4.3.3")),
    Algorithm.SM2DSA: der.Plain(algorithm=ObjectIdentifier("1.2.156.10197.1.501")),
}
_EXTENSION_REQUEST = ObjectIdentifier("1.2.840.113549.1.9.14")


def parse_subject(text: str) -> x509.Name:
    """`CN=www.example.com,O=Example,C=CN` (RFC 4514) as a name. Raises `InputError` that says what is allowed."""
    try:
        return x509.Name.from_rfc4514_string(text, _FURTHER_NAMES)
    except ValueError as error:
        detail = str(error) or "it is not a list of NAME=value, separated by commas"
        advice = f"Allowed names: {_NAMES}. A comma inside a value is written \\,"
        raise InputError(f"the subject “{text}” cannot be read", why=detail, advice=advice) from None


def parse_alternative_name(text: str) -> x509.GeneralName:
    """`DNS:`, `IP:`, `email:` or `URI:` and the name; without one of these, an IP address or a DNS name by its form.

    Raises `InputError` for anything else.
    """
    prefix, colon, value = text.partition(":")
    kind = next((each for each in _PREFIXES if colon and each.lower() == prefix.lower()), "")
    if not kind:
        kind, value = ("IP" if _address(text) else "DNS"), text
    if kind == "IP" and (address := _address(value)):
        return x509.IPAddress(address)
    if kind == "DNS" and _DNS_NAME.fullmatch(value) and len(value) <= _LONGEST_DNS_NAME:
        return x509.DNSName(value)
    if kind == "email" and _MAILBOX.fullmatch(value):
        return x509.RFC822Name(value)
    if kind == "URI" and _URI.fullmatch(value):
        return x509.UniformResourceIdentifier(value)
    expected = {
        "DNS": "a DNS name in ASCII (other letters in their xn-- form), perhaps with *. before it",
        "IP": "an IPv4 or IPv6 address",
        "email": "a mailbox like name@example.com",
        "URI": "a URI with its scheme",
    }[kind]
    advice = "Allowed: DNS:name, IP:address, email:mailbox, URI:uri, or a bare DNS name or IP address."
    raise InputError(f"the alternative name “{text}” cannot be read", why=f"it is not {expected}", advice=advice)


def build_request(
    public_key: bytes, algorithm: Algorithm, subject: x509.Name, names: Sequence[x509.GeneralName], sign: Sign
) -> bytes:
    """A signed request in DER; `sign` is called once, with the digest.

    Raises `InputError` when nothing is named or key and algorithm do not belong together, `CloudError` when the
    signature is not the key's.
    """
    if not subject.rdns and not names:
        raise InputError("a certificate request names nobody", why="subject and alternative names are both empty")
    identifier = _IDENTIFIERS.get(algorithm)
    if identifier is None:
        raise InputError(f"{algorithm} makes no signatures", why=f"allowed: {', '.join(_IDENTIFIERS)}")
    local.check_signature_key(public_key, algorithm)
    info = der.RequestInfo(
        version=0,
        subject=der.raw(subject.public_bytes()),
        public_key=der.raw(public_key),
        attributes=asn1.SetOf(_attributes(subject, names)),
    )
    signed = der.encode(info)
    digest = digests.digest_message([signed], algorithm, public_key)
    signature = sign(digest)
    if not local.verify_with_public_key(public_key, algorithm, digest, signature):
        raise CloudError(
            "the signature does not belong to the public key",
            why="another key or version signed, or it signed something else",
            advice="Nothing was written. Name the key version, and try again.",
        )
    request = der.Request(
        info=der.raw(signed),
        algorithm=der.raw(der.encode(identifier)),
        signature=asn1.BitString(signature, 0),
    )
    return der.encode(request)


def request_pem(request: bytes) -> str:
    """A request as PEM."""
    return pem.to_pem(request, pem.CERTIFICATE_REQUEST)


def _attributes(subject: x509.Name, names: Iterable[x509.GeneralName]) -> list[der.ExtensionRequest]:
    unique = list(dict.fromkeys(names))
    if not unique:
        return []
    extension = der.Extension(
        kind=x509.SubjectAlternativeName.oid,
        critical=not subject.rdns,  # RFC 5280, 4.2.1.6: without a subject there is no other name
        value=x509.SubjectAlternativeName(unique).public_bytes(),
    )
    return [der.ExtensionRequest(kind=_EXTENSION_REQUEST, values=asn1.SetOf([[extension]]))]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
