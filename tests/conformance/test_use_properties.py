"""What must hold for any plaintext, context and ciphertext, for every kind of key that the clouds' tables offer."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.crypto import checks
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError, NotFoundError, WrongStateError
from kms_resources.model import Spec, Usage
from kms_resources.use import UsedKey
from tests.support.refusals import refused
from tests.support.workshop import (
    ONE_PER_CLOUD,
    STANDS,
    Kind,
    Workshop,
    Workshops,
    capacity_of,
    kinds,
    limits_of,
    symmetric_spec,
)

CANARY = b"canary-plaintext-4711-\xe5\xaf\x86"
ANY_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
CHINESE = st.text(st.sampled_from("密钥上下文订单用途："), min_size=1, max_size=8)
CONTEXTS = st.dictionaries(ANY_TEXT | CHINESE, st.text(st.characters(codec="utf-8"), max_size=20) | CHINESE, max_size=4)
INNER = ("inner",)

some = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])

symmetric = pytest.mark.parametrize("kind", kinds(symmetric=True, wires=INNER), ids=str)
over_http = pytest.mark.parametrize("kind", kinds(symmetric=True, wires=("http",)), ids=str)
any_pair = pytest.mark.parametrize(
    "kind", kinds(Usage.ENCRYPT_DECRYPT, symmetric=False, algorithms=True, wires=INNER), ids=str
)
signing = pytest.mark.parametrize("kind", kinds(Usage.SIGN_VERIFY, algorithms=True, wires=INNER), ids=str)
one_each = pytest.mark.parametrize("stand", ONE_PER_CLOUD)


def sized(most: int) -> st.SearchStrategy[bytes]:
    """Short plaintexts, and those around the limit."""
    return st.binary(min_size=1, max_size=64) | st.integers(max(1, most - 3), most).map(lambda size: b"\xfe" * size)


def usual_key(workshops: Workshops, stand: str) -> UsedKey:
    return workshops.at(stand).shared(symmetric_spec(stand))


@symmetric
@some
@given(data=st.data(), context=CONTEXTS)
def test_any_plaintext_comes_back_with_its_context(
    workshops: Workshops, kind: Kind, data: st.DataObject, context: dict[str, str]
) -> None:
    key = workshops.of(kind)
    plaintext = data.draw(sized(limits_of(kind.stand).plaintext_bytes))
    assert key.decrypt(key.encrypt(plaintext, context).blob, context) == plaintext


@over_http
@few
@given(data=st.data(), context=CONTEXTS)
def test_any_plaintext_comes_back_over_http(
    workshops: Workshops, kind: Kind, data: st.DataObject, context: dict[str, str]
) -> None:
    key = workshops.of(kind)
    plaintext = data.draw(sized(limits_of(kind.stand).plaintext_bytes))
    assert key.decrypt(key.encrypt(plaintext, context).blob, context) == plaintext


@one_each
@some
@given(before=CONTEXTS, after=CONTEXTS)
def test_only_the_same_context_opens(
    workshops: Workshops, stand: str, before: dict[str, str], after: dict[str, str]
) -> None:
    key = usual_key(workshops, stand)
    blob = key.encrypt(CANARY, before).blob
    if before == after:
        assert key.decrypt(blob, after) == CANARY
    else:
        refused(lambda: key.decrypt(blob, after), CANARY)


@one_each
@some
@given(length=st.integers(1, 1024), context=CONTEXTS)
def test_a_data_key_of_any_length_opens_to_itself(
    workshops: Workshops, stand: str, length: int, context: dict[str, str]
) -> None:
    key = usual_key(workshops, stand)
    made = key.data_key(length, context)
    assert len(made.plaintext) == length
    assert key.decrypt(made.ciphertext.blob, context) == made.plaintext


@any_pair
@few
@given(data=st.data())
def test_any_plaintext_that_fits_comes_back_from_a_key_pair(
    workshops: Workshops, kind: Kind, data: st.DataObject
) -> None:
    key = workshops.of(kind)
    plaintext = data.draw(sized(min(200, capacity_of(kind))))
    assert key.asymmetric_decrypt(key.asymmetric_encrypt(plaintext, kind.algorithm), kind.algorithm) == plaintext


@signing
@few
@given(message=st.lists(st.binary(max_size=40), max_size=4), other=st.binary(min_size=1, max_size=8))
def test_a_signature_fits_its_message_and_no_other(
    workshops: Workshops, kind: Kind, message: list[bytes], other: bytes
) -> None:
    key = workshops.of(kind)
    value = key.sign(message, kind.algorithm).value
    assert key.verify([b"".join(message)], value, kind.algorithm)
    assert not key.verify([*message, other], value, kind.algorithm)


@one_each
@some
@given(more=st.integers(1, 5000), context=CONTEXTS)
def test_too_much_and_nothing_are_refused_before_any_request(
    workshops: Workshops, stand: str, more: int, context: dict[str, str]
) -> None:
    key, shop = usual_key(workshops, stand), workshops.at(stand)
    most = limits_of(stand).plaintext_bytes
    since = shop.requests
    too_much = (CANARY * (most // len(CANARY) + 1))[:most] + b"x" * more
    for plaintext in (too_much, b""):
        error = refused(partial(key.encrypt, plaintext, context), CANARY)
        assert isinstance(error, InputError)
        assert str(most) in str(error)
    assert shop.requests == since


@one_each
@some
@given(value=st.text("值", min_size=1))
def test_a_context_that_is_too_long_is_refused_before_any_request(workshops: Workshops, stand: str, value: str) -> None:
    key, shop = usual_key(workshops, stand), workshops.at(stand)
    longest = limits_of(stand).context_characters
    context = {"a": "", "订单": value}
    context["a"] = "x" * (longest - len(checks.context_text(context)))
    assert key.decrypt(key.encrypt(CANARY, context).blob, context) == CANARY
    context["a"] += "x"
    since = shop.requests
    for attempt in (lambda: key.encrypt(CANARY, context), lambda: key.data_key(context=context)):
        error = refused(attempt, CANARY)
        assert isinstance(error, InputError)
        assert str(longest) in str(error)
    assert shop.requests == since


@one_each
@pytest.mark.parametrize("length", [-1, 0, 1025, 10**9])
def test_a_data_key_of_an_impossible_length_is_refused_before_any_request(
    workshops: Workshops, stand: str, length: int
) -> None:
    key, shop = usual_key(workshops, stand), workshops.at(stand)
    since = shop.requests
    assert isinstance(refused(lambda: key.data_key(length)), InputError)
    assert shop.requests == since


@one_each
@settings(some, max_examples=25)
@given(data=st.data())
def test_a_ciphertext_that_was_changed_or_cut_does_not_open(
    workshops: Workshops, stand: str, data: st.DataObject
) -> None:
    key = usual_key(workshops, stand)
    blob = key.encrypt(CANARY).blob
    at = data.draw(st.integers(0, len(blob) - 1))
    letter = data.draw(st.sampled_from("AZaz09+/=-"))
    broken = data.draw(st.sampled_from([blob[:at], blob[at:], blob[:at] + letter + blob[at + 1 :], blob + letter]))
    try:
        # Base64 spells the same bytes in several ways at its end; whatever opens must be the very same.
        opened = key.decrypt(broken)
    except Exception:  # noqa: BLE001  (which one is looked at below)
        refused(lambda: key.decrypt(broken), CANARY)
    else:
        assert opened == CANARY


@one_each
@some
@given(blob=st.text(st.characters(codec="utf-8"), max_size=60) | st.from_regex(r"[A-Za-z0-9+/]{4,80}={0,2}"))
def test_nonsense_does_not_open(workshops: Workshops, stand: str, blob: str) -> None:
    key = usual_key(workshops, stand)
    refused(lambda: key.decrypt(blob))
    if get_cloud(STANDS[stand].cloud).limits.has(Capability.RE_ENCRYPT):
        refused(lambda: key.re_encrypt(blob))


@pytest.mark.parametrize("theirs", ONE_PER_CLOUD)
@one_each
def test_a_ciphertext_of_another_cloud_does_not_open(workshops: Workshops, stand: str, theirs: str) -> None:
    if stand == theirs:
        theirs = "tencent-abroad" if stand == "tencent" else stand
    foreign = workshops.fresh(theirs).key().encrypt(CANARY).blob
    key = usual_key(workshops, stand)
    refused(lambda: key.decrypt(foreign), CANARY)


@one_each
@some
@given(broken=st.binary(max_size=300))
def test_nonsense_is_not_a_signature_nor_an_asymmetric_ciphertext(
    workshops: Workshops, stand: str, broken: bytes
) -> None:
    shop = workshops.at(stand)
    if not shop.cloud.limits.has(Capability.SIGN):
        pytest.skip("symmetric keys only")
    for spec in (Spec.RSA_2048, Spec.EC_P256, Spec.SM2):
        assert not shop.shared(spec, Usage.SIGN_VERIFY).verify([CANARY], broken)
    for spec in (Spec.RSA_2048, Spec.SM2):
        used = shop.shared(spec)
        refused(partial(used.asymmetric_decrypt, broken), CANARY)


Verb = Callable[[], object]


def verbs(key: UsedKey) -> dict[str, Verb]:
    """Everything that needs the key's secret, as it works while the key does."""
    if key.settings.usage is Usage.GENERATE_VERIFY_MAC:
        return {"hmac": lambda: key.hmac(b"amount=7")}
    if key.settings.usage is Usage.SIGN_VERIFY:
        return {"sign": lambda: key.sign([CANARY])}
    if not key.settings.spec.symmetric:
        ciphertext = key.asymmetric_encrypt(CANARY)
        return {"asymmetric_decrypt": lambda: key.asymmetric_decrypt(ciphertext)}
    blob = key.encrypt(CANARY).blob
    found: dict[str, Verb] = {
        "encrypt": lambda: key.encrypt(CANARY),
        "decrypt": lambda: key.decrypt(blob),
        "data_key": key.data_key,
    }
    if key.cloud.limits.has(Capability.RE_ENCRYPT):
        found["re_encrypt"] = lambda: key.re_encrypt(blob)
    if key.cloud.limits.has(Capability.DATA_KEY_SEALED):
        found["sealed_data_key"] = lambda: key.data_key(with_plaintext=False)
    return found


