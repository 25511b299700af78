"""Writes the data quality pages into a release: `quality/<month>/<institution>.html`, one offline file each.

Months that this release does not compute keep the pages they were published with. Not here: what stands on a page
(content), and its look (quality.html.j2).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import jinja2

from expectations.verdict import share
from orchestration.publishing.pages import keep_months, template_of
from orchestration.publishing.plan import Plan
from orchestration.publishing.quality.content import Collector, QualityContent
from orchestration.publishing.quality.own_columns import OwnColumns
from sources.base.home import Home
from sources.base.terms import QUALITY_DIMENSIONS, in_chinese
from sources.contracts.load import load_contracts
from sources.county.code_maps import TERMINOLOGIES
from sources.county.county import County

FOLDER = "quality"
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 640, 150, 34, 22


def write_pages(
    connection: duckdb.DuckDBPyConnection, directory: Path, home: Home, county: County, plan: Plan
) -> None:
    """Write the pages of the months of the run into `directory`/quality and keep those of all other months."""
    if plan.previous:
        keep_months(home.releases / plan.previous / FOLDER, directory / FOLDER, plan.months)
    template = template_of(__package__, "quality.html.j2")
    collector = Collector(connection, home, plan.tables)
    try:
        for month in plan.months:
            for institution in collector.deliverers(month):
                content = collector.collect(month, institution, county.name_of(institution))
                path = directory / FOLDER / month / f"{institution}.html"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(_render(template, content, county, plan.release_id), "utf-8")
    finally:
        collector.close()


def _render(template: jinja2.Template, content: QualityContent, county: County, release_id: str) -> str:
    return template.render(
        page=content,
        county=county.name,
        own=OwnColumns(county, content.institution_id),
        share=share,
        release_id=release_id,
        dimensions=in_chinese(QUALITY_DIMENSIONS),
        terminologies=TERMINOLOGIES,
        feed_names={feed: contract.name for feed, contract in load_contracts().items()},
        line=_line(content),
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        bottom=_HEIGHT - _BOTTOM,
    )


def _line(content: QualityContent) -> list[tuple[str, float, float, float]]:
    """The total score as points of a drawing: (month, x, y, score); 0 at the bottom, 100 at the top."""
    scored = [(month, scores.get("total")) for month, scores in content.trend]
    known = [(month, score) for month, score in scored if score is not None]
    step = (_WIDTH - _LEFT - 40) / max(1, len(known) - 1)
    reach = _HEIGHT - _BOTTOM - 18
    return [
        (
            month,
            round(_LEFT + 14 + number * step, 1),
            round(_HEIGHT - _BOTTOM - reach * score / 100, 1),
            score,
        )
        for number, (month, score) in enumerate(known)
    ]
