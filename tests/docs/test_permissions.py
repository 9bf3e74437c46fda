"""The page of permissions has every client of every cloud, and each of their methods says what it sends.

What is asked for is derived: from the factories of `Cloud`, from the methods of the interfaces, from the sources of the
clients. A new one of any of them fails here until it is documented.
"""

import inspect
import re

import pytest

from kms_emulator.envfile import environment
from kms_emulator.seed import load_seed
from kms_resources.clouds import CLOUDS, access, certificates, crypto, get_cloud, interface, secrets
from kms_resources.model import Target
from tests.docs.pages import ROOT, read, section
from tests.docs.reach import reached
from tests.support.emulator import INNER_URL
from tools import permissions
from tools.permissions import ACCESS_NEEDS, TITLES, clients, factories, interfaces, methods, needed, sending

PAGE = ROOT / "docs" / "permissions.md"
CASES = [(cloud, factory) for cloud in CLOUDS for factory in factories(get_cloud(cloud))]
OTHER_NAMES = {("alibaba", "ReEncrypt"): {"ReEncryptFrom", "ReEncryptTo"}}
"""Actions whose permissions have other names."""
IN_PROSE = {"ListAlgorithms"}
"""Sent for one spec alone; the page says so in words."""


def titles() -> dict[str, str]:
    return {factory: title for part in TITLES.values() for factory, title in part.items()}


def client(cloud: str, factory: str) -> tuple[type, type]:
    return clients(get_cloud(cloud))[factory]


def sent(cloud: str, factory: str, method: str) -> set[str]:
    kind, found = client(cloud, factory)
    return reached(cloud, found, method, methods(kind))


def named(cloud: str, factory: str, *names: str) -> set[str]:
    kind, _ = client(cloud, factory)
    return {need.partition(":")[2] or need for need in needed(cloud, names or methods(kind), kind)}


def test_every_factory_of_a_cloud_has_its_place_on_the_page() -> None:
    assert set(titles()) == {factory for _, factory in CASES} | set(interfaces())


def test_every_interface_of_a_client_has_a_factory() -> None:
    protocols = {
        each
        for module in (interface, crypto, secrets, certificates, access)
        for _, each in inspect.getmembers(module, inspect.isclass)
        if getattr(each, "_is_protocol", False)
    }
    assert {each for each in protocols if "target" in each.__annotations__} == set(interfaces().values())


@pytest.mark.parametrize(("cloud", "factory"), CASES)
def test_the_documented_class_is_the_one_that_the_factory_makes(cloud: str, factory: str) -> None:
    environ = environment(INNER_URL, load_seed(None).directory, None)
    made = factories(get_cloud(cloud))[factory](Target("place", cloud, "cn-hangzhou"), environ)
    assert type(made) is client(cloud, factory)[1]


@pytest.mark.parametrize(("cloud", "factory"), CASES)
def test_every_method_that_asks_the_cloud_has_its_row(cloud: str, factory: str) -> None:
    title = get_cloud(cloud).title
    shown = section(PAGE, f"{title}, {titles()[factory]}" if titles()[factory] else title)
    kind, _ = client(cloud, factory)
    rows = re.findall(r"^\| `(\w+)` \| \S.* \|$", shown, re.MULTILINE)
    assert rows == sending(kind)


@pytest.mark.parametrize(("cloud", "factory"), CASES)
def test_what_is_sent_has_a_permission_on_the_page(cloud: str, factory: str) -> None:
    kind, _ = client(cloud, factory)
    actions = {action for method in methods(kind) for action in sent(cloud, factory, method)}
    assert actions
    wanted = {name for action in actions - IN_PROSE for name in OTHER_NAMES.get((cloud, action), {action})}
    assert wanted - named(cloud, factory) == set()
    assert [action for action in actions & IN_PROSE if f":{action}`" not in read(PAGE)] == []


@pytest.mark.parametrize(("cloud", "factory"), CASES)
def test_no_method_that_sends_something_of_its_own_is_silent_about_it(cloud: str, factory: str) -> None:
    kind, _ = client(cloud, factory)
    silent = [method for method in methods(kind) if sent(cloud, factory, method) and not named(cloud, factory, method)]
    assert silent == []


@pytest.mark.parametrize(("cloud", "factory"), [case for case in CASES if case[1] in TITLES["access-calls"]])
def test_a_method_about_access_names_exactly_what_it_sends(cloud: str, factory: str) -> None:
    kind, _ = client(cloud, factory)
    assert {method: named(cloud, factory, method) for method in sending(kind)} == {
        method: sent(cloud, factory, method) for method in sending(kind)
    }


@pytest.mark.parametrize(("cloud", "factory"), CASES)
def test_what_an_interface_calls_silent_sends_nothing(cloud: str, factory: str) -> None:
    kind, _ = client(cloud, factory)
    silent = set(methods(kind)) - set(sending(kind))
    assert {method: sent(cloud, factory, method) for method in silent} == {method: set() for method in silent}


def test_every_method_about_access_is_needed_by_something() -> None:
    used = {(kind, name) for wanted in ACCESS_NEEDS.values() for kind, names in wanted for name in names}
    about = {interfaces()[factory] for factory in TITLES["access-calls"]}
    unused = {(each.__name__, name) for each in about for name in sending(each) if (each, name) not in used}
    assert unused == {("IdentityPolicyClient", "versions")}  # for programs; nothing of ours asks for it


def test_a_client_without_a_docstring_makes_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = client("alibaba", "connect_key_policies")
    monkeypatch.setattr(vars(found)["set_policy"], "__doc__", None)
    with pytest.raises(LookupError, match=r"AlibabaKeyPolicies\.set_policy does not say"):
        permissions.calls("access-calls")(str)


def test_two_classes_that_could_be_the_client_are_not_guessed_between() -> None:
    class Anything:
        """Every class can do what it asks for."""

    with pytest.raises(LookupError, match="classes have all methods of Anything"):
        permissions.client_class("tencent", Anything)
