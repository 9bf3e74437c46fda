"""The floor: resources of the same shape whose provider does nothing. What remains is the engine and the SDK."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

Props = dict[str, Any]


class NoopProvider(ResourceProvider):
    """Says yes to everything."""

    serialize_as_secret_always = False

    def create(self, props: Props) -> CreateResult:
        return CreateResult(props["marker"], {**props, "state": "Enabled"})

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        return DiffResult(changes=False if _olds["marker"] == _news["marker"] else None)

    def read(self, id_: str, props: Props) -> ReadResult:
        inputs = {name: value for name, value in props.items() if name != "state"}
        return ReadResult(id_, props, inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        return UpdateResult({**_news, "state": "Enabled"})

    def delete(self, _id: str, _props: Props) -> None:
        return None


class NoopKey(Resource, module="noop", name="Key"):
    """A resource with the inputs of a key."""

    def __init__(self, name: str, inputs: Props, opts: pulumi.ResourceOptions) -> None:
        super().__init__(NoopProvider(), name, {**inputs, "state": None}, opts)


class NoopAlias(Resource, module="noop", name="Alias"):
    """A resource with the inputs of an alias, waiting for its key as the real one does."""

    def __init__(self, name: str, inputs: Props, opts: pulumi.ResourceOptions) -> None:
        super().__init__(NoopProvider(), name, inputs, opts)
