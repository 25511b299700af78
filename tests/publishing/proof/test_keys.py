"""Keys that cannot be used say why: where they lie, who may read them, what they are."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from orchestration.publishing.proof.keys import (
    KEY_FILE,
    KEY_TEXT,
    SigningKeyError,
    read_public,
    read_signer,
    signer_of,
)


def test_a_key_is_named_as_openssl_names_it(county) -> None:
    told = ["openssl", "pkey", "-pubin", "-in", str(county.public), "-outform", "DER"]
    der = subprocess.run(told, capture_output=True, check=True).stdout
    assert county.key.key_id == hashlib.sha256(der).hexdigest()


def test_the_environment_names_a_file_or_holds_the_key(county, home) -> None:
    assert signer_of(home.root, {}) is None
    by_file = signer_of(home.root, {KEY_FILE: str(county.private)})
    by_text = signer_of(home.root, {KEY_TEXT: county.private.read_text()})
    assert by_file and by_text and by_file.public.key_id == by_text.public.key_id == county.key.key_id
    with pytest.raises(SigningKeyError, match="not both"):
        signer_of(home.root, {KEY_FILE: str(county.private), KEY_TEXT: "x"})


def test_a_key_in_the_home_is_refused(county, home) -> None:
    inside = home.root / "keys" / "county.key"
    inside.parent.mkdir()
    inside.write_bytes(county.private.read_bytes())
    inside.chmod(0o600)
    with pytest.raises(SigningKeyError, match="lies in the home"):
        read_signer(inside, home.root)


def test_a_link_out_of_sight_into_the_home_is_refused(county, home, tmp_path: Path) -> None:
    inside = home.root / "county.key"
    inside.write_bytes(county.private.read_bytes())
    inside.chmod(0o600)
    link = tmp_path / "link.key"
    link.symlink_to(inside)
    with pytest.raises(SigningKeyError, match="lies in the home"):
        read_signer(link, home.root)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(county, home, mode: int) -> None:
    county.private.chmod(mode)
    with pytest.raises(SigningKeyError, match="chmod 600"):
        read_signer(county.private, home.root)


def test_what_is_no_ed25519_key_is_refused(county, home, tmp_path: Path) -> None:
    other = tmp_path / "ec.key"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(other)],
        check=True,
        capture_output=True,
    )
    other.chmod(0o600)
    with pytest.raises(SigningKeyError, match="no Ed25519 key"):
        read_signer(other, home.root)
    with pytest.raises(SigningKeyError, match="no private key"):
        read_signer(Path(_written(tmp_path / "text.key", "hello")), home.root)
    with pytest.raises(SigningKeyError, match="cannot read"):
        read_signer(tmp_path / "nowhere.key", home.root)


def test_a_public_key_beside_the_data_proves_nothing(county, home) -> None:
    inside = home.root / "county.pem"
    inside.write_bytes(county.public.read_bytes())
    with pytest.raises(SigningKeyError, match="proves nothing"):
        read_public(inside, home.root)
    assert read_public(county.public, home.root).key_id == county.key.key_id
    with pytest.raises(SigningKeyError, match="no public key"):
        read_public(county.private, home.root)


def _written(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o600)
    return str(path)
