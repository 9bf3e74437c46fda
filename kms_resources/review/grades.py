"""The rules by which a grade follows from the table: harm of the class of actions × how far the grant reaches.

=========================  =========  ======  ========  =======  =====
gain of                    everyone   others  account   one      owner
=========================  =========  ======  ========  =======  =====
decrypt, sign, secrets,    critical   high    high      medium   low
policy, delete
encrypt, administer        high       medium  medium    low      none
verify, read               medium     low     low       low      none
=========================  =========  ======  ========  =======  =====

*everyone*: any account. *others*: another account, or a role that others may assume. *account*: everybody of the own
account, or whatever a wildcard takes. *one*: one user, role or access point. *owner*: the account itself. Losses have
grade none. A finding that depends on an open rule counts with its grade in the worst reading; the grade without it is
given beside. A condition on a grant does not lower its grade: it says when, not who.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kms_resources.access.lockout import Reach
from kms_resources.access.words import ActionClass
from kms_resources.review.words import Grade

_N, _L, _M, _H, _C = Grade

_GRAVE = (
    ActionClass.USE_DECRYPT,
    ActionClass.USE_SIGN,
    ActionClass.SECRETS,
    ActionClass.POLICY,
    ActionClass.DELETE,
)
_MIDDLE = (ActionClass.USE_ENCRYPT, ActionClass.ADMINISTER)
_LIGHT = (ActionClass.USE_VERIFY, ActionClass.READ)
_COLUMNS: Mapping[Reach, int] = MappingProxyType(
    {
        Reach.EVERYONE: 0,
        Reach.OTHER_ACCOUNT: 1,
        Reach.ASSUMABLE_ROLE: 1,
        Reach.WHOLE_ACCOUNT: 2,
        Reach.ROLE: 3,
        Reach.ACCESS_POINT: 3,
        Reach.USER: 3,
        Reach.OWNER: 4,
    }
)
_GAINS: Mapping[ActionClass, tuple[Grade, ...]] = MappingProxyType(
    {
        **dict.fromkeys(_GRAVE, (_C, _H, _H, _M, _L)),
        **dict.fromkeys(_MIDDLE, (_H, _M, _M, _L, _N)),
        **dict.fromkeys(_LIGHT, (_M, _L, _L, _L, _N)),
    }
)

LOCKED_OUT = Grade.CRITICAL
ROLLBACK_LOST = Grade.HIGH

CHANGES: Mapping[str, Grade] = MappingProxyType(
    {
        # Keys.
        "key-added": _N,
        "key-adopted": _L,
        "key-removed-prevented": _M,
        "key-removed-scheduled": _H,
        "key-removed-abandoned": _M,
        "key-disabled": _H,
        "key-enabled": _L,
        "key-moved": _H,
        "adopt-changed": _H,
        "fixed-setting": _M,
        "deletion-allowed": _M,
        "deletion-abandoned": _M,
        "deletion-prevented": _N,
        "window-shorter": _M,
        "window-longer": _N,
        "rotation-off": _M,
        "rotation-longer": _L,
        "rotation-shorter": _N,
        "protection-off": _M,
        "protection-on": _N,
        "material-expires": _M,
        "material-earlier": _M,
        "material-later": _N,
        "material-source": _M,
        "material-unmanaged": _L,
        "owner-removed": _M,
        "owner-changed": _L,
        "tag-removed": _L,
        "policy-unmanaged": _L,
        "policy-managed": _N,
        # Names.
        "alias-moved": _M,
        "alias-added": _N,
        "alias-removed": _M,
        # Uses.
        "ciphertext-added": _N,
        "ciphertext-changed": _M,
        "ciphertext-removed": _L,
        "request-added": _L,
        "request-changed": _M,
        "request-removed": _L,
        "public-key-added": _N,
        "public-key-changed": _L,
        "public-key-removed": _L,
        # Secrets.
        "secret-added": _N,
        "secret-removed-prevented": _M,
        "secret-removed-scheduled": _H,
        "secret-removed-abandoned": _M,
        "secret-renamed": _H,
        "secret-key": _M,
        "secret-value": _L,
        "secret-type": _M,
        # Targets.
        "ignore-ssl": _H,
        "ignore-ssl-off": _N,
        "gateway-endpoint": _M,
        "gateway-trust": _M,
        "gateway-added": _L,
        "gateway-removed": _L,
        "gateway-shared": _L,
        "credentials-changed": _M,
        # Access points.
        "point-added": _N,
        "point-removed-prevented": _M,
        "point-removed-scheduled": _L,
        "point-removed-abandoned": _M,
        "point-secrets": _M,
        "point-every-secret": _H,
        "point-secrets-lost": _N,
        "point-fixed": _M,
    }
)
"""Id of a change → its grade."""


def grade_of_gain(kind: ActionClass, reach: Reach) -> Grade:
    """The grade of a gain."""
    return _GAINS[kind][_COLUMNS[reach]]
