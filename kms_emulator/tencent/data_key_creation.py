"""How data keys come to be hosted: by GenerateDataKey, or by import."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from kms_emulator.contract import Document
from kms_emulator.tencent import conditions, uses
from kms_emulator.tencent.ciphertext import Blob, sealed
from kms_emulator.tencent.conditions import binary, require
from kms_emulator.tencent.creation_tags import attach_at_creation, check_at_creation
from kms_emulator.tencent.data_keys import new_data_key
from kms_emulator.tencent.errors import ApiError, Code, missing
from kms_emulator.tencent.facts import Origin
from kms_emulator.tencent.fields import NUMBER, TAG, TEXT, Given, Many, may, needs
from kms_emulator.tencent.key_actions import no_cluster
from kms_emulator.tencent.work import Action, Result, Work

HOSTING = {"Description": may(TEXT), "HsmClusterId": may(TEXT), "Tags": may(Many(TAG))}
_NAME = re.compile(uses.DATA_KEY_NAME)
_CIPHERTEXT, _PLAINTEXT = 1, 2  # values of ImportType [S1]


def data_key_name(name: str) -> str:
    """A checked name."""
    if not _NAME.fullmatch(name):
        raise ApiError(Code.INVALID_DATA_KEY_NAME, f"The data key name `{name}` is not valid.")
    return name


def data_key_description(text: str) -> str:
    """A checked description."""
    if len(text.encode()) > uses.LONGEST_DATA_KEY_DESCRIPTION:
        limit = uses.LONGEST_DATA_KEY_DESCRIPTION
        raise ApiError(Code.INVALID_PARAMETER, f"`Description` is longer than {limit} bytes.")
    return text


def require_room(work: Work) -> None:
    """Refuse one more data key than the account may have."""
    limit = int(work.context.switch("data_key_limit"))
    if work.context.quotas and work.data_keys.used >= limit:
        message = f"The account has {limit} data keys in this region, the most allowed."
        raise ApiError(Code.DATA_KEY_LIMIT_EXCEEDED, message)


@dataclass(frozen=True)
class Hosting:
    """A checked wish to have a data key kept."""

    name: str
    description: str
    tags: Sequence[Given]
    work: Work

    @classmethod
    def read(cls, given: Given, work: Work) -> Self | None:
        """The wish in a GenerateDataKey call, if there is one."""
        no_cluster(given)
        if given.number("IsHostedByKms") not in (0, 1):
            raise ApiError(Code.INVALID_TYPE, "`IsHostedByKms` is 0 or 1.")
        return cls.wish(given, work) if given.number("IsHostedByKms") else None

    @classmethod
    def wish(cls, given: Given, work: Work) -> Self:
        """The wish in the parameters."""
        name, description = data_key_name(given.text("DataKeyName")), data_key_description(given.text("Description"))
        check_at_creation(given.tables("Tags"), work)
        return cls(name, description, given.tables("Tags"), work)

    def keep(self, key: Document, blob: str, bound: str, length: int, origin: Origin = Origin.TENCENT_KMS) -> Result:
        """Host a data key; what the answer tells about it."""
        work = self.work
        require_room(work)
        made = new_data_key(
            data_key_id=work.context.uuid(), key_id=key["id"], name=self.name, description=self.description,
            length=length, origin=origin, creator=work.principal.user_id, now=work.now, blob=blob, bound=bound,
        )  # fmt: skip
        work.data_keys.save(made)
        code, message = attach_at_creation(self.tags, made, work)
        return {"DataKeyId": made["id"], "TagCode": code, "TagMsg": message}


def import_data_key(given: Given, work: Work) -> Result:
    """ImportDataKey: a ciphertext of GenerateDataKey, or a plaintext."""
    kind = given.number("ImportType")
    if kind not in (_CIPHERTEXT, _PLAINTEXT):
        raise ApiError(Code.INVALID_TYPE, f"`ImportType` is {kind}; allowed are 1 and 2.")
    no_cluster(given)
    hosting = Hosting.wish(given, work)
    key, blob, length = (_given_ciphertext if kind == _CIPHERTEXT else _given_plaintext)(given, work)
    origin = Origin.TENCENT_KMS if kind == _CIPHERTEXT else Origin.EXTERNAL  # [I]
    return {"KeyId": key["id"], **hosting.keep(key, blob, "", length, origin)}


def _given_ciphertext(given: Given, work: Work) -> tuple[Document, str, int]:
    text = given.text("ImportKeyMaterial")
    try:
        blob = Blob.parse(text)
    except ApiError:
        raise _bad_material() from None
    key = blob.key(work.keys)
    if given.text("KeyId") not in ("", key["id"]):
        raise _bad_material()
    _require_root(key)
    try:
        plaintext = blob.opened(key, work.keys.vault, "")  # there is no field for an encryption context
    except ApiError:
        raise _bad_material() from None
    if len(plaintext) not in uses.DATA_KEY_BYTES:
        raise _bad_material()
    return key, text, len(plaintext)


def _given_plaintext(given: Given, work: Work) -> tuple[Document, str, int]:
    plaintext = binary(
        given.text("ImportKeyMaterial"), "ImportKeyMaterial", Code.INVALID_PLAINTEXT, uses.DATA_KEY_BYTES[-1]
    )
    if not given.text("KeyId"):
        raise missing("KeyId")
    key = work.keys.find(given.text("KeyId"))
    _require_root(key)
    return key, sealed(key, work.keys.vault, plaintext, ""), len(plaintext)


def _require_root(key: Document) -> None:
    require(key, conditions.IMPORT_DATA_KEY, wrong_usage=Code.INVALID_KEY_USAGE)


def _bad_material() -> ApiError:
    return ApiError(Code.INVALID_IMPORT_KEY_MATERIAL, "`ImportKeyMaterial` is no data key of this CMK.")


ACTIONS: Mapping[str, Action] = {
    "ImportDataKey": Action(import_data_key, {
        "DataKeyName": needs(TEXT), "ImportKeyMaterial": needs(TEXT), "ImportType": needs(NUMBER), "KeyId": may(TEXT),
        **HOSTING,
    }),
}  # fmt: skip
