"""Keys in files, and a small home with signed releases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from orchestration.publishing import manifest
from orchestration.publishing.proof import enter
from orchestration.publishing.proof.keys import PublicKey, Signer
from sources.base.home import Home

NOW = dt.datetime(2025, 4, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class KeyFiles:
    """A pair of keys, in memory and as PEM files outside the home."""

    signer: Signer
    private: Path
    public: Path

    @property
    def key(self) -> PublicKey:
        return self.signer.public


def key_files(folder: Path, name: str, seed: int) -> KeyFiles:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    paths = folder / f"{name}.key", folder / f"{name}.pem"
    paths[0].write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    paths[0].chmod(0o600)
    paths[1].write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return KeyFiles(Signer(private), *paths)


@pytest.fixture
def county(tmp_path: Path) -> KeyFiles:
    return key_files(tmp_path, "county", 1)


@pytest.fixture
def insurer(tmp_path: Path) -> KeyFiles:
    return key_files(tmp_path, "insurer", 2)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home" / "releases").mkdir(parents=True)
    return Home(tmp_path / "home")


@pytest.fixture
def publish(home: Home, county: KeyFiles) -> Callable[..., Path]:
    """Publish a small release, signed by the county unless told otherwise, as publishing does it."""

    def make(release_id: str, signer: Signer | None = county.signer, **told: object) -> Path:
        previous = home.current.resolve().name if home.current.exists() else None
        release = home.releases / release_id
        (release / "marts").mkdir(parents=True)
        (release / "marts" / "a.parquet").write_bytes(release_id.encode())
        (release / "marts" / "empty.csv").write_bytes(b"")
        inputs = {
            "county": {"region_code": "340621"},
            "batches": [{"batch_id": "b"}],
            "policy": {"kpi_target": "1"},
        }
        manifest.write(
            release,
            {
                "release_id": release_id,
                "previous": previous,
                "previous_manifest": manifest.sha256(home.releases / previous / manifest.FILE)
                if previous
                else None,
                "inputs": inputs,
                "gates": {"core": {"pass": 1}},
                "months_computed": [release_id[:7]],
                "months_published": [release_id[:7]],
                **told,
            },
        )
        enter.sign(release, home, signer)
        enter.enter(home, release, signer, now=NOW)
        home.current.unlink(missing_ok=True)
        home.current.symlink_to(release)
        return release

    return make
