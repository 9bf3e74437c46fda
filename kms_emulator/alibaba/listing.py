"""ListKeys and its filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kms_emulator.alibaba.errors import invalid
from kms_emulator.alibaba.facts import FILTER_VALUES, FILTERS
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import KINDS, Alias
from kms_emulator.alibaba.operation import ALIAS_PREFIX, Operation
from kms_emulator.contract import Page

INDEXED = (
    "KeyState", "KeySpec", "KeyUsage", "ProtectionLevel", "CreatorType", "Creator", "DKMSInstanceId", "TagKey",
    "TagValue",
)  # fmt: skip
BY_NAME = ("KeyId", "AliasName")

_KEY_INDEXES = KINDS[0].indexes
Match = Callable[[Mapping[str, Any]], bool]


def list_keys(operation: Operation) -> Payload:
    """ListKeys: keys in every state, of the user and of cloud products."""
    number, size = operation.parameters.page()
    page = _page(operation, _filters(operation), (number - 1) * size, size)
    return {
        "Keys": {"Key": [{"KeyId": key["id"], "KeyArn": operation.arn(f"key/{key['id']}")} for key in page.items]},
        "PageNumber": number, "PageSize": size, "TotalCount": page.total,
    }  # fmt: skip


def _filters(operation: Operation) -> dict[str, frozenset[str]]:
    """The allowed values by filter; the same filter twice is one filter. No values mean no filter [I?]."""
    entries = operation.parameters.json_list("Filters")
    if len(entries) > FILTERS:
        raise invalid("Filters", f"at most {FILTERS} are allowed")
    filters: dict[str, frozenset[str]] = {}
    for entry in entries:
        name, values = (entry.get("Key"), entry.get("Values", [])) if isinstance(entry, dict) else (None, [])
        if name not in INDEXED + BY_NAME:
            raise invalid("Filters", f"Key is one of {', '.join(INDEXED + BY_NAME)}")
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise invalid("Filters", "Values is a list of texts")
        if len(values) > FILTER_VALUES:
            raise invalid("Filters", f"at most {FILTER_VALUES} Values are allowed")
        if values:
            filters[name] = filters.get(name, frozenset()) | frozenset(values)
    return filters


def _page(operation: Operation, filters: Mapping[str, frozenset[str]], start: int, size: int) -> Page:
    keys = operation.keys
    indexed = {name: values for name, values in filters.items() if name in INDEXED}
    named = [_ids(operation, name, values) for name, values in filters.items() if name in BY_NAME]
    if named:
        matches = _matcher(indexed)
        wanted = sorted(frozenset.intersection(*named))
        documents = [document for name in wanted if (document := keys.get(name, lagged=True)) is not None]
        found = sorted((entry for entry in documents if matches(entry)), key=lambda entry: entry["created"])
        return Page(found[start : start + size], len(found))
    # The rarest single value leads; the other filters then look only at the keys that have it.
    single = [(name, next(iter(values))) for name, values in indexed.items() if len(values) == 1]
    where = min(single, key=lambda one: keys.count(where=one), default=None)
    rest = {name: values for name, values in indexed.items() if where is None or name != where[0]}
    return keys.list(where=where, match=_matcher(rest) if rest else None, start=start, limit=size)


def _ids(operation: Operation, name: str, values: frozenset[str]) -> frozenset[str]:
    if name == "KeyId":
        return values
    full = (value if value.startswith(ALIAS_PREFIX) else ALIAS_PREFIX + value for value in values)
    documents = (operation.aliases.get(alias, lagged=True) for alias in full)
    return frozenset(Alias.load(document).key for document in documents if document is not None)


def _matcher(filters: Mapping[str, frozenset[str]]) -> Match:
    tests = [(_KEY_INDEXES[name].values, values) for name, values in filters.items()]
    return lambda key: all(not values.isdisjoint(of(key)) for of, values in tests)
