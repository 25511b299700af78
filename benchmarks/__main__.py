"""`make bench`: run the measurements and print them; `python -m benchmarks ingest` runs one (names: `shown`, below)."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from benchmarks import (
    casemix,
    databases,
    identity,
    ingest,
    kpi_layer,
    layers,
    memory,
    new_month,
    rivals,
    stages,
)
from benchmarks.rivals_bed import KPIS, STAGES

console = Console()


def show_ingest() -> None:
    m = ingest.measure()
    table = Table(title="land + conform / DuckDB copy as text (CSV, 100,000 residents, one month)")
    for column in ("files", "rows", "MB", "ours s", "copy s", "ratio", "rows/s", "MB/s"):
        table.add_column(column, justify="right")
    table.add_row(
        f"{m.files:,}", f"{m.rows:,}", f"{m.megabytes:.0f}", f"{m.ours_seconds:.1f}", f"{m.copy_seconds:.1f}",
        f"{m.ratio:.1f}", f"{m.rows / m.ours_seconds:,.0f}", f"{m.megabytes / m.ours_seconds:.1f}",
    )  # fmt: skip
    console.print(table)


def show_memory() -> None:
    table = Table(title=f"peak memory of land + conform: one file, and one {memory.TIMES} times as large")
    table.add_column("form")
    for column in ("MB", "rows", "MiB peak", "MB", "rows", "MiB peak", "ratio", "MiB for 1 M rows more"):
        table.add_column(column, justify="right")
    for m in memory.measure():
        sizes = [f"{size:,.0f}" for side in (m.small, m.large) for size in side[:3]]
        growth = (m.large[2] - m.small[2]) / (m.large[1] - m.small[1]) * 1e6
        table.add_row(m.form, *sizes, f"{m.ratio:.2f}", f"{growth:,.0f}")
    console.print(table)


def show_casemix() -> None:
    m = casemix.measure()
    table = Table(title="DRG groups of cases of a file, against a grouper in loops")
    for column in ("cases", "door s", "of them fixed", "cases/s beyond it", "loops s", "ratio"):
        table.add_column(column, justify="right")
    beyond = m.cases / (m.door_seconds - m.few_seconds)
    numbers = (f"{m.cases:,}", f"{m.door_seconds:.1f}", f"{m.few_seconds:.1f}", f"{beyond:,.0f}")
    table.add_row(*numbers, f"{m.loop_seconds:.1f}", f"{m.ratio:.1f}")
    console.print(table)


def show_stages() -> None:
    m = stages.measure()
    table = Table(title="the demo run by stage (20,000 residents, 3 months)")
    table.add_column("stage")
    table.add_column("seconds", justify="right")
    table.add_row("simulate (whole process)", f"{m.simulate_seconds:.1f}")
    for stage, seconds in m.stages.items():
        table.add_row(stage, f"{seconds:.1f}")
    table.add_row("run (whole process)", f"{m.run_seconds:.1f}")
    console.print(table)
    console.print(f"peak memory of the largest process: {m.peak_mib:,.0f} MiB")


def show_databases() -> None:
    table = Table(
        title="a month out of a database (500,000 rows × 15 columns), ratio to the first line of each server"
    )
    for column in ("server", "way", "seconds", "rows/s", "MB/s", "ratio"):
        table.add_column(column, justify="left" if column in ("server", "way") else "right")
    for m in databases.measure():
        numbers = (
            f"{m.seconds:.1f}",
            f"{m.rows_per_second:,.0f}",
            f"{m.megabytes_per_second:.1f}",
            f"{m.ratio:.2f}",
        )
        table.add_row(m.server, m.way, *numbers)
    console.print(table)


def show_identity() -> None:
    table = Table(title="the person index over rehearsed registers (mark: 500,000 records in 60 s)")
    for column in (
        "records",
        "pairs",
        "s",
        "CPU s",
        "+2 % s",
        "+2 % pairs",
        "MiB",
        "review",
        "precision",
        "recall",
    ):
        table.add_column(column, justify="right")
    for m in identity.measure_all():
        shares = (f"{share:.4f} ({low:.4f}–{high:.4f})" for share, low, high in (m.precision, m.recall))
        table.add_row(
            f"{m.records:,}", f"{m.pairs:,}", f"{m.seconds:.1f}", f"{m.cpu_seconds:.1f}", f"{m.month_seconds:.1f}", f"{m.month_cpu_seconds:.1f}",
            f"{m.month_pairs:,}", f"{m.peak_mib:,.0f}", f"{m.to_review:,}", *shares,
        )  # fmt: skip
    console.print(table)


def show_new_month() -> None:
    m = new_month.measure()
    table = Table(title=f"a new month in the person index (registers of {new_month.RESIDENTS:,} residents)")
    for column in ("build", "pairs compared", "CPU s", "MiB peak", "CPU / anew", "peak / anew"):
        table.add_column(column, justify="right")
    for name, each in (("first", m.first), ("month", m.month), ("anew", m.anew)):
        shares = (each.cpu_seconds / m.anew.cpu_seconds, each.peak_mib / m.anew.peak_mib)
        row = (
            f"{each.pairs:,}",
            f"{each.cpu_seconds:.1f}",
            f"{each.peak_mib:,.0f}",
            *(f"{s:.2f}" for s in shares),
        )
        table.add_row(name, *row)
    console.print(table)


def show_kpi_layer() -> None:
    forms, layer = kpi_layer.forms(), kpi_layer.layer()
    console.print(
        f"{kpi_layer.KPIS} KPIs over {kpi_layer.EVENTS:,} events: a union per KPI {forms.union_seconds:.2f} s, measures "
        f"{forms.measures_seconds:.2f} s, {forms.ratio:.1f} times (mark: 5)"
    )
    console.print(
        f"KPI models of the demo county: {layer.kpis} KPIs {layer.seconds:.2f} s, twice as many {layer.doubled_seconds:.2f} s: "
        f"{layer.milliseconds_a_kpi:.0f} ms a KPI"
    )


def show_layers() -> None:
    for residents in layers.SIZES:
        m = layers.measure(residents)
        table = Table(title=f"dbt by layer ({residents:,} residents, 3 months; peak {m.peak_mib:,.0f} MiB)")
        for column in ("layer", "nodes", "seconds"):
            table.add_column(column, justify="left" if column == "layer" else "right")
        for layer, seconds in m.seconds.items():
            table.add_row(layer, str(m.nodes[layer]), f"{seconds:.1f}")
        console.print(table)


def show_rivals() -> None:
    for residents in rivals.SIZES:
        m = rivals.measure(residents)
        table = Table(
            title=f"{len(KPIS)} KPIs, {m.values:,} values found alike ({residents:,} residents, 3 months)"
        )
        for column in ("by", "load s", *STAGES, "all s", "ratio", "with loading"):
            table.add_column(column, justify="left" if column == "by" else "right")
        ours = m.measured[0].all_seconds
        for each in m.measured:
            ratios = (each.all_seconds / ours, (each.load_seconds + each.all_seconds) / ours)
            seconds = (each.load_seconds, *each.seconds.values(), each.all_seconds)
            table.add_row(each.name, *(f"{s:.1f}" for s in seconds), *(f"{r:.2f}" for r in ratios))
        console.print(table)


if __name__ == "__main__":
    shown = {
        "ingest": show_ingest,
        "memory": show_memory,
        "databases": show_databases,
        "identity": show_identity,
        "new_month": show_new_month,
        "stages": show_stages,
        "layers": show_layers,
        "kpi_layer": show_kpi_layer,
        "rivals": show_rivals,
        "casemix": show_casemix,
    }
    for name in sys.argv[1:] or shown:
        shown[name]()
