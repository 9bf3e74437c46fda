"""Check what a stack does with its keys: ciphertexts, public keys, certificate requests.

A refusal says the same as the verb itself would say, because both come from `kms_resources.crypto.checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from kms_resources.capabilities import Capability
from kms_resources.clouds import Cloud, get_cloud
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError
from kms_resources.model import Usage
from kms_resources.nodes import Scalar
from kms_resources.problems import Position, Problem
from kms_resources.redact import show
from kms_resources.stack.check_gateway import read_source
from kms_resources.stack.fields import Fields
from kms_resources.stack.structure import nearest
from kms_resources.stack.types import DeclaredKey
from kms_resources.uses import DesiredCiphertext, DesiredPublicKey, DesiredRequest

Named = Iterator[tuple[str, Fields]]


@dataclass
class UseCheck:
    """The check of everything that uses a key. `problems` fills while the parts are read."""

    keys: Mapping[str, DeclaredKey]
    """The keys that could be declared."""
    names: list[str]
    """The names of all keys of the file, right or wrong."""
    problems: list[Problem] = field(default_factory=list)

    def ciphertexts(self, named: Named) -> Iterator[DesiredCiphertext]:
        """Those that are right."""
        for name, fields in named:
            key = self._key(fields)
            source = read_source(fields.below("plaintext"))
            context = {
                label: node.text for label, _, node in fields.below("context").items() if isinstance(node, Scalar)
            }
            if key is None or source is None:
                continue
            cloud = get_cloud(key.target.cloud)
            self._offered(fields, cloud, Capability.ENCRYPT)
            if context:
                self._offered(fields, cloud, Capability.ENCRYPTION_CONTEXT, "context")
            self._made_for(fields, key, Usage.ENCRYPT_DECRYPT, symmetric=True)
            if cloud.crypto and context:
                self._try(fields, "context", "bad-context", _check_context(context, cloud.crypto.context_characters))
            if not key.settings.enabled:
                message = f"key {key.name} is disabled in this file, so it cannot encrypt"
                self._add(fields, "key", "key-disabled", message, "an enabled key")
            yield DesiredCiphertext(name, key.target, key.name, source, context)

    def public_keys(self, named: Named) -> Iterator[DesiredPublicKey]:
        """Those that are right."""
        for name, fields in named:
            key = self._key(fields)
            if key is None:
                continue
            cloud = get_cloud(key.target.cloud)
            if self._offered(fields, cloud, Capability.PUBLIC_KEY):
                self._asymmetric(fields, key)
                self._version(fields, cloud)
            yield DesiredPublicKey(name, key.target, key.name, fields.text("version"))

    def requests(self, named: Named) -> Iterator[DesiredRequest]:
        """Those that are right."""
        for name, fields in named:
            key = self._key(fields)
            subject = fields.text("subject")
            alternatives = tuple(text for text, _ in fields.texts("names"))
            algorithm = Algorithm(fields.text("algorithm")) if fields.text("algorithm") else None
            self._names(fields, subject)
            if key is None or not subject:
                continue
            cloud = get_cloud(key.target.cloud)
            # The first obstacle is enough: what cannot sign at all needs no word about its usage.
            fits = (
                self._offered(fields, cloud, Capability.SIGN)
                and self._asymmetric(fields, key)
                and self._made_for(fields, key, Usage.SIGN_VERIFY, symmetric=False)
            )
            self._version(fields, cloud)
            if cloud.crypto and fits:
                self._try(fields, "algorithm", "bad-algorithm", _choose_algorithm(cloud, key, algorithm))
            yield DesiredRequest(name, key.target, key.name, subject, alternatives, algorithm, fields.text("version"))

    def _key(self, fields: Fields) -> DeclaredKey | None:
        name = fields.text("key")
        if name and name not in self.names:
            message = f"there is no key {show(name)}{nearest(name, self.names)}"
            self._add(fields, "key", "unknown-key", message, ", ".join(map(show, self.names)) or "a key of this file")
        return self.keys.get(name)

    def _offered(self, fields: Fields, cloud: Cloud, capability: Capability, name: str = "key") -> bool:
        if cloud.limits.has(capability):
            return True
        message = f"{cloud.title} does not offer {capability.value}: {cloud.limits.why_not(capability)}"
        self._add(fields, name, "cannot", message, "a key of a cloud that does")
        return False

    def _made_for(self, fields: Fields, key: DeclaredKey, usage: Usage, *, symmetric: bool) -> bool:
        settings = key.settings
        if settings.usage is not usage:
            message = f"key {key.name} is made for {settings.usage}"
            self._add(fields, "key", "wrong-usage", message, f"a key with usage {usage}")
        elif symmetric and not settings.spec.symmetric:
            message = f"key {key.name} is an {settings.spec} key"
            self._add(fields, "key", "wrong-spec", message, "a symmetric key")
        else:
            return True
        return False

    def _asymmetric(self, fields: Fields, key: DeclaredKey) -> bool:
        spec = key.settings.spec
        if not spec.symmetric and key.settings.usage is not Usage.GENERATE_VERIFY_MAC:
            return True
        self._add(fields, "key", "wrong-spec", f"key {key.name} is an {spec} key", "an RSA, EC or SM2 key")
        return False

    def _version(self, fields: Fields, cloud: Cloud) -> None:
        if fields.text("version"):
            self._offered(fields, cloud, Capability.VERSIONS, "version")

    def _names(self, fields: Fields, subject: str) -> None:
        # Only a stack with certificate requests waits for the library.
        from kms_resources.crypto import csr  # noqa: PLC0415

        if subject:
            self._try(fields, "subject", "bad-subject", partial(csr.parse_subject, subject))
        for place, (text, position) in enumerate(fields.texts("names")):
            check = partial(csr.parse_alternative_name, text)
            self._try_at(position, (*fields.path, "names", str(place)), "bad-name", check)

    def _try(self, fields: Fields, name: str, id_: str, check: Callable[[], object]) -> None:
        self._try_at(fields.at(name), (*fields.path, name), id_, check)

    def _try_at(self, position: Position, path: tuple[str, ...], id_: str, check: Callable[[], object]) -> None:
        try:
            check()
        except InputError as error:
            message = ": ".join(part for part in (error.what, error.why) if part)
            # `Allowed names: …`: the words before the colon stand in every problem.
            allowed = error.advice.partition(": ")[2] if error.advice.startswith("Allowed") else ""
            self.problems.append(Problem(position, path, id_, message, allowed))

    def _add(self, fields: Fields, name: str, id_: str, message: str, allowed: str) -> None:
        self.problems.append(Problem(fields.at(name), (*fields.path, name), id_, message, allowed))


def _check_context(context: Mapping[str, str], longest: int) -> Callable[[], object]:
    from kms_resources.crypto.checks import check_context  # noqa: PLC0415

    return lambda: check_context(context, longest)


def _choose_algorithm(cloud: Cloud, key: DeclaredKey, algorithm: Algorithm | None) -> Callable[[], object]:
    from kms_resources.crypto.checks import choose_algorithm  # noqa: PLC0415

    offered = cloud.crypto.algorithms if cloud.crypto else {}
    return lambda: choose_algorithm(offered, key.settings.spec, key.settings.usage, algorithm)
