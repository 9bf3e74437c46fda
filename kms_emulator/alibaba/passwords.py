"""Random passwords."""

from __future__ import annotations

import random
import string

from kms_emulator.alibaba.errors import invalid
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.operation import Operation

LENGTHS, USUAL = (8, 128), 32  # [S1]
_KINDS = {
    "ExcludeLowercase": string.ascii_lowercase, "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits, "ExcludePunctuation": string.punctuation,
}  # fmt: skip


def random_text(source: random.Random, length: int = USUAL) -> str:
    """Letters and digits."""
    return "".join(source.choices(string.ascii_letters + string.digits, k=length))


def get_random_password(operation: Operation) -> Payload:
    """GetRandomPassword."""
    parameters = operation.parameters
    length = parameters.integer("PasswordLength", USUAL, *LENGTHS)
    unwanted = parameters.text("ExcludeCharacters")
    sets = [
        "".join(character for character in characters if character not in unwanted)
        for name, characters in _KINDS.items()
        if not parameters.flag(name)
    ]
    sets = [characters for characters in sets if characters]
    if not sets:
        raise invalid("ExcludeCharacters", "no character is left")
    source = operation.context.random
    # Each included type once unless told otherwise, as the vendor's default is [I?].
    each = parameters.flag("RequireEachIncludedType") is not False
    chosen = [source.choice(characters) for characters in sets] if each else []
    chosen += source.choices("".join(sets), k=length - len(chosen))
    source.shuffle(chosen)
    return {"RandomPassword": "".join(chosen)}
