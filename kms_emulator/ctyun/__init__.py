"""CTYun's KMS (密钥管理), written from its published pages alone."""

from kms_emulator.ctyun.cloud import CtyunCloud

CLOUD = CtyunCloud()
"""The object the emulator loads."""
