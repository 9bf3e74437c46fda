"""Encrypted files: what goes in comes out, and nothing else ever does."""

import base64
import hashlib
import hmac
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.crypto.envelope import (
    CHUNK_BYTES,
    Header,
    check_context_names,
    decrypt_stream,
    encrypt_stream,
    keys,
    read_header,
    stream,
)
from kms_resources.crypto.words import Ciphertext, Context, DataKey
from kms_resources.errors import InputError
from kms_resources.model import KeyId, Target

TARGET = Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvyyr5x")
CANARY = b"canary-7d1f2c"
KEY = CANARY.ljust(32, b"k")
DATA_KEY = DataKey(KEY, Ciphertext("an-k-opaque-k-blob==", KeyId("key-1"), "version-2"))
CONTEXT = {"tenant": "42", "purpose": "备份"}
CHUNK = 8
PAGE = Path(__file__).parents[3] / "docs" / "envelope-format.md"


def sealed(
    plaintext: bytes,
    *,
    context: Context = CONTEXT,
    chunk: int = CHUNK,
    data_key: DataKey = DATA_KEY,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    sink = io.BytesIO()
    encrypt_stream(io.BytesIO(plaintext), sink, data_key, TARGET, context=context, chunk_bytes=chunk, random=random)
    return sink.getvalue()


def opened(file: bytes, sink: io.BytesIO, *, context: Context = CONTEXT, data_key: bytes = KEY) -> bytes:
    source = io.BytesIO(file)
    decrypt_stream(source, sink, read_header(source), data_key, context=context)
    return sink.getvalue()


def refused(file: bytes, why: str | None = None, plaintext: bytes | None = None, **options: Any) -> None:
    """A file that does not open. What was written before that was the true beginning, and was not yet everything."""
    expected, sink = PLAINTEXT if plaintext is None else plaintext, io.BytesIO()
    with pytest.raises(InputError, match=why) as caught:
        opened(file, sink, **options)
    assert expected.startswith(sink.getvalue())
    assert len(sink.getvalue()) < max(1, len(expected))
    assert "canary" not in str(caught.value) + repr(caught.value) + repr(caught.value.__context__)


PLAINTEXT = CANARY + b"-and-more"  # 22 bytes: chunks of 8, 8 and 6
FILE = sealed(PLAINTEXT, random=lambda count: bytes(range(count)))
BODY = 12 + int.from_bytes(FILE[8:12], "big") + keys.COMMITMENT_BYTES
CHUNKS = [FILE[BODY : BODY + 24], FILE[BODY + 24 : BODY + 48], FILE[BODY + 48 :]]


@given(st.integers(0, 5), st.integers(-2, 2), st.integers(1, 40))
def test_what_goes_in_comes_out_around_every_border_of_chunks(chunks: int, beside: int, chunk: int) -> None:
    plaintext = bytes(index % 251 for index in range(max(0, chunks * chunk + beside)))
    file = sealed(plaintext, chunk=chunk)
    assert opened(file, io.BytesIO()) == plaintext
    pieces = max(1, -(-len(plaintext) // chunk))
    assert len(file) == 12 + int.from_bytes(file[8:12], "big") + 32 + len(plaintext) + 16 * pieces


@given(st.binary(max_size=100), st.dictionaries(st.text('ab密 "\\', min_size=1), st.text()))
def test_what_goes_in_comes_out_with_any_context(plaintext: bytes, context: dict[str, str]) -> None:
    file, again = sealed(plaintext, context=context), dict(reversed(context.items()))
    assert opened(file, io.BytesIO(), context=again) == plaintext


@pytest.mark.parametrize("size", [CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])
def test_the_usual_chunks_have_the_same_borders(size: int) -> None:
    plaintext = bytes(size)
    assert opened(sealed(plaintext, chunk=CHUNK_BYTES), io.BytesIO()) == plaintext


def test_an_empty_file_is_one_empty_chunk() -> None:
    file = sealed(b"")
    assert opened(file, io.BytesIO()) == b""
    assert len(file) == 12 + int.from_bytes(file[8:12], "big") + 32 + 16


def test_the_header_tells_what_is_needed_to_ask_for_the_data_key() -> None:
    source = io.BytesIO(FILE)
    header = read_header(source)
    assert (header.cloud, header.region, header.instance) == ("alibaba", "cn-hangzhou", "kst-hzz62ee817bvyyr5x")
    assert header.data_key == DATA_KEY.ciphertext
    assert header.context_names == ("purpose", "tenant")
    assert source.tell() == len(header.encoded) == BODY - 32


def test_the_header_that_was_written_is_returned() -> None:
    sink = io.BytesIO()
    header = encrypt_stream(io.BytesIO(b"x"), sink, DATA_KEY, TARGET)
    assert header == read_header(io.BytesIO(sink.getvalue()))


def test_values_of_the_context_and_the_data_key_are_not_in_the_file() -> None:
    assert "备份".encode() not in FILE
    assert b"42" not in FILE[12 : BODY - 32].replace(json.loads(FILE[12 : BODY - 32])["salt"].encode(), b"")
    assert b"canary" not in FILE


def test_every_single_flipped_bit_is_noticed() -> None:
    for index, bit in product(range(len(FILE)), range(8)):
        refused(FILE[:index] + bytes([FILE[index] ^ (1 << bit)]) + FILE[index + 1 :])


def test_every_truncation_is_noticed() -> None:
    for length in range(len(FILE)):
        refused(FILE[:length])


@pytest.mark.parametrize("more", [b"\0", bytes(16), bytes(24), CHUNKS[0], CHUNKS[2], FILE, bytes(1000)])
def test_appended_bytes_are_noticed(more: bytes) -> None:
    refused(FILE + more)


@pytest.mark.parametrize("plaintext", [PLAINTEXT[:16], b""])
def test_bytes_behind_a_full_or_empty_last_chunk_are_noticed(plaintext: bytes) -> None:
    file = sealed(plaintext)
    for more in (b"\0", bytes(16), file[-16:], file[-24:]):
        refused(file + more, plaintext=plaintext)


def arrangements() -> Iterator[tuple[int, ...]]:
    for length in range(5):
        yield from product(range(3), repeat=length)


def test_every_other_arrangement_of_the_chunks_is_noticed() -> None:
    assert set(permutations(range(3))) <= set(arrangements())
    for order in arrangements():
        file = FILE[:BODY] + b"".join(CHUNKS[index] for index in order)
        if order == (0, 1, 2):
            assert opened(file, io.BytesIO()) == PLAINTEXT
        else:
            refused(file)


@pytest.mark.parametrize("number", range(3))
def test_a_chunk_of_another_file_with_the_same_data_key_is_noticed(number: int) -> None:
    other = sealed(PLAINTEXT)
    start, end = BODY + 24 * number, BODY + 24 * number + len(CHUNKS[number])
    refused(FILE[:start] + other[start:end] + FILE[end:], f"at chunk {number + 1}")


@pytest.mark.parametrize("cut", [BODY, BODY - 32])
def test_the_head_of_another_file_with_the_same_data_key_is_noticed(cut: int) -> None:
    other = sealed(PLAINTEXT)
    refused(other[:cut] + FILE[cut:])


def test_two_files_of_the_same_text_and_data_key_have_no_chunk_in_common() -> None:
    other = sealed(PLAINTEXT)
    assert all(chunk not in other for chunk in CHUNKS)


@pytest.mark.parametrize(
    "context", [{}, {"tenant": "43", "purpose": "备份"}, {"tenant": "42"}, {**CONTEXT, "more": ""}, {"42": "tenant"}]
)
def test_another_context_does_not_open_the_file(context: Context) -> None:
    refused(FILE, "context or the data key is another one", context=context)


@pytest.mark.parametrize("data_key", [bytes(32), KEY[:-1] + b"l"])
def test_another_data_key_does_not_open_the_file(data_key: bytes) -> None:
    refused(FILE, "context or the data key is another one", data_key=data_key)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_data_key_of_a_wrong_length_is_refused(length: int) -> None:
    refused(FILE, "does not have 32 bytes", data_key=bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        sealed(b"x", data_key=DataKey(CANARY[:length].ljust(length), DATA_KEY.ciphertext))


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (FILE[: BODY + 48], "at chunk 2: its end is cut off"),
        (FILE[: BODY + 47], "at chunk 2: it was changed"),
        (FILE[: BODY + 10], "at chunk 1: it ends in the middle of a chunk"),
        (FILE[:BODY], "at chunk 1: it ends in the middle of a chunk"),
        (FILE[: BODY - 1], "cut off behind its header"),
        (FILE[: BODY - 40], "cut off inside its header"),
        (FILE[:9], "cut off inside its header"),
        (FILE[:3], "does not begin like one"),
        (b"", "does not begin like one"),
        (b"plain text, longer than a header", "does not begin like one"),
        (FILE[:7] + b"\x02" + FILE[8:], "its format has version 2, and this program knows 1"),
        (FILE[:8] + b"\xff" + FILE[9:], "its header claims"),
        (CHUNKS[0].join([FILE[:BODY], FILE[BODY:]]), "at chunk 2: it was changed"),
    ],
)
def test_a_refusal_says_what_is_wrong(file: bytes, why: str) -> None:
    refused(file, why)


def test_something_behind_a_full_last_chunk_is_called_so() -> None:
    refused(sealed(PLAINTEXT[:16]) + b"x", "at chunk 2: something was appended", PLAINTEXT[:16])


def test_an_empty_chunk_behind_others_is_refused_even_from_someone_with_the_keys() -> None:
    # Two spellings of one plaintext would be one too many.
    head, full = FILE[:BODY], PLAINTEXT[:8]
    derived = keys.derive(read_header(io.BytesIO(FILE)), KEY, CONTEXT)
    cipher = AESGCM(derived.key)
    first = cipher.encrypt(derived.prefix + bytes(5), full, None)
    empty = cipher.encrypt(derived.prefix + b"\0\0\0\1\1", b"", None)
    refused(head + first + empty, "a chunk stands where none can be")


HEADER = json.loads(FILE[12 : BODY - 32])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"chunk": 0}, "chunk size"),
        ({"chunk": (16 << 20) + 1}, "chunk size"),
        ({"chunk": True}, "chunk size"),
        ({"chunk": 8.0}, "chunk size"),
        ({"chunk": "8"}, "chunk size"),
        ({"salt": "AAAA"}, "salt"),
        ({"salt": "!" * 44}, "salt"),
        ({"salt": "é" * 44}, "salt"),
        ({"salt": None}, "salt"),
        ({"context": ["b", "a"]}, "sorted"),
        ({"context": ["a", "a"]}, "sorted"),
        ({"context": [["a"]]}, "sorted"),
        ({"context": "a"}, "sorted"),
        ({"context": {"a": "b"}}, "sorted"),
        ({"context": ["\x1b[2J"]}, "sorted"),
        ({"region": 7}, "printable text"),
        ({"key": "\x1b[2J"}, "printable text"),
        ({"key": "\ud800"}, "printable text"),
        ({"more": ""}, "fields of this version"),
    ],
)
def test_a_header_out_of_its_bounds_is_refused(change: dict[str, object], why: str) -> None:
    text = json.dumps(HEADER | change).encode()
    with pytest.raises(InputError, match=why):
        read_header(io.BytesIO(FILE[:8] + len(text).to_bytes(4, "big") + text))


