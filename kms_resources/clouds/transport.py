"""The way to a cloud and back: limits the rate, signs, sends, classifies, and repeats what may be repeated.

Retry sits above signing: each attempt is prepared and signed anew, with its own time and nonce. Retries mounted on
the HTTP library would resend the old signature, which a server rightly refuses as a replay.

What may be repeated follows from what is known about the last attempt. A refusal for the rate and a connection that
never came about mean that nothing was carried out, so any call may be sent again. After a lost or unreadable answer
only a call that does no harm twice is sent again; the others raise `UnclearError` and the caller looks.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import tenacity
from pyrate_limiter import Duration, InMemoryBucket, Limiter, Rate, SingleBucketFactory
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.models import PreparedRequest, Response
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from kms_resources.errors import CloudError, InputError, RejectedError, ThrottledError, UnclearError, UnreachableError
from kms_resources.model import Target

T = TypeVar("T")

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
DEADLINE_SECONDS = 120.0
"""How long one call may take with all its repetitions. Pulumi itself sets no limit."""
LONGEST_PAUSE_SECONDS = 15.0
ATTEMPTS_TO_CONNECT = 3
ATTEMPTS_WHEN_UNCLEAR = 6
RATE_FACTOR_VARIABLE = "KMS_RATE_FACTOR"
SERVER_ERROR = 500
REDIRECT = range(300, 400)


@dataclass(frozen=True)
class Request:
    """What is to be sent, before signing."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    """The exact bytes: signatures cover them, so they are serialised once."""
    auth: AuthBase
    """Signs the prepared request, each attempt anew."""
    action: str
    """The API action: the unit of rates, and the word in messages."""
    pot: str = ""
    """Name of the rate that several actions share; empty: the action has its own."""
    repeatable: bool = True
    """Whether sending it twice does no harm."""


@dataclass(frozen=True)
class Rates:
    """Published rates, per account and region."""

    per_second: Mapping[str, int]
    """Pot or action → requests per second."""
    otherwise: int
    """For everything unlisted."""

    def of(self, pot: str) -> int:
        """The published rate of a pot or action."""
        return self.per_second.get(pot, self.otherwise)


@dataclass
class Transport:
    """Sends the requests of one target. May be shared by threads."""

    where: str
    """The target's name, for messages."""
    rates: Rates
    rate_factor: float = 1.0
    """How many times the published rates may be used; 0: no limit on our side."""
    sleep: Callable[[float], None] = time.sleep
    """Replaces the pause between attempts in tests."""
    _session: requests.Session = field(init=False, repr=False)
    _pots: dict[str, tuple[InMemoryBucket, Limiter]] = field(init=False, default_factory=dict, repr=False)
    _lock: Lock = field(init=False, default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_connections=4, pool_maxsize=32, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def send(self, request: Request, read: Callable[[Response], T]) -> T:
        """Send until there is an answer that counts, and give it through `read`.

        `read` turns a response into the result, or raises one of our errors. An answer with a 5xx status that `read`
        cannot make sense of counts as unclear.
        """
        for attempt in tenacity.Retrying(
            stop=tenacity.stop_after_delay(DEADLINE_SECONDS),
            wait=_pause,
            retry=lambda state: _may_repeat(state, request),
            reraise=True,
            sleep=self.sleep,
        ):
            with attempt:
                return self._send_once(request, read)
        raise AssertionError("unreachable: tenacity returns or raises")

    def _send_once(self, request: Request, read: Callable[[Response], T]) -> T:
        if self.rate_factor:
            pot = request.pot or request.action
            self._await_turn(pot)
        prepared = self._session.prepare_request(
            requests.Request(
                request.method, request.url, headers=dict(request.headers), data=request.body, auth=request.auth
            )
        )
        response = self._exchange(prepared, request.action)
        if response.status_code in REDIRECT:
            raise RejectedError(
                f"{request.action} was answered with a redirect",
                where=self.where,
                why="signed requests are not sent on to another address",
                code=str(response.status_code),
            )
        try:
            return read(response)
        except CloudError as error:
            error.at(self.where)
            raise

    def _exchange(self, prepared: PreparedRequest, action: str) -> Response:
        settings = self._session.merge_environment_settings(prepared.url, {}, False, None, None)
        try:
            return self._session.send(
                prepared, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, **settings
            )
        except requests.exceptions.RequestException as error:
            # The library's text may quote the URL with its query; only the kind of failure is passed on.
            raise self._explain(error, prepared, action) from None
        except OSError:
            # Raised before anything is sent, and not as an error of the library's own.
            raise UnreachableError(
                f"{action} could not be sent",
                where=self.where,
                why="the file or folder of trusted certificates does not exist or cannot be read",
                advice="correct REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE",
            ) from None

    def _explain(
        self, error: requests.exceptions.RequestException, prepared: PreparedRequest, action: str
    ) -> CloudError:
        host = urlsplit(prepared.url or "").netloc
        reason = error.args[0].reason if error.args and isinstance(error.args[0], MaxRetryError) else None
        if isinstance(reason, SSLError):
            return UnreachableError(
                f"{action} could not be sent",
                where=self.where,
                why=f"the certificate of {host} is not trusted, or TLS failed",
                advice="name your CA file in REQUESTS_CA_BUNDLE; verification is never switched off",
            )
        if isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError):
            return UnreachableError(
                f"{action} could not be sent",
                where=self.where,
                why=f"no connection to {host}",
                advice="check the network, the proxy and the endpoint variable KMS_ENDPOINT_…",
                passing=True,
            )
        why = "no answer in time" if isinstance(error, requests.exceptions.Timeout) else "the connection broke"
        return UnclearError(
            f"{action} was sent to {host} without a readable answer",
            where=self.where,
            why=f"{why} ({type(error).__name__})",
            advice="run the same command again: nothing is made twice",
        )

    def _await_turn(self, pot: str) -> None:
        with self._lock:
            if pot not in self._pots:
                bucket = InMemoryBucket([Rate(max(1, int(self.rates.of(pot) * self.rate_factor)), Duration.SECOND)])
                self._pots[pot] = bucket, Limiter(SingleBucketFactory(bucket, schedule_leak=False))
            bucket, limiter = self._pots[pot]
        # By itself the library empties each bucket from a thread and an event loop of its own.
        bucket.leak(bucket.now())  # type: ignore[no-untyped-call]  # as the library has it
        limiter.try_acquire(pot)


