"""Imported key material of every cloud that takes it: wrapped here, handed over, gone, back again, never another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kms_resources.clouds import get_cloud
from kms_resources.crypto.material import LENGTHS, wrap_material
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError, KmsError, UnsafeError, WrongStateError
from kms_resources.model import (
    DesiredKey,
    KeyState,
    Marker,
    Material,
    Origin,
    Settings,
    Source,
    SourceKind,
    Spec,
    Usage,
)
from kms_resources.operations import keys
from tests.support.workshop import ONE_PER_CLOUD, STANDS, WIRES, Workshop, Workshops, limits_of

DAY = 86_400
SECRET = b"under imported material"
CANARY = bytes(range(0xA0, 0xC0))
OTHER = bytes(range(0x20, 0x40))
NEVER = 0
IMPORTING = ["tencent", "tencent-abroad", "alibaba", "alibaba-default", "ctyun"]
FITTING = {
    "alibaba": {Algorithm.RSAES_OAEP_SHA_256, Algorithm.RSAES_PKCS1_V1_5, Algorithm.SM2PKE},
    "alibaba-default": set(limits_of("alibaba").wrapping),
}
"""Which of the cloud's ways a stand takes, where these are not all."""


def specs(stand: str) -> list[Spec]:
    """The symmetric kinds whose material a stand takes."""
    target = STANDS[stand]
    offers = get_cloud(target.cloud).limits.offers
    return [
        one.spec for one in offers if one.spec.symmetric and Origin.EXTERNAL in one.origins and one.where(target)
    ]  # fmt: skip


WAYS = [
    (stand, wire, spec, algorithm)
    for stand in IMPORTING
    for wire in WIRES
    for spec in specs(stand)
    for algorithm in limits_of(stand).wrapping
    if algorithm in FITTING.get(stand, {algorithm})
]
KINDS = [(stand, wire, spec) for stand in IMPORTING for wire in WIRES for spec in specs(stand)]
every_kind = pytest.mark.parametrize(("stand", "wire", "spec"), KINDS)
every_stand = pytest.mark.parametrize(("stand", "wire"), [(stand, wire) for stand in IMPORTING for wire in WIRES])


@pytest.fixture
def shop(workshops: Workshops, stand: str, wire: str) -> Workshop:
    """One whose clock may be moved."""
    return workshops.fresh(stand, wire)


def common(workshops: Workshops, stand: str, wire: str) -> Workshop:
    """One that tests share, but where there is room for a single key."""
    return workshops.fresh(stand, wire) if stand == "alibaba-default" else workshops.at(stand, wire)


def material(spec: Spec, content: bytes = CANARY) -> bytes:
    return content[: LENGTHS[spec]]


def hand_over(
    shop: Workshop, key_id: str, content: bytes, algorithm: Algorithm | None = None, expires: int = NEVER
) -> None:
    crypto = limits_of(shop.stand)
    used = shop.use(key_id)
    wrapping = shop.client.wrapping_key(used.key_id, algorithm or crypto.wrapping[0])
    assert wrapping.token not in repr(wrapping)
    wrapped = wrap_material(wrapping.der, wrapping.algorithm, content)
    shop.client.import_material(used.key_id, wrapped, wrapping.token, expires)


def declared(shop: Workshop, folder: Path, content: bytes, expires: str = "", name: str = "imported") -> DesiredKey:
    """A key whose material stands in a file."""
    file = folder / f"{name}.bin"
    file.write_bytes(content)
    spec = specs(shop.stand)[0]
    settings = Settings(spec, Usage.ENCRYPT_DECRYPT, Origin.EXTERNAL)
    source = Material(Source(SourceKind.FILE, str(file)), expires)
    return DesiredKey(name, shop.target, settings, Marker(f"shop/use/{name}"), material=source)


@pytest.mark.parametrize(("stand", "wire", "spec", "algorithm"), WAYS)
def test_material_is_taken_in_every_wrapping_and_makes_the_key_usable(
    workshops: Workshops, stand: str, wire: str, spec: Spec, algorithm: Algorithm
) -> None:
    shop = common(workshops, stand, wire)
    key = shop.key(spec, origin=Origin.EXTERNAL)
    hand_over(shop, key.key_id, material(spec), algorithm)
    assert shop.site.client.describe_key(key.key_id).state is KeyState.ENABLED
    assert key.decrypt(key.encrypt(SECRET).blob) == SECRET


