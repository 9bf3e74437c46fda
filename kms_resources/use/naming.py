"""Errors of a key in use name the key: a client knows only the target that it speaks to."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from kms_resources.errors import KmsError
from kms_resources.model import Target

P = ParamSpec("P")
T = TypeVar("T")


class Named(Protocol):
    """Something at a target that has a name of its own."""

    @property
    def where(self) -> str:
        """How messages call it."""

    @property
    def target(self) -> Target:
        """Where it lives."""


N = TypeVar("N", bound=Named)


def names_the_key(method: Callable[Concatenate[N, P], T]) -> Callable[Concatenate[N, P], T]:
    """Let the errors of a method that name the target, or nothing, name the key instead."""

    @wraps(method)
    def named(self: N, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(self, *args, **kwargs)
        except KmsError as error:
            target = f"target {self.target.name}"
            if not error.where or error.where.startswith(target):
                error.where = self.where + error.where.removeprefix(target)  # which door it was stays
            raise

    return named
