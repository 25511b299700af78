"""Proves a release and the ledger beside it offline, by keys that came another way: whatever was changed, added or taken away is named.

Here: checking. Not here: making what is checked (statement, ledger, head), words of the command (orchestration/commands/proof.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.publishing.proof import envelope, head, ledger, merkle, statement
from orchestration.publishing.proof.keys import PublicKey
from orchestration.publishing.proof.ledger import Checkpoint, Ledger
from sources.base.home import Home


@dataclass
class Report:
    """What was found to hold, and what not; proven if nothing is wrong."""

    holds: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def verify(
    release: Path, keys: Sequence[PublicKey], home: Home | None = None, against: head.Head | None = None
) -> Report:
    """Check a release by keys that all must have signed it; with `home` its ledger; with `against` a head that left the house before."""
    report = Report()
    said = _statement(release, keys, report)
    if said is not None:
        report.wrong += _files(release, said)
        if not report.wrong:
            report.holds.append(f"{len(said['subject'])} 个文件与签名的清单一致 / files are as signed")
    if home is not None:
        _ledger(home, release, said, keys, against, report)
    return report


def _statement(release: Path, keys: Sequence[PublicKey], report: Report) -> statement.Statement | None:
    """The statement of the envelope if every key has signed it and it speaks of this release."""
    path = release / statement.FILE
    try:
        sealed = envelope.read(path.read_bytes())
    except FileNotFoundError:
        report.wrong.append(f"{statement.FILE} 不在:发布没有签名 / is not there: the release is not signed")
        return None
    except (OSError, envelope.EnvelopeError) as error:
        report.wrong.append(f"{statement.FILE} 被改动或损坏 / was changed or is damaged ({error})")
        return None
    unsigned = [key.key_id for key in keys if not envelope.is_signed_by(sealed, key)]
    if unsigned:
        report.wrong += [
            f"{statement.FILE} 没有密钥 {each} 的有效签名 / has no valid signature of key {each}"
            for each in unsigned
        ]
        return None
    try:
        said: statement.Statement = json.loads(envelope.payload_of(sealed))
        named = said["predicate"]["release"]["release_id"]
        known = (said["_type"], said["predicateType"]) == (statement.STATEMENT_TYPE, statement.PREDICATE_TYPE)
    except (ValueError, KeyError, TypeError):
        known, named = False, ""
    if not known:
        report.wrong.append(f"{statement.FILE} 签的不是发布的声明 / is no statement of a release")
        return None
    if named != release.name:
        report.wrong.append(f"签名属于发布 {named},不是 {release.name} / the signature is of release {named}")
    report.holds += [f"密钥 {key.key_id[:16]}… 的签名有效 / signed by this key" for key in keys]
    return said


def _files(release: Path, said: statement.Statement) -> Iterator[str]:
    signed = {each["name"]: each["digest"]["sha256"] for each in said["subject"]}
    there = dict(statement.files_of(release))
    for name in sorted({*signed, *there}):
        if name not in there:
            yield f"{name} 不见了 / is missing"
        elif name not in signed:
            yield f"{name} 是后来加的 / was added"
        elif signed[name] != there[name]:
            yield f"{name} 被改动 / was changed"


def _ledger(
    home: Home,
    release: Path,
    said: statement.Statement | None,
    keys: Sequence[PublicKey],
    against: head.Head | None,
    report: Report,
) -> None:
    """The lines follow each other, the release is one of them, and every signed checkpoint is a beginning of what is there."""
    found, wrong = ledger.read(home), len(report.wrong)
    broken = ledger.broken_at(found)
    if broken is not None:
        report.wrong.append(
            f"{ledger.FILE} 第 {broken + 1} 行被改动或换过 / line {broken + 1} was changed or replaced"
        )
    report.wrong += _entered(found, release)
    if said is not None:
        told = said["predicate"]["checkpoint"]
        before = Checkpoint(told["size"], bytes.fromhex(told["root"]))
        report.wrong += _begins(found, before, f"发布 {release.name} 签名时 when the release was signed")
    report.wrong += _own_head(home, found, keys)
    if against is not None:
        if not any(against.is_signed_by(key) for key in keys):
            report.wrong.append(
                "--against 的台账头没有所给密钥的签名 / the head is not signed by the key given"
            )
        report.wrong += _begins(found, against.checkpoint, "--against 的台账头 the head given")
    if len(report.wrong) == wrong:
        report.holds.append(
            f"台账 {len(found.lines)} 行完整,发布在其中 / the ledger is whole and the release is in it"
        )


def _entered(found: Ledger, release: Path) -> Iterator[str]:
    """A release stands in the ledger with its manifest and its statement."""
    entries = [entry for entry in _readable(found) if entry.get("kind") == "release"]
    own = [entry["subject"] for entry in entries if entry["subject"].get("release_id") == release.name]
    if not own:
        yield f"{ledger.FILE} 没有发布 {release.name} / the release is not in the ledger"
    elif own[-1] != subject_of(release):
        yield f"{ledger.FILE} 所记的发布 {release.name} 不是这一个 / the ledger has another release of that name"


def subject_of(release: Path) -> dict[str, str | None]:
    """What the ledger says of a release: the SHA-256 of its manifest and of its statement."""
    path = release / statement.FILE
    digest = None
    if path.is_file():
        try:
            digest = hashlib.sha256(envelope.payload_of(envelope.read(path.read_bytes()))).hexdigest()
        except envelope.EnvelopeError:
            digest = "unreadable"
    manifest = release / "manifest.json"
    own = hashlib.sha256(manifest.read_bytes()).hexdigest() if manifest.is_file() else None
    return {"release_id": release.name, "manifest": own, "statement": digest}


def _readable(found: Ledger) -> Iterator[dict]:
    for line in found.lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get("subject"), dict):
            yield entry


def _begins(found: Ledger, before: Checkpoint, when: str) -> Iterator[str]:
    """The ledger of then is the beginning of the ledger of now."""
    if before.size > len(found.lines):
        yield (
            f"{ledger.FILE} 被截短:{when} 有 {before.size} 行,现在 {len(found.lines)} 行 / "
            f"its tail was cut: {before.size} lines then, {len(found.lines)} now"
        )
    elif merkle.root(found.hashes[: before.size]) != before.root:
        yield f"{ledger.FILE} 的前 {before.size} 行与 {when} 不同:过去被改写 / its first {before.size} lines were rewritten"


def _own_head(home: Home, found: Ledger, keys: Sequence[PublicKey]) -> Iterator[str]:
    """The head beside the ledger is of all its lines and signed by a key given."""
    path = home.root / head.FILE
    if not path.is_file():
        yield f"{head.FILE} 不在 / is not there"
        return
    try:
        own = head.read(path.read_text("utf-8"))
    except (head.HeadError, UnicodeError) as error:
        yield f"{head.FILE}:{error}"
        return
    if not any(own.is_signed_by(key) for key in keys):
        yield f"{head.FILE} 没有所给密钥的签名 / is not signed by the key given"
    elif own.checkpoint.size < len(found.lines):
        yield f"{ledger.FILE} 多出 {len(found.lines) - own.checkpoint.size} 行没有签名 / has lines that are not signed"
    else:
        yield from _begins(found, own.checkpoint, f"{head.FILE} 签名时 when it was signed")
