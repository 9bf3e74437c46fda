"""Actions of the vendor that are not emulated yet; they are refused by name.

The names are those of the vendor's Python package alibabacloud-kms20160120: 3.3.1, and 2.4.0 for the certificates;
``CreateCertificate`` is of aliyun-python-sdk-kms 2.16.5.
"""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = {
    "cryptography": "GetChallenge GetManagedDataKey ListManagedDataKeyVersions",
    "instances and account": """
        ConnectKmsInstance OpenKmsService ReleaseKmsInstance UpdateKmsInstanceBindVpc
    """,
}

GAPS: Mapping[str, tuple[str, ...]] = {group: tuple(names.split()) for group, names in _TABLE.items()}
NOT_EMULATED = frozenset(name for names in GAPS.values() for name in names)
