"""Documents that say who may use a key or a secret: their form, the usual one, and how they are told."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from typing import Any

from kms_emulator.alibaba.decision import listed
from kms_emulator.alibaba.decision_conditions import OPERATORS, as_text, is_readable
from kms_emulator.alibaba.errors import NO_POLICY_NAME, VendorError, invalid
from kms_emulator.alibaba.facts import POLICY_BYTES

VERSION = "1"  # [S1]
SID_LENGTH = 128  # [S1]; the vendor's own documents break the published rule about characters, so those are free
KEY_SID, SECRET_SID = "kms default key policy", "kms default secret policy"  # [S7]
_MEMBERS = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
_RAM_MEMBERS = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})
_REQUIRED = ("Effect", "Principal", "Action", "Resource")
_PRINCIPAL = re.compile(r"acs:ram::(?P<account>[0-9]+):(?P<name>\*|root|user/.+|role/.+)", re.DOTALL)
_ACTION = re.compile(r"kms:[A-Za-z*?]+")
_EVERYONE = "*"


class _DocumentError(ValueError):
    """What is wrong with a document, as a clause."""


def usual(account: str, sid: str) -> dict[str, Any]:
    """The document that holds until another one is set: the whole owner account, everything [S7][S10][S13]."""
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": sid, "Effect": "Allow", "Principal": {"RAM": [f"acs:ram::{account}:*"]}, "Action": ["kms:*"],
                "Resource": ["*"],
            }
        ],
    }  # fmt: skip


def told(document: object) -> str:
    """A document as text in the service's own form: members sorted, blanks after colons and commas [S7][S10]."""
    return json.dumps(document, sort_keys=True)


@functools.lru_cache(maxsize=4096)
def parsed(text: str) -> dict[str, Any]:
    """A stored document. It is shared: change nothing in it."""
    found: dict[str, Any] = json.loads(text)
    return found


def checked(name: str, text: str, *, undocumented: bool) -> str:
    """A document from a parameter of this name, in the form in which it is kept.

    ``undocumented`` also takes principals that no page of the vendor describes for these documents: groups, services,
    and the bare star.
    """
    if len(text.encode()) > POLICY_BYTES:
        raise invalid(name, f"at most {POLICY_BYTES} bytes are allowed")
    try:
        document = json.loads(text, object_pairs_hook=_table)
        _check(document, undocumented)
    except _DocumentError as problem:
        raise invalid(name, str(problem)) from None
    except (ValueError, RecursionError):
        raise invalid(name, "it is not a JSON text") from None
    return told(document)


def check_ram(text: str) -> None:
    """Refuse a text that is no RAM policy; ``ValueError`` tells why."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("Version") != VERSION or not document.get("Statement"):
        raise _DocumentError(f'it is no object with the Version "{VERSION}" and statements')
    for statement in listed(document["Statement"]):
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise _DocumentError("a statement has the Effect Allow or Deny")
        _only(statement, _RAM_MEMBERS, "a statement")
        for name in ("Action", "Resource"):
            given = [member for member in (name, f"Not{name}") if member in statement]
            if len(given) != 1:
                raise _DocumentError(f"a statement has either {name} or Not{name}")
            _texts(statement, given[0])
        check_conditions(statement.get("Condition", {}))


def foreign_accounts(text: str, own: str) -> tuple[str, ...]:
    """The other accounts that a stored document grants something to."""
    found = {
        account
        for statement in parsed(text)["Statement"] if statement["Effect"] == "Allow"
        for account in _accounts(statement["Principal"])
    } - {own} if text else set()  # fmt: skip
    return tuple(sorted(found))


def check_name(name: str) -> None:
    """Refuse any name but the one that the document of a key or secret has [S1]."""
    if name != "default":
        raise VendorError(NO_POLICY_NAME)


def _accounts(principal: Any) -> set[str]:
    entries = listed(principal["RAM"]) if isinstance(principal, dict) and "RAM" in principal else []
    return {match["account"] for entry in entries if (match := _PRINCIPAL.fullmatch(entry))}


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise _DocumentError("a member occurs twice")
    return table


def _check(document: Any, undocumented: bool) -> None:
    if not isinstance(document, dict):
        raise _DocumentError("it is not a JSON object")
    _only(document, {"Version", "Statement"}, "the document")
    if document.get("Version") != VERSION:
        raise _DocumentError(f'Version is the text "{VERSION}"')
    statements = document.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise _DocumentError("Statement is a list of at least one statement")
    for number, statement in enumerate(statements, 1):
        try:
            _check_statement(statement, undocumented)
        except _DocumentError as problem:
            raise _DocumentError(f"statement {number}: {problem}") from None


def _check_statement(statement: Any, undocumented: bool) -> None:
    if not isinstance(statement, dict):
        raise _DocumentError("it is not a JSON object")
    _only(statement, _MEMBERS, "a statement")
    missing = [name for name in _REQUIRED if name not in statement]
    if missing:
        raise _DocumentError(f"{missing[0]} is missing")
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or len(sid) > SID_LENGTH:
        raise _DocumentError(f"Sid is a text of at most {SID_LENGTH} characters")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise _DocumentError("Effect is Allow or Deny")
    _check_principal(statement["Principal"], undocumented)
    if not all(_ACTION.fullmatch(entry) for entry in _texts(statement, "Action")):
        raise _DocumentError("every Action begins with kms: and goes on with letters or wildcards")
    if any(entry != "*" for entry in _texts(statement, "Resource")):
        raise _DocumentError("Resource is *, which means this key or secret")
    check_conditions(statement.get("Condition", {}))


def _check_principal(principal: Any, undocumented: bool) -> None:
    if undocumented and principal == _EVERYONE:
        return
    if not isinstance(principal, dict):
        raise _DocumentError("Principal is an object with the member RAM")
    _only(principal, {"RAM", "Service"} if undocumented else {"RAM"}, "Principal")
    if not principal:
        raise _DocumentError("Principal has no member RAM")
    for member in principal:
        for entry in _texts(principal, member):
            if not undocumented and not _PRINCIPAL.fullmatch(entry):
                raise _DocumentError("a principal is acs:ram::<account>:*, :root, :user/<name> or :role/<name>")


def check_conditions(conditions: Any) -> None:
    """Refuse a Condition that is none; ``ValueError`` tells why."""
    if not isinstance(conditions, dict):
        raise _DocumentError("Condition is an object of operators")
    for operator, keys in conditions.items():
        if operator not in OPERATORS:
            raise _DocumentError(f"{operator[:64]!r} is not an operator")
        if not isinstance(keys, dict) or not keys:
            raise _DocumentError(f"{operator} is an object of condition keys")
        for key, values in keys.items():
            entries = listed(values)
            if not entries or not all(isinstance(entry, str | bool | int | float) for entry in entries):
                raise _DocumentError(f"{key[:64]!r} has a text or a list of texts")
            if not all(is_readable(operator, as_text(entry)) for entry in entries):
                raise _DocumentError(f"{key[:64]!r} has a value that {operator} cannot compare")


def _texts(table: dict[str, Any], name: str) -> Sequence[str]:
    entries = listed(table[name])
    if not entries or not all(isinstance(entry, str) and entry for entry in entries):
        raise _DocumentError(f"{name} is a text or a list of texts")
    return entries


def _only(table: dict[str, Any], known: frozenset[str] | set[str], what: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise _DocumentError(f"{what} has no member {unknown[0][:64]!r}")
