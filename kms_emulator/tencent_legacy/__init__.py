"""Tencent Cloud KMS by its superseded API 2.0, with keys of its own."""

from kms_emulator.contract import Cloud
from kms_emulator.tencent_legacy.cloud import TencentLegacyCloud

CLOUD: Cloud = TencentLegacyCloud()
