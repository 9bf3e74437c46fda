"""Client keys: a key pair with a certificate, given out once as a PKCS#12 file that a password locks."""

from __future__ import annotations

import base64
import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from kms_emulator.alibaba.access_model import ACCESS_POINTS, ClientKey, access_point_index, client_keys, named
from kms_emulator.alibaba.errors import VendorError, invalid
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.ciphers import material
from kms_emulator.contract import Collection

KEY_ALGORITHM, KEY_ORIGIN = "RSA_2048", "KMS_PROVIDED"  # [S7]
YEARS = 5  # [S1]
_PASSWORD = re.compile(r"[0-9A-Za-z~!@#$%^&*?_-]{8,64}")  # [S1]
_KINDS_OF_CHARACTER = (r"[0-9]", r"[A-Za-z]", r"[~!@#$%^&*?_-]")
_TIME = "%Y-%m-%dT%H:%M:%SZ"

_pairs: dict[tuple[str, str], tuple[str, str]] = {}
_pairs_lock = threading.Lock()


def prepare_key_pair(_: Parameters) -> bytes:
    """The private key, which takes too long to make while the store is held."""
    return material.new_material(KEY_ALGORITHM)


def create_client_key(operation: Operation) -> Payload:
    """CreateClientKey: the only answer that has the private key."""
    parameters = operation.parameters
    name = parameters.required("AapName")
    password = _password(operation)
    start, end = _validity(operation)
    named(operation, ACCESS_POINTS, name)
    identifier = f"KAAP.{operation.context.uuid()}"
    certificate, file = _issue(identifier, operation.prepared, password, start, end)
    key = ClientKey(
        identifier, region=operation.scope.region, access_point=name, created=operation.now, not_before=start,
        not_after=end, certificate=certificate,
    )  # fmt: skip
    client_keys(operation.context, operation.scope.account).put(identifier, key.document())
    return {
        "ClientKeyId": identifier, "KeyAlgorithm": KEY_ALGORITHM, "PrivateKeyData": file,
        "NotBefore": moment(start), "NotAfter": moment(end),
    }  # fmt: skip


def get_client_key(operation: Operation) -> Payload:
    """GetClientKey."""
    return _told(_wanted(operation))


def list_client_keys(operation: Operation) -> Payload:
    """ListClientKeys of one access point, all at once [S7]."""
    name = operation.parameters.required("AapName")
    named(operation, ACCESS_POINTS, name)
    keys = client_keys(operation.context, operation.scope.account)
    page = keys.list(where=("access-point", access_point_index(operation.scope.region, name)))
    return {"ClientKeys": [_told(completed(keys, ClientKey.load(entry), operation.now)) for entry in page.items]}


def delete_client_key(operation: Operation) -> Payload:
    """DeleteClientKey."""
    key = _wanted(operation)
    client_keys(operation.context, operation.scope.account).delete(key.id)
    return {}


def completed(keys: Collection, key: ClientKey, now: float) -> ClientKey:
    """The client key with what a key of the seed lacks at first: its dates, its certificate and its file."""
    if key.certificate:
        return key
    start = key.not_before or float(int(now))
    end = key.not_after or _years_later(start)
    certificate, file = seeded_pair(key, start, end)
    whole = replace(
        key, created=key.created or start, not_before=start, not_after=end, certificate=certificate, file=file
    )
    keys.put(whole.id, whole.document())
    return whole


def seeded_pair(key: ClientKey, start: float, end: float) -> tuple[str, str]:
    """Certificate and PKCS#12 file of a key of the seed: the same ones again when the store was emptied.

    Programs that read the file of the first start go on working then.
    """
    with _pairs_lock:
        known = (key.id, key.password)
        if known not in _pairs:
            _pairs[known] = _issue(key.id, material.new_material(KEY_ALGORITHM), key.password, start, end)
        return _pairs[known]


def remember(key: ClientKey) -> None:
    """Keep what a former run has made for a key of the seed."""
    if key.file:
        with _pairs_lock:
            _pairs.setdefault((key.id, key.password), (key.certificate, key.file))


def key_file(key: ClientKey) -> str:
    """The file that the vendor's packages read [S18]."""
    return json.dumps({"KeyId": key.id, "PrivateKeyData": key.file})


def _wanted(operation: Operation) -> ClientKey:
    identifier = operation.parameters.required("ClientKeyId")
    keys = client_keys(operation.context, operation.scope.account)
    document = keys.get(identifier)
    if document is None or document["region"] != operation.scope.region:
        raise VendorError("Forbidden.ResourceNotFound")
    return completed(keys, ClientKey.load(document), operation.now)


def _told(key: ClientKey) -> Payload:
    return {
        "ClientKeyId": key.id, "AapName": key.access_point, "CreateTime": moment(key.created),
        "KeyAlgorithm": KEY_ALGORITHM, "KeyOrigin": KEY_ORIGIN, "NotBefore": moment(key.not_before),
        "NotAfter": moment(key.not_after), "PublicKeyData": key.certificate,
    }  # fmt: skip


def _password(operation: Operation) -> str:
    password = operation.parameters.required("Password")
    kinds = sum(1 for kind in _KINDS_OF_CHARACTER if re.search(kind, password))
    if not _PASSWORD.fullmatch(password) or kinds < 2:
        raise invalid("Password", "8 to 64 characters of at least two of letters, digits and ~!@#$%^&*?_- are expected")
    return password


def _validity(operation: Operation) -> tuple[float, float]:
    start, end = _time(operation, "NotBefore"), _time(operation, "NotAfter")
    if start is None and end is None:
        return operation.now, _years_later(operation.now)
    if start is None or end is None:
        raise invalid("NotBefore" if start is None else "NotAfter", "NotBefore and NotAfter go together")
    if end <= max(start, operation.now):
        raise invalid("NotAfter", "it is not after NotBefore and the present")
    return start, end


def _time(operation: Operation, name: str) -> float | None:
    text = operation.parameters.text(name)
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC).timestamp() if text else None
    except ValueError:
        raise invalid(name, "a time of the form 2016-01-20T08:00:00Z is expected") from None


def _years_later(start: float) -> float:
    begin = datetime.fromtimestamp(start, UTC)
    # The 29th of February has no anniversary in most years.
    day = begin.day if (begin.month, begin.day) != (2, 29) else 28
    return begin.replace(year=begin.year + YEARS, day=day).timestamp()


def _issue(identifier: str, private: bytes, password: str, start: float, end: float) -> tuple[str, str]:
    """The certificate as PEM, and certificate and private key as PKCS#12 in Base64."""
    key = serialization.load_der_private_key(private, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("a client key is an RSA key")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, identifier)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(start, UTC))
        .not_valid_after(datetime.fromtimestamp(end, UTC))
        .sign(key, hashes.SHA256())
    )
    locked = serialization.BestAvailableEncryption(password.encode())
    file = pkcs12.serialize_key_and_certificates(identifier.encode(), key, certificate, None, locked)
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
    return pem, base64.b64encode(file).decode("ascii")
