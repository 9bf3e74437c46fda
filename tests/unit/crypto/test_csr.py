"""Certificate requests are what openssl reads and accepts, for every kind of key that signs."""

import ipaddress
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.crypto.csr import build_request, parse_alternative_name, parse_subject, request_pem
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import CloudError, InputError
from kms_resources.model import Spec
from tests.unit.crypto.openssl import IDENTITY, OpenSslKey, openssl

Keys = Callable[[Spec], OpenSslKey]
SIGNING = [
    (Spec.RSA_2048, Algorithm.RSA_PKCS1_SHA_256),
    (Spec.RSA_2048, Algorithm.RSA_PSS_SHA_256),
    (Spec.EC_P256, Algorithm.ECDSA_SHA_256),
    (Spec.EC_P256K, Algorithm.ECDSA_SHA_256),
    (Spec.EC_P384, Algorithm.ECDSA_SHA_384),
    (Spec.SM2, Algorithm.SM2DSA),
]
SUBJECT = "CN=www.example.com,O=Example\\, Ltd.,L=北京,C=CN"
NAMES = ["www.example.com", "DNS:*.example.com", "192.0.2.7", "IP:2001:db8::7", "email:ops@example.com",
         "URI:https://example.com/a"]  # fmt: skip


def request(key: OpenSslKey, algorithm: Algorithm, subject: str = SUBJECT, names: list[str] = NAMES) -> bytes:
    return build_request(
        key.public_der,
        algorithm,
        parse_subject(subject),
        [parse_alternative_name(name) for name in names],
        lambda digest: key.sign(algorithm, digest),
    )


def openssl_verifies(der: bytes, folder: Path, spec: Spec) -> bool:
    """What openssl says of the signature. It says so on standard error; its exit code is 0 either way."""
    (folder / "request.pem").write_text(request_pem(der))
    identity = ["-vfyopt", f"distid:{IDENTITY}"] if spec is Spec.SM2 else []
    command = ["openssl", "req", "-in", folder / "request.pem", "-verify", "-noout", *identity]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert "verify OK" in said or "verify failure" in said, said
    return "verify OK" in said


def openssl_text(der: bytes, folder: Path) -> str:
    """What openssl prints of a request."""
    (folder / "request.pem").write_text(request_pem(der))
    shown = ("-utf8", "-nameopt", "RFC2253,-esc_msb")
    return openssl("req", "-in", folder / "request.pem", "-noout", "-text", *shown).decode()


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_openssl_accepts_the_request_and_reads_the_same_names(
    openssl_key: Keys, tmp_path: Path, spec: Spec, algorithm: Algorithm
) -> None:
    der = request(openssl_key(spec), algorithm)
    assert openssl_verifies(der, tmp_path, spec)
    text = openssl_text(der, tmp_path)
    assert "Subject: CN=www.example.com,O=Example\\, Ltd.,L=北京,C=CN" in text
    assert (
        "DNS:www.example.com, DNS:*.example.com, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7, "
        "email:ops@example.com, URI:https://example.com/a"
    ) in text


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_openssl_refuses_the_request_when_a_name_is_changed(
    openssl_key: Keys, tmp_path: Path, spec: Spec, algorithm: Algorithm
) -> None:
    der = request(openssl_key(spec), algorithm)
    assert not openssl_verifies(der.replace(b"www.example", b"xxx.example"), tmp_path, spec)


def test_a_request_of_sm2_names_signature_and_hash(openssl_key: Keys, tmp_path: Path) -> None:
    text = openssl_text(request(openssl_key(Spec.SM2), Algorithm.SM2DSA), tmp_path)
    assert "Signature Algorithm: SM2-with-SM3" in text


def test_a_request_with_pss_names_its_hash_and_salt(openssl_key: Keys, tmp_path: Path) -> None:
    text = openssl_text(request(openssl_key(Spec.RSA_2048), Algorithm.RSA_PSS_SHA_256), tmp_path)
    assert re.search(r"Hash Algorithm: sha256\s+Mask Algorithm: mgf1 with sha256\s+Salt Length: 0x20", text)


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING[:-1])
def test_another_library_reads_the_same(openssl_key: Keys, spec: Spec, algorithm: Algorithm) -> None:
    found = x509.load_der_x509_csr(request(openssl_key(spec), algorithm))
    assert found.is_signature_valid
    assert parse_subject(SUBJECT) == found.subject
    extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert not extension.critical
    assert [parse_alternative_name(name) for name in NAMES] == list(extension.value)


def test_without_alternative_names_there_is_no_extension(openssl_key: Keys, tmp_path: Path) -> None:
    der = request(openssl_key(Spec.EC_P256), Algorithm.ECDSA_SHA_256, names=[])
    assert list(x509.load_der_x509_csr(der).extensions) == []
    assert openssl_verifies(der, tmp_path, Spec.EC_P256)
    assert "X509v3" not in openssl_text(der, tmp_path)


