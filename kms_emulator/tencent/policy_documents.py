"""The check of permission documents: version 2.0, statements with effect, action, resource and condition.

The codes are in the vendor's lists of the actions that take documents; which fault gives which is told by their
descriptions in the official Go SDK [S2], the order is inferred [I].
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from kms_emulator.tencent import facts
from kms_emulator.tencent.decision import fits, listed
from kms_emulator.tencent.decision_conditions import comparison
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.known_actions import LISTED, SERVICES

LONGEST = 6144  # characters [S8]
_STATEMENT = frozenset({"effect", "action", "resource", "condition"})
_ACCOUNT = re.compile(r"(?:uin/\d*)?")
_PROJECT = re.compile(r"(?:id/\d+)?")
_REGIONS = frozenset({*facts.REGIONS, "", "*", "gz", "sh"})
_NAME = re.compile(r"[A-Za-z0-9*]+")


def check(text: str) -> None:
    """Refuse a text that is no permission document."""
    statements(text, Code.POLICY_DOCUMENT_ERROR, _check_statement)


def statements(text: str, malformed: Code, each: Callable[[Mapping[str, Any]], None]) -> None:
    """Refuse a text that is no document, or has a statement that ``each`` refuses."""
    if len(text) > LONGEST:
        message = f"The document has {len(text)} characters; at most {LONGEST} are allowed."
        raise ApiError(Code.POLICY_DOCUMENT_LENGTH_OVER_LIMIT, message)
    document = _json(text, malformed)
    if not isinstance(document, dict) or set(document) - {"version", "statement"}:
        raise ApiError(malformed, "The document is a JSON object with `version` and `statement`.")
    if document.get("version") != "2.0":
        raise ApiError(Code.VERSION_ERROR, "`version` is 2.0.")
    found = document.get("statement")
    if not found or not isinstance(found, list | dict):
        raise ApiError(Code.STATEMENT_ERROR, "`statement` is a list of statements, or one of them.")
    for statement in listed(found):
        if not isinstance(statement, dict):
            raise ApiError(Code.STATEMENT_ERROR, "A statement is a JSON object.")
        each(statement)


@functools.lru_cache(maxsize=4096)
def parsed(text: str) -> Mapping[str, Any]:
    """A document that was checked before; shared, so not to be changed."""
    document: Mapping[str, Any] = json.loads(text)
    return document


def shown(text: str) -> str:
    r"""The document as it is given back: serialised again, with ``\/`` and without characters beyond ASCII."""
    return json.dumps(parsed(text), separators=(",", ":")).replace("/", "\\/")


def _json(text: str, malformed: Code) -> object:
    def object_of(entries: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in entries}) != len(entries):
            raise ValueError
        return dict(entries)

    def refuse(_: str) -> object:
        raise ValueError

    try:
        return json.loads(text, object_pairs_hook=object_of, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise ApiError(malformed, "The document is not JSON, or names something twice.") from None


def _check_statement(statement: Mapping[str, Any]) -> None:
    if "principal" in statement:
        raise ApiError(Code.PRINCIPAL_ERROR, "`principal` is for the trust documents of roles.")
    keywords(statement, _STATEMENT)
    effect(statement)
    for action in actions(statement):
        _check_action(action)
    for resource in texts(statement.get("resource"), "resource", Code.RESOURCE_ERROR):
        _check_resource(resource)
    conditions(statement)


def keywords(statement: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a statement with an element that does not exist."""
    for name in statement:
        if name not in known:
            raise ApiError(Code.STATEMENT_ERROR, f"A statement has no element `{name}`.")


def effect(statement: Mapping[str, Any]) -> None:
    """Refuse another effect than allow and deny."""
    if statement.get("effect") not in ("allow", "deny"):
        raise ApiError(Code.EFFECT_ERROR, "`effect` is allow or deny.")


def actions(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement without the prefix ``name/``."""
    if "action" not in statement:
        raise ApiError(Code.ACTION_MISS, "`action` is missing.")
    return [name.removeprefix("name/") for name in texts(statement["action"], "action", Code.ACTION_ERROR)]


def texts(value: object, name: str, code: Code) -> list[str]:
    """One text, or a list of texts that is not empty."""
    found = listed(value)
    if not found or not all(isinstance(entry, str) and entry for entry in found):
        raise ApiError(code, f"`{name}` is a text or a list of texts.")
    return [str(entry) for entry in found]


def _check_action(name: str) -> None:
    if name == "*":
        return
    service, colon, action = name.partition(":")
    if not colon or not _NAME.fullmatch(action):
        raise ApiError(Code.ACTION_ERROR, f"The action `{name}` is not of the form service:Name.")
    if service != "*" and service not in SERVICES:
        raise ApiError(Code.ACTION_SERVICE_NOT_EXIST, f"The service of the action `{name}` does not exist.")
    known = LISTED.get(service)
    # Whether case counts is an open rule of the decision, so it must not end here.
    if known is not None and not any(fits(action.lower(), entry.lower()) for entry in known):
        raise ApiError(Code.ACTION_NOT_EXIST, f"The action `{name}` does not exist.")


def _check_resource(name: str) -> None:
    if name == "*":
        return
    parts = name.split(":", 5)
    if len(parts) != 6 or parts[0] != "qcs":
        raise ApiError(Code.RESOURCE_QCS_ERROR, f"The resource `{name}` is not of the six segments qcs:::::.")
    _, project, service, region, account, path = parts
    for wrong, code, what in (
        (not _PROJECT.fullmatch(project), Code.RESOURCE_PROJECT_ERROR, "project"),
        (service not in SERVICES and service != "", Code.RESOURCE_SERVICE_NOT_EXIST, "service"),
        (region not in _REGIONS, Code.RESOURCE_REGION_ERROR, "region"),
        (not _ACCOUNT.fullmatch(account), Code.RESOURCE_UIN_ERROR, "account"),
        (not path, Code.RESOURCE_CONTENT_ERROR, "last segment"),
    ):
        if wrong:
            raise ApiError(code, f"The {what} of the resource `{name}` is not valid.")


def conditions(statement: Mapping[str, Any]) -> None:
    """Refuse conditions with an unknown operator or with values it cannot read."""
    blocks = statement.get("condition", {})
    if not isinstance(blocks, dict) or not all(isinstance(keys, dict) and keys for keys in blocks.values()):
        raise ApiError(Code.CONDITION_ERROR, "`condition` maps operators to condition keys with their values.")
    for name, keys in blocks.items():
        compared = comparison(name)
        if compared is None:
            raise ApiError(Code.CONDITION_TYPE_ERROR, f"The condition operator `{name}` does not exist.")
        for key, values in keys.items():
            for value in listed(values) or [None]:
                if not _plain(value) or not ("${" in str(value) or compared.readable(_text(value))):
                    raise ApiError(Code.CONDITION_CONTENT_ERROR, f"A value of `{key}` under `{name}` is not valid.")


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
