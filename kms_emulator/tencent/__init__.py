"""Tencent Cloud: KMS, the tag service and the part of CAM that key management needs."""

from kms_emulator.contract import Cloud
from kms_emulator.tencent.cloud import TencentCloud

CLOUD: Cloud = TencentCloud()
