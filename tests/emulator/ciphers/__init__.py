"""Tests of the emulator's ciphers."""
