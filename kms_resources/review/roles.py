"""How far a grant reaches, with chains of roles: one who may assume a role that may assume a role has the latter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kms_resources.access.clouds import CLOUDS
from kms_resources.access.lockout import Reach, assumable_by_others, reach
from kms_resources.access.patterns import glob
from kms_resources.access.rules import of_kind
from kms_resources.access.words import Document, DocumentKind, Effect, Principal, PrincipalKind, World
from kms_resources.errors import InputError


def reach_of(world: World, principal: Principal, *, fresh: bool = False) -> Reach:
    """How far a grant to a principal reaches, chains of roles followed to their end."""
    found = reach(world, principal, fresh=fresh)
    if found is Reach.ROLE and principal.kind is PrincipalKind.ROLE and _open_to_others(world, principal.name):
        return Reach.ASSUMABLE_ROLE
    return found


def _open_to_others(world: World, role: str) -> bool:
    seen: set[str] = set()
    waiting = [role]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if assumable_by_others(world, name):
            return True
        waiting += _roles_that_may_assume(world, name)
    return False


def _roles_that_may_assume(world: World, role: str) -> list[str]:
    known = {
        text.removeprefix("role/")
        for document in of_kind(world, DocumentKind.TRUST)
        for text in document.attached_to
        if text.startswith("role/")
    }
    found = []
    for document in of_kind(world, DocumentKind.TRUST):
        if f"role/{role}" not in document.attached_to:
            continue
        for rule in CLOUDS[world.cloud].parse(document).rules:
            if rule.effect is not Effect.ALLOW:
                continue
            for who in rule.who:
                if who.account == world.account and who.kind == "account":
                    found += sorted(known)
                elif who.account == world.account and who.kind == "role":
                    found += [name for name in sorted(known) if glob(who.name, name)]
    return found


def read_trust(path: Path) -> Mapping[str, tuple[Document, ...]]:
    """Trust documents from a JSON file `{"alibaba": {"role/ci": {…}}}`, by cloud."""
    where = str(path)
    try:
        raw: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError("cannot be read", where=where, why=(error.strerror or "unreadable").lower()) from None
    except ValueError:
        raise InputError("is not JSON", where=where) from None
    form = 'is not of the form {"alibaba": {"role/NAME": {trust document}}}'
    if not isinstance(raw, dict):
        raise InputError(form, where=where)
    found: dict[str, tuple[Document, ...]] = {}
    for cloud, roles in raw.items():
        if cloud not in CLOUDS or not isinstance(roles, dict):
            raise InputError(form, where=where, why=f"clouds with roles: {', '.join(CLOUDS)}")
        documents = []
        for name, body in roles.items():
            if not name.startswith("role/") or not isinstance(body, dict):
                raise InputError(form, where=where, why=f"at {cloud}")
            document = Document(DocumentKind.TRUST, body, name, (name,))
            fatal = [problem for problem in CLOUDS[cloud].parse(document).problems if problem.fatal]
            if fatal:
                raise InputError(f"{fatal[0].path}: {fatal[0].what}", where=f"{where}: {name}")
            documents.append(document)
        found[cloud] = tuple(documents)
    return found
