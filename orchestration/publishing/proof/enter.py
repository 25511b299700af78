"""Signs a release when it is made and enters it, with what changed since the one before, into the ledger.

Here: the steps of publishing that leave proof. Not here: checking it (verify.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestration.publishing import manifest
from orchestration.publishing.approvals import APPROVED
from orchestration.publishing.proof import envelope, head, ledger, statement
from orchestration.publishing.proof.keys import Signer
from orchestration.publishing.proof.verify import subject_of
from sources.base.files import replacing
from sources.base.home import Home

_WAIVER = "waiver"
Change = tuple[str, dict[str, Any], str]


def sign(release: Path, home: Home, signer: Signer | None) -> None:
    """Write the envelope into a release that is whole; nothing without a signer."""
    if signer is not None:
        sealed = envelope.seal(statement.state(release, ledger.read(home).checkpoint()), [signer])
        (release / statement.FILE).write_text(envelope.written(sealed), "utf-8")


def sign_too(release: Path, signer: Signer) -> None:
    """Add another signature to a release that is signed. Raises EnvelopeError if it is not."""
    path = release / statement.FILE
    if not path.is_file():
        raise envelope.EnvelopeError(
            f"发布 {release.name} 没有签名,不能加签:先由县签名发布 / release {release.name} is not signed: the county signs first"
        )
    sealed = envelope.read(path.read_bytes())
    envelope.add(sealed, signer)
    with replacing(path) as temporary:
        temporary.write_text(envelope.written(sealed), "utf-8")


def enter(home: Home, release: Path, signer: Signer | None, *, now: dt.datetime | None = None) -> None:
    """Add a release and what came with it, once; then write the head anew."""
    known = [entry["subject"] for entry in ledger.read(home).entries if entry["kind"] == "release"]
    if subject_of(release) not in known:
        for kind, subject, why in _changes(home, release):
            ledger.add(home, kind, subject, why, now=now)
        ledger.add(home, "release", subject_of(release), "四道质控门通过 / all gates passed", now=now)
    if signer is not None:
        write_head(home, release, signer)


def write_head(home: Home, release: Path, signer: Signer) -> None:
    """The signed head of the ledger as it is now."""
    region = manifest.read(release)["inputs"]["county"]["region_code"]
    text = head.write(head.origin_of(region), ledger.read(home).checkpoint(), [signer])
    with replacing(home.root / head.FILE) as temporary:
        temporary.write_text(text, "utf-8")


def _changes(home: Home, release: Path) -> Iterator[Change]:
    """Approvals, waivers and policy that are others than in the release before."""
    told = manifest.read(release)
    before = home.releases / told["previous"] if told["previous"] else None
    earlier = manifest.read(before) if before is not None and before.is_dir() else {}
    stood = earlier.get(APPROVED, {})
    for month, approved in sorted(told.get(APPROVED, {}).items()):
        if month not in stood:
            yield "approval", {"month": month, "release_id": approved}, "policy/pay_approval.csv"
    had = earlier.get("inputs", {}).get("policy", {})
    policy = told["inputs"]["policy"]
    for table in sorted({*had, *policy}):
        if had.get(table) != policy.get(table) and (earlier or table == _WAIVER):
            subject = {"table": table, "before": had.get(table), "after": policy.get(table)}
            yield "waiver" if table == _WAIVER else "policy", subject, f"policy/{table}.csv"
