import re

import pytest

from kms_resources.engine import build, version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.259.0", (3, 259, 0, True)),
        ("v3.259.0\n", (3, 259, 0, True)),
        ("3.260.0-dev.1+abc", (3, 260, 0, False)),
    ],
)
def test_versions_are_read_as_pulumi_prints_them(text: str, expected: tuple[int, int, int, bool]) -> None:
    assert expected == version.parse(text)


@pytest.mark.parametrize("text", ["", "3.259", "latest", "3.259.0 (built today)"])
def test_anything_else_is_not_a_version(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a version such as 3\.259\.0"):
        version.parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3.226.9", False), ("3.227.0-alpha", False), ("3.227.0", True), ("3.1000.0", True), ("10.0.0", True)],
)
def test_the_minimum_counts_by_number_and_not_by_letter(text: str, expected: bool) -> None:
    assert version.is_enough(text) is expected


def test_our_version_is_the_one_in_go_mod() -> None:
    text = build.module_files()[0].read_text(encoding="utf-8")
    found = set(re.findall(r"github\.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", text))
    assert found == {version.ENGINE_VERSION}


def test_go_sum_knows_the_modules_of_our_version() -> None:
    text = build.module_files()[1].read_text(encoding="utf-8")
    for module in ("pkg", "sdk"):
        assert f"github.com/pulumi/pulumi/{module}/v3 v{version.ENGINE_VERSION} h1:" in text
