"""What KEY may be: every form, and a sentence for everything else."""

import os
from pathlib import Path

import pytest

from kms_resources.clouds import CLOUDS
from kms_resources.errors import InputError, KmsError, NotFoundError, UnsafeError
from kms_resources.model import DesiredAlias, DesiredKey, Gateway, Marker, Settings, Spec, Target, Usage
from kms_resources.operations import aliases, keys
from kms_resources.use.reference import Place, find_key, find_secret, find_target, usual_stack_file, with_door
from tests.support.workshop import Workshop, Workshops

SM4 = Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT)


@pytest.fixture
def shop(workshops: Workshops) -> Workshop:
    return workshops.fresh("tencent")


@pytest.fixture
def place(project: Path) -> Place:
    return Place(project / "stacks/prod.yaml")


def applied(shop: Workshop, name: str, marker: str = "") -> str:
    desired = DesiredKey(name, shop.target, SM4, Marker(marker or f"shop/prod/{name}"))
    return str(keys.create(shop.running.site(shop.target), desired).key.id)


def test_a_name_is_looked_up_by_the_marker_of_project_stack_and_name(shop: Workshop, place: Place) -> None:
    expected, _ = applied(shop, "orders"), applied(shop, "ledger")
    applied(shop, "orders-of-another-stack", "shop/dev/orders")
    found = find_key("orders", place, shop.running.environ)
    assert (found.key_id, found.name, found.target.name) == (expected, "guangzhou/orders", "guangzhou")
    assert found.settings
    assert found.settings.spec is Spec.SM4


def test_a_name_that_was_not_applied_is_not_found_and_says_why(shop: Workshop, place: Place) -> None:
    applied(shop, "orders", "shop/dev/orders")
    with pytest.raises(NotFoundError, match="shop/prod/orders"):
        find_key("orders", place, shop.running.environ)


def test_two_keys_with_one_marker_are_never_chosen_between(shop: Workshop, place: Place) -> None:
    first, second = applied(shop, "orders"), applied(shop, "other", "shop/prod/other")
    shop.site.client.write_marker(shop.use(second).key_id, Marker("shop/prod/orders"), "")
    with pytest.raises(UnsafeError, match="2 keys") as refusal:
        find_key("orders", place, shop.running.environ)
    assert first in str(refusal.value)
    assert second in str(refusal.value)


@pytest.mark.parametrize("text", ["orders-now", "alias/orders-now"])
def test_an_alias_means_the_key_that_has_it_now(shop: Workshop, place: Place, text: str) -> None:
    held = shop.use(applied(shop, "ledger"))
    aliases.create(shop.running.site(shop.target), DesiredAlias("orders-now", shop.target, "ledger"), held.key_id)
    found = find_key(text, place, shop.running.environ)
    assert (found.key_id, found.name, found.settings) == (held.key_id, "guangzhou/alias/orders-now", None)


def test_an_alias_that_nobody_has_is_not_found(shop: Workshop, place: Place) -> None:
    with pytest.raises(NotFoundError, match="orders-now"):
        find_key("orders-now", place, shop.running.environ)


def test_a_direct_alias_needs_no_stack(shop: Workshop) -> None:
    held = shop.use(applied(shop, "ledger"))
    aliases.create(shop.running.site(shop.target), DesiredAlias("papers", shop.target, "ledger"), held.key_id)
    found = find_key("tencent://ap-guangzhou/alias/papers", Place(), shop.running.environ)
    assert found.key_id == held.key_id
    with pytest.raises(NotFoundError, match="nobody"):
        find_key("tencent://ap-guangzhou/alias/nobody", Place(), shop.running.environ)


