"""Actions of CAM, the access management service."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.tencent.fields import Given
from kms_emulator.tencent.work import Action, Result, Work

_APP_ID_BASE, _APP_ID_RANGE = 1_250_000_000, 10_000_000


def get_user_app_id(given: Given, work: Work) -> Result:
    """GetUserAppId: who the caller is and whose main account it belongs to."""
    del given
    app_id = _APP_ID_BASE + int("0" + "".join(filter(str.isdecimal, work.account))) % _APP_ID_RANGE
    return {"Uin": work.principal.user_id, "OwnerUin": work.account, "AppId": app_id}


ACTIONS: Mapping[str, Action] = {"GetUserAppId": Action(get_user_app_id)}
