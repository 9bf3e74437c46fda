"""`kms secret`: the value, exactly as it is stored, and every way in which there is none."""

import stat
import subprocess
from collections.abc import Callable

import pytest

from tests.unit.cli.conftest import SECRET_VALUE, Bench, Kms, terminal

Refused = Callable[..., str]


@pytest.mark.parametrize(
    "arguments",
    [("db",), ("prod/db", "--target", "hangzhou"), ("alibaba://cn-hangzhou/prod/db",),
     ("prod/db", "--target", "alibaba://cn-hangzhou"), ("db", "--version", "v2"), ("db", "--stage", "ACSCurrent"),
     ("db", "--door", "shared")],
)  # fmt: skip
def test_the_value_comes_exactly_as_it_is(kms: Kms, arguments: tuple[str, ...]) -> None:
    result = kms("secret", *arguments)

    assert (result.exit_code, result.stdout_bytes, result.stderr) == (0, SECRET_VALUE, "")


@pytest.mark.parametrize("arguments", [("--version", "v1"), ("--stage", "ACSPrevious")])
def test_an_older_value_is_named_by_version_or_stage(kms: Kms, arguments: tuple[str, ...]) -> None:
    assert kms("secret", "db", *arguments).stdout_bytes == b"older"


def test_a_file_is_for_its_owner_only_and_nothing_is_replaced_unasked(bench: Bench, kms: Kms, refused: Refused) -> None:
    assert kms("secret", "db", "-o", "out").exit_code == 0
    assert (bench.folder / "out").read_bytes() == SECRET_VALUE
    assert stat.S_IMODE((bench.folder / "out").stat().st_mode) == 0o600
    assert "out exists already" in refused(2, "secret", "db", "-o", "out")
    assert kms("secret", "db", "--version", "v1", "-o", "out", "--force").exit_code == 0
    assert (bench.folder / "out").read_bytes() == b"older"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody",), 'has no secret "nobody"'),
        (("prod/db",), "its secrets are db"),
        (("db", "--target", "nowhere"), "has no target"),
        (("db", "--target", "guangzhou"), "Tencent Cloud does not offer secrets"),
        (("db", "--target", "north"), "CTYun does not offer secrets"),
        (("tencent://ap-guangzhou/db",), "does not offer secrets"),
        (("alibaba://cn-hangzhou",), "names no secret"),
        (("alibaba://cn hangzhou/db",), "is no reference"),
        (("db", "--door", "back"), "back"),
        (("db", "--encoding", "utf-9"), "utf-9"),
        ((), "NAME"),
    ],
)
def test_wrong_usage_and_input_end_with_2(refused: Refused, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(2, "secret", *arguments)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("prod/nobody", "--target", "hangzhou"), "target hangzhou"),
        (("db", "--version", "v9"), "hangzhou"),
        (("db", "--stage", "none"), "hangzhou"),
        (("db", "--door", "instance"), "instance door, which has no usable credentials"),
        (("alibaba://cn-hangzhou/prod/db", "--credentials", "PROD"), "ALIBABA_CLOUD_ACCESS_KEY_ID_PROD"),
    ],
)
def test_what_the_cloud_or_the_credentials_refuse_ends_with_3(
    bench: Bench, refused: Refused, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(3, "secret", *arguments, "-o", "out")
    assert not (bench.folder / "out").exists()


def test_a_binary_value_never_goes_to_a_terminal_and_text_does(bench: Bench) -> None:
    found = []
    for version in ("v1", "v2"):
        with terminal() as (screen, read):
            process = bench.start("secret", "db", "--version", version, stdout=screen, stderr=subprocess.PIPE)
            process.communicate()
            found.append((process.returncode, read()))

    assert found == [(0, b"older"), (2, b"")]
