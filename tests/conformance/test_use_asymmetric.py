"""What every cloud must do with key pairs in use, checked by openssl as the second implementation."""

import base64
from functools import partial
from pathlib import Path

import pytest

from kms_emulator.contract import Scope
from kms_resources.capabilities import Capability
from kms_resources.crypto import local
from kms_resources.crypto.digests import digest_message
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError, KmsError
from kms_resources.model import Spec, Usage
from kms_resources.use import UsedKey
from kms_resources.use.certificates import certificate_request
from kms_resources.use.keys import verify_offline
from tests.support import openssl
from tests.support.refusals import refused
from tests.support.workshop import Kind, Workshops, capacity_of, kinds, limits_of, stands

SECRET = b"session key: \x00\x01\xff"
MESSAGE = "contract № 7 合同".encode()
SUBJECT = "CN=www.example.com,O=Example 有限公司,C=CN"

encrypting = pytest.mark.parametrize(
    "kind", kinds(Usage.ENCRYPT_DECRYPT, symmetric=False, algorithms=True), ids=str
)  # fmt: skip
signing = pytest.mark.parametrize("kind", kinds(Usage.SIGN_VERIFY, algorithms=True), ids=str)
pairs = pytest.mark.parametrize(
    "kind", [kind for kind in kinds(symmetric=False) if kind.usage is not Usage.GENERATE_VERIFY_MAC], ids=str
)  # fmt: skip


def chosen(kind: Kind) -> Algorithm:
    assert kind.algorithm
    return kind.algorithm


