"""Actions of CAM, the access management service."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.tencent import (
    attachment_actions,
    cam_facts,
    policy_actions,
    policy_version_actions,
    role_actions,
    user_actions,
)
from kms_emulator.tencent.fields import Given
from kms_emulator.tencent.work import Action, Result, Work


def get_user_app_id(given: Given, work: Work) -> Result:
    """GetUserAppId: who the caller is and whose main account it belongs to."""
    del given
    return {"Uin": work.principal.user_id, "OwnerUin": work.account, "AppId": cam_facts.app_id(work.account)}


ACTIONS: Mapping[str, Action] = {
    "GetUserAppId": Action(get_user_app_id),
    **policy_actions.ACTIONS,
    **policy_version_actions.ACTIONS,
    **attachment_actions.ACTIONS,
    **role_actions.ACTIONS,
    **user_actions.ACTIONS,
}
