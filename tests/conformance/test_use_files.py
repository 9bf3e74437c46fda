"""Files of any size under a key of every cloud: one call to the cloud, and everything else refused in time."""

import io
from collections.abc import Mapping

import pytest

from kms_resources.crypto.envelope import read_header
from kms_resources.errors import InputError, KmsError, UnsafeError
from kms_resources.use import UsedKey
from kms_resources.use.files import decrypt_file, encrypt_file
from tests.support.workshop import ONE_PER_CLOUD, Kind, Workshops, kinds, symmetric_spec

CONTEXT = {"file": "orders.csv", "部门": "财务"}
CSV = b"order,amount\n" + b"4711,12.50\n" * 200
LARGE = bytes(range(256)) * 12_000

TWO_CALLS = frozenset({"alibaba-instance"})
"""Doors whose data keys take two: the vendor's own package encrypts the data key once more, and so must we."""

symmetric = pytest.mark.parametrize("kind", kinds(symmetric=True), ids=str)


def encrypted(key: UsedKey, content: bytes, context: Mapping[str, str] = CONTEXT) -> bytes:
    sink = io.BytesIO()
    encrypt_file(key, io.BytesIO(content), sink, context)
    return sink.getvalue()


def decrypted(key: UsedKey, file: bytes, context: Mapping[str, str] = CONTEXT) -> bytes:
    sink = io.BytesIO()
    decrypt_file(key, io.BytesIO(file), sink, context)
    return sink.getvalue()


@symmetric
@pytest.mark.parametrize("content", [b"", CSV, LARGE], ids=["empty", "csv", "large"])
def test_a_file_comes_back_with_one_call_each_way(workshops: Workshops, kind: Kind, content: bytes) -> None:
    key, shop = workshops.of(kind), workshops.at(kind.stand, kind.wire)
    since = shop.requests
    file = encrypted(key, content)
    between = shop.requests
    assert decrypted(key, file) == content
    assert (1 + (kind.stand in TWO_CALLS), 1) == (between - since, shop.requests - between)
    assert b"4711" not in file


@symmetric
def test_a_direct_reference_does_it_with_one_call_too(workshops: Workshops, kind: Kind) -> None:
    shop = workshops.at(kind.stand, kind.wire)
    key = shop.direct(workshops.of(kind))
    since = shop.requests
    assert decrypted(key, encrypted(key, CSV, {}), {}) == CSV
    assert len(shop.actions(since)) == 2 + (kind.stand in TWO_CALLS)


@symmetric
def test_the_header_names_key_and_place_and_no_value_of_the_context(workshops: Workshops, kind: Kind) -> None:
    key = workshops.of(kind)
    file = encrypted(key, CSV)
    header = read_header(io.BytesIO(file))
    assert (header.cloud, header.region, header.data_key.key_id) == (
        key.target.cloud, key.target.region, key.key_id,
    )  # fmt: skip
    assert "财务".encode() not in file


@symmetric
def test_progress_tells_each_piece_that_is_done(workshops: Workshops, kind: Kind) -> None:
    told: list[int] = []
    encrypt_file(workshops.of(kind), io.BytesIO(LARGE), io.BytesIO(), {}, told.append)
    assert sum(told) == len(LARGE)
    assert len(told) > 1


@pytest.mark.parametrize("stand", ONE_PER_CLOUD)
@pytest.mark.parametrize("context", [{}, {"file": "other.csv", "部门": "财务"}, {**CONTEXT, "more": "x"}])
def test_another_context_is_refused(workshops: Workshops, stand: str, context: dict[str, str]) -> None:
    key = workshops.at(stand).shared(symmetric_spec(stand))
    with pytest.raises(KmsError):
        decrypted(key, encrypted(key, CSV), context)


@pytest.mark.parametrize("stand", ONE_PER_CLOUD)
def test_the_file_of_another_key_is_refused_with_the_right_one_named(workshops: Workshops, stand: str) -> None:
    shop = workshops.at(stand)
    key, other = shop.shared(symmetric_spec(stand)), shop.key()
    with pytest.raises(UnsafeError, match=key.key_id):
        decrypted(other, encrypted(key, CSV))


@pytest.mark.parametrize("stand", ONE_PER_CLOUD)
def test_the_file_of_another_cloud_is_refused_before_any_request(workshops: Workshops, stand: str) -> None:
    elsewhere = "ctyun" if stand != "ctyun" else "tencent"
    foreign = workshops.at(elsewhere).shared(symmetric_spec(elsewhere))
    shop = workshops.at(stand)
    key = shop.shared(symmetric_spec(stand))
    file = encrypted(foreign, CSV)
    since = shop.requests
    with pytest.raises(UnsafeError, match=foreign.target.cloud):
        decrypted(key, file)
    assert shop.requests == since


@pytest.mark.parametrize("stand", ONE_PER_CLOUD)
def test_a_file_without_its_end_or_with_a_changed_byte_is_refused(workshops: Workshops, stand: str) -> None:
    key = workshops.at(stand).shared(symmetric_spec(stand))
    file = encrypted(key, CSV)
    step = len(file) // 40
    broken = [file[:length] for length in range(0, len(file), step)]
    broken += [file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :] for at in range(0, len(file), step)]
    for one in [*broken, file + b"\0", CSV]:
        with pytest.raises((InputError, KmsError)) as refusal:
            decrypted(key, one)
        assert "4711" not in str(refusal.value)
