"""The parts about permissions, from the docstrings of every client that a cloud connects.

Nothing lists the clients here: what `Cloud` and a cloud's folder can connect is found by its annotation. A factory
without a title, or a client without a docstring, makes no page at all.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import cast, get_args, get_type_hints

from kms_resources.clouds import CLOUDS, Cloud, KmsClient
from kms_resources.clouds.access import (
    AccessPointClient,
    CredentialClient,
    IdentityPolicyClient,
    KeyPolicyClient,
)
from kms_resources.clouds.crypto import CryptoClient
from tools.parts import Word, clouds, code, table

PERMISSION = re.compile(r"\b[a-z]+:[A-Z]\w+|\(\w+: (?:the\s+same\s+names?|alike)\)")
READS = ("account", "list_keys", "find_keys", "describe_key", "list_aliases")
DELETES = ("schedule_deletion",)
NEEDS = {
    "kms encrypt": ("encrypt",),
    "kms decrypt": ("decrypt",),
    "kms re-encrypt": ("re_encrypt",),
    "kms envelope encrypt": ("generate_data_key",),
    "kms envelope decrypt": ("decrypt",),
    "kms sign": ("sign", "public_key"),
    "kms verify": ("verify", "public_key", "list_versions"),
    "kms public-key": ("public_key",),
    "kms csr": ("public_key", "sign"),
    "kms secret": ("secret_value",),
    "asymmetric_encrypt": ("asymmetric_encrypt",),
    "asymmetric_decrypt": ("asymmetric_decrypt",),
    "data_key": ("generate_data_key",),
    "hmac": ("hmac",),
    "versions": ("list_versions",),
    "new_version": ("create_version",),
    "material": ("wrapping_key", "import_material", "delete_material"),
}
"""Commands, methods of `UsedKey` and fields of a stack → what they need of a cloud's `CryptoClient`."""
Need = tuple[type, tuple[str, ...]]
ACCESS_NEEDS: Mapping[str, tuple[Need, ...]] = {
    "`policy:`, drift": ((KeyPolicyClient, ("get_policy",)), (IdentityPolicyClient, ("find_policy", "attachments"))),
    "`policy:`, `pulumi up`": (
        (KeyPolicyClient, ("get_policy", "set_policy")),
        (
            IdentityPolicyClient,
            (
                *("find_policy", "list_policies", "attachments"),
                *("create_policy", "replace_policy", "delete_policy", "attach", "detach"),
            ),
        ),
    ),
    "`access_points:`, drift": ((AccessPointClient, ("describe",)),),
    "`access_points:`, `pulumi up`": ((AccessPointClient, ("describe", "take")),),
    "`kms client-key create`, `rotate`": (
        (AccessPointClient, ("describe",)),
        (CredentialClient, ("list", "create", "delete")),
    ),
    "`kms client-key list`": ((AccessPointClient, ("describe",)), (CredentialClient, ("list",))),
    "`kms client-key delete`": ((AccessPointClient, ("describe",)), (CredentialClient, ("list", "delete"))),
    "`kms review --cloud`": (
        (KeyPolicyClient, ("get_policy",)),
        (IdentityPolicyClient, ("list_policies", "find_policy", "attachments")),
        (AccessPointClient, ("describe",)),
    ),
}
"""Fields of a stack and commands → what they need of the clients for who may use a key."""
TITLES: Mapping[str, Mapping[str, str]] = {
    "calls": {"connect": ""},
    "use-calls": {
        "connect_crypto": "keys in use",
        "connect_secrets": "secrets",
        "connect_certificates": "certificates",
        "connect_tags": "tags",
    },
    "access-calls": {
        "connect_key_policies": "policies of keys",
        "connect_identity_policies": "policies of users, groups and roles",
        "connect_access_points": "access points",
        "connect_credentials": "credentials of access points",
    },
}
"""Generated part → the factories whose clients stand in it, each with its title."""
SILENT = "Sends nothing."
"""So an interface says of a method that it needs no permission anywhere."""


@cache
def interfaces() -> Mapping[str, type]:
    """Every factory of `Cloud` with the interface of the client that it makes."""
    found = {}
    for name, hint in get_type_hints(Cloud).items():
        if name.startswith("connect"):
            (factory,) = (one for one in get_args(hint) if one is not type(None)) if _optional(hint) else (hint,)
            found[name] = cast(type, get_args(factory)[-1])
    return MappingProxyType(found)


def _optional(hint: object) -> bool:
    return type(None) in get_args(hint)


def factories(cloud: Cloud) -> Mapping[str, Callable[..., object]]:
    """The factories that a cloud has, those of its folder included that no other cloud has."""
    found = {name: getattr(cloud, name) for name in interfaces() if getattr(cloud, name)}
    own = import_module(CLOUDS[cloud.name])
    return found | {name: value for name, value in vars(own).items() if name.startswith("connect_")}


@cache
def classes(cloud: str) -> tuple[type, ...]:
    """Every class that stands in the folder of a cloud."""
    folder = import_module(CLOUDS[cloud])
    modules = [import_module(f"{folder.__name__}.{one.name}") for one in pkgutil.iter_modules(folder.__path__)]
    return tuple(
        each
        for module in modules
        for _, each in inspect.getmembers(module, inspect.isclass)
        if each.__module__ == module.__name__
    )


def client_class(cloud: str, interface: type = KmsClient) -> type:
    """The client of a cloud: the one class of its folder that can do what the interface says."""
    found = [each for each in classes(cloud) if all(hasattr(each, name) for name in methods(interface))]
    if len(found) != 1:
        raise LookupError(f"{cloud}: {len(found)} classes have all methods of {interface.__name__}")
    return found[0]


