"""What one provider process keeps: its targets, and how it speaks to people.

Providers have no attributes, because those would be written into state; so the process holds what they share.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import ModuleType
from typing import Any, Generic, TypeVar

import pulumi

from kms_resources.errors import KmsError
from kms_resources.model import Target
from kms_resources.operations.site import Site, open_site
from kms_resources.providers.props import INCOMPLETE

DEBUG_VARIABLE = "KMS_DEBUG"
"""Set to 1, errors come with Python's traceback."""

T = TypeVar("T")


class PerTarget(Generic[T]):
    """What a process has once for each target, opened when it is first asked for."""

    def __init__(self, connect: Callable[[Target], T]) -> None:
        self._connect = connect
        self._open: dict[Target, T] = {}
        self._lock = Lock()

    def __call__(self, target: Target) -> T:
        """The one of a target. Raises what opening it raises."""
        with self._lock:
            if target not in self._open:
                self._open[target] = self._connect(target)
            return self._open[target]

    def forget(self) -> None:
        """Begin another run in the same process; the engine never does that, tests do."""
        with self._lock:
            self._open.clear()


site_of: PerTarget[Site] = PerTarget(lambda target: open_site(target, os.environ))
"""The one site of a target in this process, with the credentials of the environment."""


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Around the work on a resource: an error names it."""
    try:
        yield
    except KmsError as error:
        error.at(where)
        raise


def tell(note: str) -> None:
    """Show a person a line during `pulumi up`. The engine passes on what a provider writes to stderr."""
    sys.stderr.write(f"{note}\n")
    sys.stderr.flush()


class _ReadableTraceback:
    """Stands in for the module `traceback` in the SDK's provider process.

    The SDK answers every exception with `traceback.format_exc()`. Our own errors are sentences for people already, so
    for them the sentence is the whole answer; for everything else it stays the usual text.
    """

    def __init__(self, original: ModuleType) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def format_exc(self, *args: Any, **kwargs: Any) -> str:
        error = sys.exc_info()[1]
        if isinstance(error, KmsError) and os.environ.get(DEBUG_VARIABLE) != "1":
            return str(error)
        return str(self._original.format_exc(*args, **kwargs))


def speak_plainly() -> None:
    """Make the SDK's provider process show our errors without a traceback; called from `configure`."""
    main = sys.modules.get("__main__")
    found = getattr(main, "traceback", None)
    # A private detail of the SDK: touched only while it is exactly what we expect.
    if isinstance(found, ModuleType) and found.__name__ == "traceback" and main is not None:
        setattr(main, "traceback", _ReadableTraceback(found))  # noqa: B010  (not a declared attribute)


def insist_on(where: str, what: str, phase: str) -> None:
    """End the program when a resource is half made. Raises `pulumi.RunError`."""
    # It is safe in state by now; without this the pipeline would be green although it is half made.
    if phase == INCOMPLETE:
        raise pulumi.RunError(f"{where}: the {what} exists and is not finished; see above, then run `pulumi up` again")


def has_unknowns(values: object) -> bool:
    """Whether something in there is known only after `up`."""
    return bool(pulumi.contains_unknowns(values))
