"""`yigongti`: the command line. Thin: it reads options, calls the rooms, prints, and says how it went by its
exit code.

0 = done, 1 = work or a gate failed, 2 = wrong usage, configuration, path or disk. Everything slow is imported inside a
command.
"""

import io
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click

from orchestration import options, settings
from orchestration.options import example
from sources.base.terms import UNIT_LEVELS, WINDOWS

BEGAN = time.perf_counter()
WORK_FAILED, WRONG_USAGE = 1, 2


class Commands(click.Group):
    """Errors that a user can mend become a sentence and an exit code; any other is our fault: a traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """A terminal that knows no Chinese gets the codes of the characters, not an error. Names of files are UTF-8 in every locale."""
        if not args and not extra:
            read_names_as_utf8()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            code = exit_code(error)
            if code is None:
                raise
            click.echo(f"错误 error: {said(error)}", err=True)
            ctx.exit(code)


def read_names_as_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale has another encoding: names in an inbox do not follow it."""
    if sys.getfilesystemencoding().replace("-", "") == "utf8" or sys.flags.utf8_mode:
        return
    os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:backslashreplace")
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 — ourselves, no shell wanted


def said(error: Exception) -> str:
    """The error in words; of a file the path, and what the system says of it."""
    from orchestration.errors import USAGE_ERRORS, WORK_ERRORS
    from orchestration.faults import of_files

    own = isinstance(error, (*USAGE_ERRORS, *WORK_ERRORS))
    return str(error) if own else of_files(error) or str(error)


def exit_code(error: Exception) -> int | None:
    """2 for what is wrong with the county, a path or a disk, 1 for work that failed; None for what nobody foresaw."""
    from orchestration.errors import USAGE_ERRORS, WORK_ERRORS
    from orchestration.faults import of_files

    if isinstance(error, USAGE_ERRORS):
        return WRONG_USAGE
    if isinstance(error, WORK_ERRORS):
        return WORK_FAILED
    return None if of_files(error) is None else WRONG_USAGE


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="yigongti")
def main() -> None:
    """医共体数据仓库:让每一个公布的数字都能走回送来文件的那一行。

    The data warehouse of a county medical community: every published number walks back to the line it came
    from.
    """
    settings.quiet_vendors()


@main.command(
    epilog=example("yigongti run", "yigongti run --county demo --home data --from 2025-01 --to 2025-03")
)
@options.place
@options.month("只算这个月(已发布的月份会成为修订版) this month only")
@click.option("--from", "first", type=options.Month(), help="从这个月 first month")
@click.option("--to", "last", type=options.Month(), help="到这个月 last month")
@click.option(
    "--target",
    type=click.Choice(settings.TARGETS),
    default=settings.DUCKDB,
    show_default=True,
    help="计算引擎 engine",
)
@click.option(
    "--full",
    is_flag=True,
    help="重新定型本次各月的全部批次;各月都已发布时要写明月份 conform every batch of these months again; name the months when all are published",
)
@click.option(
    "--verify",
    is_flag=True,
    help="逐个核对归一文件的内容(平时只看大小与时间) read every conformed file again; else only sizes and times are asked",
)
def run(
    county_dir: Path,
    home_dir: Path,
    month: str | None,
    first: str | None,
    last: str | None,
    target: str,
    full: bool,
    verify: bool,
) -> None:
    """接入、定型、建库、质控、发布 / take in, conform, build, judge, release.

    Without months: every month of the county that has deliveries and is not published yet.
    """
    from orchestration.commands.run import execute

    if month and (first or last):
        raise click.UsageError("--month 不能与 --from/--to 同用 / use either --month or --from and --to")
    if bool(first) != bool(last):
        raise click.UsageError("--from 与 --to 要一起给 / --from and --to go together")
    asked = (month, month) if month else (first, last) if first and last else None
    sys.exit(execute(county_dir, home_dir, asked, target=target, full=full, verify=verify, began=BEGAN))


@main.group()
def county() -> None:
    """县:生成模拟县、检查配置 / simulate a county, check a county's settings."""


