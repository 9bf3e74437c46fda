"""Versions of a key: what an old one made stays good after a new one came."""

import pytest

from kms_resources.capabilities import Capability
from kms_resources.errors import InputError, KmsError
from kms_resources.model import Spec, Usage
from tests.support.workshop import WIRES, Workshop, Workshops, stands, symmetric_spec

DAY = 86_400
SECRET = b"older than the key"
MESSAGE = [b"signed by the first version"]
ROTATING = stands(Capability.ROTATION, only=["tencent", "alibaba-software", "ctyun"])


@pytest.fixture
def shop(workshops: Workshops, stand: str, wire: str) -> Workshop:
    """One whose clock may be moved."""
    return workshops.fresh(stand, wire)


@pytest.mark.parametrize(("stand", "wire"), ROTATING)
def test_a_rotated_key_opens_what_it_encrypted_before(shop: Workshop) -> None:
    key = shop.key(rotation_days=30)
    blobs = [key.encrypt(SECRET, {"a": "1"}).blob]
    versions = {key.encrypt(SECRET).version}
    for _ in range(2):
        shop.running.advance(31 * DAY)
        made = key.encrypt(SECRET, {"a": "1"})
        blobs.append(made.blob)
        versions.add(made.version)
    assert [key.decrypt(blob, {"a": "1"}) for blob in blobs] == [SECRET] * 3
    # Where the cloud tells versions they are three.
    assert len(versions) == 3 or versions == {""}


@pytest.mark.parametrize(("stand", "wire"), [pair for pair in ROTATING if pair[0] != "tencent"])
def test_the_versions_of_a_rotated_key_are_listed_oldest_first(shop: Workshop) -> None:
    key = shop.key(rotation_days=30)
    first = key.encrypt(SECRET).version
    shop.running.advance(31 * DAY)
    newest = key.encrypt(SECRET).version
    listed = key.versions()
    assert [one.id for one in listed] == [first, newest]
    assert sorted(one.created for one in listed) == [one.created for one in listed]


@pytest.mark.parametrize(("stand", "wire"), [("tencent", wire) for wire in WIRES])
def test_a_symmetric_key_is_rotated_on_demand_where_the_cloud_does_not_name_versions(shop: Workshop) -> None:
    key = shop.key(rotation_days=90)
    blob = key.encrypt(SECRET).blob
    assert key.new_version() is None
    assert key.decrypt(blob) == SECRET
    assert key.decrypt(key.encrypt(SECRET).blob) == SECRET
    with pytest.raises(KmsError, match=key.key_id):
        key.new_version()  # once in 24 hours
    with pytest.raises(InputError, match="versions"):
        key.versions()


@pytest.mark.parametrize(("stand", "wire"), [("alibaba-software", wire) for wire in WIRES])
def test_a_symmetric_key_is_rotated_on_demand_where_versions_have_names(shop: Workshop) -> None:
    key = shop.key()
    old = key.encrypt(SECRET)
    shop.running.advance(8 * DAY)
    version = key.new_version()
    assert version
    new = key.encrypt(SECRET)
    assert (version.id, old.version) == (new.version, key.versions()[0].id)
    assert {key.decrypt(old.blob), key.decrypt(new.blob)} == {SECRET}


@pytest.mark.parametrize(("stand", "wire"), [("ctyun", wire) for wire in WIRES])
@pytest.mark.parametrize("spec", [Spec.EC_P256, Spec.SM2])
def test_a_signature_of_an_old_version_is_still_right(shop: Workshop, spec: Spec) -> None:
    key = shop.key(spec, Usage.SIGN_VERIFY)
    old = key.sign(MESSAGE)
    shop.running.advance(8 * DAY)
    version = key.new_version()
    assert version
    new = key.sign(MESSAGE)
    assert (version.id, True) == (new.version, old.version != new.version)
    assert key.verify(MESSAGE, old.value)  # no version is named: the older ones are tried too
    assert key.verify(iter(MESSAGE), new.value)
    assert key.verify(iter(MESSAGE), old.value, version=old.version)
    assert not key.verify(MESSAGE, old.value, version=new.version)
    assert not key.verify([b"something else"], old.value)
    assert key.public_key(old.version).der != key.public_key().der


@pytest.mark.parametrize(("stand", "wire"), [("ctyun", wire) for wire in WIRES])
def test_what_was_encrypted_for_an_old_version_opens_by_its_name(shop: Workshop) -> None:
    key = shop.key(Spec.SM2, Usage.ENCRYPT_DECRYPT)
    old = key.public_key().version
    ciphertext = key.asymmetric_encrypt(SECRET)
    shop.running.advance(8 * DAY)
    key.new_version()
    assert key.asymmetric_decrypt(ciphertext, version=old) == SECRET
    with pytest.raises(KmsError) as refusal:
        key.asymmetric_decrypt(ciphertext)
    assert SECRET.decode() not in str(refusal.value)


@pytest.mark.parametrize(("stand", "wire"), stands(Capability.NEW_VERSION, has=False))
def test_a_cloud_without_versions_on_demand_says_so_before_any_request(
    workshops: Workshops, stand: str, wire: str
) -> None:
    shop = workshops.at(stand, wire)
    key = shop.shared(symmetric_spec(stand))
    since = shop.requests
    with pytest.raises(InputError, match="version"):
        key.new_version()
    assert shop.requests == since