def test_without_a_subject_the_alternative_names_are_critical(openssl_key: Keys, tmp_path: Path) -> None:
    der = request(openssl_key(Spec.EC_P256), Algorithm.ECDSA_SHA_256, subject="")
    assert "X509v3 Subject Alternative Name: critical" in openssl_text(der, tmp_path)


def test_a_name_given_twice_stands_once(openssl_key: Keys) -> None:
    der = request(openssl_key(Spec.EC_P256), Algorithm.ECDSA_SHA_256, names=["a.example", "DNS:a.example"])
    extensions = x509.load_der_x509_csr(der).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.DNSName("a.example")]


def test_a_request_for_nobody_is_refused(openssl_key: Keys) -> None:
    with pytest.raises(InputError, match="names nobody"):
        request(openssl_key(Spec.EC_P256), Algorithm.ECDSA_SHA_256, subject="", names=[])


@pytest.mark.parametrize(
    ("algorithm", "why"),
    [
        (Algorithm.SM2PKE, "makes no signatures"),
        (Algorithm.SM2DSA, "does not go"),
        (Algorithm.ECDSA_SHA_384, "secp256r1"),
    ],
)
def test_an_algorithm_that_the_key_cannot_do_is_refused_before_anything_is_signed(
    openssl_key: Keys, algorithm: Algorithm, why: str
) -> None:
    def sign(_digest: bytes) -> bytes:
        raise AssertionError("nothing may be signed")

    with pytest.raises(InputError, match=why):
        build_request(openssl_key(Spec.EC_P256).public_der, algorithm, parse_subject("CN=a"), [], sign)


@pytest.mark.parametrize("signature", [b"", b"no signature"])
def test_a_signature_that_is_not_the_keys_is_never_handed_out(openssl_key: Keys, signature: bytes) -> None:
    key = openssl_key(Spec.SM2)
    with pytest.raises(CloudError, match="the signature does not belong to the public key"):
        build_request(key.public_der, Algorithm.SM2DSA, parse_subject("CN=a"), [], lambda _digest: signature)


def test_a_subject_keeps_its_order() -> None:
    name = parse_subject("CN=a,OU=b,O=c,emailAddress=d@example.com,serialNumber=7,C=CN")
    assert [each.value for each in name] == ["CN", "7", "d@example.com", "c", "b", "a"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("www.example.com", "it is not a list of NAME=value"),
        ("CN=a,O=Example, Ltd.", "it is not a list of NAME=value"),
        ("XX=a", "it is not a list of NAME=value"),
        ("C=CHN", "length must be"),
        ("CN=", "length must be"),
        ("CN=" + "a" * 65, "length must be"),
    ],
)
def test_a_subject_that_cannot_be_read_is_refused_with_what_is_allowed(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        parse_subject(text)
    assert "Allowed names: CN, O, OU" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com", x509.DNSName("example.com")),
        ("dns:example.com", x509.DNSName("example.com")),
        ("*.example.com", x509.DNSName("*.example.com")),
        ("localhost", x509.DNSName("localhost")),
        ("_sip.xn--fiqs8s", x509.DNSName("_sip.xn--fiqs8s")),
        ("192.0.2.7", x509.IPAddress(ipaddress.ip_address("192.0.2.7"))),
        ("2001:db8::7", x509.IPAddress(ipaddress.ip_address("2001:db8::7"))),
        ("ip:2001:db8::7", x509.IPAddress(ipaddress.ip_address("2001:db8::7"))),
        ("email:a+b@example.com", x509.RFC822Name("a+b@example.com")),
        ("URI:spiffe://example.com/a", x509.UniformResourceIdentifier("spiffe://example.com/a")),
    ],
)
def test_an_alternative_name_is_read_by_prefix_or_form(text: str, expected: x509.GeneralName) -> None:
    assert expected == parse_alternative_name(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a DNS name"),
        ("例子.中国", "xn--"),
        ("a@example.com", "a DNS name"),
        ("https://example.com", "a DNS name"),
        ("-a.example", "a DNS name"),
        ("a..example", "a DNS name"),
        ("a.*.example", "a DNS name"),
        ("a.example\n", "a DNS name"),
        ("a" * 64, "a DNS name"),
        (".".join(["a" * 60] * 5), "a DNS name"),
        ("IP:example.com", "an IPv4 or IPv6 address"),
        ("email:nobody", "a mailbox"),
        ("URI:/path", "a URI with its scheme"),
    ],
)
def test_an_alternative_name_that_cannot_be_read_is_refused_with_what_is_allowed(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        parse_alternative_name(text)
    assert "Allowed: DNS:name, IP:address" in str(caught.value)


@given(st.text())
def test_any_text_is_a_name_or_refused(text: str) -> None:
    for parse in (parse_subject, parse_alternative_name):
        with suppress(InputError):
            parse(text)
