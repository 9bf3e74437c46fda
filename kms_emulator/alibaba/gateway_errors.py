"""The error codes of the instance gateway, and its envelope for them.

Marks as in ``errors``. What the key service itself refuses keeps the code it has on the shared gateway [I].
"""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.alibaba.errors import Fault, VendorError
from kms_emulator.alibaba.gateway_messages import Values, write
from kms_emulator.contract import Answer, Call

CONTENT_TYPE = "application/x-protobuf"

GATEWAY_FAULTS: Mapping[str, Fault] = {
    "InvalidApiName": Fault(400, "The ApiName is invalid.", "[S6][S17], text [I]"),
    "InvalidApiVersion": Fault(400, "The ApiVersion is invalid.", "[S6][S17], text [I]"),
    "MissingParameter": Fault(400, "A required parameter is missing.", "[S6][S17], text [I]"),
    "InvalidParam": Fault(400, "The Param is invalid.", "[S6][S17]; of Date and Authorization the whole text"),
    "RequestTimeTooSkewed": Fault(
        400, "The difference between the request time and the current time is too large.", "[S6][S17], text [I]"
    ),
    "SignatureNotMatch": Fault(401, "The signature does not match.", "[S6][S17], text [I]"),
    "Unauthorized": Fault(404, "The client key is not authorized.", "[S6][S17], text [I]; an expired one too [I?]"),
}


class GatewayError(Exception):
    """A refusal of the gateway itself."""

    def __init__(self, code: str, message: str = "") -> None:
        fault = GATEWAY_FAULTS[code]
        self.code, self.status, self.message = code, fault.status, message or fault.message
        super().__init__(f"{code}: {self.message}")


def invalid_header(name: str) -> GatewayError:
    """A header that cannot be used. The vendor's package compares these texts letter by letter [S5]."""
    return GatewayError("InvalidParam", f"The Param {name} is invalid.")


def missing_header(name: str) -> GatewayError:
    """A header that is not there."""
    return GatewayError("MissingParameter", f"The parameter {name} is required.")


def failure(call: Call, error: GatewayError | VendorError) -> Answer:
    """The answer to a refused request."""
    values: Values = {
        "StatusCode": error.status, "ErrorCode": error.code, "ErrorMessage": error.message,
        "RequestId": call.request_id,
    }  # fmt: skip
    return Answer(error.status, write("Error", values), CONTENT_TYPE, error=error.code)
