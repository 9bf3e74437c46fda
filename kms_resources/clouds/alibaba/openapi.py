"""One action of the shared gateway: sent, signed, and its answer read.

Parameters always travel in the form body, those of reads too: then nothing of them enters a URL or an access log. Two
actions are served by GET only; what they take is no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from requests.models import Response

from kms_resources.clouds.alibaba import actions, convert
from kms_resources.clouds.alibaba.auth import AlibabaAuth
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.transport import Request, Transport, retry_after, unreadable
from kms_resources.errors import CloudError, ThrottledError

T = TypeVar("T")
Pick = Callable[[dict[str, Any]], T]

VERSION = "2016-01-20"
PAGE = 100
LISTINGS = 3
"""How often a list is read when it changes under our hands."""
RETRY_HEADER = "x-acs-retry-after"


class OpenApi:
    """The shared gateway of one target. May be shared by threads."""

    def __init__(self, credentials: Credentials, url: str, transport: Transport) -> None:
        self.transport = transport
        self._auth = AlibabaAuth(credentials)
        self._url = f"{url}/"

    def send(self, action: str, parameters: Mapping[str, Any], pick: Pick[T], *, repeatable: bool = True) -> T:
        """What `pick` finds in the answer of an action. What it cannot find makes the answer unreadable."""
        row = actions.ACTIONS[action]
        pairs = actions.encode(parameters)
        form = urlencode(pairs)
        headers = {"Accept": "application/json", "x-acs-action": action, "x-acs-version": VERSION}
        url, body = self._url, b""
        if row.method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = form.encode()
        else:
            url = f"{url}?{form}"
        request = Request(row.method, url, headers, body, self._auth, action, pot=row.pot, repeatable=repeatable)
        secret = [value for name, value in pairs if name in actions.SECRET_FIELDS and value]
        return self.transport.send(request, lambda response: _read(response, action, pick, secret))

    def change(self, action: str, parameters: Mapping[str, Any], *, repeatable: bool = True) -> None:
        """An action whose answer says nothing."""
        self.send(action, parameters, lambda _answer: None, repeatable=repeatable)

    def all(self, action: str, query: Mapping[str, Any], fields: tuple[str, str, str]) -> list[Mapping[str, Any]]:
        """All pages of a list, without doubles. `fields`: the two names around the rows, and the one that tells rows.

        Pages are counted from the start of the list as it is at that moment: whatever is made or removed meanwhile
        shifts the rest, and an object can slip between two pages. A key that slips could be made a second time, so a
        list whose total changed, or that holds less than its total, is read again.
        """
        outer, inner, identity = fields
        found: dict[str, Mapping[str, Any]] = {}
        for _ in range(LISTINGS):
            seen: set[str] = set()
            totals: set[int] = set()
            number = 0
            while True:
                number += 1
                rows, total = self.send(
                    action,
                    {**query, "PageNumber": number, "PageSize": PAGE},
                    lambda answer: ({filled(row[identity]): row for row in answer[outer][inner]}, _total(answer)),
                )
                totals.add(total)
                # A page with nothing new ends it too: past the end, or from a server that does not count pages.
                ended = rows.keys() <= seen
                seen |= rows.keys()
                found |= rows
                if ended or len(seen) >= total:
                    break
            if totals == {len(seen)}:
                break
        return list(found.values())


def _read(response: Response, action: str, pick: Pick[T], secret: list[str]) -> T:
    """What `pick` finds in the answer. Whatever it cannot find makes the answer unreadable, hence unclear."""
    problem: CloudError
    try:
        answer = response.json()
        if response.ok and "Code" not in answer:
            # Every answer of the vendor carries it; without it somebody else answered, and nothing is known.
            filled(answer["RequestId"])
            return pick(answer)
        message = str(answer.get("Message") or "")
        problem = convert.error(
            action,
            response.status_code,
            filled(answer["Code"]),
            "" if any(text in message for text in secret) else message,
            str(answer.get("RequestId") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        problem = unreadable(response, action)
        if response.status_code == convert.TOO_MANY:
            problem = convert.error(action, convert.TOO_MANY, str(convert.TOO_MANY), "", "")
    if isinstance(problem, ThrottledError):
        problem.retry_after = retry_after(response, milliseconds_header=RETRY_HEADER)
    # Outside of the `except`: a decoder's error holds the very text that it failed on, and must not be its context.
    raise problem


def _total(answer: Mapping[str, Any]) -> int:
    return int(answer["TotalCount"])


def filled(value: object) -> str:
    """A text that must be there; raises `ValueError` otherwise."""
    if not isinstance(value, str) or not value:
        raise ValueError("a required field is empty")
    return value
