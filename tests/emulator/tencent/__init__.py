"""Tests of the emulated Tencent Cloud."""
