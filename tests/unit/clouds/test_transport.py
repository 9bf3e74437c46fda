"""The way to a cloud: what is sent again, what is not, and what a failure is called."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
import trustme
from pyrate_limiter import RateItem
from requests.auth import AuthBase
from requests.models import PreparedRequest, Response

from kms_resources.clouds.transport import DEADLINE_SECONDS, Rates, Request, Transport, retry_after, unreadable
from kms_resources.errors import (
    CloudError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    UnreachableError,
)
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Answer, Loopback

OK = Answer(200, b"fine")
BUSY = Answer(429, headers={"Retry-After": "7"})


class Counting(AuthBase):
    """Numbers the attempts, as a signature with a time and a nonce would."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["X-Signature"] = f"signature-{next(self._numbers)}"
        return request


def read(response: Response) -> str:
    if response.status_code == 429:
        raise ThrottledError("slow down", retry_after=retry_after(response))
    if response.status_code == 404:
        raise NotFoundError("not there")
    if response.status_code != 200:
        raise unreadable(response, "DoIt")
    return response.text


def ask(url: str, *, repeatable: bool = True) -> Request:
    return Request("POST", f"{url}/path?secret=SECRET-FAKE", {}, b"body", Counting(), "DoIt", repeatable=repeatable)


@pytest.fixture
def transport(naps: Naps) -> Transport:
    return Transport("target t", Rates({}, 1000), sleep=naps)


def test_an_answer_is_given_through_the_reader(transport: Transport, server: Loopback) -> None:
    server.script(OK)
    assert transport.send(ask(server.url), read) == "fine"
    assert server.requests[0].body == b"body"


@pytest.mark.parametrize("lost", [CUT, Answer(500), Answer(200, b"half", missing=10), Answer(403, b"<html>")])
def test_a_repeatable_call_is_sent_again_after_a_lost_or_unreadable_answer(
    transport: Transport, server: Loopback, lost: Answer
) -> None:
    server.script(lost, OK)
    assert transport.send(ask(server.url), read) == "fine"
    assert len(server.requests) == 2


@pytest.mark.parametrize("lost", [CUT, Answer(500), Answer(200, b"half", missing=10)])
def test_an_unrepeatable_call_is_sent_once_and_called_unclear(
    transport: Transport, server: Loopback, lost: Answer
) -> None:
    server.script(lost, OK)
    with pytest.raises(UnclearError, match=r"^target t: DoIt was"):
        transport.send(ask(server.url, repeatable=False), read)
    assert len(server.requests) == 1


def test_every_attempt_is_signed_anew(transport: Transport, server: Loopback) -> None:
    server.script(CUT, BUSY, OK)
    transport.send(ask(server.url), read)
    assert [request.headers["x-signature"] for request in server.requests] == [
        "signature-1",
        "signature-2",
        "signature-3",
    ]


def test_a_refusal_for_the_rate_is_repeated_even_for_an_unrepeatable_call(
    transport: Transport, server: Loopback, naps: Naps
) -> None:
    server.script(BUSY, OK)
    assert transport.send(ask(server.url, repeatable=False), read) == "fine"
    assert naps.taken[0] >= 7


def test_the_pause_that_a_cloud_may_ask_for_has_a_limit(transport: Transport, server: Loopback, naps: Naps) -> None:
    server.script(Answer(429, headers={"Retry-After": "86400"}), OK)
    transport.send(ask(server.url), read)
    assert naps.taken == [DEADLINE_SECONDS / 2]


def test_after_the_deadline_the_last_error_is_raised_itself(transport: Transport, server: Loopback) -> None:
    server.script(Answer(429, headers={"Retry-After": "50"}))
    with pytest.raises(ThrottledError, match="target t: slow down"):
        transport.send(ask(server.url), read)
    assert len(server.requests) == 4


def test_a_final_refusal_is_not_repeated_and_says_where(transport: Transport, server: Loopback) -> None:
    server.script(Answer(404))
    with pytest.raises(NotFoundError, match="target t: not there"):
        transport.send(ask(server.url), read)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed(transport: Transport, server: Loopback) -> None:
    server.script(Answer(307, headers={"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(RejectedError, match="redirect"):
        transport.send(ask(server.url), read)
    assert [request.path.partition("?")[0] for request in server.requests] == ["/path"]


def test_a_refused_connection_is_tried_three_times(transport: Transport, naps: Naps) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(UnreachableError, match="target t: DoIt could not be sent: no connection to 127"):
            transport.send(ask(url, repeatable=False), read)
    assert len(naps.taken) == 2


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_server(server: Loopback, authority: trustme.CA) -> Iterator[Loopback]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    loopback = Loopback(context)
    loopback.script(OK)
    yield loopback
    loopback.stop()


def test_a_certificate_that_is_not_trusted_ends_it_at_once(
    transport: Transport, tls_server: Loopback, monkeypatch: pytest.MonkeyPatch, naps: Naps
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with pytest.raises(UnreachableError, match="not trusted, or TLS failed") as caught:
        transport.send(ask(tls_server.url), read)
    assert "REQUESTS_CA_BUNDLE" in caught.value.advice
    assert tls_server.requests == []
    assert naps.taken == []


def test_a_ca_of_ones_own_is_trusted_by_its_variable(
    transport: Transport,
    tls_server: Loopback,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    assert transport.send(ask(tls_server.url), read) == "fine"


@pytest.mark.parametrize("answer", [CUT, Answer(500, b"SECRET-FAKE"), Answer(302, b"SECRET-FAKE")])
def test_no_error_quotes_the_url_or_the_answer(transport: Transport, server: Loopback, answer: Answer) -> None:
    server.script(answer)
    with pytest.raises(CloudError) as caught:
        transport.send(ask(server.url, repeatable=False), read)
    assert "SECRET-FAKE" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_pot_has_a_rate_of_its_own() -> None:
    transport = Transport("target t", Rates({"tags": 5}, 20))
    for pot in ("tags", "DoIt", "tags"):
        transport._await_turn(pot)
    assert {pot: bucket.rates[0].limit for pot, (bucket, _) in transport._pots.items()} == {"tags": 5, "DoIt": 20}
    assert {pot: bucket.count() for pot, (bucket, _) in transport._pots.items()} == {"tags": 2, "DoIt": 1}


def test_a_turn_that_no_longer_counts_is_forgotten_without_a_thread() -> None:
    transport, running = Transport("target t", Rates({}, 20)), threading.active_count()
    transport._await_turn("DoIt")
    bucket, _ = transport._pots["DoIt"]
    bucket.items[:0] = [RateItem("DoIt", 0)] * 10
    transport._await_turn("DoIt")
    assert bucket.count() == 2
    assert threading.active_count() == running


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"X-Milliseconds": "250", "Retry-After": "3"}, 0.25),
    ],
)
def test_the_pause_is_read_from_the_headers(headers: dict[str, str], expected: float | None) -> None:
    response = Response()
    response.headers.update(headers)
    assert retry_after(response, milliseconds_header="X-Milliseconds") == expected


def test_an_unreadable_answer_is_described_but_not_quoted(server: Loopback, transport: Transport) -> None:
    server.script(Answer(503, json.dumps({"secret": "SECRET-FAKE"}).encode(), {"Content-Type": "text/html"}))
    with pytest.raises(UnclearError, match="HTTP 503, 25 bytes, text/html"):
        transport.send(ask(server.url, repeatable=False), read)
