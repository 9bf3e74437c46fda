"""Our evaluators against the other side's: the emulator decides with code of its own."""