def disable(shop: Workshop, key: UsedKey) -> None:
    shop.site.client.disable_key(key.key_id)


def schedule(shop: Workshop, key: UsedKey) -> None:
    shop.site.client.schedule_deletion(key.key_id, 7)


def unusable(workshops: Workshops, kind: Kind, change: Callable[[Workshop, UsedKey], None]) -> None:
    shop = workshops.at(kind.stand, kind.wire)
    key = shop.key(kind.spec, kind.usage)
    attempts = verbs(key)
    for attempt in attempts.values():
        attempt()
    if key.cloud.limits.has(Capability.SCHEDULED_DELETION) and change is schedule and "legacy" in kind.stand:
        disable(shop, key)  # API 2.0 takes disabled keys only
    change(shop, key)
    for name, attempt in attempts.items():
        error = refused(attempt, CANARY)
        assert isinstance(error, WrongStateError), (name, error)
        assert error.where.startswith(key.where)


every_kind = pytest.mark.parametrize("kind", kinds(), ids=str)


@every_kind
def test_a_disabled_key_does_nothing_and_says_so(workshops: Workshops, kind: Kind) -> None:
    unusable(workshops, kind, disable)


@every_kind
def test_a_key_that_waits_for_its_deletion_does_nothing_and_says_so(workshops: Workshops, kind: Kind) -> None:
    unusable(workshops, kind, schedule)


@every_kind
def test_a_key_that_is_enabled_again_works_again(workshops: Workshops, kind: Kind) -> None:
    shop = workshops.at(kind.stand, kind.wire)
    key = shop.key(kind.spec, kind.usage)
    attempts = verbs(key)
    disable(shop, key)
    shop.site.client.enable_key(key.key_id)
    for attempt in attempts.values():
        attempt()


@pytest.mark.parametrize("kind", kinds(symmetric=True), ids=str)
def test_a_key_that_does_not_exist_is_not_found(workshops: Workshops, kind: Kind) -> None:
    shop = workshops.at(kind.stand, kind.wire)
    absent = re.sub(r"[0-9a-f]", "0", workshops.of(kind).key_id)
    key = shop.use(absent)
    for attempt in (lambda: key.encrypt(CANARY), key.data_key, lambda: key.settings):
        error = refused(attempt, CANARY)
        assert isinstance(error, NotFoundError), error
        assert absent in str(error)


def test_every_algorithm_of_the_tables_is_tried() -> None:
    tried = {kind.algorithm for kind in kinds(symmetric=False, algorithms=True, wires=INNER) if kind.algorithm}
    assert tried == set(Algorithm)
