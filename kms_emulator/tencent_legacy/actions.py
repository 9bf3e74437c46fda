"""The actions of API 2.0, each with its parameters."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kms_emulator.ciphers.material import material_length
from kms_emulator.contract import Context, Principal, Scope
from kms_emulator.tencent_legacy import facts
from kms_emulator.tencent_legacy.facts import DAY, ApiError, Code
from kms_emulator.tencent_legacy.keys import KEYS, Keys, context, decoded, opened, sealed, shown

Result = Mapping[str, object]
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Work:
    """A verified request: its checked parameters, who asks, and the keys they have here."""

    given: Mapping[str, str | int] = field(repr=False)
    context: Context
    principal: Principal
    region: str

    def text(self, name: str) -> str:
        """A text parameter, empty when absent."""
        return str(self.given.get(name, ""))

    def number(self, name: str, default: int = 0) -> int:
        """A number."""
        return int(self.given.get(name, default))

    def keys(self) -> Keys:
        """The keys of the account in the region."""
        scope = Scope(self.principal.account, self.region)
        return Keys(self.context.store.collection(KEYS.name, scope), self.context.now)

    def within(self, name: str, allowed: range, default: int = 0) -> int:
        """A number that must be in a range."""
        value = self.number(name, default)
        if value not in allowed:
            raise ApiError(Code.OUT_OF_RANGE, f"{name} is {value}; allowed are {allowed[0]} to {allowed[-1]}")
        return value


def create_key(work: Work) -> Result:
    """CreateKey."""
    if work.text("keyUsage") not in ("", facts.USAGE):
        raise ApiError(Code.KEY_USAGE, f"keyUsage must be {facts.USAGE}")
    kind = work.number("type", facts.ORDINARY)
    if kind == facts.QUANTUM:
        raise ApiError(Code.BAD_PARAMETER, "keys of type 2 (quantum) are not emulated")
    if kind != facts.ORDINARY:
        raise ApiError(Code.OUT_OF_RANGE, f"type is {kind}; allowed are 1 and 2")
    alias, description = _alias(work), work.text("description")
    if len(description.encode()) > facts.LONGEST_DESCRIPTION:
        raise ApiError(Code.OUT_OF_RANGE, f"description is longer than {facts.LONGEST_DESCRIPTION} bytes")
    keys = work.keys()
    limit = int(work.context.switch("cmk_limit"))
    if work.context.quotas and keys.collection.count(where=("listed", "yes")) >= limit:
        raise ApiError(Code.KEY_LIMIT, f"the account has {limit} keys, the most allowed")
    material = work.context.random.randbytes(material_length(facts.KIND) or 0)
    key = {
        "id": _free_id(work, keys), "alias": alias, "description": description, "created": int(work.context.now),
        "state": facts.ENABLED, "type": kind, "deletion": 0, "material": base64.b64encode(material).decode(),
    }  # fmt: skip
    keys.save(key)
    return {"keyMetadata": shown(key)}


def _free_id(work: Work, keys: Keys) -> str:
    while True:
        made = "kms-" + "".join(work.context.random.choice(_LETTERS) for _ in range(8))
        if made not in keys.collection:
            return made


def _alias(work: Work) -> str:
    alias = work.text("alias")
    if not 1 <= len(alias) <= facts.LONGEST_ALIAS:
        raise ApiError(Code.OUT_OF_RANGE, f"alias has 1 to {facts.LONGEST_ALIAS} characters")
    return alias


def get_key_attributes(work: Work) -> Result:
    """GetKeyAttributes."""
    key = work.keys().find(work.text("keyId"))
    return {"keyMetadata": {**shown(key), "type": key["type"], "deleteTime": key["deletion"]}}


def set_key_attributes(work: Work) -> Result:
    """SetKeyAttributes: the alias."""
    alias, keys = _alias(work), work.keys()
    key = keys.in_state(work.text("keyId"), facts.ENABLED, facts.DISABLED)
    keys.save({**key, "alias": alias})
    return {}


def enable_key(work: Work) -> Result:
    """EnableKey."""
    return _set_state(work, facts.ENABLED)


def disable_key(work: Work) -> Result:
    """DisableKey."""
    return _set_state(work, facts.DISABLED)


def _set_state(work: Work, state: str) -> Result:
    keys = work.keys()
    key = keys.in_state(work.text("keyId"), facts.ENABLED, facts.DISABLED)
    keys.save({**key, "state": state})
    return {}


def list_key(work: Work) -> Result:
    """ListKey: ids, oldest first."""
    start = work.number("offset")
    if start < 0:
        raise ApiError(Code.OUT_OF_RANGE, "offset is negative")
    limit = work.within("limit", range(1, facts.LARGEST_PAGE + 1), facts.PAGE)
    page = work.keys().collection.list(where=("listed", "yes"), start=start, limit=limit)
    return {"keys": [{"keyId": key["id"]} for key in page.items], "totalCount": page.total}


def schedule_key_deletion(work: Work) -> Result:
    """ScheduleKeyDeletion. As in API 3.0 the key must be disabled before."""
    days = work.within("pendingWindowInDays", facts.PENDING_DAYS)
    keys = work.keys()
    key = keys.in_state(work.text("keyId"), facts.DISABLED)
    keys.save({**key, "state": facts.PENDING_DELETE, "deletion": int(work.context.now) + days * DAY})
    return {}


def cancel_key_deletion(work: Work) -> Result:
    """CancelKeyDeletion: the key is disabled then."""
    keys = work.keys()
    key = keys.in_state(work.text("keyId"), facts.PENDING_DELETE)
    keys.save({**key, "state": facts.DISABLED, "deletion": 0})
    return {}


def encrypt(work: Work) -> Result:
    """Encrypt."""
    plaintext, bound = decoded(work.text("plaintext")), context(work.text("encryptionContext"))
    if not plaintext or len(plaintext) > facts.LARGEST_PLAINTEXT:
        raise ApiError(Code.PLAINTEXT, f"plaintext is not base64 of 1 to {facts.LARGEST_PLAINTEXT} bytes")
    key = work.keys().usable(work.text("keyId"))
    return {"keyId": key["id"], "ciphertextBlob": sealed(key, plaintext, bound)}


def decrypt(work: Work) -> Result:
    """Decrypt."""
    bound = context(work.text("encryptionContext"))
    key, plaintext = opened(work.text("ciphertextBlob"), bound, work.keys())
    return {"keyId": key["id"], "plaintext": base64.b64encode(plaintext).decode()}


def generate_data_key(work: Work) -> Result:
    """GenerateDataKey. ``numberOfBytes`` beats ``keySpec``, as in API 3.0 [I]."""
    bound = context(work.text("encryptionContext"))
    plaintext = work.context.random.randbytes(_data_key_length(work))
    key = work.keys().usable(work.text("keyId"))
    blob = sealed(key, plaintext, bound)
    return {"keyId": key["id"], "plaintext": base64.b64encode(plaintext).decode(), "ciphertextBlob": blob}


def _data_key_length(work: Work) -> int:
    spec = work.text("keySpec")
    if spec and spec not in facts.DATA_KEY_SPECS:
        raise ApiError(Code.KEY_SPEC, f"keySpec is one of {', '.join(facts.DATA_KEY_SPECS)}")
    if "numberOfBytes" in work.given:
        return work.within("numberOfBytes", facts.DATA_KEY_BYTES)
    if not spec:
        raise ApiError(Code.LACKS_REQUIRED, "keySpec or numberOfBytes is needed")
    return facts.DATA_KEY_SPECS[spec]


@dataclass(frozen=True)
class Action:
    """An action: the function that does it, and its parameters, of which ``numbers`` are whole numbers."""

    perform: Callable[[Work], Result]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset({"type", "numberOfBytes", "offset", "limit", "pendingWindowInDays"})

    def checked(self, given: Mapping[str, str]) -> Mapping[str, str | int]:
        """Refuse unknown parameters, then missing ones, then numbers that are none."""
        for name in given:
            if name not in self.required + self.optional:
                raise ApiError(Code.UNKNOWN_PARAMETER, f"parameter {name} is not known")
        for name in self.required:
            if not given.get(name):
                raise ApiError(Code.MISSING_PARAMETER, f"{name} is missing")
        return {name: _number(name, value) if name in self.numbers else value for name, value in given.items()}


def _number(name: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise ApiError(Code.WRONG_TYPE, f"{name} is not a whole number")
    return int(text)


_KEY = ("keyId",)

ACTIONS: Mapping[str, Action] = {
    "CreateKey": Action(create_key, ("alias",), ("description", "keyUsage", "type")),
    "GetKeyAttributes": Action(get_key_attributes, _KEY),
    "SetKeyAttributes": Action(set_key_attributes, ("keyId", "alias")),
    "EnableKey": Action(enable_key, _KEY),
    "DisableKey": Action(disable_key, _KEY),
    "ListKey": Action(list_key, (), ("offset", "limit")),
    "ScheduleKeyDeletion": Action(schedule_key_deletion, ("keyId", "pendingWindowInDays")),
    "CancelKeyDeletion": Action(cancel_key_deletion, _KEY),
    "Encrypt": Action(encrypt, ("keyId", "plaintext"), ("encryptionContext",)),
    "Decrypt": Action(decrypt, ("ciphertextBlob",), ("encryptionContext",)),
    "GenerateDataKey": Action(generate_data_key, _KEY, ("keySpec", "numberOfBytes", "encryptionContext")),
}
