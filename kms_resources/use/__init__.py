"""Using keys from a program or from the command line: `open_key`, and what can be done with the key it gives.

::

    from kms_resources.use import open_key

    orders = open_key("orders")                                   # a name or an alias of the stack
    other = open_key("alibaba://cn-hangzhou/key-hzz5f0c1d2e3f4a5b6c7d")  # any key, no stack needed
    blob = orders.encrypt(b"a little secret", context={"table": "orders"}).blob
    orders.decrypt(blob, context={"table": "orders"})
"""

from __future__ import annotations

from kms_resources.use.keys import UsedKey, open_key, open_target
from kms_resources.use.reference import Place, find_key, find_target

__all__ = ["Place", "UsedKey", "find_key", "find_target", "open_key", "open_target"]