@county.command(
    epilog=example("yigongti county simulate demo --residents 20000 --months 3 --end 2025-03 --seed 7")
)
@options.folder
@click.option("--residents", type=click.IntRange(min=500), default=20000, show_default=True, help="居民数")
@click.option("--months", type=click.IntRange(min=1), default=3, show_default=True, help="月数")
@click.option(
    "--end", type=options.Month(), default="2025-03", show_default=True, help="最后一个月 last month"
)
@click.option(
    "--seed", type=int, default=7, show_default=True, help="随机种子:同种子同字节 same seed, same bytes"
)
@click.option(
    "--defects",
    type=click.Choice(["default", "none"]),
    default="default",
    show_default=True,
    help="数据缺陷 seeded defects",
)
def simulate(
    directory: Path, residents: int, months: int, end: str, seed: int, defects: Literal["default", "none"]
) -> None:
    """生成一个不存在的县:各厂商格式的文件和已知的真值 / a county that does not exist, with known truth."""
    from orchestration.commands.county import simulate

    simulate(directory, residents=residents, months=months, end=end, seed=seed, defects=defects)


@county.command(epilog=example("yigongti county new my-county --name 某某县 --region 340600"))
@options.folder
@click.option("--name", default="某某县", show_default=True, help="县名 name of the county")
@click.option(
    "--region", default="340600", show_default=True, help="六位行政区划代码 six-digit division code"
)
def new(directory: Path, name: str, region: str) -> None:
    """按模板新建县目录 / a county folder to fill in, from the template."""
    from orchestration.commands.county import new

    new(directory, name=name, region=region)


@county.command(epilog=example("yigongti county check demo", "yigongti county check demo --home data"))
@options.folder
@click.option(
    "--home",
    "home_dir",
    type=options.FOLDER,
    help="数据目录:政策与已发布月份所用的逐行核对 home folder: hold policy against that of its published months",
)
def check(directory: Path, home_dir: Path | None) -> None:
    """检查县目录,一次列出全部问题 / every problem of a county folder at once, with file, line and mending."""
    from orchestration.commands.county import check

    sys.exit(check(directory, home_dir))


@main.group()
def feed() -> None:
    """数据源:试读一家机构的报送、重新定型 / try a delivery, conform landed batches again."""


@feed.command("check", epilog=example("yigongti feed check demo H34062100001 --month 2025-03"))
@options.county_folder
@click.argument("institution")
@options.month("哪个月的报送,默认最近一个 which month; the latest if not given")
def feed_check(directory: Path, institution: str, month: str | None) -> None:
    """试读一家机构的报送,不入库 / read one institution's delivery without landing it."""
    from orchestration.commands.feed import check

    sys.exit(check(directory, institution, month))


@feed.command(
    epilog=example(
        "yigongti feed draft my-county H34060000101 --vendor 某厂商 --output my-county/mappings/a.yml"
    )
)
@options.county_folder
@click.argument("institution")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--vendor", default="vendor", show_default=True, help="厂商名 name of the vendor")
@click.option("--feed", "feed_name", help="这些文件是哪个数据源 which feed these files are, if you know")
@click.option(
    "--database",
    help="存地址的环境变量,或县目录里的 SQLite 文件 variable with the address, or an SQLite file",
)
@click.option("--table", "tables", multiple=True, help="只看这些表 these tables only")
@click.option(
    "--header-row", type=click.IntRange(min=1), help="表头(最后一行)的行号 number of the header's last row"
)
@click.option("--delimiter", help='分隔符,如 "||"、tab delimiter, when not found by itself')
@options.output("写入文件(不覆盖) write it there")
def draft(
    directory: Path,
    institution: str,
    files: tuple[Path, ...],
    vendor: str,
    feed_name: str | None,
    database: str | None,
    tables: tuple[str, ...],
    header_row: int | None,
    delimiter: str | None,
    output: Path | None,
) -> None:
    """按样本文件起草映射文件 / draft a mapping from sample files (by default all of that institution in the inbox)."""
    from orchestration.commands.draft import draft

    sys.exit(
        draft(
            directory, institution, files, vendor=vendor, feed=feed_name, output=output, database=database, tables=tables,
            header_row=header_row, delimiter=delimiter,
        )
    )  # fmt: skip


@feed.command(
    epilog=example(
        "yigongti feed quarantine --institution H34062100102", "yigongti feed quarantine --output 隔离.xlsx"
    )
)
@options.place
@options.feed
@options.institution()
@options.month()
@options.output("写成工作簿 write a workbook")
def quarantine(
    county_dir: Path,
    home_dir: Path,
    feed_name: str | None,
    institution: str | None,
    month: str | None,
    output: Path | None,
) -> None:
    """隔离的行:按原因归组,怎样一次改好 / quarantined rows by cause, and how to mend them at once."""
    from orchestration.commands.quarantine import quarantine

    sys.exit(quarantine(county_dir, home_dir, feed_name, institution, month, output))


