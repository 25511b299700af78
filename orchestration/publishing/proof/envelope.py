"""DSSE envelopes (Dead Simple Signing Envelope v1): a payload as it is signed, and by whom.

Each signature names its algorithm, so that another (SM2 with SM3) can stand beside. Not here: what the payload says (statement).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from orchestration.publishing.proof.keys import ALGORITHM, PublicKey, Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
Envelope = dict[str, Any]


class EnvelopeError(ValueError):
    """What should be an envelope is none."""


def signed_bytes(payload: bytes) -> bytes:
    """PAE(type, payload): what signatures are of (DSSE v1, protocol.md)."""
    kind = PAYLOAD_TYPE.encode()
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])


def seal(payload: bytes, signers: list[Signer]) -> Envelope:
    """A payload with a signature of each signer."""
    made = {"payloadType": PAYLOAD_TYPE, "payload": base64.b64encode(payload).decode(), "signatures": []}
    for signer in signers:
        add(made, signer)
    return made


def add(envelope: Envelope, signer: Signer) -> None:
    """Sign what is there; who signed before is not listed twice."""
    signature = signer.sign(signed_bytes(payload_of(envelope)))
    others = [each for each in envelope["signatures"] if each["keyid"] != signer.public.key_id]
    own = {
        "algorithm": ALGORITHM,
        "keyid": signer.public.key_id,
        "sig": base64.b64encode(signature).decode(),
    }
    envelope["signatures"] = sorted([*others, own], key=lambda each: each["keyid"])


def payload_of(envelope: Envelope) -> bytes:
    """Raises EnvelopeError if it is not one of ours."""
    try:
        if envelope["payloadType"] != PAYLOAD_TYPE:
            raise EnvelopeError(f"payloadType {envelope['payloadType']}")
        return base64.b64decode(envelope["payload"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise EnvelopeError(str(error)) from error


def is_signed_by(envelope: Envelope, key: PublicKey) -> bool:
    """Whether a signature of the envelope is that of a key, whatever keyid it claims."""
    content = signed_bytes(payload_of(envelope))
    try:
        found = [base64.b64decode(each["sig"], validate=True) for each in envelope["signatures"]]
    except (KeyError, TypeError, binascii.Error) as error:
        raise EnvelopeError(str(error)) from error
    return any(key.signed(signature, content) for signature in found)


def written(envelope: Envelope) -> str:
    """One field a line, so that `sed` can read it."""
    return json.dumps(envelope, indent=1, sort_keys=True) + "\n"


def read(text: bytes) -> Envelope:
    """Raises EnvelopeError if it is none, or if it is not written as `written` does: every byte of it counts."""
    try:
        found = json.loads(text)
        exact = isinstance(found, dict) and written(found).encode() == text
    except (ValueError, UnicodeError) as error:
        raise EnvelopeError(str(error)) from error
    if not exact:
        raise EnvelopeError("not as it was written")
    payload_of(found)
    return found
