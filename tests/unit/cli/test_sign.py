"""`kms sign`, `kms verify`, `kms public-key`, `kms csr`: checked with the openssl program."""

import base64
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Bench, Kms, terminal
from tests.unit.crypto.openssl import IDENTITY, openssl

Refused = Callable[..., str]
SIGNERS = ("ledger", "web", "mail")
DIGESTS = {"ledger": "-sha256", "web": "-sha256", "mail": "-sm3"}


@pytest.fixture
def message(bench: Bench) -> Path:
    file = bench.folder / "message"
    file.write_bytes(b"a message\n" * 200_000)
    return file


@pytest.mark.parametrize("key", SIGNERS)
def test_a_signature_is_valid_here_in_the_cloud_and_for_openssl(
    bench: Bench, kms: Kms, message: Path, key: str
) -> None:
    signed = kms("sign", key, "message", "-o", "signature")
    assert (signed.exit_code, signed.stdout_bytes) == (0, b"")
    algorithm = signed.stderr.removeprefix("signed with ").split(",")[0].strip()
    assert kms("public-key", key, "-o", "public.pem").exit_code == 0
    checked = kms("verify", key, "message", "signature")
    offline = kms("verify", "public.pem", "message", "signature", "--algorithm", algorithm)

    assert (checked.exit_code, checked.stdout) == (0, "valid\n")
    assert (offline.exit_code, offline.stdout) == (0, "valid\n")
    options = {
        "ledger": ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"),
        "web": (),
        "mail": ("-sigopt", f"distid:{IDENTITY}"),
    }[key]
    if key == "mail":
        files = ("-inkey", "public.pem", "-sigfile", "signature", "-in", message)
        openssl("pkeyutl", "-verify", "-pubin", "-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{IDENTITY}", *files)
    else:
        openssl("dgst", DIGESTS[key], "-verify", "public.pem", "-signature", "signature", *options, message)
    assert stat.S_IMODE((bench.folder / "signature").stat().st_mode) == 0o600


@pytest.mark.parametrize("key", SIGNERS)
def test_only_the_digest_of_a_message_goes_to_the_cloud_and_text_works_like_bytes(
    bench: Bench, kms: Kms, message: Path, key: str
) -> None:
    text = kms("sign", key, "--base64", data=message.read_bytes())
    (bench.folder / "signature").write_bytes(text.stdout_bytes)

    assert text.stdout_bytes.endswith(b"\n")
    assert base64.b64decode(text.stdout_bytes, validate=False)
    assert kms("verify", key, "message", "signature").exit_code == 0
    assert kms("verify", key, "-", "signature", data=message.read_bytes()).exit_code == 0
    assert kms("verify", key, "message", "-", data=text.stdout_bytes).exit_code == 0


@pytest.mark.parametrize("key", SIGNERS)
@pytest.mark.parametrize("spoil", ["message", "signature", "nonsense", "empty"])
def test_what_is_not_valid_ends_with_1_in_the_cloud_and_here(
    bench: Bench, kms: Kms, message: Path, key: str, spoil: str
) -> None:
    signed = kms("sign", key, "message", "-o", "signature")
    algorithm = signed.stderr.removeprefix("signed with ").split(",")[0].strip()
    signature = (bench.folder / "signature").read_bytes()
    if spoil == "message":
        message.write_bytes(message.read_bytes() + b".")
    spoilt = {"signature": signature[:-1] + bytes([signature[-1] ^ 1]), "nonsense": b"\0nonsense", "empty": b""}
    (bench.folder / "signature").write_bytes(spoilt.get(spoil, signature))
    assert kms("public-key", key, "-o", "public.pem").exit_code == 0
    for who in ((key,), ("public.pem", "--algorithm", algorithm)):
        result = kms("verify", *who, "message", "signature")
        assert (result.exit_code, result.stdout[:9]) == (1, "NOT VALID")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sign", "orders"), "not made for signing and verifying"),
        (("sign", "letters"), "not made for signing and verifying"),
        (("sign", "ancient"), "does not offer signatures"),
        (("sign", "web", "--algorithm", "RSA_PSS_SHA_256"), "is not offered"),
        (("sign", "web", "--algorithm", "MD5"), "--algorithm 'MD5' is none; there are"),
        (("verify", "web", "message", "message", "--algorithm", "MD5"), "is none; there are"),
        (("verify", "public.pem", "message", "message"), "needs --algorithm"),
        (("verify", "message.pem", "message", "message", "--algorithm", "ECDSA_SHA_256"), "public key"),
        (("verify", "public.pem", "message", "message", "--algorithm", "SM2DSA"), "needs an SM2 public key"),
        (("verify", "web", "-", "-"), "only one of FILE and SIGNATURE"),
        (("verify", "web", "message", "missing"), "missing cannot be read"),
        (("verify", "web", "missing", "message"), "missing cannot be read"),
        (("verify", "web", "message", "long"), "too large"),
        (("public-key", "orders"), "there is no public key"),
        (("public-key", "ancient"), "does not offer public keys"),
        (("csr", "web"), "--subject"),
        (("csr", "web", "--subject", "nobody"), "the subject “nobody” cannot be read"),
        (("csr", "web", "--subject", "CN=a", "--san", "IP:none"), "cannot be read"),
        (("csr", "letters", "--subject", "CN=a"), "not made for signing and verifying"),
        (("csr", "orders", "--subject", "CN=a"), "not made for signing and verifying"),
        (("csr", "ledger", "--subject", "CN=a", "--algorithm", "SM2DSA"), "is not offered"),
    ],
)
def test_wrong_usage_and_input_end_with_2(
    bench: Bench, kms: Kms, refused: Refused, arguments: tuple[str, ...], sentence: str
) -> None:
    (bench.folder / "message").write_bytes(b"message")
    (bench.folder / "message.pem").write_bytes(b"message")
    (bench.folder / "long").write_bytes(b"\0" * 20_000)
    assert kms("public-key", "web", "-o", "public.pem").exit_code == 0
    since = bench.running.emulator.journal.last

    assert sentence in refused(2, *arguments, data=b"message")
    asked = [entry["action"] for entry in bench.running.emulator.journal.entries(since)]
    assert not [action for action in asked if "sign" in str(action).lower()]


