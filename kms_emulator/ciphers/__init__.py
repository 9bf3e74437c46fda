"""Real cryptography for the emulated clouds: every ciphertext, signature and MAC they answer is made and checked here.

The modules know kinds of keys and names of algorithms, but no cloud. `material` makes keys, `symmetric` seals,
`asymmetric` encrypts and signs, `wrapping` answers for a caller's public key, `mac` hashes. What they cannot do raises
`CipherError`, whose text never holds keys, plaintexts or ciphertexts.
"""


class CipherError(Exception):
    """A key, algorithm, size or ciphertext does not fit; the message says which, and quotes no data."""