@every_kind
def test_a_key_that_waits_for_its_material_does_nothing(
    workshops: Workshops, stand: str, wire: str, spec: Spec
) -> None:
    key = common(workshops, stand, wire).key(spec, origin=Origin.EXTERNAL)
    for attempt in (lambda: key.encrypt(SECRET), key.data_key):
        with pytest.raises(WrongStateError, match=key.where) as refusal:
            attempt()
        assert SECRET.decode() not in str(refusal.value)


@every_kind
def test_deleted_material_is_gone_until_the_same_comes_back(
    workshops: Workshops, stand: str, wire: str, spec: Spec
) -> None:
    shop = common(workshops, stand, wire)
    key = shop.key(spec, origin=Origin.EXTERNAL)
    hand_over(shop, key.key_id, material(spec))
    blob = key.encrypt(SECRET).blob
    shop.client.delete_material(key.key_id)
    assert shop.site.client.describe_key(key.key_id).state is KeyState.PENDING_IMPORT
    with pytest.raises(KmsError):
        key.decrypt(blob)
    with pytest.raises(KmsError) as refusal:
        hand_over(shop, key.key_id, material(spec, OTHER))
    assert OTHER.decode()[:16] not in str(refusal.value)
    hand_over(shop, key.key_id, material(spec))
    assert key.decrypt(blob) == SECRET


@every_kind
def test_the_cloud_refuses_material_of_another_length(workshops: Workshops, stand: str, wire: str, spec: Spec) -> None:
    shop = common(workshops, stand, wire)
    key = shop.key(spec, origin=Origin.EXTERNAL)
    for wrong in (material(spec)[:-1], material(spec) + b"\n", b"x"):
        with pytest.raises(KmsError):
            hand_over(shop, key.key_id, wrong)
    assert shop.site.client.describe_key(key.key_id).state is KeyState.PENDING_IMPORT


@every_stand
def test_a_token_of_another_key_imports_nothing(workshops: Workshops, stand: str, wire: str) -> None:
    shop = common(workshops, stand, wire)
    spec = specs(stand)[0]
    if stand == "alibaba-default":
        pytest.skip("there is room for one key only")
    key, other = (shop.key(spec, origin=Origin.EXTERNAL) for _ in range(2))
    wrapping = shop.client.wrapping_key(other.key_id, limits_of(stand).wrapping[0])
    wrapped = wrap_material(wrapping.der, wrapping.algorithm, material(spec))
    with pytest.raises(KmsError) as refusal:
        shop.client.import_material(key.key_id, wrapped, wrapping.token, NEVER)
    assert wrapping.token not in str(refusal.value)
    assert shop.site.client.describe_key(key.key_id).state is KeyState.PENDING_IMPORT


@every_stand
def test_material_expires_by_the_clouds_clock_and_comes_back(shop: Workshop) -> None:
    spec = specs(shop.stand)[0]
    key = shop.key(spec, origin=Origin.EXTERNAL)
    soon = int((datetime.now(UTC) + timedelta(days=2)).timestamp())
    hand_over(shop, key.key_id, material(spec), expires=soon)
    assert shop.site.client.describe_key(key.key_id).material_expires
    blob = key.encrypt(SECRET).blob
    shop.running.advance(3 * DAY)
    with pytest.raises(KmsError):
        key.decrypt(blob)
    assert shop.site.client.describe_key(key.key_id).state is KeyState.PENDING_IMPORT
    hand_over(shop, key.key_id, material(spec))
    assert key.decrypt(blob) == SECRET
    assert not shop.site.client.describe_key(key.key_id).material_expires


@every_stand
def test_a_declared_key_is_made_with_its_material_and_planned_again_to_nothing(shop: Workshop, tmp_path: Path) -> None:
    content = material(specs(shop.stand)[0])
    outcome = keys.create(shop.site, declared(shop, tmp_path, content))
    assert (outcome.problem, outcome.key.state) == ("", KeyState.ENABLED)
    assert outcome.seal
    assert outcome.seal.fits(content)
    since = shop.requests
    again = keys.update(shop.running.site(shop.target), declared(shop, tmp_path, content), outcome.key.id)
    assert again.problem == ""
    assert not [action for action in shop.actions(since) if "mport" in action]


