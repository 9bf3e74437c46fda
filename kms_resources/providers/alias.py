"""The dynamic provider of aliases. Stored format: this module's path and the class name."""

from __future__ import annotations

import re

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.model import KeyId
from kms_resources.operations import aliases
from kms_resources.providers import props as stored
from kms_resources.providers.declared import Kind, declare, spared, stays_with_its_key
from kms_resources.providers.process import has_unknowns, site_of, speak_plainly
from kms_resources.providers.props import Props


class AliasProvider(ResourceProvider):
    """Create, read, move and delete aliases. No attributes, as in `KeyProvider`."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse by name what the cloud cannot do. Sends nothing."""
        declare(Kind.ALIAS, news, "alias")
        failures = []
        alias = stored.alias_of(news)
        limits = get_cloud(alias.target.cloud).limits
        before, after = olds.get("key_id"), news.get("key_id")
        moves = bool(before) and not has_unknowns(after) and before != after
        if moves and not limits.has(Capability.ALIAS_MOVE):
            failures.append(
                CheckFailure(
                    "key_id",
                    f"{alias.where}: cannot be pointed from key {before} to another one: "
                    f"{limits.why_not(Capability.ALIAS_MOVE)}",
                )
            )
        if not olds and not re.fullmatch(limits.alias, alias.name):
            # A stack file was checked already; this is for programs that make aliases of their own.
            failures.append(CheckFailure("alias", f"{alias.where}: is not possible here; allowed: {limits.alias_rule}"))
        return CheckResult(news, failures)

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """An alias differs when it names another key. Sends nothing, replaces never."""
        same = not has_unknowns(_news) and all(_olds.get(name) == _news.get(name) for name in ("key_id", "target"))
        return DiffResult(changes=False if same else None)

    def create(self, props: Props) -> CreateResult:
        """Give the key the name."""
        alias = stored.alias_of(props)
        aliases.create(site_of(alias.target), alias, KeyId(str(props["key_id"])))
        return CreateResult(alias.name, _outputs(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Which key has the name now."""
        with stored.readable(id_):
            alias = stored.alias_of(props)
        key_id = aliases.read(site_of(alias.target), alias)
        if key_id is None:
            return ReadResult("", {})
        inputs = stored.alias_props(alias, str(key_id)) | {"__provider": props.get("__provider")}
        return ReadResult(id_, inputs, inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Point the name to another key."""
        with stored.readable(_id):
            alias = stored.alias_of(_news)
            known, wanted = KeyId(str(_olds["key_id"])), KeyId(str(_news["key_id"]))
        aliases.move(site_of(alias.target), alias, known, wanted)
        return UpdateResult(_outputs(_news))

    def delete(self, _id: str, _props: Props) -> None:
        """Take the name away; the key stays. In `pulumi destroy` a key that stays keeps its names."""
        with stored.readable(_id):
            alias, key_id = stored.alias_of(_props), KeyId(str(_props["key_id"]))
        if spared(Kind.ALIAS, _props, "alias", alias.where) or stays_with_its_key(Kind.ALIAS, _props, alias.where):
            return
        aliases.delete(site_of(alias.target), alias, key_id)


def _outputs(props: Props) -> Props:
    return {name: value for name, value in props.items() if name != "__provider"}
