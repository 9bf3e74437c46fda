"""The answers' forms: the new and the old envelope of KMS, and the form of the gateway in front of it."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.contract import Answer, Call, Context
from kms_emulator.ctyun.terms import BY_STATE, Code, Refusal

_OLD = "old"


def success(call: Call, context: Context, title: str, payload: Mapping[str, object]) -> Answer:
    """Status 200 with the payload; the text is the operation's title and 成功, as on the pages read [S2][S3]."""
    key = str(payload.get("cmkUuid", ""))
    if context.switch("envelope") == _OLD:
        # "0" is the code page's number for success [S4].
        old = {"code": "200", "errorCode": "0", "msg": f"{title}成功", "data": dict(payload)}
        return Answer.json(old, key=key)
    content = {**payload, "requestId": call.request_id}
    return Answer.json({"statusCode": "200", "error": None, "message": f"{title}成功", "returnObj": content}, key=key)


def refusal(call: Call, context: Context, problem: Refusal) -> Answer:
    """The service's own refusal."""
    code, text = problem.code, _text(problem)
    status = _status(context, code)
    sent = sent_status(context, status)
    if context.switch("envelope") == _OLD:
        error = f"KMS.{code.number}"
        old = {"code": str(status), "errorCode": error, "msg": text, "data": None}
        return Answer.json(old, status=sent, error=error)
    error = f"KMS_{code.number}"
    content = {"requestId": call.request_id}
    new = {"statusCode": str(status), "error": error, "message": text, "returnObj": content}
    return Answer.json(new, status=sent, error=error)


def access_point_success(title: str, payload: Mapping[str, object]) -> Answer:
    """An access point's answer: the code is a number, the payload under ``data`` [S6]."""
    content = {"code": 200, "msg": f"{title}成功", "data": dict(payload)}
    return Answer.json(content, key=str(payload.get("cmkUuid", "")))


def access_point_refusal(call: Call, context: Context, problem: Refusal) -> Answer:
    """An access point's refusal; where the error code is, and that there is one, is [I?]."""
    status, error = _status(context, problem.code), f"KMS.{problem.code.number}"
    content = {"code": status, "errorCode": error, "msg": _text(problem), "data": None}
    return Answer.json(content, status=sent_status(context, status), error=error, key=call.key)


def _text(problem: Refusal) -> str:
    return f"{problem.code.text}: {problem.detail}" if problem.detail else problem.code.text


def gateway(call: Call, status: int, number: str, text: str) -> Answer:
    """A refusal before the service is reached, in the gateway's own form [S19][S20]; the HTTP status is [I]."""
    error = f"CTAPI_{number}"
    content = {
        "requestId": call.request_id, "error": number, "code": number, "message": f"ctyun-EOP: {text}",
        "eopErrCode": number, "statusCode": error, "returnObj": {},
    }  # fmt: skip
    return Answer.json(content, status=status, error=error)


def sent_status(context: Context, status: int) -> int:
    """The HTTP status for a refusal; whether it equals the one in the body is not known."""
    return 200 if context.switch("http_status") == "always_200" else status


def _status(context: Context, code: Code) -> int:
    return int(context.switch("wrong_state")) if code in BY_STATE else code.status
