"""Tags given to CreateKey: the one place where KMS talks to the tag service by itself."""

from __future__ import annotations

from collections.abc import Sequence

from kms_emulator.contract import Document
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import Given
from kms_emulator.tencent.keys import resource_id
from kms_emulator.tencent.tagstore import Resource, problem
from kms_emulator.tencent.work import Work

OK, BUSINESS_ERROR = 0, 2  # values of TagCode [S1]


def check_at_creation(tags: Sequence[Given], work: Work) -> None:
    """Refuse what stops the creation of the key."""
    keys = [tag.text("TagKey") for tag in tags]
    if len(set(keys)) != len(keys):
        raise ApiError(Code.TAG_KEYS_DUPLICATED, "`Tags` has a key twice.")
    if tags and work.context.switch("tag_service") == "fails_creation":
        raise ApiError(Code.TAGGING_ERROR, "The tag service failed.")
    if work.context.switch("tags_must_exist"):
        for tag in tags:
            if not work.tags.exists(tag.text("TagKey"), tag.text("TagValue")):
                raise ApiError(Code.TAGS_NOT_EXISTED, f"The tag `{tag.text('TagKey')}` does not exist.")


def attach_at_creation(tags: Sequence[Given], key: Document, work: Work) -> tuple[int, str]:
    """Tag a key just made; ``TagCode`` and ``TagMsg``. The key stays whatever the tag service says."""
    if not tags:
        return OK, "no tags to save"
    if work.context.switch("tag_service") in ("down", "down_at_creation"):
        return BUSINESS_ERROR, "the tag service is not available"
    values = {tag.text("TagKey"): tag.text("TagValue") for tag in tags}
    wrong = next((found for name, value in values.items() if (found := problem(name, value))), None)
    if wrong is not None:
        return BUSINESS_ERROR, wrong.code.value
    try:
        work.tags.attach(Resource(work.region, resource_id(key)), values)
    except ApiError as refusal:
        return BUSINESS_ERROR, refusal.code.value
    return OK, "ok"
