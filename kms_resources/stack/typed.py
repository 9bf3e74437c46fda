"""Keys that a program declares in Python pass the same checks as keys of a stack file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kms_resources.errors import InputError
from kms_resources.model import DesiredKey, Target
from kms_resources.source import parse
from kms_resources.stack.check import check_document
from kms_resources.stack.structure import WORDS


def declare_key(name: str, target: Target, fields: Mapping[str, Any], project: str, stack: str) -> DesiredKey:
    """The key with these fields (as a stack file spells them); raises `InputError` with everything that is wrong."""
    place = {"cloud": target.cloud, "region": target.region, "instance": target.instance}
    place["credentials"] = target.credentials
    document = {
        "version": 1,
        "targets": {target.name: {part: value for part, value in place.items() if value}},
        "keys": {name: {"target": target.name, **fields}},
    }
    # JSON is YAML, so the one checker serves both.
    checked = check_document(parse(json.dumps(document, ensure_ascii=False).encode(), name, WORDS))
    if checked.stack is None:
        sentences = (
            f"{problem.field}: {problem.message}" + (f"; allowed: {problem.allowed}" if problem.allowed else "")
            for problem in checked.problems
        )
        raise InputError("\n".join(sentences))
    return checked.stack.desired_keys(project, stack)[0]
