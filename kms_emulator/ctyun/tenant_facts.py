"""The services of an access point, each fact with its mark (see ``facts``): no ``/v1``, POST and JSON [S6]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kms_emulator.ctyun.facts import OPERATIONS, Operation, parse_fields

DATE_FORM = "%a, %d %b %Y %H:%M:%S"  # and a zone [S6]
ZONE_HOURS: Mapping[str, int] = {"CST": 8, "GMT": 0, "UTC": 0}  # the first [S6], the others [I?]


@dataclass(frozen=True)
class Service:
    """One service; ``operation`` has the fields, and the name under which the journal and faults know it."""

    path: str
    operation: Operation


# Path, its mark, the operation of the public host that does the same.
_SHARED = (
    ("/cmkManage/createKey", "S6", "createKey"),
    ("/keyCompute/encrypt", "S6", "encrypt"),
    ("/keyCompute/decrypt", "S6", "decrypt"),
    ("/get/hmaccompute", "S6", "hmaccompute"),
    ("/manageCertificate/importCertificateForUK", "S6", "importCertificateForUK"),
    # The path is named in a comment of the source; that it makes a data key as the public host does is [I?].
    ("/create/datakey", "I?", "generateDataKey"),
)
# Path, its mark, title [I?], fields of the request, fields of the answer: what the public host does not have.
_OWN = (
    ("/get/messageDigest", "S6", "计算消息摘要", "input! [S6]", "output [S6]"),
    ("/certificateCompute/certificatePublicKeyVerifyForUsbKey", "S6", "UKey证书公钥验签",
     "algorithm! certificateId! message! signatureValue! [S6]", "signatureValid:B [S6]"),
)  # fmt: skip


def _own(path: str, mark: str, title: str, request: str, answer: str) -> Operation:
    _, group, name = path.split("/")
    return Operation(
        0, title, group, name, path, mark, tuple(parse_fields(request)), tuple(parse_fields(answer))
    )  # fmt: skip


SERVICES: Mapping[str, Service] = {
    **{path: Service(path, replace(OPERATIONS[name], path=path, path_mark=mark)) for path, mark, name in _SHARED},
    **{row[0]: Service(row[0], _own(*row)) for row in _OWN},
}
"""By path."""
