"""Requests of API 2.0 as they arrive (parameters in a query or a form), their signature, and its flat answers."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from kms_emulator.contract import Answer, Call, Request, raw_target
from kms_emulator.tencent_legacy import facts
from kms_emulator.tencent_legacy.facts import ApiError, Code

_HOST = re.compile(r"kms-(gz|sh|bj)\.")


@dataclass(frozen=True)
class Incoming:
    """A request, not yet verified. ``problem`` is what is wrong with its form."""

    method: str
    host: str
    parameters: Mapping[str, str] = field(repr=False)
    problem: ApiError | None = None

    def common(self, name: str) -> str:
        """A common parameter, empty when absent."""
        return self.parameters.get(name, "")

    @property
    def business(self) -> Mapping[str, str]:
        """The parameters of the action."""
        return {name: value for name, value in self.parameters.items() if name not in facts.COMMON}

    @property
    def region(self) -> str:
        """Where the keys are: the host decides, a contradicting ``Region`` loses; empty when it does not exist."""
        found = _HOST.match(self.host)
        if found is not None:
            return facts.REGIONS[found[1]]
        given = self.common("Region") or facts.DEFAULT_REGION
        given = facts.REGIONS.get(given, given)
        return given if given in facts.REGIONS.values() else ""


def read(request: Request) -> Incoming:
    """Parse a request; never refuses.

    The vendor's SDK for Python sends its form without a content type, so the body is a form whatever it says.
    """
    host = request.headers.get("Host", "")
    query = raw_target(request)[1].encode()
    data = query if request.method == "GET" else request.get_data(cache=True)
    parameters: dict[str, str] = {}
    problem = None
    try:
        for name, value in parse_qsl(data.decode("ascii"), keep_blank_values=True, errors="strict"):
            if name in parameters:
                problem = ApiError(Code.REPEATED_PARAMETER, f"parameter {name} is given twice")
            parameters[name] = value
    except ValueError:  # no percent-encoded UTF-8
        problem = ApiError(Code.UNREADABLE, "the request cannot be parsed")
    return Incoming(request.method, host, parameters, problem)


def signature(secret: str, method: str, host: str, parameters: Mapping[str, str]) -> str:
    """The signature over all parameters but ``Signature``; ``SignatureMethod`` names the hash.

    With POST, values that begin with ``@`` are left out: they once named files.
    """
    joined = "&".join(
        f"{name.replace('_', '.')}={parameters[name]}"
        for name in sorted(parameters)
        if name != "Signature" and not (method == "POST" and parameters[name].startswith("@"))
    )
    hashed = facts.METHODS[parameters.get("SignatureMethod") or "HmacSHA1"]
    text = f"{method}{host}{facts.PATH}?{joined}"
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashed)).decode()


def success(call: Call, fields: Mapping[str, object], key: str = "") -> Answer:
    """The answer to an action that was done: its fields beside the code."""
    return Answer.json({"code": 0, "message": "", "requestId": call.request_id, **fields}, key=key)


def failure(call: Call, code: Code, text: str, status: int = 200) -> Answer:
    """The answer to an action that was refused: HTTP 200 like any other."""
    answered, module = code.value
    content = {"code": answered, "message": f"({module}){text}", "requestId": call.request_id}
    return Answer.json(content, status=status, error=f"{answered}/{module}")