def transport_for(target: Target, environ: Mapping[str, str], rates: Rates) -> Transport:
    """The way to one target. `KMS_RATE_FACTOR` scales the published rates for accounts with other ones.

    Raises `InputError` for a factor that is no number from 0 on.
    """
    text = environ.get(RATE_FACTOR_VARIABLE, "1")
    if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text):
        raise InputError(
            f"{RATE_FACTOR_VARIABLE} is {text!r}",
            why="it multiplies the published request rates",
            advice="write a number such as 1, 2.5, or 0 for no limit on our side",
        )
    return Transport(where=f"target {target.name}", rates=rates, rate_factor=float(text))


def _may_repeat(state: tenacity.RetryCallState, request: Request) -> bool:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, ThrottledError):
        return True
    if isinstance(error, UnreachableError):
        # A moment may mend a connection, never a certificate; a person who waits for more than that learns nothing.
        return error.passing and state.attempt_number < ATTEMPTS_TO_CONNECT
    # Who is broken for good is not worth the whole deadline; a rate that others use up is.
    return isinstance(error, UnclearError) and request.repeatable and state.attempt_number < ATTEMPTS_WHEN_UNCLEAR


_full_jitter = tenacity.wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE_SECONDS)


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, ThrottledError) and error.retry_after else 0.0
    return max(min(asked, DEADLINE_SECONDS / 2), float(_full_jitter(state)))


def retry_after(response: Response, *, milliseconds_header: str = "") -> float | None:
    """The pause that a throttling answer asks for, in seconds."""
    for header, divisor in ((milliseconds_header, 1000.0), ("Retry-After", 1.0)):
        text = response.headers.get(header, "") if header else ""
        if text.replace(".", "", 1).isdigit():
            return float(text) / divisor
    return None


def unreadable(response: Response, action: str) -> CloudError:
    """The error for an answer that is not in the vendor's form. Its body is not quoted: it may hold anything."""
    kind = response.headers.get("Content-Type", "no type")
    return UnclearError(
        f"{action} was answered in a form that is not the vendor's",
        why=f"HTTP {response.status_code}, {len(response.content)} bytes, {kind}",
        code=str(response.status_code),
        advice="look for a proxy in between; then run the same command again: nothing is made twice",
    )