@every_stand
def test_a_declared_expiry_arrives_and_moves_by_the_very_same_material(shop: Workshop, tmp_path: Path) -> None:
    content = material(specs(shop.stand)[0])
    outcome = keys.create(shop.site, declared(shop, tmp_path, content, "2037-01-01"))
    assert (outcome.problem, outcome.key.material_expires[:10]) == ("", "2037-01-01")
    since = shop.requests
    assert keys.update(shop.running.site(shop.target), declared(shop, tmp_path, content, "2037-01-01"),
                       outcome.key.id, seal=outcome.seal).problem == ""  # fmt: skip
    assert not [action for action in shop.actions(since) if "mport" in action]
    later = declared(shop, tmp_path, content, "2037-02-01")
    moved = keys.update(shop.running.site(shop.target), later, outcome.key.id, seal=outcome.seal)
    assert (moved.problem, moved.key.material_expires[:10]) == ("", "2037-02-01")


@every_stand
def test_material_that_is_gone_is_brought_back_by_the_next_update(shop: Workshop, tmp_path: Path) -> None:
    content = material(specs(shop.stand)[0])
    desired = declared(shop, tmp_path, content)
    outcome = keys.create(shop.site, desired)
    key = shop.use(outcome.key.id, desired.settings)
    blob = key.encrypt(SECRET).blob
    shop.client.delete_material(key.key_id)
    updated = keys.update(shop.running.site(shop.target), desired, key.key_id, seal=outcome.seal)
    assert (updated.problem, updated.seal) == ("", outcome.seal)
    assert key.decrypt(blob) == SECRET


@every_stand
def test_other_material_is_refused_by_our_seal_before_anything_is_sent(shop: Workshop, tmp_path: Path) -> None:
    spec = specs(shop.stand)[0]
    outcome = keys.create(shop.site, declared(shop, tmp_path, material(spec)))
    shop.client.delete_material(outcome.key.id)
    wrong = declared(shop, tmp_path, material(spec, OTHER), name="other")
    wrong = replace(wrong, marker=outcome.key.marker)
    since = shop.requests
    updated = keys.update(shop.running.site(shop.target), wrong, outcome.key.id, seal=outcome.seal)
    assert "one material for life" in updated.problem
    assert not [action for action in shop.actions(since) if "mport" in action]
    assert updated.key.state is KeyState.PENDING_IMPORT
    assert updated.seal == outcome.seal


@every_stand
def test_without_a_seal_the_cloud_itself_refuses_other_material(shop: Workshop, tmp_path: Path) -> None:
    spec = specs(shop.stand)[0]
    outcome = keys.create(shop.site, declared(shop, tmp_path, material(spec)))
    shop.client.delete_material(outcome.key.id)
    wrong = replace(declared(shop, tmp_path, material(spec, OTHER), name="other"), marker=outcome.key.marker)
    updated = keys.update(shop.running.site(shop.target), wrong, outcome.key.id)
    assert updated.problem
    assert updated.seal is None
    assert updated.key.state is KeyState.PENDING_IMPORT


@every_stand
@pytest.mark.parametrize("length", [0, 1, 15, 17, 31, 33, 64])
def test_material_of_a_wrong_length_is_refused_before_a_key_is_made(
    workshops: Workshops, stand: str, wire: str, length: int, tmp_path: Path
) -> None:
    shop = common(workshops, stand, wire)
    since = shop.requests
    with pytest.raises(InputError) as refusal:
        keys.create(shop.site, declared(shop, tmp_path, b"k" * length))
    assert "k" * 8 not in str(refusal.value)
    assert not [action for action in shop.actions(since) if action.lower() == "createkey"]


@every_stand
def test_an_expiry_that_is_over_is_told_and_nothing_is_imported(shop: Workshop, tmp_path: Path) -> None:
    desired = declared(shop, tmp_path, material(specs(shop.stand)[0]), expires="2020-01-01")
    try:
        problem = keys.create(shop.site, desired).problem
    except (InputError, UnsafeError) as refusal:
        problem = str(refusal)
    assert "2020-01-01" in problem
    assert not [action for action in shop.actions(0) if action.lower().startswith("importkey")]


@pytest.mark.parametrize("stand", ONE_PER_CLOUD)
def test_a_key_of_the_clouds_own_making_takes_no_material(workshops: Workshops, stand: str) -> None:
    shop = workshops.at(stand)
    key = shop.key()
    with pytest.raises(KmsError):
        shop.client.delete_material(key.key_id)
    with pytest.raises(KmsError):
        shop.client.wrapping_key(key.key_id, Algorithm.RSAES_OAEP_SHA_256)
    assert shop.site.client.describe_key(key.key_id).state is KeyState.ENABLED
