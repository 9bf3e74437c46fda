"""The HTTP server: cheroot's thread pool in front of the emulator, able to cut connections on purpose."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from werkzeug import Request, Response

from kms_emulator.contract import Answer
from kms_emulator.control import PREFIX, Control
from kms_emulator.emulator import Emulator, Sent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_THREADS = 24
_KEPT_ALIVE = 2000
_LARGEST_BODY = 16 * 1024 * 1024
_CONNECTION = "kms_emulator.connection"


class _Gateway(wsgi.Gateway_10):
    """Cheroot's gateway that also hands its own request over, so that a connection can be cut."""

    def get_environ(self) -> Any:
        """The WSGI environment with cheroot's request in it."""
        environ = super().get_environ()  # type: ignore[no-untyped-call]
        environ[_CONNECTION] = self.req
        return environ


class Application:
    """The WSGI application: control paths, then the clouds, then a 404 that says what is understood."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._control = Control(emulator)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        if request.path.startswith(PREFIX):
            return _respond(self._control.handle(request), environ, start_response)
        sent = self._emulator.handle(request) or Sent(self._nobody(request))
        connection = environ[_CONNECTION]
        if sent.answer is None:
            # Cheroot believes that an answer is under way and closes the connection without writing a byte.
            connection.sent_headers = True
            connection.close_connection = True
            return []
        chunks = _respond(sent.answer, environ, start_response)
        return _half(chunks, connection) if sent.cut else chunks

    def _nobody(self, request: Request) -> Answer:
        understood = [*(cloud.name for cloud in self._emulator.clouds), PREFIX + "health"]
        message = f"no emulated cloud recognises {request.method} {request.path}"
        return Answer.json({"error": message, "understood": understood}, status=404)


def _respond(answer: Answer, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    response = Response(answer.body, answer.status, dict(answer.headers), content_type=answer.content_type)
    return response(environ, start_response)


def _half(chunks: Iterable[bytes], connection: Any) -> Iterator[bytes]:
    body = b"".join(chunks)
    yield body[: len(body) // 2]
    connection.close_connection = True


class EmulatorServer:
    """A listening server. Use as a context manager, or ``start`` and ``stop``."""

    def __init__(
        self,
        emulator: Emulator,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: tuple[Path, Path] | None = None,
    ) -> None:
        self._host, self._scheme = host, "https" if tls else "http"
        self._server = wsgi.Server(
            (host, port), Application(emulator), numthreads=_THREADS, max=_THREADS, request_queue_size=512,
            server_name="kms-emulator", timeout=60, shutdown_timeout=5,
        )  # fmt: skip
        self._server.gateway = _Gateway
        self._server.keep_alive_conn_limit = _KEPT_ALIVE
        self._server.max_request_body_size = _LARGEST_BODY
        self._server.expiration_interval = 0.02  # how long a stop waits, at the most
        if tls:
            self._server.ssl_adapter = BuiltinSSLAdapter(str(tls[0]), str(tls[1]))
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Listen and serve in the background; the URL is returned once connections are accepted."""
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name="kms-emulator", daemon=True)
        self._thread.start()
        return self.url

    @property
    def url(self) -> str:
        """Where the server listens, as a client on this machine writes it."""
        port = self._server.bind_addr[1]
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self._host, self._host)  # noqa: S104 - compared, not bound
        return f"{self._scheme}://{f'[{host}]' if ':' in host and '[' not in host else host}:{port}"

    def stop(self) -> None:
        """Finish the requests under way and stop listening."""
        self._server.stop()
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
