"""Tencent Cloud: CAM policies."""
