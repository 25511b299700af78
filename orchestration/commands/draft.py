"""`yigongti feed draft`: a mapping drafted from sample files. Printing and writing only; see sources.onboarding."""

import os
from pathlib import Path

import click
from rich.console import Console

from orchestration.console import console_beside
from sources.base.files import write_bytes
from sources.base.refusal import RefusedError
from sources.county.county import institution_names


def draft(
    county_dir: Path,
    institution: str,
    files: tuple[Path, ...],
    *,
    vendor: str,
    feed: str | None,
    output: Path | None,
    database: str | None = None,
    tables: tuple[str, ...] = (),
    header_row: int | None = None,
    delimiter: str | None = None,
) -> int:
    """Write a draft for the files (all of the deliverer in the inbox when none is named). 0 done, 1 if a file could not be read."""
    from orchestration.commands.county import require_county
    from orchestration.commands.feed import require
    from sources.contracts.load import load_contracts
    from sources.onboarding.draft import draft_mapping

    require_county(county_dir)
    require(feed, load_contracts(), "--feed", "没有这个数据源 / no such feed")
    if output is not None and output.exists():
        raise click.UsageError(f"{output} 已存在,不覆盖;请换一个文件名 / exists already: choose another name")
    beside, failed = console_beside(), 0
    if database is not None:
        samples = _from_database(beside, county_dir, database, tables, feed)
    else:
        chosen = _chosen_files(county_dir / "inbox", institution, files)
        samples, failed = _from_files(beside, county_dir / "inbox", chosen, header_row, delimiter)
    text = draft_mapping(vendor, samples, institution_names(county_dir), feed)
    _write(text, output, beside, samples, county_dir, institution)
    return 1 if failed else 0


def _chosen_files(inbox: Path, institution: str, files: tuple[Path, ...]) -> list[Path]:
    """The files named, or all of the deliverer; none at all is a usage error."""
    chosen = list(files) or sorted(path for path in (inbox / institution).rglob("*") if path.is_file())
    if not chosen:
        raise click.UsageError(
            f"{inbox / institution} 里没有文件:把样本放进 {institution}/<月份>/,或在命令后写文件路径 / "
            "no file there: put samples into the inbox or name them"
        )
    return chosen


def _from_files(
    beside: Console, inbox: Path, chosen: list[Path], header_row: int | None, delimiter: str | None
) -> tuple[list, int]:
    """Samples of the files, and how many files could not be read; what is wrong with one is said."""
    from sources.onboarding.sample import read_samples

    samples, failed = [], 0
    for path in chosen:
        name = _shown_name(path, inbox)
        try:
            samples += list(read_samples(path, name, header_row, delimiter))
        except RefusedError as error:
            failed += 1
            beside.print(f"{name}: {error.refusal}", style="red", soft_wrap=True)
    for sample in samples:
        if sample.damaged:
            beside.print(
                f"{sample.file}:{sample.damaged:,} 行损坏 damaged lines ({sample.encoding});"
                "分隔符不对时用 --delimiter 写明 / state --delimiter when that one is wrong",
                style="yellow", soft_wrap=True,
            )  # fmt: skip
    return samples, failed


def _from_database(
    beside: Console, county_dir: Path, database: str, tables: tuple[str, ...], feed: str | None
) -> list:
    """Samples of the tables behind an environment variable that holds the address, or of an SQLite file in the county."""
    from sources.connectors.databases.address import resolve
    from sources.onboarding.tables import read_tables

    url_env, sqlite = (None, database) if (county_dir / database).is_file() else (database, None)
    address = resolve(url_env, sqlite, None, county_dir, os.environ)

    def told(line: str) -> None:
        beside.print(line, soft_wrap=True, highlight=False, markup=False)

    return list(read_tables(address, tables, feed, told))


def _write(
    text: str, output: Path | None, beside: Console, samples: list, county_dir: Path, institution: str
) -> None:
    """Print the draft, or keep it and say what comes next."""
    if output is None:
        click.echo(text, nl=False)
        return
    write_bytes(output, text.encode())
    questions = text.count("待核对") + text.count("待定") + text.count(": ?")
    beside.print(
        f"{output}:{len(samples)} 个样本,{questions} 处待确认 / {len(samples)} samples, {questions} places to confirm",
        soft_wrap=True,
    )
    beside.print(
        f"接着:在 county.yml 的 deliveries 写 - {{institution: {institution}, mapping: {output.stem}}},再运行 "
        f"yigongti county check {county_dir} 和 yigongti feed check {county_dir} {institution}",
        soft_wrap=True,
    )


def _shown_name(path: Path, inbox: Path) -> str:
    try:
        return path.absolute().relative_to(inbox.absolute()).as_posix()
    except ValueError:
        return path.name