@feed.command(
    epilog=example("yigongti feed history his_op_visit visit_id=MZ000001 --institution H34062100102")
)
@click.argument("feed_name", metavar="FEED")
@click.argument("key", nargs=-1, required=True, metavar="COLUMN=VALUE...")
@options.place
@options.institution()
def history(
    feed_name: str, key: tuple[str, ...], county_dir: Path, home_dir: Path, institution: str | None
) -> None:
    """一行数据的全部版本,何时获知,哪个有效 / every version of a row, when it became known, which one counts."""
    from orchestration.commands.history import history

    sys.exit(history(county_dir, home_dir, feed_name, key, institution))


@feed.command(epilog=example("yigongti feed batches --institution H34062100102 --month 2025-03"))
@options.place
@options.institution("只此机构 this institution only")
@options.month()
def batches(county_dir: Path, home_dir: Path, institution: str | None, month: str | None) -> None:
    """每个文件接收 = 接受 + 隔离 + 重复(行、元) / What was taken in of every file, in rows and yuan; needs no release."""
    from orchestration.commands.batches import batches

    sys.exit(batches(county_dir, home_dir, institution, month))


@feed.command(
    epilog=example(
        "yigongti feed withdraw 615d42a75bd23f2b --reason 报成了别家的数据 --by 李工",
        "yigongti feed withdraw 615d42a75bd23f2b --undo --reason 核实无误 --by 李工",
    )
)
@click.argument("batch")
@options.place
@click.option("--reason", required=True, help="为什么 why")
@click.option("--by", required=True, help="谁决定的 who decided")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="哪天决定的,默认今天 which day; today if not given"
)
@click.option("--undo", is_flag=True, help="恢复计入 put it back")
def withdraw(
    batch: str, county_dir: Path, home_dir: Path, reason: str, by: str, on: datetime | None, undo: bool
) -> None:
    """撤回一个批次(记录在案,不再计入),或恢复 / take a batch out of force, written down, or put it back."""
    from orchestration.commands.standing import withdraw

    day = (on or datetime.now()).date().isoformat()
    withdraw(county_dir, home_dir, batch, reason=reason, by=by, on=day, undo=undo)


@feed.command(
    epilog=example(
        "yigongti feed retire 615d42a75bd23f2b",
        "yigongti feed retire 615d42a75bd23f2b --line 17 --reason 机构填错,已更正 --by 李工",
    )
)
@click.argument("batch")
@options.place
@click.option(
    "--line",
    "lines",
    multiple=True,
    type=click.IntRange(min=1),
    help="只此行,可重复 only this one; repeatable",
)
@click.option("--reason", help="为什么;不给则只列出 why; only listed if not given")
@click.option("--by", help="谁决定的 who decided")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="哪天决定的,默认今天 which day; today if not given"
)
def retire(
    batch: str,
    county_dir: Path,
    home_dir: Path,
    lines: tuple[int, ...],
    reason: str | None,
    by: str | None,
    on: datetime | None,
) -> None:
    """机构已更正而旧行仍计入的:列出,或停用旧行 / lines whose institution was corrected later: list them, or let them count no longer."""
    from orchestration.commands.retire import retire

    day = (on or datetime.now()).date().isoformat()
    retire(county_dir, home_dir, batch, lines, reason=reason, by=by, on=day)


@feed.command("line", epilog=example("yigongti feed line H34062100102/2025-03/MZJZ_202503.csv 17"))
@click.argument("file")
@click.argument("number", metavar="LINE", type=click.IntRange(min=1))
@options.home
def feed_line(file: str, number: int, home_dir: Path) -> None:
    """送来的一行后来怎样了:入库、接受、隔离、计入何处 / what became of a delivered line, values masked."""
    from orchestration.commands.line import line

    sys.exit(line(home_dir, file, number))


@feed.command(epilog=example("yigongti feed replay --institution H34062100102 --month 2025-03"))
@options.place
@options.feed
@options.institution()
@options.month()
def replay(
    county_dir: Path, home_dir: Path, feed_name: str | None, institution: str | None, month: str | None
) -> None:
    """用今天的映射重新定型已入库的批次 / conform landed batches again with today's mapping."""
    from orchestration.commands.feed import replay

    sys.exit(replay(county_dir, home_dir, feed_name, institution, month))


