"""The emulator for tests: in this process without sockets, or over HTTP, with the same handle on both."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.models import PreparedRequest, Response
from urllib3.response import HTTPResponse
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from kms_emulator.emulator import Emulator
from kms_emulator.envfile import environment
from kms_emulator.faults import FaultRule
from kms_emulator.registry import CLOUDS, load_clouds
from kms_emulator.seed import Seed, load_seed
from kms_emulator.server import EmulatorServer
from kms_resources.model import Target
from kms_resources.operations.site import Site, open_site

INNER_URL = "https://emulator.test"


@dataclass
class Running:
    """An emulator and the environment that points clients at it."""

    emulator: Emulator
    url: str
    environ: Mapping[str, str]
    pauses: list[float] = field(default_factory=list)
    """What the product would have slept."""

    def site(self, target: Target) -> Site:
        """A fresh site of the target, as a new process would open it; it never really sleeps."""
        site = replace_sleep(open_site(target, self.environ), self.pauses)
        if self.url == INNER_URL:
            session: requests.Session = site.client._transport._session  # type: ignore[attr-defined]
            session.mount("https://", InnerAdapter(self.emulator))
        return site

    def actions(self, cloud: str) -> list[str]:
        """The actions of a cloud in the journal, oldest first."""
        return [entry["action"] for entry in self.journal() if entry["cloud"] == cloud]

    def journal(self) -> list[dict[str, Any]]:
        """All requests, oldest first."""
        return list(self.emulator.journal.entries())

    def fault(self, **rule: Any) -> None:
        """Add a fault rule, as `POST /_emulator/faults` does."""
        self.emulator.faults.add(FaultRule.parse(rule))

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock."""
        self.emulator.clock.advance(seconds)


def replace_sleep(site: Site, pauses: list[float]) -> Site:
    """Let the pauses of a site be counted instead of slept; its sweep's clock runs on with them."""
    fresh = replace(site, sleep=pauses.append)
    fresh.sweep._now = lambda: sum(pauses)  # type: ignore[method-assign]
    fresh.client._transport.sleep = pauses.append  # type: ignore[attr-defined]
    return fresh


class InnerAdapter(BaseAdapter):
    """Gives requests straight to the emulator, with faults showing as they would on a wire."""

    def __init__(self, emulator: Emulator, url: str = INNER_URL) -> None:
        super().__init__()
        self._emulator = emulator
        self._url = url

    def send(self, request: PreparedRequest, *_args: Any, **_kwargs: Any) -> Response:
        parts = urlsplit(request.url or "")
        body = request.body or b""
        data = body.encode() if isinstance(body, str) else bytes(body)
        builder = EnvironBuilder(
            path=parts.path,
            query_string=parts.query,
            method=request.method or "POST",
            headers=[(name, str(value)) for name, value in request.headers.items()],
            input_stream=io.BytesIO(data),
            base_url=self._url,
        )
        environ = builder.get_environ()
        environ["REQUEST_URI"] = parts.path + (f"?{parts.query}" if parts.query else "")
        environ["CONTENT_LENGTH"] = str(len(data))
        sent = self._emulator.handle(Request(environ))
        if sent is None or sent.answer is None or sent.cut:
            raise requests.exceptions.ConnectionError("the connection was closed without an answer")
        answer = sent.answer
        response = Response()
        response.status_code = answer.status
        response.headers.update({"Content-Type": answer.content_type, **dict(answer.headers)})
        response.raw = HTTPResponse(io.BytesIO(answer.body), preload_content=False)
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        pass


@contextmanager
def run_emulator(
    folder: Path, *, http: bool, clouds: Iterable[str] = CLOUDS, settings: Mapping[str, object] | None = None
) -> Iterator[Running]:
    """An emulator with the default seed, its store in `folder`."""
    seed = load_seed(None)
    emulator = Emulator(folder, load_clouds(clouds), seed)
    emulator.settings.update(dict(settings or {}))
    try:
        if not http:
            yield Running(emulator, INNER_URL, _environ(INNER_URL, seed))
            return
        with EmulatorServer(emulator) as url:
            yield Running(emulator, url, _environ(url, seed))
    finally:
        emulator.close()


def _environ(url: str, seed: Seed) -> dict[str, str]:
    """What points clients at it; its clouds have no rates that clients would have to wait for."""
    return {**environment(url, seed.directory, None), "KMS_RATE_FACTOR": "0"}


def as_json(value: object) -> str:
    """Stable text for comparisons."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