@pytest.mark.parametrize("name", list(HEADER))
def test_a_header_without_a_field_is_refused(name: str) -> None:
    text = json.dumps({key: value for key, value in HEADER.items() if key != name}).encode()
    with pytest.raises(InputError, match="fields of this version"):
        read_header(io.BytesIO(FILE[:8] + len(text).to_bytes(4, "big") + text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 65536, "not JSON"),
        (b'{"a":1,"a":1}', "not JSON"),
        (b'{"chunk":' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "not a JSON object"),
    ],
)
def test_a_header_that_is_no_object_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read_header(io.BytesIO(FILE[:8] + len(text).to_bytes(4, "big") + text))


@pytest.mark.parametrize(
    ("context", "why"),
    [({"a\n": "x"}, "cannot be printed"), ({f"name {number}": "" for number in range(9999)}, "too much room")],
)
def test_a_context_that_would_make_the_header_unreadable_is_refused(context: Context, why: str) -> None:
    with pytest.raises(InputError, match=why):
        sealed(b"x", context=context)


def test_a_context_with_other_names_is_refused_before_the_cloud_is_asked() -> None:
    header = read_header(io.BytesIO(FILE))
    check_context_names(header, {"tenant": "any", "purpose": "any"})
    for context in ({}, {"tenant": "42"}, {**CONTEXT, "more": ""}):
        with pytest.raises(InputError, match="names in the file: purpose, tenant"):
            check_context_names(header, context)
    with pytest.raises(InputError, match="names in the file: none"):
        check_context_names(read_header(io.BytesIO(sealed(b"", context={}))), CONTEXT)


