"""Alibaba Cloud: the key management service."""

from kms_emulator.alibaba.cloud import AlibabaCloud
from kms_emulator.contract import Cloud

CLOUD: Cloud = AlibabaCloud()