def test_a_direct_reference_asks_nobody() -> None:
    found = find_key("alibaba://cn-hangzhou/key-hzz1", Place(None, "PROD", "kst-1"), {})
    assert (found.key_id, found.settings, found.name) == ("key-hzz1", None, "alibaba://cn-hangzhou/key-hzz1")
    target = found.target
    assert (target.cloud, target.region, target.instance, target.credentials) == (
        "alibaba", "cn-hangzhou", "kst-1", "PROD",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aws://us-east-1/key", "aws"),
        ("tencent://Guangzhou!/key", "region"),
        ("tencent://ap-guangzhou", "id is missing"),
        ("tencent://ap-guangzhou/", "form of a URL"),
        ("tencent:///key", "form of a URL"),
        ("TENCENT://ap-guangzhou/key", "form of a URL"),
        ("tencent://ap-guangzhou/key?version=1", "form of a URL"),
        ("tencent://ap-guangzhou/key id", "form of a URL"),
        ("://", "form of a URL"),
        ("order", "orders, ledger"),
        ("", "orders, ledger"),
        ("alias/none", "orders, ledger"),
        ("guangzhou", "orders, ledger"),
    ],
)
def test_a_text_that_names_nothing_is_refused_with_what_is_allowed(place: Place, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refusal:
        find_key(text, place, {})
    assert refusal.value.why
    assert refusal.value.advice


def test_a_secret_in_the_place_of_a_name_is_not_shown(place: Place) -> None:
    secret = "ab" * 32
    for attempt in (find_key, lambda text, *_rest: find_target(text, place)):
        with pytest.raises(InputError) as refusal:
            attempt(secret, place, {})
        assert secret not in str(refusal.value)


@pytest.mark.parametrize("text", ["orders", "alias/orders", "x"])
def test_without_a_stack_only_direct_references_are_possible(text: str) -> None:
    with pytest.raises(InputError, match="cannot be looked up"):
        find_key(text, Place(), {})


@pytest.mark.parametrize("content", ["", "[]", "runtime: python\n", "name: [", "\xff"])
def test_a_project_without_a_readable_name_is_refused(project: Path, place: Place, content: str) -> None:
    (project / "Pulumi.yaml").write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=r"Pulumi\.yaml"):
        find_key("orders", place, {})


def test_a_stack_file_outside_of_any_project_is_refused(project: Path, place: Place) -> None:
    (project / "Pulumi.yaml").unlink()
    with pytest.raises(InputError, match=r"no Pulumi\.yaml above"):
        find_key("orders", place, {})


def test_a_stack_file_that_does_not_exist_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(KmsError, match=r"absent\.yaml"):
        find_key("orders", Place(tmp_path / "absent.yaml"), {})


def test_a_target_is_named_by_the_stack_or_directly(place: Place) -> None:
    assert find_target("guangzhou", place).region == "ap-guangzhou"
    assert find_target("ctyun://bb9fdb42056f11eda1610242ac110002", Place()).cloud == "ctyun"
    with pytest.raises(InputError, match="guangzhou, hangzhou"):
        find_target("north", place)
    with pytest.raises(InputError, match="cannot be looked up"):
        find_target("guangzhou", Place())


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_cloud_is_known_to_direct_references(cloud: str) -> None:
    with pytest.raises(InputError, match="region"):
        find_target(f"{cloud}://!", Place())


def test_a_secret_is_named_by_the_stack_by_its_target_or_directly(place: Place) -> None:
    target, name = find_secret("db", None, place)
    assert (target.name, name) == ("hangzhou", "prod/db")
    assert find_secret("any/name", "hangzhou", place) == (target, "any/name")
    target, name = find_secret("alibaba://cn-hangzhou/prod/db", None, Place())
    assert (target.region, name) == ("cn-hangzhou", "prod/db")


@pytest.mark.parametrize(
    ("text", "words"), [("none", "its secrets are db"), ("alibaba://cn-hangzhou", "no secret"), ("x://y/z", "no cloud")]
)
def test_a_text_that_names_no_secret_is_refused(place: Place, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        find_secret(text, None, place)


def test_the_usual_stack_file_is_the_only_one(project: Path) -> None:
    assert usual_stack_file(project) == project / "stacks/prod.yaml"
    (project / "stacks/dev.yaml").touch()
    assert usual_stack_file(project) is None
    assert usual_stack_file(project / "stacks") is None


def test_a_door_chosen_for_one_call_replaces_what_the_target_says() -> None:
    gateway = Gateway("kst-1.example", shared=("Encrypt",), encoding="gb18030")
    target = Target("t", "alibaba", "cn-hangzhou", gateway=gateway)
    assert with_door(target, "") is target
    for door, shared in (("shared", ("*",)), ("instance", ())):
        chosen = with_door(target, door).gateway
        assert chosen
        assert (chosen.shared, chosen.encoding, chosen.endpoint) == (shared, "gb18030", "kst-1.example")
    assert with_door(Target("t", "alibaba", "cn-hangzhou"), "instance").gateway == Gateway("")


def test_a_stack_file_is_found_through_a_link(shop: Workshop, project: Path, tmp_path: Path) -> None:
    applied(shop, "orders")
    link = tmp_path / "linked.yaml"
    os.symlink(project / "stacks/prod.yaml", link)
    with pytest.raises(NotFoundError, match="shop/linked/orders"):
        find_key("orders", Place(link), shop.running.environ)
