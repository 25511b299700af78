"""`yigongti release …` and `yigongti explain`: what is published, and how a number came about."""

from pathlib import Path

import click

from orchestration.commands.home import open_home


def list_releases(home_dir: Path) -> None:
    """Print every release."""
    from orchestration.publishing.compare import list_text

    click.echo(list_text(open_home(home_dir)))


def show_release(home_dir: Path, release_id: str | None) -> None:
    """Print one release. Raises HistoryError if there is none of that name."""
    from orchestration.publishing.compare import show

    click.echo(show(open_home(home_dir), release_id))


def diff_releases(home_dir: Path, before: str, after: str) -> None:
    """Print what changed between two releases. Raises HistoryError if one of them does not exist."""
    from orchestration.publishing.compare import diff

    click.echo(diff(open_home(home_dir), before, after))


def write_excerpt(home_dir: Path, release_id: str | None, to: Path) -> None:
    """Write what may be shown to the public and say how much was hidden. Raises HistoryError, ExcerptError."""
    from orchestration.publishing import excerpt

    written = excerpt.write_excerpt(open_home(home_dir), release_id, to)
    click.echo(f"公开摘录 public excerpt {written.release_id} → {to}")
    for name, rows in written.rows.items():
        click.echo(f"  {name}.csv: {rows} 行 rows,不公开 suppressed {written.hidden[name]}")


def explain(
    home_dir: Path,
    month: str,
    unit: str | None,
    kpi: str,
    window: str | None,
    rows: bool,
    not_counted: bool,
    level: str,
) -> None:
    """Print the chain of a published value. Raises ExplainError if it cannot be walked."""
    from orchestration.explain.number import explain as walk

    click.echo(walk(open_home(home_dir), month, unit, kpi, window, rows, not_counted, level))


def explain_payout(home_dir: Path, month: str, staff_id: str, institution: str | None, rows: bool) -> None:
    """Print where a person's money of a quarter came from. Raises ExplainError if there is none."""
    from orchestration.explain.payout import explain_payout as walk

    click.echo(walk(open_home(home_dir), month, staff_id, institution, rows))


def explain_entry(home_dir: Path, month: str, said: str, rows: bool) -> None:
    """Print what entries of money rest on. Raises ExplainError if there is none."""
    from orchestration.explain.entry import explain_entry as walk

    click.echo(walk(open_home(home_dir), month, said, rows))


def explain_case(home_dir: Path, month: str, settlement_id: str, *, money: bool) -> None:
    """Print how a case was grouped and, with `money`, settled. Raises ExplainError if the release knows none."""
    from orchestration.explain.case import explain_case as walk

    click.echo(walk(open_home(home_dir), month, settlement_id, money=money))
