"""Published examples with known input and output; each names where it was published."""

import pytest

from kms_emulator.ciphers import asymmetric, der, mac
from kms_emulator.ciphers.symmetric import open_sealed, seal

hex_ = bytes.fromhex

# GB/T 32918.5-2017 (GM/T 0003.5-2012), appendix A: signature of "message digest" by the user 1234567812345678.
SECRET = hex_("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
POINT = hex_(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
MESSAGE = b"message digest"
DIGEST = hex_("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640")
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
# GB/T 32918.5-2017, appendix C: encryption of "encryption standard" for the same key.
X1 = 0x04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73
Y1 = 0xE858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0
C3 = hex_("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766")
C2 = hex_("21886CA989CA9C7D58087307CA93092D651EFA")

PRIVATE = der.write_private_key(SECRET, POINT)
SIGNATURE = der.write_signature(R, S)


def test_sm2_hashes_the_signers_name_and_key_as_published() -> None:
    assert asymmetric.sm2_digest(asymmetric.public_key_der("SM2", PRIVATE), MESSAGE) == DIGEST


def test_sm2_signs_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: K - 1)
    assert asymmetric.sign_digest("SM2", PRIVATE, "SM2DSA", DIGEST) == SIGNATURE


def test_sm2_verifies_the_published_signature() -> None:
    assert asymmetric.verify_digest("SM2", PRIVATE, "SM2DSA", DIGEST, SIGNATURE)


def test_sm2_encrypts_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbits", lambda _: K)
    published = der.write_ciphertext(der.Ciphertext(X1, Y1, C3, C2))
    assert published == asymmetric.encrypt("SM2", PRIVATE, "SM2PKE", b"encryption standard")


def test_sm2_decrypts_the_published_ciphertext() -> None:
    published = der.write_ciphertext(der.Ciphertext(X1, Y1, C3, C2))
    assert asymmetric.decrypt("SM2", PRIVATE, "SM2PKE", published) == b"encryption standard"


def test_sm2_derives_the_published_public_key_when_a_private_key_leaves_it_out() -> None:
    without_point = hex_("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420") + SECRET
    assert asymmetric.public_key_der("SM2", without_point) == der.write_public_key(POINT)


# GB/T 32905-2016 (GM/T 0004-2012), appendix A.
@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_hashes_as_published(message: bytes, digest: str) -> None:
    assert digest == mac.sm3(message).hex()


def test_sm4_gcm_seals_as_published() -> None:
    """RFC 8998, appendix A.1."""
    key, nonce = hex_("0123456789ABCDEFFEDCBA9876543210"), hex_("00001234567800000000ABCD")
    aad = hex_("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plaintext = b"".join(bytes([octet]) * 8 for octet in hex_("AABBCCDDEEFFEEAA"))
    sealed = hex_(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert (nonce, sealed) == seal("SM4", key, plaintext, aad, nonce)
    assert plaintext == open_sealed("SM4", key, nonce, sealed, aad)


def test_aes_gcm_seals_as_published() -> None:
    """McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test case 16."""
    key = hex_("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    nonce, aad = hex_("cafebabefacedbaddecaf888"), hex_("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plaintext = hex_(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    sealed = hex_(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    assert (nonce, sealed) == seal("AES_256", key, plaintext, aad, nonce)


# RFC 4231, test case 2.
@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("HMAC_SHA_224", "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
        ("HMAC_SHA_256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            "HMAC_SHA_384",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        ),
        (
            "HMAC_SHA_512",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ],
)
def test_hmac_hashes_as_published(algorithm: str, digest: str) -> None:
    assert digest == mac.hmac(algorithm, b"Jefe", b"what do ya want for nothing?").hex()
