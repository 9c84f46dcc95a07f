"""A service-account key and a certificate of our own making, for tests of signing in. Keys are made once a process."""

import json
import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ACCOUNT = "kartoteka@biuro-123.iam.gserviceaccount.com"


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> str:
    """The private key as Google writes it."""
    plain = serialization.NoEncryption()
    encoded = private_key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return encoded.decode()


def key(sign_in: str, **other: object) -> dict[str, object]:
    """The content of a key file whose account signs in at `sign_in`/token; `other` replaces or adds fields."""
    content = {"type": "service_account", "client_email": ACCOUNT, "private_key": pem(), "private_key_id": "k1"}
    return content | {"token_uri": f"{sign_in}/token"} | other


def key_file(folder: Path, sign_in: str) -> Path:
    """A key file in `folder`, readable by its owner only."""
    path = folder / "service-account.json"
    path.write_text(json.dumps(key(sign_in)), encoding="utf-8")
    path.chmod(0o600)
    return path


def self_made_certificate(folder: Path) -> ssl.SSLContext:
    """What a server needs to show a certificate for 127.0.0.1 that nobody vouches for."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.public_key(private_key().public_key())
    builder = builder.not_valid_before(day - timedelta(1)).not_valid_after(day + timedelta(1))
    certificate = builder.sign(private_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    path = folder / "server.pem"
    path.write_text(pem() + certificate.decode(), encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
