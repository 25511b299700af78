"""`yigongti verify`, `yigongti ledger …`, `yigongti release sign`: proof of what was published, in words.

Belongs here: what is printed and the exit code. Does not: checking (orchestration/publishing/proof).
"""

from collections.abc import Sequence
from pathlib import Path

import click

from orchestration.commands.home import open_home
from sources.base.home import Home


def verify(home_dir: Path, named: str | None, key_files: Sequence[Path], against: Path | None) -> int:
    """Print what is proven and what is not; 0 if all of it is. Raises SigningKeyError, HeadError."""
    from orchestration.publishing.proof import head
    from orchestration.publishing.proof.keys import read_public
    from orchestration.publishing.proof.verify import verify as check

    release, home = _release(home_dir, named)
    apart_from = home.root if home is not None else release
    keys = [read_public(path, apart_from) for path in key_files]
    before = None if against is None else head.read(against.read_text("utf-8"))
    if before is not None and home is None:
        raise click.UsageError(
            "--against 要有台账:请给数据目录里的发布 / --against needs a ledger: name a release in its home"
        )
    report = check(release, keys, home, before)
    click.echo(f"发布 release {release.name}")
    for line in report.holds:
        click.echo(f"  ✓ {line}")
    for line in report.wrong:
        click.echo(f"  ✗ {line}")
    if home is None:
        click.echo("  · 旁边没有台账,只查了发布本身 / no ledger beside it: only the release was checked")
    click.echo("未证实 not proven" if report.wrong else "已证实 proven")
    return 1 if report.wrong else 0


def _release(home_dir: Path, named: str | None) -> tuple[Path, Home | None]:
    """A release by its id in the home, or a folder of its own; with the home whose ledger has it."""
    from orchestration.publishing.proof.ledger import FILE

    folder = Path(named) if named else None
    if folder is not None and (folder / "manifest.json").is_file():
        release = folder.resolve()
        home = Home(release.parents[1])
        return release, home if (home.root / FILE).is_file() else None
    home = open_home(home_dir)
    if named is None and not home.current.exists():
        raise click.UsageError("尚无发布的版本 / nothing has been published yet")
    release = home.current.resolve() if named is None else home.releases / named
    if not release.is_dir():
        raise click.UsageError(f"没有发布 {named}:见 yigongti release list / there is no release {named}")
    return release, home


def show(home_dir: Path) -> None:
    """Print every line of the ledger."""
    from orchestration.publishing.proof.ledger import KINDS, read

    for entry in read(open_home(home_dir)).entries:
        subject = " ".join(f"{name}={str(value)[:16]}" for name, value in entry["subject"].items() if value)
        click.echo(
            f"{entry['number']:>4}  {entry['when']}  {entry['who']}  {KINDS.get(entry['kind'], entry['kind'])} {entry['kind']}  "
            f"{subject}  {entry['why']}"
        )


def prove(home_dir: Path, number: int) -> None:
    """Print the way of a line up to the root of the tree. Raises UsageError if there is no such line."""
    from orchestration.publishing.proof import merkle
    from orchestration.publishing.proof.ledger import read

    ledger = read(open_home(home_dir))
    if not 0 <= number < len(ledger.lines):
        raise click.UsageError(
            f"台账有 {len(ledger.lines)} 行,编号从 0 起 / the ledger has {len(ledger.lines)} lines, from 0 on"
        )
    hashes = ledger.hashes
    click.echo(f"行 line {number} / {len(hashes)}")
    click.echo(ledger.lines[number].decode())
    click.echo(f"叶 leaf {hashes[number].hex()}")
    for sibling in merkle.inclusion_proof(hashes, number):
        click.echo(f"  + {sibling.hex()}")
    click.echo(f"根 root {merkle.root(hashes).hex()}")


def show_head(home_dir: Path) -> None:
    """Print the signed head, as it leaves the house. Raises LedgerError if there is none."""
    from orchestration.publishing.proof.head import FILE
    from orchestration.publishing.proof.keys import KEY_FILE
    from orchestration.publishing.proof.ledger import LedgerError

    path = open_home(home_dir).root / FILE
    if not path.is_file():
        raise LedgerError(
            f"台账头没有签名:设 {KEY_FILE} 后再 yigongti run / the ledger has no signed head: set {KEY_FILE} and run"
        )
    click.echo(path.read_text("utf-8"), nl=False)


def sign(home_dir: Path, named: str | None, key_file: Path) -> None:
    """Add a signature to a release that is signed, by who signs after the county. Raises SigningKeyError, NotIntactError."""
    from orchestration.publishing.manifest import require_intact
    from orchestration.publishing.proof.enter import sign_too
    from orchestration.publishing.proof.keys import read_signer

    release, _ = _release(home_dir, named)
    signer = read_signer(key_file, home_dir)
    require_intact(release)
    sign_too(release, signer)
    click.echo(f"{release.name} 已加签 signed too: {signer.public.key_id}")