@feed.command(epilog=example("yigongti feed export lake", "yigongti feed export lake --feed his_fee_detail"))
@click.argument("directory", type=options.FOLDER)
@options.home
@options.feed
def export(directory: Path, home_dir: Path, feed_name: str | None) -> None:
    """计入的行按数据源和月份各写一个文件,供其他引擎装载 / the rows that count, a file per feed and month, for other engines."""
    from orchestration.commands.export import export

    export(home_dir, directory, feed_name)


@main.group()
def code() -> None:
    """编码:列出无法对照的编码,生成待填工作簿 / codes that no table knows, as a workbook to fill in."""


@code.command(epilog=example("yigongti code unmapped --institution H34062100102 --output unmapped.xlsx"))
@options.place
@options.institution("只此报送方 this deliverer only")
@options.output("待填工作簿 workbook, .xlsx")
def unmapped(county_dir: Path, home_dir: Path, institution: str | None, output: Path | None) -> None:
    """列出无法对照的编码及金额 / unmapped codes with rows and money, of the current release."""
    from orchestration.commands.code import unmapped

    sys.exit(unmapped(county_dir, home_dir, institution, output))


@main.group()
def kpi() -> None:
    """指标:登记了哪些,各是什么意思 / the registry of KPIs in words; neither county nor home is needed."""


@kpi.command("list", epilog=example("yigongti kpi list", "yigongti kpi list --dimension 运行效率"))
@click.option("--dimension", help="只此维度 this dimension only")
def kpi_list(dimension: str | None) -> None:
    """列出登记的指标 / every registered KPI."""
    from orchestration.commands.kpi import list_kpis

    list_kpis(dimension)


@kpi.command(
    "show", epilog=example("yigongti kpi show KPI-010", "yigongti kpi show 平均住院日 --county demo")
)
@click.argument("kpi")
@click.option(
    "--county",
    "county_dir",
    type=options.FOLDER,
    help="用哪个县的政策,默认演示县 whose policy; the demo county's if not given",
)
def kpi_show(kpi: str, county_dir: Path | None) -> None:
    """一个指标的定义、公式、计量、政策、来源与假设 / one KPI: definition, parts, policy, source; by number, code or name."""
    from orchestration.commands.kpi import show_kpi

    show_kpi(kpi, county_dir)


@main.group()
def casemix() -> None:
    """病种分组:按方案给文件里的病例分组、导入分组方案 / casemix: cases of a file grouped, schemes imported."""


@casemix.command(
    "group",
    epilog=example(
        "yigongti casemix group cases.csv --out result.csv",
        "yigongti casemix group cases.csv --out result.csv --scheme harbin-2022 --set ambiguous_groups=on",
    ),
)
@click.argument("cases", type=options.FILE)
@click.option("--out", type=options.FILE, required=True, help="结果写到 where the result goes")
@click.option("--scheme", default="chs-drg-1.1", show_default=True, help="分组方案 scheme")
@click.option(
    "--set", "decided", multiple=True, metavar="NAME=VALUE", help="与公布不同的选项 a switch of the scheme"
)
@click.option(
    "--county",
    "county_dir",
    type=options.FOLDER,
    help="另有方案的县目录 county folder with schemes of its own",
)
def casemix_group(
    cases: Path, out: Path, scheme: str, decided: tuple[str, ...], county_dir: Path | None
) -> None:
    """给 CSV 里的病例分组,与数仓同一套 SQL / group the cases of a CSV by the warehouse's own SQL; no home is needed.

    CSV: case_id,sex,age_years,age_days,birth_weight_g,diagnoses,procedures; codes of the insurance edition 2.0 in order, joined by
    "|", the principal one first; empty = unknown.
    """
    from orchestration.commands.casemix import group

    group(cases, out, scheme, decided, county_dir)


@casemix.command("dip", epilog=example("yigongti casemix dip cases.csv --rules rules.csv --out result.csv"))
@click.argument("cases", type=options.FILE)
@click.option("--rules", type=options.FILE, required=True, help="结算规则行 rule rows")
@click.option("--out", type=options.FILE, required=True, help="结果写到 where the result goes")
def casemix_dip(cases: Path, rules: Path, out: Path) -> None:
    """按规则行结算 CSV 里的 DIP 病例 / settle the DIP cases of a CSV by the rule rows of another.

    Cases: case_id,region,dip_type,insurance,score,auxiliary_factor,institution_factor,mean_cost_fen,total_cost_fen,point_value (yuan).
    Rules: the columns of policy/dip_rule.csv; a row with * holds for any, the row that says most is taken.
    """
    from orchestration.commands.casemix import dip

    dip(cases, rules, out)