@pairs
def test_the_public_key_is_of_the_kind_that_was_ordered(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    public = key.public_key()
    assert (kind.spec, key.key_id) == (local.spec_of_public_key(public.der), public.key_id)
    assert key.public_key(public.version).der == public.der


@pairs
def test_openssl_reads_the_public_key(workshops: Workshops, kind: Kind, tmp_path: Path) -> None:
    pem = local.public_key_to_pem(workshops.of(kind).public_key().der)
    read = openssl.openssl(tmp_path, "pkey", "-pubin", "-in", "public", "-pubcheck", "-noout", public=pem.encode())
    assert read.returncode == 0, read.stderr


@encrypting
def test_the_cloud_opens_what_was_made_through_it(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    ciphertext = key.asymmetric_encrypt(SECRET, kind.algorithm)
    assert SECRET not in ciphertext
    assert key.asymmetric_decrypt(ciphertext, kind.algorithm) == SECRET


@encrypting
def test_the_cloud_opens_what_was_made_here_with_the_public_key(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    public = key.public_key()
    ciphertext = local.encrypt_with_public_key(public.der, chosen(kind), SECRET)
    assert key.asymmetric_decrypt(ciphertext, kind.algorithm) == SECRET
    assert key.asymmetric_decrypt(ciphertext, kind.algorithm, public.version) == SECRET


@encrypting
def test_the_cloud_opens_what_openssl_encrypted(workshops: Workshops, kind: Kind, tmp_path: Path) -> None:
    key = workshops.of(kind)
    ciphertext = openssl.encrypt(tmp_path, key.public_key().der, chosen(kind), SECRET)
    assert key.asymmetric_decrypt(ciphertext, kind.algorithm) == SECRET


@encrypting
def test_a_direct_reference_finds_out_the_kind_of_key_by_itself(workshops: Workshops, kind: Kind) -> None:
    key = workshops.at(kind.stand, kind.wire).direct(workshops.of(kind))
    assert key.settings.spec is kind.spec
    assert key.asymmetric_decrypt(key.asymmetric_encrypt(SECRET, kind.algorithm), kind.algorithm) == SECRET


@encrypting
def test_the_largest_plaintext_fits_and_one_byte_more_is_refused_here(workshops: Workshops, kind: Kind) -> None:
    key, shop = workshops.of(kind), workshops.at(kind.stand, kind.wire)
    most = capacity_of(kind)
    for _ in range(
        4 if kind.spec is Spec.SM2 and most < local.capacity(kind.spec, chosen(kind)) else 1
    ):  # the length of an SM2 ciphertext varies
        ciphertext = key.asymmetric_encrypt(b"x" * most, kind.algorithm)
        assert key.asymmetric_decrypt(ciphertext, kind.algorithm) == b"x" * most
    since = shop.requests
    for plaintext in (b"canary" * most, b"x" * (most + 1), b""):
        with pytest.raises(InputError, match=str(most)) as refusal:
            key.asymmetric_encrypt(plaintext, kind.algorithm)
        assert "canary" not in str(refusal.value)
    assert shop.requests == since


@encrypting
def test_a_changed_ciphertext_does_not_open(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    ciphertext = key.asymmetric_encrypt(SECRET, kind.algorithm)
    for broken in (ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]), ciphertext[:-1], ciphertext + b"\0", b"\0", b""):
        try:
            opened = key.asymmetric_decrypt(broken, kind.algorithm)
        except KmsError:
            refused(partial(key.asymmetric_decrypt, broken, kind.algorithm), SECRET)
        else:
            # PKCS#1 v1.5 knows no authentication: OpenSSL gives something else rather than say that it is wrong.
            assert kind.algorithm is Algorithm.RSAES_PKCS1_V1_5
            assert opened != SECRET


@signing
def test_a_signature_is_right_here_at_openssl_and_in_the_cloud(
    workshops: Workshops, kind: Kind, tmp_path: Path
) -> None:
    key = workshops.of(kind)
    made = key.sign([MESSAGE[:5], MESSAGE[5:]], kind.algorithm)
    public = key.public_key(made.version)
    digest = digest_message([MESSAGE], made.algorithm, public.der)
    assert made.algorithm is kind.algorithm
    assert local.verify_with_public_key(public.der, made.algorithm, digest, made.value)
    assert verify_offline(local.public_key_to_pem(public.der).encode(), made.algorithm, [MESSAGE], made.value)
    assert openssl.verifies(tmp_path, public.der, made.algorithm, MESSAGE, made.value)
    assert key.verify([MESSAGE], made.value, kind.algorithm)
    assert key.verify([MESSAGE], made.value, kind.algorithm, made.version)


@signing
def test_a_signature_of_something_else_is_false_and_no_error(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    value = key.sign([MESSAGE], kind.algorithm).value
    assert not key.verify([MESSAGE + b"."], value, kind.algorithm)
    changed = value[:-1] + bytes([value[-1] ^ 1])
    for wrong in (changed, value[:-1], value + b"\0", b"\0", b"nonsense", b"\x30\x06\x02\x01\x00\x02\x01\x00", b""):
        assert not key.verify([MESSAGE], wrong, kind.algorithm), wrong


@signing
def test_a_signature_of_another_key_is_false(workshops: Workshops, kind: Kind) -> None:
    other = workshops.at(kind.stand, kind.wire).another(kind)
    assert not workshops.of(kind).verify([MESSAGE], other.sign([MESSAGE], kind.algorithm).value, kind.algorithm)


@signing
def test_the_first_algorithm_is_taken_when_none_is_named(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    assert key.sign([MESSAGE]).algorithm is limits_of(kind.stand).algorithms[kind.spec, kind.usage][0]


@signing
def test_an_algorithm_of_other_keys_is_refused_before_any_request(workshops: Workshops, kind: Kind) -> None:
    key, shop = workshops.of(kind), workshops.at(kind.stand, kind.wire)
    offered = limits_of(kind.stand).algorithms[kind.spec, kind.usage]
    since = shop.requests
    for algorithm in Algorithm:
        if algorithm not in offered:
            with pytest.raises(InputError, match=offered[0]):
                key.sign([MESSAGE], algorithm)
            with pytest.raises(InputError, match=offered[0]):
                key.verify([MESSAGE], b"x", algorithm)
    assert shop.requests == since


@signing
def test_a_certificate_request_satisfies_openssl(workshops: Workshops, kind: Kind, tmp_path: Path) -> None:
    key = workshops.of(kind)
    names = ["DNS:www.example.com", "DNS:*.example.com", "IP:192.0.2.7", "email:ca@example.com"]
    made = certificate_request(key, SUBJECT, names, kind.algorithm)
    assert openssl.request_problem(tmp_path, made.pem, sm2=kind.spec is Spec.SM2) == ""
    text = openssl.request_text(tmp_path, made.pem)
    assert all(name in text for name in ("www.example.com", "*.example.com", "192.0.2.7", "ca@example.com"))
    assert made.public_key.der == key.public_key(made.public_key.version).der


@pytest.mark.parametrize("kind", kinds(Usage.ENCRYPT_DECRYPT), ids=str)
def test_a_key_that_does_not_sign_makes_no_certificate_request(workshops: Workshops, kind: Kind) -> None:
    with pytest.raises(InputError):
        certificate_request(workshops.of(kind), SUBJECT)


@pytest.mark.parametrize("kind", kinds(symmetric=True), ids=str)
def test_a_symmetric_key_has_no_public_key_and_signs_nothing(workshops: Workshops, kind: Kind) -> None:
    key, shop = workshops.of(kind), workshops.at(kind.stand, kind.wire)
    attempts = [key.public_key, lambda: key.sign([MESSAGE]), lambda: key.asymmetric_encrypt(SECRET)]
    since = shop.requests
    for attempt in attempts:
        with pytest.raises(InputError):
            attempt()
    assert shop.requests == since
    with pytest.raises(KmsError):
        shop.direct(key).public_key()


MACS = kinds(Usage.GENERATE_VERIFY_MAC)


@pytest.mark.parametrize("kind", MACS, ids=str)
@pytest.mark.parametrize("message", [b"amount=7", "金额=7".encode(), b"x" * 1000])
def test_an_hmac_is_the_one_that_openssl_computes(
    workshops: Workshops, kind: Kind, message: bytes, tmp_path: Path
) -> None:
    key = workshops.of(kind)
    mac = key.hmac(message)
    assert mac == openssl.hmac_sm3(material_of(workshops, kind, key), message, tmp_path)
    assert mac != key.hmac(message + b".")


def material_of(workshops: Workshops, kind: Kind, key: UsedKey) -> bytes:
    """The key itself, which only the emulator knows."""
    emulator = workshops.at(kind.stand, kind.wire).running.emulator
    account = emulator._seed.directory.of_cloud("ctyun")[0]
    scope = Scope(account.account, key.target.region)
    with emulator.store.transaction("ctyun") as store:
        (version,) = store.collection("versions", scope).ids(where=("key", key.key_id))
        document = store.collection("materials", scope).get(version)
    assert document
    return base64.b64decode(document["material"])


@pytest.mark.parametrize(("stand", "wire"), stands(Capability.MAC, has=False))
def test_a_cloud_without_hmac_says_so_before_any_request(workshops: Workshops, stand: str, wire: str) -> None:
    shop = workshops.at(stand, wire)
    key = shop.shared(next(kind.spec for kind in kinds(symmetric=True, stands=[stand])))
    since = shop.requests
    with pytest.raises(InputError, match="HMAC"):
        key.hmac(MESSAGE)
    assert shop.requests == since
