"""How the provider process speaks: our sentences as they are, everything else with its traceback."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

from kms_resources.errors import RejectedError
from kms_resources.providers import process


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Stands in for the SDK's provider process as `__main__`."""
    main = ModuleType("__main__")
    main.traceback = traceback  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "__main__", main)
    return main


def raised(sdk: ModuleType, error: Exception) -> str:
    with pytest.raises(type(error)), formatted(sdk) as text:
        raise error
    return text[0]


@contextmanager
def formatted(sdk: ModuleType) -> Iterator[list[str]]:
    text: list[str] = []
    try:
        yield text
    finally:
        text.append(str(sdk.traceback.format_exc()))


def test_our_errors_are_shown_as_they_are(sdk: ModuleType) -> None:
    process.speak_plainly()
    error = RejectedError("CreateKey was refused", where="a/b", why="no", code="X", request_id="1", advice="do this")
    assert raised(sdk, error) == "a/b: CreateKey was refused: no (code X, request id 1)\n  → do this"


def test_other_errors_keep_their_traceback(sdk: ModuleType) -> None:
    process.speak_plainly()
    assert "Traceback (most recent call last)" in raised(sdk, ZeroDivisionError("x"))


def test_debugging_brings_the_traceback_back(sdk: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    process.speak_plainly()
    monkeypatch.setenv("KMS_DEBUG", "1")
    assert "Traceback (most recent call last)" in raised(sdk, RejectedError("no"))


def test_the_rest_of_the_module_stays(sdk: ModuleType) -> None:
    process.speak_plainly()
    assert sdk.traceback.print_exc is traceback.print_exc  # type: ignore[attr-defined]


def test_doing_it_twice_or_elsewhere_does_nothing(sdk: ModuleType) -> None:
    process.speak_plainly()
    first = sdk.traceback  # type: ignore[attr-defined]
    process.speak_plainly()
    assert sdk.traceback is first  # type: ignore[attr-defined]
    sdk.traceback = "something else"  # type: ignore[attr-defined]
    process.speak_plainly()
    assert sdk.traceback == "something else"  # type: ignore[attr-defined]
