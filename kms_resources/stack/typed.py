"""Keys that a program declares in Python, and what it does with them, pass the same checks as those of a stack file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kms_resources.errors import InputError
from kms_resources.model import DesiredKey, Target
from kms_resources.source import parse
from kms_resources.stack.check import check_document
from kms_resources.stack.structure import WORDS
from kms_resources.stack.types import Stack
from kms_resources.uses import Uses


def declare_key(name: str, target: Target, fields: Mapping[str, Any], project: str, stack: str) -> DesiredKey:
    """The key with these fields (as a stack file spells them); raises `InputError` with everything that is wrong."""
    document = {"keys": {name: {"target": target.name, **fields}}}
    return _checked(name, [target], document).desired_keys(project, stack)[0]


def declare_use(
    section: str, name: str, fields: Mapping[str, Any], keys: Iterable[DesiredKey] = (), target: Target | None = None
) -> Uses:
    """One ciphertext, public key, certificate request or secret, `section` and `fields` being those of a stack file.

    `keys` are those that it names. Raises `InputError` with everything that is wrong.
    """
    used = list(keys)
    targets = [key.target for key in used] + ([target] if target else [])
    document = {"keys": {key.name: _key_fields(key) for key in used}, section: {name: fields}}
    return _checked(name, targets, document).uses


def _key_fields(key: DesiredKey) -> Mapping[str, Any]:
    # What decides on its use; the rest was checked when the key was declared.
    settings = key.settings
    return {
        "target": key.target.name,
        "spec": str(settings.spec),
        "usage": str(settings.usage),
        "origin": str(settings.origin),
        "enabled": settings.enabled,
    }


def _checked(name: str, targets: Iterable[Target], sections: Mapping[str, Any]) -> Stack:
    document = {"version": 1, "targets": {target.name: _target_fields(target) for target in targets}, **sections}
    # JSON is YAML, so the one checker serves both.
    checked = check_document(parse(json.dumps(document, ensure_ascii=False).encode(), name, WORDS))
    if checked.stack is None:
        sentences = (
            f"{problem.field}: {problem.message}" + (f"; allowed: {problem.allowed}" if problem.allowed else "")
            for problem in checked.problems
        )
        raise InputError("\n".join(sentences))
    return checked.stack


def _target_fields(target: Target) -> Mapping[str, str]:
    place = {"cloud": target.cloud, "region": target.region, "instance": target.instance}
    place["credentials"] = target.credentials
    return {part: value for part, value in place.items() if value}