def test_a_file_has_as_many_chunks_as_their_number_can_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_CHUNKS", 3)
    assert opened(sealed(PLAINTEXT), io.BytesIO()) == PLAINTEXT
    with pytest.raises(InputError, match="the file is too large"):
        sealed(bytes(25))
    monkeypatch.setattr(stream, "MOST_CHUNKS", 2)
    refused(FILE, "a chunk stands where none can be")


class Trickling(io.RawIOBase):
    """A pipe that never gives or takes more than three bytes at once."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = bytes(self.content[: min(3, len(buffer))])
        del self.content[: len(piece)]
        buffer[: len(piece)] = piece
        return len(piece)

    def write(self, data: Any) -> int:
        self.content += data[:3]
        return min(3, len(data))


def test_sources_and_sinks_may_be_slow_pipes() -> None:
    file, back = Trickling(), Trickling()
    encrypt_stream(Trickling(PLAINTEXT), file, DATA_KEY, TARGET, chunk_bytes=CHUNK)  # type: ignore[arg-type]
    decrypt_stream(file, back, read_header(file), KEY)  # type: ignore[arg-type]
    assert bytes(back.content) == PLAINTEXT


class NotReady(io.RawIOBase):
    def readinto(self, _buffer: Any) -> None:
        return None

    def write(self, _data: Any) -> None:
        return None


def test_files_in_non_blocking_mode_are_refused() -> None:
    with pytest.raises(BlockingIOError, match="the source"):
        encrypt_stream(NotReady(), io.BytesIO(), DATA_KEY, TARGET)  # type: ignore[arg-type]
    with pytest.raises(BlockingIOError, match="the sink"):
        encrypt_stream(io.BytesIO(), NotReady(), DATA_KEY, TARGET)  # type: ignore[arg-type]


def test_progress_adds_up_to_the_plaintext() -> None:
    there: list[int] = []
    back: list[int] = []
    file = io.BytesIO()
    encrypt_stream(io.BytesIO(PLAINTEXT), file, DATA_KEY, TARGET, chunk_bytes=CHUNK, progress=there.append)
    file.seek(0)
    decrypt_stream(file, io.BytesIO(), read_header(file), KEY, progress=back.append)
    assert there == back == [8, 8, 6]


def test_keys_show_no_secret() -> None:
    header = read_header(io.BytesIO(FILE))
    derived = keys.derive(header, KEY, CONTEXT)
    assert "canary" not in repr(DATA_KEY) + repr(header)
    assert repr(derived.key) not in repr(derived)


# --- the page -----------------------------------------------------------------------------------------------------


def example(language: str) -> str:
    section = PAGE.read_text(encoding="utf-8").partition("## A small example")[2]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)[0]


EXAMPLE_TEXT = b"Hello, envelope!!!"
EXAMPLE_KEY = bytes(range(32))


def example_header() -> Header:
    return read_header(io.BytesIO(bytes.fromhex(example("hex"))))


def test_the_example_of_the_page_is_what_is_written() -> None:
    header, sink = example_header(), io.BytesIO()
    encrypt_stream(
        io.BytesIO(EXAMPLE_TEXT),
        sink,
        DataKey(EXAMPLE_KEY, header.data_key),
        Target("any", header.cloud, header.region, header.instance),
        context={"tenant": "42"},
        chunk_bytes=8,
        random=lambda count: bytes(range(255, 255 - count, -1)),
    )
    assert sink.getvalue() == bytes.fromhex(example("hex"))
    assert header.encoded[12:].decode() == example("json").strip()


def test_the_values_between_are_those_of_the_page() -> None:
    header = example_header()
    derived = keys.derive(header, EXAMPLE_KEY, {"tenant": "42"})
    shown = dict(re.findall(r"^(.+?) +([0-9a-f]+)$", example("text"), re.MULTILINE))
    assert shown == {
        "sha256(header)": hashlib.sha256(header.encoded).hexdigest(),
        "sha256(context)": hashlib.sha256(b'{"tenant":"42"}').hexdigest(),
        "chunk key": derived.key.hex(),
        "prefix": derived.prefix.hex(),
        "commitment": derived.commitment.hex(),
    }


def test_a_second_program_made_from_the_page_reads_the_example() -> None:
    def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:  # RFC 5869
        inner, block, out = hmac.digest(salt, key, "sha256"), b"", b""
        for number in range(1, -(-length // 32) + 1):
            block = hmac.digest(inner, block + info + bytes([number]), "sha256")
            out += block
        return out[:length]

    file = bytes.fromhex(example("hex"))
    end = 12 + int.from_bytes(file[8:12], "big")
    header = json.loads(file[12:end])
    context = json.dumps({"tenant": "42"}, separators=(",", ":"))
    info = b"kms-resources envelope 1" + hashlib.sha256(file[:end]).digest() + hashlib.sha256(context.encode()).digest()
    derived = hkdf(EXAMPLE_KEY, base64.b64decode(header["salt"]), info, 71)
    assert file[end : end + 32] == derived[39:]
    chunks = [file[start : start + header["chunk"] + 16] for start in range(end + 32, len(file), header["chunk"] + 16)]
    text = b"".join(
        AESGCM(derived[:32]).decrypt(
            derived[32:39] + number.to_bytes(4, "big") + bytes([number == len(chunks) - 1]), chunk, None
        )
        for number, chunk in enumerate(chunks)
    )
    assert text == EXAMPLE_TEXT