@casemix.command("import", epilog=example("yigongti casemix import ./anhui-2025 --county demo"))
@click.argument("directory", type=options.FOLDER)
@options.county
def casemix_import(directory: Path, county_dir: Path) -> None:
    """把一个分组方案(CSV 与 scheme.yml)检查后收进县目录 / judge a scheme and take it into the county folder."""
    from orchestration.commands.casemix import import_into

    import_into(directory, county_dir)


@main.command(
    epilog=example("yigongti quality", "yigongti quality --month 2025-03 --institution H34062100102")
)
@options.place
@options.month("交付月,默认最近一个 delivery month; the latest if not given")
@options.institution("只此报送方 this deliverer only")
def quality(county_dir: Path, home_dir: Path, month: str | None, institution: str | None) -> None:
    """数据质量得分,以及可发给机构的页面在哪里 / data quality scores, and where the pages to send lie."""
    from orchestration.commands.quality import show

    sys.exit(show(county_dir, home_dir, month, institution))


@main.group()
def person() -> None:
    """人员:列出需要人判断是否同一人的配对 / pairs of records that people should decide on."""


@person.command(epilog=example("yigongti person review --output review.xlsx"))
@options.place
@options.output("待判工作簿 workbook, .xlsx")
def review(county_dir: Path, home_dir: Path, output: Path | None) -> None:
    """列出待判配对(掩码) / pairs that may be one person, masked."""
    from orchestration.commands.person import review

    sys.exit(review(county_dir, home_dir, output))


@main.group()
def release() -> None:
    """发布:列出、查看、比较、公开摘录 / list, show, compare and excerpt releases."""


@release.command("list", epilog=example("yigongti release list --home data"))
@options.home
def release_list(home_dir: Path) -> None:
    """列出全部发布,标出当前 / every release; the current one is marked."""
    from orchestration.commands.release import list_releases

    list_releases(home_dir)


@release.command(epilog=example("yigongti release show", "yigongti release show 2025-03.1"))
@click.argument("release_id", required=False)
@options.home
def show(release_id: str | None, home_dir: Path) -> None:
    """查看一个发布:月份、质控、文件与哈希 / one release (the current one if not named)."""
    from orchestration.commands.release import show_release

    show_release(home_dir, release_id)


@release.command(epilog=example("yigongti release diff 2025-03.1 2025-03.2"))
@click.argument("before")
@click.argument("after")
@options.home
def diff(before: str, after: str, home_dir: Path) -> None:
    """两个发布之间什么变了、为什么 / what changed between two releases and why."""
    from orchestration.commands.release import diff_releases

    diff_releases(home_dir, before, after)


@release.command(epilog=example("yigongti release excerpt --to public-2025-03"))
@click.argument("release_id", required=False)
@click.option("--to", type=options.FOLDER, required=True, help="写到哪个新目录 the new folder to write")
@options.home
def excerpt(release_id: str | None, to: Path, home_dir: Path) -> None:
    """可公开的摘录,过小的数字不显示 / what may be shown to the public, small figures hidden."""
    from orchestration.commands.release import write_excerpt

    write_excerpt(home_dir, release_id, to)


@release.command(epilog=example("yigongti release sign 2025-03.1 --key insurer.key"))
@click.argument("release_id", required=False)
@click.option("--key", type=options.FILE, required=True, help="加签人的私钥 private key of who signs too")
@options.home
def sign(release_id: str | None, key: Path, home_dir: Path) -> None:
    """给已签名的发布加签(如医保局)/ add a signature to a release that is signed."""
    from orchestration.commands.proof import sign

    sign(home_dir, release_id, key)


@main.command(
    epilog=example(
        "yigongti verify --key county.pem", "yigongti verify 2025-03.1 --key county.pem --against head.txt"
    )
)
@click.argument("release_id", required=False, metavar="[RELEASE]")
@click.option(
    "--key",
    "keys",
    type=options.FILE,
    required=True,
    multiple=True,
    help="另行取得的公钥,可重复 public key got another way",
)
@click.option(
    "--against", type=options.FILE, help="以前送出的台账头 a head of the ledger that left the house before"
)
@options.home
def verify(release_id: str | None, keys: tuple[Path, ...], against: Path | None, home_dir: Path) -> None:
    """离线证明一个发布没有被改过 / prove offline that a release is what was signed."""
    from orchestration.commands.proof import verify

    sys.exit(verify(home_dir, release_id, keys, against))


@main.group()
def ledger() -> None:
    """台账:发布、审批、政策变更,谁、何时、为何 / what was done to what is published: who, when, why."""


