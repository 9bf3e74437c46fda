"""`kms encrypt`, `kms decrypt`, `kms re-encrypt`, and what all commands with a key have in common."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kms_resources.cli import main
from tests.unit.cli.conftest import Bench, Kms, terminal

Refused = Callable[..., str]
SYMMETRIC = ("orders", "ancient", "vault", "cold")


@pytest.mark.parametrize("key", SYMMETRIC)
@pytest.mark.parametrize("context", [(), ("-c", "app=orders", "--context", "用途=订单=1")], ids=["bare", "context"])
def test_what_is_encrypted_through_pipes_is_decrypted_through_pipes(
    kms: Kms, key: str, context: tuple[str, ...]
) -> None:
    data = bytes(range(256))
    sealed = kms("encrypt", key, *context, data=data)
    opened = kms("decrypt", key, "-", *context, data=sealed.stdout_bytes)

    assert (sealed.exit_code, opened.exit_code) == (0, 0)
    assert opened.stdout_bytes == data
    assert (sealed.stderr, opened.stderr) == ("", "")
    assert sealed.stdout_bytes.endswith(b"\n")
    assert sealed.stdout_bytes.strip().isascii()


def test_files_come_out_whole_and_for_their_owner_only(bench: Bench, kms: Kms) -> None:
    (bench.folder / "plain").write_bytes(b"plain\n")

    assert kms("encrypt", "orders", "plain", "-o", "sealed").exit_code == 0
    assert kms("decrypt", "orders", "sealed", "--output", "opened").exit_code == 0
    assert (bench.folder / "opened").read_bytes() == b"plain\n"
    assert [stat.S_IMODE((bench.folder / name).stat().st_mode) for name in ("sealed", "opened")] == [0o600] * 2


def test_an_existing_output_is_refused_and_replaced_with_force(bench: Bench, kms: Kms, refused: Refused) -> None:
    (bench.folder / "out").write_bytes(b"before")

    said = refused(2, "encrypt", "orders", "-o", "out", data=b"data")
    assert said == "error: out exists already: nothing was written\n  → choose another, or --force\n"
    assert (bench.folder / "out").read_bytes() == b"before"
    assert kms("encrypt", "orders", "-o", "out", "--force", data=b"data").exit_code == 0
    assert kms("decrypt", "orders", "out").stdout_bytes == b"data"


def test_a_ciphertext_of_another_key_of_the_account_ends_with_4(bench: Bench, kms: Kms, refused: Refused) -> None:
    sealed = kms("encrypt", "other", data=b"data").stdout_bytes

    assert f"belongs to key {bench.ids['other']}" in refused(4, "decrypt", "orders", "-o", "out", data=sealed)
    assert not (bench.folder / "out").exists()


@pytest.mark.parametrize("key", SYMMETRIC)
@pytest.mark.parametrize("context", [(), ("-c", "a=2"), ("-c", "a=1", "-c", "b=2"), ("-c", "A=1")])
def test_another_context_opens_nothing_and_leaves_nothing(
    bench: Bench, kms: Kms, refused: Refused, key: str, context: tuple[str, ...]
) -> None:
    sealed = kms("encrypt", key, "-c", "a=1", data=b"data").stdout_bytes

    refused(3, "decrypt", key, *context, "-o", "out", data=sealed)
    assert not (bench.folder / "out").exists()


@pytest.mark.parametrize("command", ["encrypt", "decrypt", "re-encrypt"])
@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        (("-c", "app"), "--context 'app' is not NAME=VALUE"),
        (("-c", "=orders"), "is not NAME=VALUE"),
        (("-c", "a=1", "-c", "a=2"), "--context 'a' is given twice"),
        (("-c", "a=" + "x" * 1100), "allowed: 1024"),
    ],
)
def test_a_wrong_context_ends_with_2(refused: Refused, command: str, context: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(2, command, "orders", *context, data=b"data")


@pytest.mark.parametrize(
    ("arguments", "data", "sentence"),
    [
        (("encrypt", "orders"), b"", "there is nothing to encrypt"),
        (("encrypt", "orders"), bytes(4097), "at most 4,096 bytes"),
        (("encrypt", "vault"), bytes(6145), "at most 6,144 bytes"),
        (("encrypt", "ledger"), b"data", "not made for encrypting and decrypting"),
        (("encrypt", "letters"), b"data", "this needs a symmetric key"),
        (("decrypt", "letters"), b"data", "this needs a symmetric key"),
        (("decrypt", "orders"), b"", "there is no ciphertext"),
        (("decrypt", "orders"), b"\n", "there is no ciphertext"),
        (("decrypt", "orders"), b"two words", "is no ciphertext"),
        (("decrypt", "orders"), "ciphertext·".encode(), "is no ciphertext"),
        (("decrypt", "orders"), bytes(70_000), "is too large"),
        (("re-encrypt", "ancient"), b"data", "does not offer re-encryption inside the cloud"),
        (("re-encrypt", "orders", "--new-context", "x"), b"data", "is not NAME=VALUE"),
        (("encrypt", "nobody"), b"data", 'has no key and no alias "nobody"'),
        (("encrypt", ""), b"data", "has no key and no alias"),
        (("encrypt", "aws://eu-west-1/x"), b"data", "'aws' is none"),
        (("encrypt", "tencent://nowhere/x"), b"data", "names no region"),
        (("encrypt", "tencent://ap-guangzhou"), b"data", "the id is missing"),
        (("encrypt", "tencent://ap-guangzhou/"), b"data", "is no reference"),
        (("encrypt", "https://kms.example.com/?key=1"), b"data", "is no reference"),
        (("encrypt", "orders", "--door", "back"), b"data", "back"),
        (("encrypt", "orders", "--stack-file", "missing.yaml"), b"data", "missing.yaml"),
        (("encrypt",), b"data", "KEY"),
    ],
)  # fmt: skip
def test_wrong_usage_and_input_end_with_2(
    refused: Refused, arguments: tuple[str, ...], data: bytes, sentence: str
) -> None:
    assert sentence in refused(2, *arguments, data=data)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("encrypt", "resting"), "resting"),
        (("encrypt", "declared"), "no key carries the marker bench/dev/declared"),
        (("encrypt", "tencent://ap-guangzhou/00000000-0000-0000-0000-000000000000"), "tencent://ap-guangzhou"),
        (("encrypt", "tencent://ap-guangzhou/alias/nobody"), 'there is no alias "nobody"'),
        (("decrypt", "orders"), "guangzhou"),
        (("encrypt", "vault", "--door", "instance"), "instance door, which has no usable credentials"),
        (("encrypt", "alibaba://cn-hangzhou/key-1", "--credentials", "PROD"), "ALIBABA_CLOUD_ACCESS_KEY_ID_PROD"),
    ],
)
def test_what_the_cloud_or_the_credentials_refuse_ends_with_3(
    refused: Refused, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(3, *arguments, data=b"nonsense")


def test_wrong_credentials_end_with_3_and_are_not_shown(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "wrong-secret-of-the-test")
    said = refused(3, "encrypt", "orders", data=b"the plaintext")

    assert "wrong-secret-of-the-test" not in said
    assert "the plaintext" not in said


@pytest.mark.parametrize("name", ["orders", "cli-orders", "alias/cli-orders", "direct", "direct alias"])
def test_a_key_has_many_names(bench: Bench, kms: Kms, name: str) -> None:
    sealed = kms("encrypt", "orders", data=b"data").stdout_bytes
    forms = {"direct": bench.direct("orders"), "direct alias": "tencent://ap-guangzhou/alias/cli-orders"}

    assert kms("decrypt", forms.get(name, name), data=sealed).stdout_bytes == b"data"


def test_an_alias_with_a_slash_is_found(kms: Kms) -> None:
    sealed = kms("encrypt", "cli/vault", data=b"data").stdout_bytes

    assert kms("decrypt", "alibaba://cn-hangzhou/alias/cli/vault", data=sealed).stdout_bytes == b"data"


def test_a_direct_reference_needs_no_project(
    bench: Bench, kms: Kms, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reference = bench.direct("cold")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    assert kms("decrypt", reference, data=kms("encrypt", reference, data=b"data").stdout_bytes).stdout_bytes == b"data"


def test_the_stack_file_is_named_by_an_option_or_a_variable(
    bench: Bench, kms: Kms, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bench.folder / "stacks" / "prod.yaml").write_bytes((bench.folder / "stacks" / "dev.yaml").read_bytes())

    assert "there is not exactly one file in stacks/" in refused(2, "encrypt", "orders", data=b"data")
    assert kms("encrypt", "orders", "-f", "stacks/dev.yaml", data=b"data").exit_code == 0
    # Another stack has keys of its own, which nobody has made yet.
    assert "bench/prod/orders" in refused(3, "encrypt", "orders", "-f", "stacks/prod.yaml", data=b"data")
    monkeypatch.setenv("KMS_STACK_FILE", "stacks/dev.yaml")
    assert kms("encrypt", "orders", data=b"data").exit_code == 0


def test_a_stack_file_that_is_wrong_ends_with_2_and_all_its_problems(bench: Bench, kms: Kms) -> None:
    (bench.folder / "stacks" / "dev.yaml").write_text("version: 1\ntargets: {}\nkeys: {a: {}, b: {}}\n", "utf-8")
    result = kms("encrypt", "a", data=b"data")

    assert (result.exit_code, result.stdout_bytes, "Traceback" in result.stderr) == (2, b"", False)
    assert result.stderr.count("this field is missing") == 4


def test_re_encryption_moves_a_ciphertext_to_another_key_and_context(kms: Kms) -> None:
    sealed = kms("encrypt", "orders", "-c", "a=1", data=b"data").stdout_bytes
    same = kms("re-encrypt", "other", "-c", "a=1", data=sealed)
    moved = kms("re-encrypt", "other", "-c", "a=1", "--new-context", "b=2", data=sealed)

    assert (same.exit_code, moved.exit_code) == (0, 0)
    assert kms("decrypt", "other", "-c", "a=1", data=same.stdout_bytes).stdout_bytes == b"data"
    assert kms("decrypt", "other", "-c", "b=2", data=moved.stdout_bytes).stdout_bytes == b"data"


def test_re_encryption_with_a_wrong_context_ends_with_3(kms: Kms, refused: Refused) -> None:
    sealed = kms("encrypt", "orders", "-c", "a=1", data=b"data").stdout_bytes

    refused(3, "re-encrypt", "other", "-c", "a=2", data=sealed)


def test_a_binary_plaintext_never_goes_to_a_terminal_and_text_does(bench: Bench, kms: Kms) -> None:
    shown = {}
    for data in (b"plain \xe8\xaf\x8d\n", b"\x1b]0;title\x07"):
        (bench.folder / "sealed").write_bytes(kms("encrypt", "orders", data=data).stdout_bytes)
        with terminal() as (screen, read):
            process = bench.start("decrypt", "orders", "sealed", stdout=screen, stderr=subprocess.PIPE)
            said = process.communicate()[1]
            shown[data] = (process.returncode, read().replace(b"\r\n", b"\n"), b"the output is binary" in said)

    assert list(shown.values()) == [(0, b"plain \xe8\xaf\x8d\n", False), (2, b"", True)]


def test_debug_shows_where_and_keeps_the_exit_code(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.ids
    with pytest.raises(SystemExit) as end:
        main(["--debug", "encrypt", "nobody", "Pulumi.yaml"])
    seen = capsys.readouterr()

    assert end.value.code == 2
    assert "Traceback (most recent call last)" in seen.err
    assert 'has no key and no alias "nobody"' in seen.err


def test_nothing_of_the_command_is_left_in_the_folder_for_temporary_files(
    bench: Bench, kms: Kms, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("tmp")
    monkeypatch.setenv("TMPDIR", str(folder))
    sealed = kms("encrypt", "orders", data=b"data").stdout_bytes

    assert kms("decrypt", "orders", "-o", "out", data=sealed).exit_code == 0
    assert os.listdir(folder) == []
    assert Path("out").read_bytes() == b"data"
    assert bench.folder == Path.cwd()
