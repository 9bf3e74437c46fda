"""What every cloud must do with symmetric keys in use, in process and over HTTP."""

import pytest

from kms_resources.capabilities import Capability
from kms_resources.errors import InputError, KmsError, UnsafeError
from kms_resources.model import Usage
from tests.support.workshop import Kind, Workshops, kinds, stands

CONTEXT = {"table": "orders", "用途": "订单"}
SECRET = b"a little secret: \x00\xff"

symmetric = pytest.mark.parametrize("kind", kinds(symmetric=True), ids=str)
re_encrypting = pytest.mark.parametrize("kind", kinds(symmetric=True, needs=Capability.RE_ENCRYPT), ids=str)


@symmetric
@pytest.mark.parametrize("context", [{}, CONTEXT], ids=["bare", "context"])
def test_what_a_key_encrypts_it_opens_again(workshops: Workshops, kind: Kind, context: dict[str, str]) -> None:
    key = workshops.of(kind)
    made = key.encrypt(SECRET, context)
    assert made.key_id == key.key_id
    assert made.blob.isascii()
    assert key.decrypt(made.blob, context) == SECRET


@symmetric
def test_a_key_is_used_by_its_id_alone(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    direct = workshops.at(kind.stand, kind.wire).direct(key)
    assert direct.decrypt(key.encrypt(SECRET, CONTEXT).blob, CONTEXT) == SECRET
    assert key.decrypt(direct.encrypt(SECRET).blob) == SECRET


@symmetric
def test_the_same_plaintext_never_looks_the_same_twice(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    assert key.encrypt(SECRET).blob != key.encrypt(SECRET).blob


@symmetric
def test_encrypting_and_opening_are_one_request_each(workshops: Workshops, kind: Kind) -> None:
    key, shop = workshops.of(kind), workshops.at(kind.stand, kind.wire)
    since = shop.requests
    key.decrypt(key.encrypt(SECRET, CONTEXT).blob, CONTEXT)
    assert len(shop.actions(since)) == 2


@symmetric
@pytest.mark.parametrize(
    ("before", "after"), [(CONTEXT, {}), ({}, CONTEXT), ({"a": "1"}, {"a": "2"}), ({"a": "1"}, {"b": "1"})]
)
def test_another_context_opens_nothing(
    workshops: Workshops, kind: Kind, before: dict[str, str], after: dict[str, str]
) -> None:
    key = workshops.of(kind)
    blob = key.encrypt(SECRET, before).blob
    with pytest.raises(KmsError) as refusal:
        key.decrypt(blob, after)
    assert SECRET.decode("latin-1") not in str(refusal.value)


@symmetric
def test_a_context_is_a_set_of_pairs_without_an_order(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    blob = key.encrypt(SECRET, {"b": "2", "a": "1"}).blob
    assert key.decrypt(blob, {"a": "1", "b": "2"}) == SECRET


@symmetric
def test_a_ciphertext_of_another_key_is_refused_by_name(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    other = workshops.at(kind.stand, kind.wire).key(kind.spec)
    with pytest.raises(UnsafeError, match=key.key_id):
        other.decrypt(key.encrypt(SECRET).blob)


@re_encrypting
def test_a_ciphertext_moves_to_another_key_with_its_context(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    other = workshops.at(kind.stand, kind.wire).key(kind.spec)
    moved = other.re_encrypt(key.encrypt(SECRET, CONTEXT).blob, CONTEXT)
    assert moved.key_id == other.key_id
    assert other.decrypt(moved.blob, CONTEXT) == SECRET
    with pytest.raises(UnsafeError):
        key.decrypt(moved.blob, CONTEXT)


@re_encrypting
@pytest.mark.parametrize(("before", "after"), [(CONTEXT, {}), ({}, CONTEXT), ({"a": "1"}, CONTEXT)])
def test_re_encryption_may_change_the_context(
    workshops: Workshops, kind: Kind, before: dict[str, str], after: dict[str, str]
) -> None:
    key = workshops.of(kind)
    moved = key.re_encrypt(key.encrypt(SECRET, before).blob, before, after)
    assert key.decrypt(moved.blob, after) == SECRET
    with pytest.raises(KmsError):
        key.decrypt(moved.blob, before)


@symmetric
@pytest.mark.parametrize("length", [1, 16, 32, 1024])
def test_a_data_key_has_the_wanted_length_and_opens_to_itself(workshops: Workshops, kind: Kind, length: int) -> None:
    key = workshops.of(kind)
    made = key.data_key(length, CONTEXT)
    assert (length, key.key_id) == (len(made.plaintext), made.ciphertext.key_id)
    assert key.decrypt(made.ciphertext.blob, CONTEXT) == made.plaintext
    assert "plaintext" not in repr(made)


@pytest.mark.parametrize("kind", kinds(symmetric=True, needs=Capability.DATA_KEY_SEALED), ids=str)
def test_a_data_key_without_its_plaintext_is_opened_when_it_is_needed(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    made = key.data_key(24, CONTEXT, with_plaintext=False)
    assert made.plaintext == b""
    assert len(key.decrypt(made.ciphertext.blob, CONTEXT)) == 24


@pytest.mark.parametrize(("stand", "wire"), stands(Capability.DATA_KEY_SEALED, has=False))
def test_a_cloud_without_sealed_data_keys_says_so_before_any_request(
    workshops: Workshops, stand: str, wire: str
) -> None:
    shop = workshops.at(stand, wire)
    key = shop.shared(next(kind.spec for kind in kinds(symmetric=True, stands=[stand])))
    since = shop.requests
    with pytest.raises(InputError, match="data keys without their plaintext"):
        key.data_key(with_plaintext=False)
    assert shop.requests == since


@pytest.mark.parametrize(("stand", "wire"), stands(Capability.RE_ENCRYPT, has=False))
def test_a_cloud_without_re_encryption_says_so_before_any_request(workshops: Workshops, stand: str, wire: str) -> None:
    shop = workshops.at(stand, wire)
    key = shop.shared(next(kind.spec for kind in kinds(symmetric=True, stands=[stand])))
    blob = key.encrypt(SECRET).blob
    since = shop.requests
    with pytest.raises(InputError, match="re-encryption"):
        key.re_encrypt(blob)
    assert shop.requests == since


@pytest.mark.parametrize(("stand", "wire"), stands(Capability.RANDOM, only=["tencent", "ctyun", "alibaba-instance"]))
@pytest.mark.parametrize("length", [1, 32, 1024])
def test_random_bytes_come_in_the_wanted_number_and_never_twice(
    workshops: Workshops, stand: str, wire: str, length: int
) -> None:
    client = workshops.at(stand, wire).client
    drawn = {client.random(length) for _ in range(3)}
    assert {len(one) for one in drawn} == {length}
    assert len(drawn) == 3 or length == 1


@pytest.mark.parametrize(("stand", "wire"), [("alibaba", "inner"), ("alibaba", "http"), ("tencent-legacy", "inner")])
def test_a_door_without_random_bytes_refuses_and_sends_nothing(workshops: Workshops, stand: str, wire: str) -> None:
    shop = workshops.at(stand, wire)
    since = shop.requests
    with pytest.raises(KmsError, match=r"[Rr]andom"):
        shop.client.random(16)
    assert shop.requests == since


@pytest.mark.parametrize("kind", kinds(Usage.SIGN_VERIFY, algorithms=False), ids=str)
def test_a_signing_key_does_not_encrypt(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    since = workshops.at(kind.stand, kind.wire).requests
    with pytest.raises(InputError, match="not made for encrypting"):
        key.encrypt(SECRET)
    assert workshops.at(kind.stand, kind.wire).requests == since
    with pytest.raises(KmsError) as refusal:
        workshops.at(kind.stand, kind.wire).direct(key).encrypt(SECRET)
    assert "little secret" not in str(refusal.value)
