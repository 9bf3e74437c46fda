"""The seed: who exists in the emulated clouds, and the documents they begin with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from kms_emulator.documents import Document
from kms_emulator.store import Scope, Store


class SeedError(ValueError):
    """The seed file cannot be used."""


@dataclass(frozen=True)
class Principal:
    """The owner of one access key. ``token`` is set for temporary credentials, which must send it."""

    cloud: str
    account: str
    user: str
    user_id: str
    root: bool
    access_key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class SeedDocument:
    """A document that exists from the start."""

    cloud: str
    kind: str
    scope: Scope
    identifier: str
    document: Document


class Directory:
    """Who may sign requests, and which regions an account has."""

    def __init__(self, principals: Iterable[Principal], regions: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        self._principals = {(entry.cloud, entry.access_key_id): entry for entry in principals}
        self._regions = regions

    def find(self, cloud: str, access_key_id: str) -> Principal | None:
        """The owner of an access key id."""
        return self._principals.get((cloud, access_key_id))

    def of_cloud(self, cloud: str) -> list[Principal]:
        """All principals of a cloud in the seed's order."""
        return [entry for entry in self._principals.values() if entry.cloud == cloud]

    def regions(self, cloud: str, account: str) -> tuple[str, ...]:
        """The regions of an account; empty means any region."""
        return self._regions.get((cloud, account), ())


@dataclass(frozen=True)
class Seed:
    """A read seed file."""

    directory: Directory
    documents: tuple[SeedDocument, ...]

    def plant(self, store: Store, clouds: Iterable[str]) -> None:
        """Put the documents of these clouds into the store, all or none of each cloud."""
        for cloud in clouds:
            with store.transaction(cloud) as transaction:
                for entry in self.documents:
                    if entry.cloud == cloud:
                        try:
                            transaction.collection(entry.kind, entry.scope).put(entry.identifier, entry.document)
                        except ValueError as problem:
                            raise SeedError(f"seed: document {entry.identifier}: {problem}") from problem


def load_seed(path: Path | None) -> Seed:
    """Read a seed file, or the one that comes with the emulator."""
    name = "the default seed" if path is None else str(path)
    try:
        source = files("kms_emulator") / "default_seed.yaml" if path is None else path
        content = _parsed(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise SeedError(f"{name}: cannot be read: {problem}") from problem
    return _Reader(name).seed(content)


@lru_cache(maxsize=4)
def _parsed(text: str) -> object:
    """What YAML makes of a text, once for many emulators in one process: nobody writes to it."""
    content: object = yaml.safe_load(text)
    return content


class _Reader:
    """Reads the parsed YAML; every complaint names the place in the file."""

    def __init__(self, name: str) -> None:
        self._name = name

    def seed(self, content: object) -> Seed:
        top = self._table(content, "the file", required=(), optional=("accounts", "documents"))
        principals: list[Principal] = []
        regions: dict[tuple[str, str], tuple[str, ...]] = {}
        for cloud, place, entry in self._entries(top, "accounts"):
            account = self._table(entry, place, required=("id", "users"), optional=("regions",))
            account_id = self._text(account, "id", place)
            listed = self._list(account.get("regions", []), f"{place}.regions")
            regions[cloud, account_id] = tuple(self._word(one, f"{place}.regions") for one in listed)
            for number, user in enumerate(self._list(account["users"], f"{place}.users")):
                principals += self._user(cloud, account_id, user, f"{place}.users[{number}]")
        seen: set[tuple[str, str]] = set()
        for principal in principals:
            if (principal.cloud, principal.access_key_id) in seen:
                raise self._problem(f"accounts.{principal.cloud}", f"access key {principal.access_key_id} occurs twice")
            seen.add((principal.cloud, principal.access_key_id))
        documents = tuple(self._document(*given) for given in self._entries(top, "documents"))
        return Seed(Directory(principals, regions), documents)

    def _user(self, cloud: str, account: str, given: object, place: str) -> list[Principal]:
        user = self._table(given, place, required=("id", "name", "credentials"), optional=("root",))
        found = []
        for number, entry in enumerate(self._list(user["credentials"], f"{place}.credentials")):
            spot = f"{place}.credentials[{number}]"
            credential = self._table(entry, spot, required=("id", "secret"), optional=("token",))
            found.append(
                Principal(
                    cloud=cloud, account=account, user=self._text(user, "name", place),
                    user_id=self._text(user, "id", place), root=user.get("root") is True,
                    access_key_id=self._text(credential, "id", spot), secret=self._text(credential, "secret", spot),
                    token=self._text(credential, "token", spot) if "token" in credential else "",
                )
            )  # fmt: skip
        return found

    def _document(self, cloud: str, place: str, given: object) -> SeedDocument:
        entry = self._table(given, place, required=("kind", "account", "id", "document"), optional=("region",))
        document = entry["document"]
        if not isinstance(document, dict):
            raise self._problem(f"{place}.document", "is not a table")
        scope = Scope(self._text(entry, "account", place), str(entry.get("region", "")))
        return SeedDocument(cloud, self._text(entry, "kind", place), scope, self._text(entry, "id", place), document)

    def _entries(self, top: Mapping[str, Any], part: str) -> Iterable[tuple[str, str, object]]:
        clouds = top.get(part, {})
        if not isinstance(clouds, dict):
            raise self._problem(part, "is not a table of clouds")
        for cloud, entries in clouds.items():
            for number, entry in enumerate(self._list(entries, f"{part}.{cloud}")):
                yield str(cloud), f"{part}.{cloud}[{number}]", entry

    def _table(
        self, value: object, place: str, *, required: tuple[str, ...], optional: tuple[str, ...]
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._problem(place, "is not a table")
        missing = [name for name in required if name not in value]
        unknown = [str(name) for name in value if name not in required + optional]
        if missing:
            raise self._problem(place, f"{missing[0]} is missing")
        if unknown:
            raise self._problem(place, f"{unknown[0]} is not known; allowed are {', '.join(required + optional)}")
        return value

    def _list(self, value: object, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise self._problem(place, "is not a list")
        return value

    def _text(self, table: Mapping[str, Any], name: str, place: str) -> str:
        return self._word(table[name], f"{place}.{name}")

    def _word(self, value: object, place: str) -> str:
        if not isinstance(value, str) or not value:
            raise self._problem(place, "is not a text; put numbers in quotes")
        return value

    def _problem(self, place: str, complaint: str) -> SeedError:
        return SeedError(f"{self._name}: {place}: {complaint}")
