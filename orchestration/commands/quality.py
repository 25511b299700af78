"""`yigongti quality`: the data quality scores that are published, and where the pages lie."""

from pathlib import Path

import click
from rich.table import Table

from orchestration.commands.county import load_county
from orchestration.commands.home import home_of
from orchestration.console import make_console
from orchestration.publishing.manifest import require_intact
from orchestration.publishing.quality.page import FOLDER
from sources.base.engine import ask
from sources.base.terms import QUALITY_DIMENSIONS


def show(county_dir: Path, home_dir: Path, month: str | None, institution: str | None) -> int:
    """Print the scores of a month (the latest published one if not given). Always 0."""
    county, console = load_county(county_dir), make_console()
    release = home_of(county, home_dir).current.resolve()
    mart = release / "marts" / "mart_quality_score.parquet"
    if not mart.is_file():
        raise click.UsageError(
            "尚无发布的版本,先运行 yigongti run / nothing is published: run yigongti run first"
        )
    require_intact(release)
    rows = ask(
        """with chosen as (select * from read_parquet(?)
               where month = coalesce(?, (select max(month) from read_parquet(?))))
           select month, institution_id, map(list(dimension), list(score::double)) from chosen
           where ?::varchar is null or institution_id = ? group by all
           order by max(case when dimension = 'total' then score end) nulls last, institution_id""",
        [str(mart), month, str(mart), institution, institution],
    )
    if not rows:
        raise click.UsageError("没有这个月份或机构的得分 / no scores of that month or institution")
    shown = rows[0][0]
    table = Table(title=f"数据质量 data quality {shown}", title_justify="left")
    table.add_column("报送方 deliverer")
    for heading in ("总分 total", *map(str, QUALITY_DIMENSIONS.values())):
        table.add_column(heading, justify="right")
    for _, who, scores in rows:
        table.add_row(
            county.name_of(who), *(_points(scores.get(name)) for name in ("total", *QUALITY_DIMENSIONS))
        )
    console.print(table)
    console.print(
        f"可发给机构的页面 pages to send: {release / FOLDER / shown}", soft_wrap=True, highlight=False
    )
    return 0


def _points(score: float | None) -> str:
    return "–" if score is None else f"{score:.1f}"