@ledger.command("show", epilog=example("yigongti ledger show"))
@options.home
def ledger_show(home_dir: Path) -> None:
    """逐行列出台账 / every line of the ledger."""
    from orchestration.commands.proof import show

    show(home_dir)


@ledger.command("prove", epilog=example("yigongti ledger prove 0"))
@click.argument("number", type=int)
@options.home
def ledger_prove(number: int, home_dir: Path) -> None:
    """一行到根的证明(RFC 9162)/ the way of a line up to the root."""
    from orchestration.commands.proof import prove

    prove(home_dir, number)


@ledger.command("head", epilog=example("yigongti ledger head > head-2025-03.txt"))
@options.home
def ledger_head(home_dir: Path) -> None:
    """签名的台账头,每月送出保存 / the signed head, to leave the house each month."""
    from orchestration.commands.proof import show_head

    show_head(home_dir)


@main.command(
    epilog=example("yigongti explain --month 2025-03 --institution H34062100001 --kpi KPI-010 --rows")
)
@options.home
@options.month("核算月 accounting month", required=True)
@click.option("--institution", help="机构编码或名称 institution, id or name")
@click.option(
    "--unit",
    "level",
    type=click.Choice(list(UNIT_LEVELS)),
    default="institution",
    show_default=True,
    help="哪一级的值 whose value: level of the unit",
)
@click.option(
    "--of",
    "said",
    help="医共体、县的编号或名称;科室、医师写 机构/编号 the unit, by id or name; institution/number",
)
@click.option("--kpi", help="指标编号、本县编码或名称 KPI-010, CI-10 or its name")
@click.option("--payout", help="人员编号:一季的分配走回去 staff id: a quarter's pay walked back")
@click.option(
    "--entry", help="分录编号、依据或账户:一笔钱的由来 an entry's id, key or account: why it is what it is"
)
@click.option("--case", "case_id", help="结算 ID:病例怎么分的组 settlement id: how the case was grouped")
@click.option("--settlement", help="结算 ID:病例分组与应付 settlement id: the group and what the case is due")
@click.option(
    "--window",
    type=click.Choice(list(WINDOWS)),
    help="统计窗口,默认为计分所用的 window; the one it is scored by if not given",
)
@click.option("--rows", is_flag=True, help="列出证据行及其来源文件与行号 evidence rows with file and line")
@click.option(
    "--not-counted",
    is_flag=True,
    help="列出送来却没有计入的行数及原因 rows delivered and not counted, by cause",
)
def explain(
    home_dir: Path,
    month: str,
    institution: str | None,
    level: str,
    said: str | None,
    kpi: str | None,
    payout: str | None,
    entry: str | None,
    case_id: str | None,
    settlement: str | None,
    window: str | None,
    rows: bool,
    not_counted: bool,
) -> None:
    """把已发布的数字、一个人的分配、一笔分录或一个病例走回去 / walk a published number, pay, an entry or a case back."""
    from orchestration.commands.release import explain, explain_case, explain_entry, explain_payout

    if [kpi, payout, entry, case_id, settlement].count(None) != 4:
        raise click.UsageError(
            "请写 --kpi、--payout、--entry、--case、--settlement 之一 / "
            "write one of --kpi, --payout, --entry, --case, --settlement"
        )
    if kpi is None and (not_counted or window or said):
        raise click.UsageError("--not-counted、--window、--of 只与 --kpi 同用 / these go with --kpi only")
    if payout is not None:
        explain_payout(home_dir, month, payout, institution, rows)
        return
    if entry is not None:
        explain_entry(home_dir, month, entry, rows)
        return
    if kpi is None:
        explain_case(home_dir, month, case_id or settlement or "", money=settlement is not None)
        return
    if level == "institution" and not (institution or said):
        raise click.UsageError("请写 --institution 机构 / --institution is missing")
    explain(home_dir, month, institution or said, kpi, window, rows, not_counted, level)


@main.command(epilog=example("yigongti ui --county demo --home data"))
@options.place
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="端口 port")
def ui(county_dir: Path, home_dir: Path, port: int) -> None:
    """Dagster 网页与守护进程,只在本机 / Dagster's web server and daemon, on loopback only."""
    from orchestration.commands.county import load_county
    from orchestration.commands.home import home_to_fill, require_county
    from orchestration.ui import start

    county, home = load_county(county_dir), home_to_fill(home_dir)
    require_county(county, home)
    start(county_dir.resolve(), home.root.resolve(), port)


if __name__ == "__main__":
    main()
