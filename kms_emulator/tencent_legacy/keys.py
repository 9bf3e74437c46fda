"""The keys of API 2.0: document, indexes, finding and saving, and their ciphertexts."""

from __future__ import annotations

import base64
import json
import re

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.symmetric import NONCE_LENGTH, TAG_LENGTH, open_sealed, seal
from kms_emulator.contract import Collection, Document, DuplicateValueError, Index, Kind
from kms_emulator.tencent_legacy import facts
from kms_emulator.tencent_legacy.facts import ApiError, Code

_KEY_ID = re.compile(facts.KEY_ID)
_ID_LENGTH = 12

# As in API 3.0, keys that wait for their deletion are neither listed nor counted [I?].
KEYS = Kind(
    "keys",
    indexes={
        "alias": Index(lambda key: [str(key["alias"])], unique=True),
        "listed": Index(lambda key: ["yes"] if key["state"] != facts.PENDING_DELETE else []),
    },
    due=lambda key: key["deletion"] or None,
)


class Keys:
    """The keys of one account and region as of ``now``; those whose deletion date has come are gone."""

    def __init__(self, collection: Collection, now: float) -> None:
        self.collection = collection
        for identifier in collection.due(now):
            collection.delete(identifier)

    def find(self, key_id: str) -> Document:
        """The key with this id, in any state."""
        if not _KEY_ID.fullmatch(key_id):
            raise ApiError(Code.KEY_FORMAT, "keyId is not a key id")
        key = self.collection.get(key_id)
        if key is None:
            raise ApiError(Code.KEY_NOT_FOUND, "key is not existed")
        return key

    def usable(self, key_id: str) -> Document:
        """The key with this id, which must be enabled."""
        key = self.find(key_id)
        if key["state"] != facts.ENABLED:
            raise ApiError(Code.KEY_DISABLED, "key is disabled")
        return key

    def in_state(self, key_id: str, *states: str) -> Document:
        """The key with this id, which must be in one of the states."""
        key = self.find(key_id)
        if key["state"] not in states:
            raise ApiError(Code.WRONG_STATE, f"the key is {key['state']}")
        return key

    def save(self, key: Document) -> None:
        """Create or change a key; its alias must be free."""
        try:
            self.collection.put(key["id"], key)
        except DuplicateValueError:
            raise ApiError(Code.ALIAS_EXISTS, "the alias exists already") from None


def shown(key: Document) -> dict[str, object]:
    """``keyMetadata``."""
    return {
        "keyId": key["id"], "alias": key["alias"], "createTime": key["created"], "description": key["description"],
        "keyState": key["state"], "keyUsage": facts.USAGE,
    }  # fmt: skip


def context(text: str) -> str:
    """A checked encryption context; it is compared as text."""
    try:
        well_formed = not text or isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        well_formed = False
    if not well_formed or len(text) > facts.LONGEST_CONTEXT:
        raise ApiError(Code.CONTEXT, "encryptionContext is not the text of a JSON object, or too long")
    return text


def sealed(key: Document, plaintext: bytes, bound: str) -> str:
    """Encrypt. The ciphertext names the key; its form is this emulator's own, because none was published."""
    nonce, data = seal(facts.KIND, base64.b64decode(key["material"]), plaintext, _bound(key["id"], bound))
    return base64.b64encode(key["id"].encode() + nonce + data).decode()


def opened(blob: str, bound: str, keys: Keys) -> tuple[Document, bytes]:
    """The key that made a ciphertext, which must be enabled, and the plaintext."""
    data = decoded(blob)
    if data is None or len(data) < _ID_LENGTH + NONCE_LENGTH + TAG_LENGTH:
        raise ApiError(Code.CIPHERTEXT, "ciphertextBlob is not valid")
    name = data[:_ID_LENGTH].decode("ascii", "replace")
    if not _KEY_ID.fullmatch(name):
        raise ApiError(Code.CIPHERTEXT, "ciphertextBlob is not valid")
    key = keys.usable(name)
    nonce, rest = data[_ID_LENGTH : _ID_LENGTH + NONCE_LENGTH], data[_ID_LENGTH + NONCE_LENGTH :]
    try:
        return key, open_sealed(facts.KIND, base64.b64decode(key["material"]), nonce, rest, _bound(name, bound))
    except CipherError:
        raise ApiError(Code.DECRYPT_FAILED, "decryption failed") from None


def decoded(text: str) -> bytes | None:
    """Strict base64: one text for each value, so that a changed character never goes unseen."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def _bound(key_id: str, bound: str) -> bytes:
    return f"{key_id} {bound}".encode()
