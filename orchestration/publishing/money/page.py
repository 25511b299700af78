"""Writes the pages on money into a release: `money/<month>/<unit>.html` and `restricted/<institution>/sheets/<month>/<number>.html`.

Months that this release does not compute keep the pages they were published with, but sheets of approved months say that they
are approved. Not here: what stands on them (statement, sheet).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from orchestration.account_words import department
from orchestration.publishing.money.sheet import sheets
from orchestration.publishing.money.statement import Statements
from orchestration.publishing.money.words import LEDGER_KINDS
from orchestration.publishing.names import names_in
from orchestration.publishing.pages import keep_months, template_of
from orchestration.publishing.plan import Plan
from orchestration.publishing.restricted import FOLDER as RESTRICTED
from orchestration.publishing.restricted import private_folder, write_private
from sources.base.home import Home
from sources.county.county import County

FOLDER, SHEETS = "money", "sheets"


def write_pages(directory: Path, home: Home, county: County, plan: Plan) -> None:
    """Write the pages of the months of the run and keep those of all other months."""
    before = home.releases / plan.previous if plan.previous else None
    if before:
        keep_months(before / FOLDER, directory / FOLDER, plan.months)
        for folder in sorted((before / RESTRICTED).glob(f"*/{SHEETS}")):
            keep_months(folder, private_folder(directory / folder.relative_to(before)), _of_sheets(plan))
    _statements(directory, county, plan)
    _sheets(directory, county, plan)


def _statements(directory: Path, county: County, plan: Plan) -> None:
    template, statements = template_of(__package__ or "", "statement.html.j2"), Statements(plan.tables)
    for month in plan.months:
        for page in statements.of(month):
            path = directory / FOLDER / month / f"{page.unit_id}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = template.render(page=page, county=county.name, release_id=plan.release_id)
            path.write_text(text, "utf-8")


def _sheets(directory: Path, county: County, plan: Plan) -> None:
    template = template_of(__package__ or "", "sheet.html.j2")
    names = names_in(plan.tables)
    for page in sheets(plan.restricted, _of_sheets(plan), plan.approved):
        text = template.render(
            page=page,
            county=county.name,
            institution=names.get(page.institution_id, ""),
            names=names,
            ledger_kinds=LEDGER_KINDS,
            department=partial(department, names),
            release_id=page.departments[0]["release_id"],
        )
        folder = directory / RESTRICTED / page.institution_id / SHEETS / page.month
        write_private(folder / f"{page.number:04d}.html", text)


def _of_sheets(plan: Plan) -> set[str]:
    """Months of which sheets are written anew."""
    return {*plan.months, *plan.approved}
