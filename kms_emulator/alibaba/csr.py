"""Certificate signing requests (PKCS#10), also with SM2 keys, which the usual library cannot sign with."""

from __future__ import annotations

import base64
import ipaddress
import textwrap
from collections.abc import Mapping, Sequence
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kms_emulator.ciphers import asymmetric

_SEQUENCE, _SET, _OCTETS, _BITS, _OID, _ATTRIBUTES = 0x30, 0x31, 0x04, 0x03, 0x06, 0xA0
_VERSION = b"\x02\x01\x00"
# Object identifiers as they are encoded.
_EXTENSION_REQUEST = bytes.fromhex("2a864886f70d01090e")  # 1.2.840.113549.1.9.14
_ALTERNATIVE_NAMES = bytes.fromhex("551d11")  # 2.5.29.17
_SIGNATURES: Mapping[str, tuple[str, bytes]] = {
    # 1.2.840.113549.1.1.11 with the NULL it must have; 1.2.840.10045.4.3.2; 1.2.156.10197.1.501
    "RSA_2048": ("RSA_PKCS1_SHA_256", bytes.fromhex("06092a864886f70d01010b0500")),
    "EC_P256": ("ECDSA_SHA_256", bytes.fromhex("06082a8648ce3d040302")),
    "SM2": ("SM2DSA", bytes.fromhex("06082a811ccf55018375")),
}


def read_subject(text: str) -> x509.Name:
    """A subject in the order of RFC 2253; ``ValueError`` when it is none."""
    return x509.Name.from_rfc4514_string(text, {"emailAddress": x509.NameOID.EMAIL_ADDRESS})


def read_names(names: Sequence[str]) -> list[x509.GeneralName]:
    """Alternative names: addresses, mail addresses, and host names; ``ValueError`` when one is none of them."""
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.RFC822Name(name) if "@" in name else x509.DNSName(name))
    return found


def make_request(kind: str, material: bytes, subject: x509.Name, names: Sequence[x509.GeneralName]) -> str:
    """A signing request for a key of the kind, as PEM."""
    algorithm, identifier = _SIGNATURES[kind]
    public = asymmetric.public_key_der(kind, material)
    attributes = _alternative(names) if names else b""
    info = _tlv(_SEQUENCE, _VERSION + subject.public_bytes() + public + _tlv(_ATTRIBUTES, attributes))
    digest = message_digest(kind, material, info)
    signature = asymmetric.sign_digest(kind, material, algorithm, digest)
    request = _tlv(_SEQUENCE, info + _tlv(_SEQUENCE, identifier) + _tlv(_BITS, b"\x00" + signature))
    text = base64.b64encode(request).decode("ascii")
    lines = ["-----BEGIN CERTIFICATE REQUEST-----", *textwrap.wrap(text, 64), "-----END CERTIFICATE REQUEST-----", ""]
    return "\n".join(lines)


def message_digest(kind: str, material: bytes, message: bytes) -> bytes:
    """The digest that is signed for a message: SHA-256, or with SM2 that of the signer and the message."""
    if kind == "SM2":
        return asymmetric.sm2_digest(asymmetric.public_key_der(kind, material), message)
    return sha256(message).digest()


def read_chain(text: str) -> list[x509.Certificate]:
    """Certificates in PEM; ``ValueError`` when there is none."""
    return x509.load_pem_x509_certificates(text.encode())


def is_for(certificate: x509.Certificate, kind: str, material: bytes) -> bool:
    """Whether a certificate is for this key. SM2 keys cannot be read out of one, so their encoding is looked for."""
    return asymmetric.public_key_der(kind, material) in certificate.tbs_certificate_bytes


def as_pem(certificates: Sequence[x509.Certificate]) -> str:
    """Certificates as PEM."""
    return "".join(certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in certificates)


def _alternative(names: Sequence[x509.GeneralName]) -> bytes:
    value = x509.SubjectAlternativeName(names).public_bytes()
    extension = _tlv(_SEQUENCE, _tlv(_OID, _ALTERNATIVE_NAMES) + _tlv(_OCTETS, value))
    return _tlv(_SEQUENCE, _tlv(_OID, _EXTENSION_REQUEST) + _tlv(_SET, _tlv(_SEQUENCE, extension)))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content