def clients(cloud: Cloud) -> Mapping[str, tuple[type, type]]:
    """Every factory of a cloud with interface and class of its client; its own kind is an interface by itself."""
    found = {}
    for name, factory in factories(cloud).items():
        if name in interfaces():
            found[name] = (interfaces()[name], client_class(cloud.name, interfaces()[name]))
        else:
            # The class is imported for the annotation alone, so its name is all there is.
            (own,) = (each for each in classes(cloud.name) if each.__name__ == factory.__annotations__["return"])
            found[name] = (own, own)
    return found


def methods(interface: type = KmsClient) -> list[str]:
    """The methods of the interface, in its order."""
    return [name for name, value in vars(interface).items() if inspect.isfunction(value) and not name.startswith("_")]


def sending(interface: type = KmsClient) -> list[str]:
    """Those of them that may ask the cloud."""
    return [name for name in methods(interface) if SILENT not in (inspect.getdoc(getattr(interface, name)) or "")]


def said(cloud: str, name: str, interface: type = KmsClient) -> str:
    """The docstring of a client's method.

    A client that hands a call on says only where to; then the class of its folder that it hands the call to says which
    permission that takes.
    """
    own = client_class(cloud, interface)
    texts = [inspect.getdoc(getattr(own, name)) or ""]
    for _, each in inspect.getmembers(import_module(own.__module__), inspect.isclass):
        if each is not own and each.__module__.startswith(f"{CLOUDS[cloud]}."):
            texts.append(inspect.getdoc(getattr(each, name, None)) or "" if hasattr(each, name) else "")
    return next((text for text in texts if PERMISSION.search(text)), texts[0])


def needed(cloud: str, names: Iterable[str], interface: type = KmsClient) -> list[str]:
    """What the docstrings of some methods say about permissions; at CTYun the operations themselves."""
    found: dict[str, None] = {}
    for name in names:
        text = said(cloud, name, interface)
        if text.startswith("Refused"):
            continue
        spelled = re.findall(r"\b[a-z]+:[A-Z]\w+", text)
        same = re.search(r"(.*)\((\w+): (?:the\s+same\s+names?|alike)\)", text, re.DOTALL)
        if same:
            spelled += [f"{same[2]}:{action}" for action in re.findall(r"\b(?:[A-Z][a-z\d]+){2,}\b", same[1])]
        spelled = spelled or re.findall(r"\b[a-z]+(?:[A-Z][a-z\d]+)+\b", text)
        if not spelled and interface is CryptoClient:
            spelled = re.findall(r"^(?:Operation )?(\w+)", text)
            spelled = [one.lower() if one.istitle() else one for one in spelled]
        found |= dict.fromkeys(spelled)
    return list(found)


def permissions(word: Word) -> str:
    """Per cloud: what looking, changing and deleting need."""
    rows = []
    for cloud in clouds():
        looking = needed(cloud.name, READS)
        changing = [one for one in needed(cloud.name, _others()) if one not in looking]
        deleting = [one for one in needed(cloud.name, DELETES) if one not in looking + changing]
        rows.append([word(cloud.title), *(code(some) for some in (looking, changing, deleting))])
    return table(
        [word("cloud"), word("preview, drift"), word("`pulumi up` also"), word("policy `schedule` also")], rows
    )


def _others() -> list[str]:
    return [name for name in methods() if name not in READS + DELETES]


def use_permissions(word: Word) -> str:
    """What each command and method takes, by cloud."""
    rows = []
    for need, names in NEEDS.items():
        each = [needed(cloud.name, names, CryptoClient) for cloud in clouds()]
        if need.startswith("kms envelope"):  # which always wants the plaintext
            each = [[one for one in some if not one.endswith("WithoutPlaintext")] for some in each]
        rows.append([f"`{need}`", *(code(some) or "–" for some in each)])
    return table([word("need"), *(word(cloud.title) for cloud in clouds())], rows)


def access_permissions(word: Word) -> str:
    """What policies, access points and their credentials take, by cloud; one that has none of them has no column."""
    having = [cloud for cloud in clouds() if TITLES["access-calls"].keys() & factories(cloud).keys()]
    rows = []
    for need, wanted in ACCESS_NEEDS.items():
        each = [
            [
                one
                for interface, names in wanted
                if interface in {connected for connected, _ in clients(cloud).values()}
                for one in needed(cloud.name, names, interface)
            ]
            for cloud in having
        ]
        rows.append([need, *(code(dict.fromkeys(some)) or "–" for some in each)])
    return table([word("need"), *(word(cloud.title) for cloud in having)], rows)


def calls(part: str) -> Callable[[Word], str]:
    """What each cloud's clients say about every method, for the clients of one part."""

    def made(_word: Word) -> str:
        parts = []
        for cloud in clouds():
            connected = clients(cloud)
            for name, title in TITLES[part].items():
                if name in connected:
                    heading = f"{cloud.title}, {title}" if title else cloud.title
                    parts.append(f"### {heading}\n\n{_calls(cloud, *connected[name])}")
        return "\n\n".join(parts)

    return made


def _calls(cloud: Cloud, interface: type, client: type) -> str:
    rows = []
    for name in sending(interface):
        text = said(cloud.name, name, interface)
        if not text:
            raise LookupError(f"{client.__name__}.{name} does not say what it calls")
        rows.append([f"`{name}`", _first(text)])
    return table(["need", "calls (permissions)"], rows)


def _first(text: str) -> str:
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())
