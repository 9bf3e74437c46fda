"""KMS actions that use symmetric keys: encryption, decryption, data keys, random bytes."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from kms_emulator.tencent import conditions, recipient, uses
from kms_emulator.tencent.ciphertext import Blob, context, sealed
from kms_emulator.tencent.conditions import READABLE, binary, require
from kms_emulator.tencent.data_key_creation import HOSTING, Hosting
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import NUMBER, TEXT, Given, may, needs
from kms_emulator.tencent.work import Action, Result, Work


def encrypt(given: Given, work: Work) -> Result:
    """Encrypt."""
    plaintext = binary(given.text("Plaintext"), "Plaintext", Code.INVALID_PLAINTEXT, uses.LARGEST_PLAINTEXT)
    bound = context(given.text("EncryptionContext"))
    key = work.keys.find(given.text("KeyId"))
    require(key, conditions.ENCRYPT)
    return {"KeyId": key["id"], "CiphertextBlob": sealed(key, work.keys.vault, plaintext, bound)}


def decrypt(given: Given, work: Work) -> Result:
    """Decrypt. The ciphertext names the key."""
    blob = Blob.parse(given.text("CiphertextBlob"))
    bound = context(given.text("EncryptionContext"))
    key = blob.key(work.keys)
    require(key, conditions.DECRYPT, states=READABLE)
    plaintext = blob.opened(key, work.keys.vault, bound)
    return {"KeyId": key["id"], "Plaintext": recipient.plaintext_for(given, plaintext)}


def re_encrypt(given: Given, work: Work) -> Result:
    """ReEncrypt: under another key, another context or the newest version; unchanged if all three are the same."""
    blob = Blob.parse(given.text("CiphertextBlob"))
    before, after = (context(given.text(name), name) for name in _CONTEXTS)
    source = blob.key(work.keys)
    target = work.keys.find(given.text("DestinationKeyId")) if given.text("DestinationKeyId") else source
    require(source, conditions.DECRYPT, states=READABLE)
    require(target, conditions.DECRYPT)
    plaintext = blob.opened(source, work.keys.vault, before)
    same = source["id"] == target["id"] and blob.is_current(target, after)
    text = given.text("CiphertextBlob") if same else sealed(target, work.keys.vault, plaintext, after)
    return {"CiphertextBlob": text, "KeyId": target["id"], "SourceKeyId": source["id"], "ReEncrypted": not same}


_CONTEXTS = ("SourceEncryptionContext", "DestinationEncryptionContext")


def generate_data_key(given: Given, work: Work) -> Result:
    """GenerateDataKey, kept by the service too if ``IsHostedByKms`` says so."""
    length = _data_key_length(given)
    bound = context(given.text("EncryptionContext"))
    hosting = Hosting.read(given, work)
    key = work.keys.find(given.text("KeyId"))
    require(key, conditions.GENERATE_DATA_KEY, wrong_usage=Code.INVALID_KEY_USAGE)
    plaintext = work.context.random.randbytes(length)
    answered = recipient.plaintext_for(given, plaintext)
    blob = sealed(key, work.keys.vault, plaintext, bound)
    kept = hosting.keep(key, blob, bound, length) if hosting else {}
    return {"KeyId": key["id"], "Plaintext": answered, "CiphertextBlob": blob, **kept}


def _data_key_length(given: Given) -> int:
    if "NumberOfBytes" in given:  # it beats KeySpec [S1]
        return _number_of_bytes(given)
    spec = given.text("KeySpec")
    if spec not in uses.DATA_KEY_SPECS:
        raise ApiError(Code.INVALID_PARAMETER, "Give `NumberOfBytes`, or `KeySpec` as AES_128 or AES_256.")
    return uses.DATA_KEY_SPECS[spec]


def _number_of_bytes(given: Given) -> int:
    number = given.number("NumberOfBytes")
    if number not in uses.DATA_KEY_BYTES:
        raise ApiError(Code.INVALID_PARAMETER, f"`NumberOfBytes` is {number}; allowed are 1 to 1024.")
    return number


def generate_random(given: Given, work: Work) -> Result:
    """GenerateRandom."""
    return {"Plaintext": base64.b64encode(work.context.random.randbytes(_number_of_bytes(given))).decode()}


ACTIONS: Mapping[str, Action] = {
    "Encrypt": Action(encrypt, {"KeyId": needs(TEXT), "Plaintext": needs(TEXT), "EncryptionContext": may(TEXT)}),
    "Decrypt": Action(decrypt, {"CiphertextBlob": needs(TEXT), "EncryptionContext": may(TEXT), **recipient.FIELDS}),
    "ReEncrypt": Action(re_encrypt, {
        "CiphertextBlob": needs(TEXT), "DestinationKeyId": may(TEXT), **{name: may(TEXT) for name in _CONTEXTS},
    }),
    "GenerateDataKey": Action(generate_data_key, {
        "KeyId": needs(TEXT), "KeySpec": may(TEXT), "NumberOfBytes": may(NUMBER), "EncryptionContext": may(TEXT),
        **recipient.FIELDS, "IsHostedByKms": may(NUMBER), "DataKeyName": may(TEXT), **HOSTING,
    }),
    "GenerateRandom": Action(generate_random, {"NumberOfBytes": needs(NUMBER)}),
}  # fmt: skip
