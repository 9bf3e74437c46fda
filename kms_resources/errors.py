"""Every error that a person can meet, in one tree.

::

    KmsError
    ├── InputError          a stack, an option or an argument is wrong        exit 2
    ├── CredentialsError    no usable credentials for a target                exit 3
    ├── CloudError          the cloud, or the way to it, said no              exit 3
    │   ├── UnreachableError     the request was never sent
    │   ├── UnclearError         the request may or may not have been carried out
    │   ├── ThrottledError       too many requests; nothing was carried out
    │   ├── NotFoundError
    │   ├── AlreadyExistsError
    │   ├── WrongStateError      the key's state forbids it
    │   ├── DeniedError          signature, identity or permission refused
    │   └── RejectedError        any other refusal; nothing was carried out
    ├── UnsafeError         carrying on could lose, replace or double a key   exit 4
    └── EngineProblem       no usable Pulumi engine                           exit 3

A message has one shape: where · what · why · code and request id, then on a line of its own what to do.
Secrets, signatures and raw answers never become part of an error.
"""

from __future__ import annotations

from typing import ClassVar


class KmsError(Exception):
    """Something went wrong that a person has to know about.

    `where` is a file position, or `target/key`. `what` says what was attempted or is wrong, `why` gives the reason.
    `code` and `request_id` are the cloud's. `advice` is what to do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, what: str, *, where: str = "", why: str = "", code: str = "", request_id: str = "", advice: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.code = code
        self.request_id = request_id
        self.advice = advice

    def __str__(self) -> str:
        sentence = ": ".join(part for part in (self.where, self.what, self.why) if part)
        origin = ", ".join(
            part
            for part in (
                f"code {self.code}" if self.code else "",
                f"request id {self.request_id}" if self.request_id else "",
            )
            if part
        )
        if origin:
            sentence += f" ({origin})"
        return f"{sentence}\n  → {self.advice}" if self.advice else sentence

    def at(self, where: str) -> KmsError:
        """Name the place, unless one is named already; returns the error itself."""
        self.where = self.where or where
        return self


class InputError(KmsError):
    """A stack, an option or an argument is wrong. Nothing was attempted."""

    exit_code = 2


class CredentialsError(KmsError):
    """There are no usable credentials for a target. Nothing was attempted."""

    exit_code = 3


class CloudError(KmsError):
    """The cloud, or the way to it, said no."""

    exit_code = 3


class UnreachableError(CloudError):
    """The request never left: no route, no name, no trust in the certificate. Nothing was carried out.

    `passing` says whether another attempt a moment later may succeed.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        code: str = "",
        request_id: str = "",
        advice: str = "",
        passing: bool = False,
    ) -> None:
        super().__init__(what, where=where, why=why, code=code, request_id=request_id, advice=advice)
        self.passing = passing


class UnclearError(CloudError):
    """The request left and no readable answer came back: it may or may not have been carried out."""


class ThrottledError(CloudError):
    """The cloud refused for the rate of requests. Nothing was carried out; asking again later is safe.

    `retry_after` is the pause the cloud asks for, in seconds, if it names one.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        code: str = "",
        request_id: str = "",
        advice: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, where=where, why=why, code=code, request_id=request_id, advice=advice)
        self.retry_after = retry_after


class NotFoundError(CloudError):
    """The named object does not exist for these credentials, in this region."""


class AlreadyExistsError(CloudError):
    """The name is taken. Never swallowed: the caller looks who has it."""


class WrongStateError(CloudError):
    """The key is in a state that forbids the call."""


class DeniedError(CloudError):
    """The cloud refused the signature, the identity or the permission."""


class RejectedError(CloudError):
    """The cloud refused the request for any other reason. Nothing was carried out."""


class UnsafeError(KmsError):
    """Carrying on could lose, replace or double a key, so nothing more is done."""

    exit_code = 4


class EngineProblem(KmsError):  # noqa: N818  (a state of the machine, not of a request)
    """There is no usable Pulumi engine."""

    exit_code = 3
