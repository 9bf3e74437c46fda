"""Certificates and certificate requests in PEM: made and read alike for RSA, EC and SM2."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography import x509

from kms_emulator.ciphers.asymmetric import public_key_der, sign_digest, sm2_digest
from kms_emulator.ctyun import der
from kms_emulator.ctyun.uses import SIGNATURE_NAMES, cipher_kind

_ATTRIBUTES = {"E": x509.NameOID.EMAIL_ADDRESS, "emailAddress": x509.NameOID.EMAIL_ADDRESS}
_WRITTEN = {x509.NameOID.EMAIL_ADDRESS: "E"}
_EXTENSION_REQUEST, _SUBJECT_ALTERNATIVE_NAME = "1.2.840.113549.1.9.14", "2.5.29.17"
# Per key spec: the algorithm that signs, its identifier, and whether the identifier takes a NULL parameter.
_SIGNERS: Mapping[str, tuple[str, str, bool]] = {
    **dict.fromkeys(("RSA_2048", "RSA_3072", "RSA_4096"), ("RSA_PKCS1_SHA_256", "1.2.840.113549.1.1.11", True)),
    "EC_P256": ("ECDSA_SHA_256", "1.2.840.10045.4.3.2", False),
    "EC_SM2": ("SM2DSA", "1.2.156.10197.1.501", False),
}
_PUBLIC_KEY_FIELD = 6  # of a TBSCertificate that begins with its version


@dataclass(frozen=True)
class Certificate:
    """What is told about a certificate."""

    subject: str
    issuer: str
    serial: str
    not_before: float
    not_after: float
    signature_algorithm: str
    public_key: bytes = field(repr=False)
    """SubjectPublicKeyInfo."""
    key_identifier: str


def distinguished_name(text: str) -> x509.Name:
    """A name as ``CN=…,C=CN,ST=…,O=…,L=…,OU=…,E=…``; ``ValueError`` when it is none."""
    name = x509.Name.from_rfc4514_string(text, _ATTRIBUTES)
    if not all(str(entry.value).isascii() for entry in name.get_attributes_for_oid(x509.NameOID.EMAIL_ADDRESS)):
        raise ValueError("an address of e-mail is ASCII")  # its IA5String holds nothing else
    return name


def request(spec: str, material: bytes, subject: x509.Name, names: Sequence[str]) -> str:
    """A certificate request (PKCS#10), signed with the key."""
    algorithm, identifier, null = _SIGNERS[spec]
    public = public_key_der(cipher_kind(spec), material)
    wanted = der.sequence(der.oid(_EXTENSION_REQUEST), der.tagged(der.SET, der.sequence(_alternatives(names))))
    attributes = der.tagged(der.CONTEXT_0, wanted if names else b"")
    info = der.sequence(der.integer(0), subject.public_bytes(), public, attributes)
    signature = sign_digest(cipher_kind(spec), material, algorithm, message_digest(spec, public, info))
    signer = der.sequence(der.oid(identifier), der.NULL if null else b"")
    return pem("CERTIFICATE REQUEST", der.sequence(info, signer, der.bits(signature)))


def _alternatives(names: Sequence[str]) -> bytes:
    value = x509.SubjectAlternativeName([_general_name(name) for name in names]).public_bytes()
    return der.sequence(der.oid(_SUBJECT_ALTERNATIVE_NAME), der.octets(value))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def message_digest(spec: str, public: bytes, message: bytes) -> bytes:
    """What is signed of a message: SHA-256, and for SM2 the SM3 over Z and the message."""
    return sm2_digest(public, message) if spec == "EC_SM2" else hashlib.sha256(message).digest()


def read_certificate(text: str) -> Certificate:
    """A PEM certificate; ``ValueError`` when it is none. SM2's public key is not understood, only cut out."""
    try:
        found = x509.load_pem_x509_certificate(text.encode())
    except x509.InvalidVersion as problem:
        raise ValueError("the version does not exist") from problem
    public = _public_key(found.tbs_certificate_bytes)
    algorithm = found.signature_algorithm_oid.dotted_string
    return Certificate(
        subject=found.subject.rfc4514_string(_WRITTEN), issuer=found.issuer.rfc4514_string(_WRITTEN),
        serial=str(found.serial_number), not_before=found.not_valid_before_utc.timestamp(),
        not_after=found.not_valid_after_utc.timestamp(),
        signature_algorithm=SIGNATURE_NAMES.get(algorithm, algorithm), public_key=public,
        key_identifier=key_identifier(public),
    )  # fmt: skip


def alternative_names(text: str) -> list[str]:
    """The DNS names and addresses that a PEM certificate is for."""
    try:
        found = x509.load_pem_x509_certificate(text.encode()).extensions
        names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return []
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return [*names.get_values_for_type(x509.DNSName), *addresses]


def check_chain(text: str) -> None:
    """``ValueError`` when a text is not one or more certificates in PEM."""
    x509.load_pem_x509_certificates(text.encode())


def _public_key(tbs: bytes) -> bytes:
    whole = next(der.elements(tbs))
    parts = list(der.elements(whole.content))
    place = _PUBLIC_KEY_FIELD if parts[0].tag == der.CONTEXT_0 else _PUBLIC_KEY_FIELD - 1
    return parts[place].whole


def key_identifier(public: bytes) -> str:
    """SHA-1 of the public key's bits (RFC 5280), written like the page's sample [S3]."""
    info = next(der.elements(public))
    bits = list(der.elements(info.content))[1].content[1:]
    return hashlib.sha1(bits, usedforsecurity=False).digest().hex(" ")


def pem(label: str, content: bytes) -> str:
    """DER as PEM, with a newline at its end."""
    lines = textwrap.wrap(base64.b64encode(content).decode(), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])
