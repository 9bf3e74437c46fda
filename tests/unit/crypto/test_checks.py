"""What a cloud would not take is refused before anything is sent, with what is allowed."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.capabilities import Answer, Capability, Limits, Support
from kms_resources.crypto import checks
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError
from kms_resources.model import Spec, Usage

CANARY = b"canary-7d1f2c"
CONTEXTS = st.dictionaries(st.text(min_size=1), st.text())
OFFERED: checks.Offered = {
    (Spec.RSA_2048, Usage.ENCRYPT_DECRYPT): (Algorithm.RSAES_OAEP_SHA_256, Algorithm.RSAES_OAEP_SHA_1),
    (Spec.SM2, Usage.SIGN_VERIFY): (Algorithm.SM2DSA,),
}
LIMITS = Limits(
    supports={
        Capability.ENCRYPT: Support(Answer.YES, "Encrypt", "2026-11-01"),
        Capability.MAC: Support(Answer.NO, "its API has no such call", "2026-11-01"),
    },
    offers=(),
    window_days=(7, 30),
    rotation_days=(7, 365),
    description_bytes=1024,
    tags=10,
    tag_key="",
    tag_value="",
    tag_rule="",
    alias="",
    alias_rule="",
    region="",
    region_rule="",
)


def refusal(text: str) -> "pytest.RaisesExc[InputError]":
    return pytest.raises(InputError, match=re.escape(text))


def test_a_capability_that_is_there_passes() -> None:
    checks.check_capability(LIMITS, Capability.ENCRYPT, "Tencent Cloud")


def test_a_missing_capability_is_refused_with_the_reason_of_the_table() -> None:
    with refusal("prod/orders: Tencent Cloud does not offer HMAC-SM3: its API has no such call"):
        checks.check_capability(LIMITS, Capability.MAC, "Tencent Cloud", where="prod/orders")


def test_an_unlisted_capability_is_a_no() -> None:
    with refusal("the cloud's documents do not mention it"):
        checks.check_capability(LIMITS, Capability.RANDOM, "Tencent Cloud")


def test_a_key_for_signatures_does_not_encrypt() -> None:
    with refusal("the key is not made for encrypting and decrypting: it is an SM2 key with usage SIGN_VERIFY"):
        checks.check_usage(Spec.SM2, Usage.SIGN_VERIFY, Usage.ENCRYPT_DECRYPT)
    checks.check_usage(Spec.SM2, Usage.SIGN_VERIFY, Usage.SIGN_VERIFY)


@pytest.mark.parametrize("spec", list(Spec))
def test_only_symmetric_keys_pass_where_one_is_needed(spec: Spec) -> None:
    if spec.symmetric:
        checks.check_symmetric(spec)
    else:
        with refusal(f"the key is {spec}; allowed: AES_256, AES_192, AES_128, SM4"):
            checks.check_symmetric(spec)


def test_the_first_algorithm_is_taken_unless_another_is_named() -> None:
    pair = Spec.RSA_2048, Usage.ENCRYPT_DECRYPT
    assert Algorithm.RSAES_OAEP_SHA_256 is checks.choose_algorithm(OFFERED, *pair)
    assert Algorithm.RSAES_OAEP_SHA_1 is checks.choose_algorithm(OFFERED, *pair, Algorithm.RSAES_OAEP_SHA_1)


def test_an_algorithm_that_is_not_offered_is_refused_with_those_that_are() -> None:
    with refusal("RSA_2048 keys with usage ENCRYPT_DECRYPT: RSAES_OAEP_SHA_256, RSAES_OAEP_SHA_1"):
        checks.choose_algorithm(OFFERED, Spec.RSA_2048, Usage.ENCRYPT_DECRYPT, Algorithm.RSAES_PKCS1_V1_5)


def test_a_key_without_any_algorithm_is_refused_with_the_keys_that_have_some() -> None:
    with refusal("keys that have some: RSA_2048 for ENCRYPT_DECRYPT, SM2 for SIGN_VERIFY"):
        checks.choose_algorithm(OFFERED, Spec.EC_P256, Usage.SIGN_VERIFY)
    with refusal("keys that have some: none"):
        checks.choose_algorithm({}, Spec.EC_P256, Usage.SIGN_VERIFY)


@pytest.mark.parametrize("size", [1, 4096])
def test_a_plaintext_within_the_limit_passes(size: int) -> None:
    checks.check_plaintext(bytes(size), 4096)


def test_an_empty_or_too_large_plaintext_is_refused_and_never_shown() -> None:
    with refusal("there is nothing to encrypt: allowed: 1 to 4096 bytes"):
        checks.check_plaintext(b"", 4096)
    with refusal("it has 4097 bytes; allowed: 1 to 4096") as caught:
        checks.check_plaintext(CANARY.ljust(4097), 4096)
    assert "canary" not in repr(caught.value) + str(caught.value)


def test_an_asymmetric_plaintext_must_fit_the_key() -> None:
    checks.check_capacity(bytes(190), Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_256)
    with refusal("too large for an RSA_2048 key: it has 191 bytes; allowed with RSAES_OAEP_SHA_256: 1 to 190"):
        checks.check_capacity(bytes(191), Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_256)
    with refusal("there is nothing to encrypt"):
        checks.check_capacity(b"", Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_256)


def test_a_digest_must_have_the_length_of_its_algorithm() -> None:
    checks.check_digest(bytes(48), Algorithm.ECDSA_SHA_384)
    with refusal("it has 32 bytes; ECDSA_SHA_384 needs 48"):
        checks.check_digest(bytes(32), Algorithm.ECDSA_SHA_384)


@pytest.mark.parametrize(("length", "fits"), [(0, False), (1, True), (1024, True), (1025, False)])
def test_a_data_key_has_a_length_that_the_cloud_makes(length: int, fits: bool) -> None:
    if fits:
        checks.check_data_key_length(length, (1, 1024))
    else:
        with refusal(f"a data key of {length} bytes is not offered: allowed: 1 to 1024"):
            checks.check_data_key_length(length, (1, 1024))


@given(CONTEXTS)
def test_equal_contexts_are_equal_texts(context: dict[str, str]) -> None:
    text = checks.context_text(dict(reversed(context.items())))
    assert checks.context_text(context) == text
    assert context == (json.loads(text) if text else {})


def test_the_length_of_a_context_counts_as_json_text() -> None:
    context = {"b": "2", "a": "密"}
    assert checks.context_text(context) == '{"a":"密","b":"2"}'
    checks.check_context(context, 17)
    with refusal("as JSON text it has 17 characters; allowed: 16"):
        checks.check_context(context, 16)


def test_a_context_without_a_name_is_refused() -> None:
    with refusal("a name in the encryption context is empty"):
        checks.check_context({"": "x"}, 100)


@pytest.mark.parametrize("context", [{"a": "\udcff"}, {"\udcff": "a"}])
def test_a_context_that_is_no_utf_8_is_refused(context: dict[str, str]) -> None:
    with refusal("the encryption context is not text"):
        checks.check_context(context, 100)


def test_no_context_is_no_text() -> None:
    assert not checks.context_text({})
    checks.check_context({}, 0)
