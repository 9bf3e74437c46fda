"""Starts the emulator: ``python -m kms_emulator``."""

from kms_emulator.cli import main

if __name__ == "__main__":
    main(prog_name="kms_emulator")
