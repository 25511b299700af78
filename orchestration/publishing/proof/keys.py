"""Signing keys: read from outside the home, named by the SHA-256 of their public half. Ed25519.

Here: reading and refusing keys. Not here: what is signed (envelope, head). Keys are made, kept and changed by people:
docs/verify-a-release.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "ed25519"
KEY_FILE, KEY_TEXT = "YIGONGTI_SIGNING_KEY_FILE", "YIGONGTI_SIGNING_KEY"
_OTHERS = 0o077
_MAKE = "openssl genpkey -algorithm ed25519 -out KEY"


class SigningKeyError(ValueError):
    """A key that cannot be used: not there, of another kind, open to others, or kept where it proves nothing."""


@dataclass(frozen=True)
class PublicKey:
    """key_id: SHA-256 of its DER form, as `openssl pkey -pubin -outform DER | sha256sum` says it."""

    raw: Ed25519PublicKey

    @property
    def key_id(self) -> str:
        der = self.raw.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(der).hexdigest()

    @property
    def octets(self) -> bytes:
        """The 32 bytes of the key."""
        return self.raw.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def signed(self, signature: bytes, content: bytes) -> bool:
        try:
            self.raw.verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """Who can sign."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.private.public_key())

    def sign(self, content: bytes) -> bytes:
        return self.private.sign(content)


def signer_of(home: Path, environment: Mapping[str, str] = os.environ) -> Signer | None:
    """The signer that the environment names by file or text; None if it names none. Raises SigningKeyError."""
    path, text = environment.get(KEY_FILE), environment.get(KEY_TEXT)
    if path and text:
        raise SigningKeyError(
            f"{KEY_FILE} 与 {KEY_TEXT} 只能设一个 / set one of {KEY_FILE} and {KEY_TEXT}, not both"
        )
    if path:
        return read_signer(Path(path), home)
    return _private(text.encode(), KEY_TEXT) if text else None


def read_signer(path: Path, home: Path) -> Signer:
    """A private key of a PEM file that only its owner may read, outside the home. Raises SigningKeyError."""
    pem = _read(path)
    if path.resolve().is_relative_to(home.resolve()):
        raise SigningKeyError(
            f"签名密钥 {path} 在数据目录里:谁能改数据就能重签,请移到别处 / the signing key {path} lies in the home: who can "
            "change the data could sign it anew; keep it elsewhere"
        )
    if path.stat().st_mode & _OTHERS:
        raise SigningKeyError(
            f"签名密钥 {path} 别人也能读:chmod 600 {path} / others may read the signing key: chmod 600 {path}"
        )
    return _private(pem, str(path))


def read_public(path: Path, apart_from: Path) -> PublicKey:
    """A public key of a PEM file that lies outside of what it is to prove. Raises SigningKeyError."""
    pem = _read(path)
    if path.resolve().is_relative_to(apart_from.resolve()):
        raise SigningKeyError(
            f"公钥 {path} 在要验证的目录里:和数据放在一起的公钥什么也证明不了,请用从县里另行取得的 / the key {path} lies in what it "
            "is to prove: a key found beside the data proves nothing; use one you got another way"
        )
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(
            f"{path} 不是 PEM 公钥:openssl pkey -in KEY -pubout -out {path} / {path} is no public key in PEM"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise SigningKeyError(f"{path} 不是 Ed25519 公钥 / {path} is no Ed25519 key")
    return PublicKey(key)


def _private(pem: bytes, named: str) -> Signer:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(
            f"{named} 不是不加口令的 PEM 私钥:{_MAKE} / {named} is no private key in PEM without a passphrase: {_MAKE}"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(f"{named} 不是 Ed25519 私钥:{_MAKE} / {named} is no Ed25519 key: {_MAKE}")
    return Signer(key)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningKeyError(f"读不到密钥 {path}:{error.strerror} / cannot read the key {path}") from error
