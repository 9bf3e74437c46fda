"""Importing material through lost answers and from every source: finished now, or by the next update."""

import base64
import sys
from pathlib import Path

import pytest

from kms_resources.crypto.seal import Seal
from kms_resources.errors import InputError, UnsafeError
from kms_resources.model import (
    ActualKey,
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
from kms_resources.operations.material import import_material, read_material
from kms_resources.operations.site import Site
from tests.support.workshop import STANDS, Workshop, Workshops

CONTENT = bytes(range(0x60, 0x80))
IMPORT = {"tencent-abroad": "ImportKeyMaterial", "alibaba": "ImportKeyMaterial", "ctyun": "importKeyMaterial"}
ARRIVED = ["lost_after_commit", "error_after", "cut_body", "wrong_json"]
NOT_ARRIVED = ["lost_before", "error_before"]
importing = pytest.mark.parametrize("stand", IMPORT)


@pytest.fixture
def shop(workshops: Workshops, stand: str) -> Workshop:
    return workshops.fresh(stand)


def key_of(stand: str, source: Source, expires: str = "") -> DesiredKey:
    settings = Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT, Origin.EXTERNAL)
    return DesiredKey("vault", STANDS[stand], settings, Marker("shop/prod/vault"), material=Material(source, expires))


def from_file(folder: Path, content: bytes = CONTENT) -> Source:
    file = folder / "material.bin"
    file.write_bytes(content)
    return Source(SourceKind.FILE, str(file))


def site(shop: Workshop) -> Site:
    """What the next run is: nothing is remembered."""
    return shop.running.site(shop.target)


def fault(shop: Workshop, kind: str, action: str) -> None:
    shop.running.fault(kind=kind, cloud=shop.target.cloud, action=action, count=1)


def mine(shop: Workshop) -> list[ActualKey]:
    return list(site(shop).sweep.marked(Marker("shop/prod/vault")))


@importing
@pytest.mark.parametrize("kind", ARRIVED)
def test_an_import_whose_answer_is_lost_is_found_to_have_arrived(shop: Workshop, kind: str, tmp_path: Path) -> None:
    fault(shop, kind, IMPORT[shop.stand])
    outcome = keys.create(site(shop), key_of(shop.stand, from_file(tmp_path)))
    assert (outcome.problem, outcome.key.state) == ("", KeyState.ENABLED)
    assert outcome.seal
    assert outcome.seal.fits(CONTENT)
    assert shop.actions(0).count(IMPORT[shop.stand]) == 1


@importing
@pytest.mark.parametrize("kind", NOT_ARRIVED)
def test_an_import_that_never_arrived_is_made_up_for_by_the_next_update(
    shop: Workshop, kind: str, tmp_path: Path
) -> None:
    desired = key_of(shop.stand, from_file(tmp_path))
    fault(shop, kind, IMPORT[shop.stand])
    outcome = keys.create(site(shop), desired)
    assert (outcome.key.state, outcome.seal) == (KeyState.PENDING_IMPORT, None)
    assert outcome.problem.startswith(f"{shop.target.name}/vault") or IMPORT[shop.stand] in outcome.problem
    again = keys.update(site(shop), desired, outcome.key.id)
    assert (again.problem, again.key.state) == ("", KeyState.ENABLED)
    assert [key.id for key in mine(shop)] == [outcome.key.id]


@importing
def test_a_run_killed_before_the_import_is_taken_up_by_the_next_create(shop: Workshop, tmp_path: Path) -> None:
    waiting = key_of(shop.stand, from_file(tmp_path))
    first = site(shop).client.create_key(waiting)
    outcome = keys.create(site(shop), waiting)
    assert (outcome.key.id, outcome.problem, outcome.key.state) == (first, "", KeyState.ENABLED)
    assert len(mine(shop)) == 1


@importing
def test_a_run_killed_after_the_import_changes_nothing_the_next_time(shop: Workshop, tmp_path: Path) -> None:
    desired = key_of(shop.stand, from_file(tmp_path))
    first = keys.create(site(shop), desired)
    since = shop.requests
    again = keys.create(site(shop), desired)
    assert (again.key.id, again.problem) == (first.key.id, "")
    assert IMPORT[shop.stand] not in shop.actions(since)


@importing
@pytest.mark.parametrize("kind", [SourceKind.ENV, SourceKind.FILE, SourceKind.COMMAND])
def test_material_comes_from_every_source(
    shop: Workshop, kind: SourceKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_MATERIAL", base64.b64encode(CONTENT).decode() + "\n")
    source = from_file(tmp_path)
    sources = {
        SourceKind.ENV: Source(SourceKind.ENV, "VAULT_MATERIAL"),
        SourceKind.FILE: source,
        SourceKind.COMMAND: Source(SourceKind.COMMAND, f"cat {source.value}"),
    }
    outcome = keys.create(site(shop), key_of(shop.stand, sources[kind]))
    assert outcome.problem == ""
    assert outcome.seal
    assert outcome.seal.fits(CONTENT)


@importing
@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source(SourceKind.ENV, "VAULT_MATERIAL"), "VAULT_MATERIAL does not hold Base64"),
        (Source(SourceKind.ENV, "NOT_SET"), "NOT_SET is not set"),
        (Source(SourceKind.FILE, "absent.bin"), "absent.bin cannot be read"),
        (Source(SourceKind.COMMAND, f"{sys.executable} -c 'raise SystemExit(3)'"), "exit code 3"),
        (Source(SourceKind.COMMAND, "echo"), "33|has 32 bytes"),
    ],
)
def test_material_that_cannot_be_right_makes_no_key(
    shop: Workshop, source: Source, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VAULT_MATERIAL", "canary-secret, no Base64!")
    with pytest.raises(InputError, match=words) as refusal:
        keys.create(site(shop), key_of(shop.stand, source))
    assert "canary" not in str(refusal.value)
    assert refusal.value.where == f"{shop.target.name}/vault"
    assert mine(shop) == []


@pytest.mark.parametrize("text", ["=", "abc", "密钥", "a b c d", "AAAA=AAA"])
def test_an_environment_variable_that_is_not_base64_is_refused_without_a_traceback(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_MATERIAL", text)
    with pytest.raises(InputError, match=r"Base64|bytes"):
        read_material(key_of("alibaba", Source(SourceKind.ENV, "VAULT_MATERIAL")), None)


def test_the_seal_of_the_first_material_refuses_any_other(tmp_path: Path) -> None:
    desired = key_of("alibaba", from_file(tmp_path))
    assert read_material(desired, Seal.of(CONTENT)) == CONTENT
    with pytest.raises(UnsafeError, match="one material for life") as refusal:
        read_material(desired, Seal.of(CONTENT[::-1]))
    assert CONTENT.decode() not in str(refusal.value)


def test_a_cloud_without_import_says_so(workshops: Workshops, tmp_path: Path) -> None:
    shop = workshops.at("tencent-legacy")
    since = shop.requests
    with pytest.raises(InputError, match="cannot be imported here"):
        import_material(site(shop), key_of("tencent-legacy", from_file(tmp_path)), shop.use("x").key_id, CONTENT)
    assert shop.requests == since
