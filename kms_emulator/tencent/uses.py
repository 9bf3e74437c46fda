"""Facts of using keys: sizes, algorithms, rates; each with its certainty mark (see ``facts``)."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.tencent import facts
from kms_emulator.tencent.facts import Usage

# Sizes
LARGEST_PLAINTEXT = 4096  # bytes of Encrypt, [S1]
LONGEST_CONTEXT = 1024  # characters of EncryptionContext, [S1]
LARGEST_MESSAGE = 4096  # bytes of a RAW message, [S1]
LARGEST_SM2_CIPHERTEXT = 256  # bytes, [S1]
DATA_KEY_BYTES = range(1, 1025)  # [S1]
DATA_KEY_SPECS = {"AES_128": 16, "AES_256": 32}  # [S1]
DATA_KEY_NAME = facts.ALIAS  # the form of a data key's name was not found; the alias rule serves [I?]
LONGEST_DATA_KEY_DESCRIPTION = 100  # bytes, [S1]
DATA_KEY_LIMIT = 1000  # hosted data keys of an account and region; the number was not found [I?]

# Import of material
IMPORT_LIFETIME = facts.DAY  # of the token and the public key, [S1]
LATEST_EXPIRY = 2_147_443_200  # of ValidTo, [S1]
WRAPPING_SPEC = "RSA_2048"  # [S1]
EXPIRED_IMPORTS_KEPT = 30 * facts.DAY  # how long an old token is still answered with TokenExpired [I?]

RSA_ENCRYPTION = ("RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")  # also wrapping algorithms, [S1]
RECIPIENT_DEFAULT = "SM2"  # EncryptionAlgorithm when left out, whatever the public key is; C1C3C2 as bytes [S1]
RECIPIENT_SM2_ASN1 = "SM2_C1C3C2_ASN1"  # [S1]
PKCS1 = "RSAES_PKCS1_V1_5"

# What a key of each asymmetric usage is made of, in the names of kms_emulator.ciphers.
KINDS: Mapping[str, str] = {
    Usage.DECRYPT_RSA_2048: "RSA_2048", Usage.DECRYPT_SM2: "SM2", Usage.SIGN_SM2: "SM2", Usage.SIGN_ECC: "EC_P256",
    Usage.SIGN_RSA_2048: "RSA_2048", Usage.SIGN_ECDSA384: "EC_P384",
}  # fmt: skip
SYMMETRIC_KINDS = {facts.MODULE_SM: "SM4", facts.MODULE_FIPS: "AES_256"}  # [S6]; material of 16 and 32 bytes [S1]

# The vendor's algorithms of signing keys [S1], and what they are called in kms_emulator.ciphers. The name for P-384 is
# in no list that was found [I?].
SIGNATURES: Mapping[str, Mapping[str, str]] = {
    Usage.SIGN_SM2: {"SM2DSA": "SM2DSA"},
    Usage.SIGN_RSA_2048: {"RSA_PSS_SHA_256": "RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256": "RSA_PKCS1_SHA_256"},
    Usage.SIGN_ECC: {"ECC_P256_R1": "ECDSA_SHA_256"},
    Usage.SIGN_ECDSA384: {"ECDSA384": "ECDSA_SHA_384"},
}
DIGEST_BYTES = 32  # of a DIGEST message [S1]
DIGEST_BYTES_384 = 48  # the same for P-384, whose hash is longer [I?]

# Requests per second of an account [S5][S6]
RATES = {"Encrypt": 300, "Decrypt": 300, "GenerateDataKey": 150, "RotateKey": facts.ROTATE_RATE}


def kind(key: Mapping[str, object]) -> str:
    """The kind of a key's material in the names of ``kms_emulator.ciphers``."""
    return KINDS.get(str(key["usage"])) or SYMMETRIC_KINDS[int(str(key["module"]))]