@pytest.mark.parametrize("command", [("sign",), ("public-key",), ("csr", "--subject", "CN=a")], ids=" ".join)
@pytest.mark.parametrize("key", ["declared", "alibaba://cn-hangzhou/key-hzz00000000000000000000"])
def test_what_the_cloud_refuses_ends_with_3(bench: Bench, refused: Refused, command: tuple[str, ...], key: str) -> None:
    refused(3, command[0], key, *command[1:], "-o", "out", data=b"message")
    assert not (bench.folder / "out").exists()


@pytest.mark.parametrize("key", [*SIGNERS, "letters"])
def test_a_public_key_is_what_openssl_reads(bench: Bench, kms: Kms, key: str) -> None:
    pem = kms("public-key", key).stdout_bytes
    assert kms("public-key", key, "--der", "-o", "public.der").exit_code == 0

    assert openssl("pkey", "-pubin", "-inform", "DER", "-in", bench.folder / "public.der") == pem


@pytest.mark.parametrize("key", SIGNERS)
def test_a_request_is_what_openssl_verifies(bench: Bench, kms: Kms, key: str) -> None:
    names = ("--san", "DNS:www.example.com", "--san", "IP:192.0.2.7", "--san", "email:web@example.com")
    result = kms("csr", key, "--subject", "CN=www.example.com,O=示例,C=CN", *names, "-o", "request.pem")
    request = bench.folder / "request.pem"

    assert (result.exit_code, result.stderr) == (0, "")
    more = ("-vfyopt", f"distid:{IDENTITY}") if key == "mail" else ()
    openssl("req", "-in", request, "-noout", "-verify", *more)
    text = openssl("req", "-in", request, "-noout", "-text").decode()
    for part in ("DNS:www.example.com", "IP Address:192.0.2.7", "email:web@example.com"):
        assert part in text
    assert openssl("req", "-in", request, "-noout", "-pubkey") == kms("public-key", key).stdout_bytes


@pytest.mark.parametrize("command", [("sign", "web"), ("public-key", "web"), ("csr", "web", "--subject", "CN=a")])
def test_an_existing_output_is_refused_and_replaced_with_force(
    bench: Bench, kms: Kms, refused: Refused, command: tuple[str, ...]
) -> None:
    (bench.folder / "out").write_bytes(b"before")

    assert "out exists already" in refused(2, *command, "-o", "out", data=b"message")
    assert (bench.folder / "out").read_bytes() == b"before"
    assert kms(*command, "-o", "out", "--force", data=b"message").exit_code == 0
    assert (bench.folder / "out").read_bytes() != b"before"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("sign", "web"), 2),
        (("sign", "web", "--base64"), 0),
        (("public-key", "web", "--der"), 2),
        (("public-key", "web"), 0),
    ],
)
def test_only_text_goes_to_a_terminal(bench: Bench, command: tuple[str, ...], code: int) -> None:
    with terminal() as (screen, read):
        process = bench.start(*command, stdout=screen, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        said = process.communicate()[1]
        shown = read()

    assert (process.returncode, b"the output is binary" in said, bool(shown)) == (code, code == 2, code == 0)


def test_offline_verification_asks_no_cloud(
    bench: Bench, kms: Kms, message: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kms("sign", "web", "message", "-o", "signature").exit_code == 0
    assert kms("public-key", "web", "-o", "public.pem").exit_code == 0
    for name in list(os.environ):
        if name.startswith(("TENCENTCLOUD_", "ALIBABA_", "CTYUN_", "KMS_ENDPOINT_")):
            monkeypatch.delenv(name)
    since = bench.running.emulator.journal.last

    assert kms("verify", "public.pem", "message", "signature", "--algorithm", "ECDSA_SHA_256").exit_code == 0
    assert bench.running.emulator.journal.last == since
