"""Tests of the emulated API 2.0 of Tencent Cloud."""
