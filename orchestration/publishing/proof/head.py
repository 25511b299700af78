"""The signed head of a ledger: a checkpoint in the form of C2SP signed-note, made to leave the house.

    yigongti/340621
    12
    <root, base64>

    — yigongti/340621 <base64 of four bytes of the key's hash and the signature>

Source: c2sp.org/tlog-checkpoint, c2sp.org/signed-note (Ed25519). Not here: keeping it, what it proves (verify.py).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from orchestration.publishing.proof.keys import PublicKey, Signer
from orchestration.publishing.proof.ledger import Checkpoint

FILE = "ledger.head"
_ED25519 = b"\x01"


class HeadError(ValueError):
    """What should be a head is none."""


@dataclass(frozen=True)
class Head:
    """A head as it was read; signatures: name, hash of the key, signature."""

    origin: str
    checkpoint: Checkpoint
    signatures: list[tuple[str, bytes, bytes]]

    def is_signed_by(self, key: PublicKey) -> bool:
        body = _body(self.origin, self.checkpoint)
        return any(
            told == _key_hash(name, key) and key.signed(signature, body)
            for name, told, signature in self.signatures
        )


def origin_of(region_code: str) -> str:
    return f"yigongti/{region_code}"


def write(origin: str, checkpoint: Checkpoint, signers: list[Signer]) -> str:
    body = _body(origin, checkpoint)
    lines = [
        f"— {origin} {base64.b64encode(_key_hash(origin, each.public) + each.sign(body)).decode()}\n"
        for each in signers
    ]
    return body.decode() + "\n" + "".join(lines)


def read(text: str) -> Head:
    """Raises HeadError if it is none."""
    body, blank, signed = text.partition("\n\n")
    try:
        origin, size, root = body.split("\n")
        checkpoint = Checkpoint(int(size), base64.b64decode(root, validate=True))
        signatures = []
        for line in signed.splitlines():
            dash, name, value = line.split(" ")
            octets = base64.b64decode(value, validate=True)
            signatures.append((name, octets[:4], octets[4:]))
            if dash != "—":
                raise HeadError(line)
    except (ValueError, binascii.Error) as error:
        raise HeadError(
            "不是台账头:应为四行(名称、条数、根、签名)/ this is no head of a ledger: four lines, name, size, root, signature"
        ) from error
    if not blank or not signatures:
        raise HeadError("台账头没有签名 / the head has no signature")
    return Head(origin, checkpoint, signatures)


def _body(origin: str, checkpoint: Checkpoint) -> bytes:
    return f"{origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n".encode()


def _key_hash(name: str, key: PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.octets).digest()[:4]
