"""Keys through a target's private door: the results of the shared one, and no door taken for another."""

from dataclasses import replace

import pytest

from kms_resources.clouds.crypto import CryptoClient
from kms_resources.crypto.words import NO_CONTEXT, Context, Decrypted
from kms_resources.errors import InputError, KmsError, RejectedError, UnsafeError
from kms_resources.model import Gateway, KeyId, Spec, Usage
from kms_resources.use import UsedKey
from kms_resources.use.reference import with_door
from tests.support.refusals import refused
from tests.support.workshop import WIRES, Workshop, Workshops

SECRET = b"canary through a door"
CONTEXT = {"table": "orders", "用途": "订单"}
points = pytest.mark.parametrize("wire", WIRES)


def through(shop: Workshop, key: UsedKey, gateway: Gateway | None) -> UsedKey:
    """The same key by a target with another door, or with none."""
    target = replace(shop.target, gateway=gateway)
    assert shop.cloud.connect_crypto
    client = shop.cloud.connect_crypto(target, shop.running.environ)
    return replace(key, reference=replace(key.reference, target=target), client=client)


@points
def test_an_access_point_encrypts_and_opens(workshops: Workshops, wire: str) -> None:
    shop = workshops.at("ctyun-access-point", wire)
    key = shop.shared(Spec.AES_256)
    since = shop.requests
    blob = key.encrypt(SECRET).blob
    assert key.decrypt(blob) == SECRET
    assert len(shop.actions(since)) == 2
    public = through(shop, key, None)
    assert public.decrypt(blob) == SECRET
    assert key.decrypt(public.encrypt(SECRET).blob) == SECRET


@points
def test_neither_door_opens_the_ciphertext_of_another_key(workshops: Workshops, wire: str) -> None:
    shop = workshops.at("ctyun-access-point", wire)
    key, other = shop.shared(Spec.AES_256), shop.key()
    for used in (key, through(shop, key, None)):
        error = refused(lambda used=used: used.decrypt(other.encrypt(SECRET).blob), SECRET)  # type: ignore[misc]
        assert isinstance(error, UnsafeError | RejectedError)


class Forgetful:
    """A door that answers as the access point is known to: with the plaintext and nothing else."""

    def __init__(self, client: CryptoClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def decrypt(self, blob: str, context: Context = NO_CONTEXT) -> Decrypted:
        return replace(self._client.decrypt(blob, context), key_id=KeyId(""), version="")


def test_a_door_that_does_not_tell_the_key_is_believed(workshops: Workshops) -> None:
    key = workshops.at("ctyun-access-point").shared(Spec.AES_256)
    through_it = replace(key, client=Forgetful(key.client))  # type: ignore[arg-type]
    assert through_it.decrypt(key.encrypt(SECRET).blob) == SECRET


@points
def test_an_access_point_computes_the_same_hmac(workshops: Workshops, wire: str) -> None:
    shop = workshops.at("ctyun-access-point", wire)
    key = shop.shared(Spec.HMAC_SM3, Usage.GENERATE_VERIFY_MAC)
    assert key.hmac("金额=7".encode()) == through(shop, key, None).hmac("金额=7".encode())


@points
def test_an_access_point_takes_no_context_and_says_so(workshops: Workshops, wire: str) -> None:
    shop = workshops.at("ctyun-access-point", wire)
    key = shop.shared(Spec.AES_256)
    since = shop.requests
    error = refused(lambda: key.encrypt(SECRET, CONTEXT), SECRET)
    assert "ontext" in str(error)
    assert shop.requests == since
    blob = through(shop, key, Gateway("", shared=("encrypt", "decrypt"))).encrypt(SECRET, CONTEXT).blob
    assert through(shop, key, None).decrypt(blob, CONTEXT) == SECRET


@points
def test_a_message_that_is_no_text_is_refused_without_a_trace_of_it(workshops: Workshops, wire: str) -> None:
    shop = workshops.at("ctyun-access-point", wire)
    key = shop.shared(Spec.HMAC_SM3, Usage.GENERATE_VERIFY_MAC)
    message = b"canary \xff\xfe\x80"
    assert isinstance(refused(lambda: key.hmac(message), message, b"canary"), InputError)


@pytest.mark.parametrize("context", [{}, CONTEXT], ids=["bare", "context"])
def test_what_one_door_of_an_instance_made_the_other_opens(workshops: Workshops, context: dict[str, str]) -> None:
    shop = workshops.at("alibaba-instance", "http")
    private = shop.shared(Spec.AES_256)
    shared = through(shop, private, None)
    assert shared.decrypt(private.encrypt(SECRET, context).blob, context) == SECRET
    assert private.decrypt(shared.encrypt(SECRET, context).blob, context) == SECRET
    made = private.data_key(32, context)
    assert shared.decrypt(made.ciphertext.blob, context) == made.plaintext
    made = shared.data_key(32, context)
    assert private.decrypt(made.ciphertext.blob, context) == made.plaintext


@pytest.mark.parametrize("spec", [Spec.RSA_2048, Spec.EC_P256K, Spec.SM2])
def test_both_doors_of_an_instance_agree_on_key_pairs(workshops: Workshops, spec: Spec) -> None:
    shop = workshops.at("alibaba-instance", "http")
    private = shop.shared(spec, Usage.SIGN_VERIFY)
    shared = through(shop, private, None)
    assert private.public_key() == shared.public_key()
    assert shared.verify([SECRET], private.sign([SECRET]).value)
    assert private.verify([SECRET], shared.sign([SECRET]).value)


def test_the_door_is_chosen_by_operation_and_by_call(workshops: Workshops) -> None:
    shop = workshops.at("alibaba-instance", "http")
    key = shop.shared(Spec.AES_256)
    routes = {
        Gateway(""): ["AdvanceEncrypt", "AdvanceDecrypt"],
        Gateway("", shared=("Encrypt",)): ["Encrypt", "AdvanceDecrypt"],
        Gateway("", shared=("*",)): ["Encrypt", "Decrypt"],
        None: ["Encrypt", "Decrypt"],
    }
    for gateway, actions in routes.items():
        if gateway is None:
            environ = {name: text for name, text in shop.running.environ.items() if name != "ALIBABA_KMS_GATEWAY"}
            assert shop.cloud.connect_crypto
            client = shop.cloud.connect_crypto(replace(shop.target, gateway=None), environ)
            used = replace(key, client=client)
        else:
            used = through(shop, key, gateway)
        since = shop.requests
        assert used.decrypt(used.encrypt(SECRET).blob) == SECRET
        assert shop.actions(since) == actions
    for door, action in (("shared", "Encrypt"), ("instance", "AdvanceEncrypt")):
        since = shop.requests
        through(shop, key, with_door(shop.target, door).gateway).encrypt(SECRET)
        assert shop.actions(since) == [action]


def test_an_operation_that_no_door_has_is_refused_with_the_nearest_name(workshops: Workshops) -> None:
    shop = workshops.at("alibaba-instance", "http")
    with pytest.raises(InputError, match="did you mean Encrypt"):
        through(shop, shop.shared(Spec.AES_256), Gateway("", shared=("Encryp",)))


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_a_context_in_another_encoding_is_another_context(workshops: Workshops, encoding: str) -> None:
    shop = workshops.at("alibaba-instance", "http")
    key = shop.shared(Spec.AES_256)
    encoded = through(shop, key, Gateway("", encoding=encoding))
    blob = encoded.encrypt(SECRET, CONTEXT).blob
    assert encoded.decrypt(blob, CONTEXT) == SECRET
    with pytest.raises(KmsError):
        key.decrypt(blob, CONTEXT)
