"""ListTagResources: every tag of every matching object is a row; pages end in the middle of an object if need be."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from kms_emulator.alibaba.errors import VendorError, invalid
from kms_emulator.alibaba.facts import TAG_ROWS_PER_PAGE, TAGS_PER_OBJECT
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import tag_value
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.tagging import Tags, Target

Wanted = list[tuple[str, str]]

_STEP = 50
_TOKEN = re.compile(rb"([0-9]{1,9}):([0-9]{1,4})")


class Place(NamedTuple):
    """Where a row is in the whole answer: the place of its object, and its own among the object's tags."""

    thing: int
    tag: int


class Row(NamedTuple):
    """A tag of an object."""

    place: Place
    identifier: str
    key: str
    value: str


def list_tag_resources(operation: Operation) -> Payload:
    """ListTagResources. With several tags wanted, an object must have all of them [I?]."""
    parameters = operation.parameters
    target = Target.read(operation)
    wanted = parameters.numbered_pairs("Tag", TAGS_PER_OBJECT)
    if any(not key for key, _ in wanted):
        raise VendorError("InvalidParameter.TagKey")
    rows = list(islice(_rows(target, wanted, _place(parameters.text("NextToken"))), TAG_ROWS_PER_PAGE + 1))
    page, more = rows[:TAG_ROWS_PER_PAGE], rows[TAG_ROWS_PER_PAGE:]
    return {
        "TagResources": {
            "TagResource": [
                {"ResourceId": row.identifier, "ResourceType": target.kind, "TagKey": row.key, "TagValue": row.value}
                for row in page
            ]
        },
        "NextToken": _token(more[0].place) if more else "",
    }


def _rows(target: Target, wanted: Wanted, start: Place) -> Iterator[Row]:
    for thing, (identifier, tags) in enumerate(_found(target, wanted, start.thing), start.thing):
        for tag, (key, value) in enumerate(tags.items()):
            if (thing, tag) >= start:
                yield Row(Place(thing, tag), identifier, key, value)


def _found(target: Target, wanted: Wanted, start: int) -> Iterator[tuple[str, Tags]]:
    collection = target.collection
    if not collection:
        if target.identifiers:
            raise target.not_found()
        return
    if target.identifiers:
        if any(identifier not in collection for identifier in target.identifiers):
            raise target.not_found()
        documents = [collection.get(identifier, lagged=True) for identifier in target.identifiers]
        found = [entry for entry in documents if entry is not None and _has(entry.get("tags", {}), wanted)]
        yield from ((entry["id"], entry.get("tags", {})) for entry in found[start:])
        return
    values = [("tag", tag_value(key, value)) if value else ("TagKey", key) for key, value in wanted]
    rarest = min(values, key=lambda one: collection.count(where=one), default=("tagged", "yes"))
    match = (lambda entry: _has(entry.get("tags", {}), wanted)) if len(wanted) > 1 else None
    # In small steps: a page of rows may need two hundred objects, but mostly needs a few.
    while items := collection.list(where=rarest, match=match, start=start, limit=_STEP).items:
        yield from ((entry["id"], entry.get("tags", {})) for entry in items)
        start += _STEP


def _has(tags: Tags, wanted: Wanted) -> bool:
    return all(key in tags and (not value or tags[key] == value) for key, value in wanted)


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode(b"%d:%d" % place).decode()


def _place(token: str) -> Place:
    if not token:
        return Place(0, 0)
    try:
        found = _TOKEN.fullmatch(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        found = None
    if found is None:
        raise invalid("NextToken", "it is not one that this call gave")
    return Place(int(found[1]), int(found[2]))
