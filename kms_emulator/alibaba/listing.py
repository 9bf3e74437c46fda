"""ListKeys and its filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kms_emulator.alibaba.errors import invalid
from kms_emulator.alibaba.facts import FILTER_VALUES, FILTERS
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import KINDS, Alias
from kms_emulator.alibaba.operation import ALIAS_PREFIX, Operation

INDEXED = (
    "KeyState", "KeySpec", "KeyUsage", "ProtectionLevel", "CreatorType", "Creator", "DKMSInstanceId", "TagKey",
    "TagValue",
)  # fmt: skip
BY_NAME = ("KeyId", "AliasName")

_KEY_INDEXES = KINDS[0].indexes
Filters = Mapping[str, frozenset[str]]


def list_keys(operation: Operation) -> Payload:
    """ListKeys: keys in every state, of the user and of cloud products."""
    number, size = operation.parameters.page()
    filters = _filters(operation)
    find = _visible if operation.context.settings.lag > 0 else _current
    found = find(operation, filters)
    return {
        "Keys": {
            "Key": [
                {"KeyId": key, "KeyArn": operation.arn(f"key/{key}")}
                for key in found[(number - 1) * size : number * size]
            ]
        },
        "PageNumber": number, "PageSize": size, "TotalCount": len(found),
    }  # fmt: skip


def _filters(operation: Operation) -> Filters:
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


def _current(operation: Operation, filters: Filters) -> Sequence[str]:
    """The ids by the indexes alone: no document is looked at, however many there are."""
    every = operation.keys.ids()
    if not filters:
        return every
    wanted = frozenset.intersection(*(_ids(operation, name, values) for name, values in filters.items()))
    return [key for key in every if key in wanted]


def _visible(operation: Operation, filters: Filters) -> Sequence[str]:
    """The ids as a reader sees them who is behind by the lag; this looks at every document."""
    named = [_ids(operation, name, values) for name, values in filters.items() if name in BY_NAME]
    tests = [(_KEY_INDEXES[name].values, values) for name, values in filters.items() if name in INDEXED]

    def matches(key: Mapping[str, Any]) -> bool:
        return all(key["id"] in group for group in named) and all(
            not values.isdisjoint(of(key)) for of, values in tests
        )

    return [key["id"] for key in operation.keys.list(match=matches).items]


def _ids(operation: Operation, name: str, values: frozenset[str]) -> frozenset[str]:
    """The ids of the keys for which one filter holds."""
    if name == "KeyId":
        return values
    if name == "AliasName":
        full = (value if value.startswith(ALIAS_PREFIX) else ALIAS_PREFIX + value for value in values)
        documents = (operation.aliases.get(alias, lagged=True) for alias in full)
        return frozenset(Alias.load(document).key for document in documents if document is not None)
    return frozenset[str]().union(*(operation.keys.ids(where=(name, value)) for value in values))
