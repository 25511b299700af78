"""What a user can get wrong about a place, with every command: it is named, the exit code is 2, nobody sees a traceback.

A new command has its place in CALLS, or the first test fails.
"""

import errno
import os
import shutil
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from orchestration.cli import exit_code, main, said
from sources.identity.review import ReviewPair
from tests.orchestration.calling import commands
from tests.orchestration.conftest import deliver
from tests.publishing.conftest import Workshop

HOSPITAL = "H34062100101"
READS_HOME, FILLS_HOME = ("--home", "{home}"), ("--county", "{county}", "--home", "{home}")
# Every command with what it cannot do without; {…} is the place that a test makes wrong.
CALLS: dict[str, tuple[str, ...]] = {
    "run": FILLS_HOME,
    "ui": FILLS_HOME,
    "county new": ("{county}",),
    "county simulate": ("{county}", "--residents", "500", "--months", "1"),
    "county check": ("{county}",),
    "feed check": ("{county}", HOSPITAL),
    "feed draft": ("{county}", HOSPITAL, "{sample}"),
    "feed quarantine": FILLS_HOME,
    "feed history": ("his_op_visit", "visit_id=1", *FILLS_HOME),
    "feed batches": FILLS_HOME,
    "feed line": ("x.csv", "1", *READS_HOME),
    "feed replay": FILLS_HOME,
    "feed withdraw": ("0" * 16, "--reason", "x", "--by", "y", *FILLS_HOME),
    "feed retire": ("0" * 16, *FILLS_HOME),
    "feed export": ("{sample}.d", *READS_HOME),
    "code unmapped": FILLS_HOME,
    "quality": FILLS_HOME,
    "person review": FILLS_HOME,
    "kpi list": (),
    "casemix group": ("{sample}", "--out", "{sample}.out"),
    "casemix dip": ("{sample}", "--rules", "{sample}", "--out", "{sample}.out"),
    "casemix import": ("{sample}.d", "--county", "{county}"),
    "kpi show": ("KPI-010", "--county", "{county}"),
    "release list": READS_HOME,
    "release show": READS_HOME,
    "release excerpt": ("--to", "{sample}.d", *READS_HOME),
    "release sign": ("--key", "{sample}", *READS_HOME),
    "verify": ("--key", "{sample}", *READS_HOME),
    "ledger show": READS_HOME,
    "ledger prove": ("0", *READS_HOME),
    "ledger head": READS_HOME,
    "release diff": ("2025-01.1", "2025-01.1", *READS_HOME),
    "explain": ("--month", "2025-01", "--institution", "H34062100001", "--kpi", "KPI-010", *READS_HOME),
}
WITH_HOME = [name for name, words in CALLS.items() if "{home}" in words]
READING = [name for name in WITH_HOME if name not in ("run", "ui")]
MAKING_A_COUNTY = ("county new", "county simulate")
# What reads no Parquet before a key or a head: that damage of files is named, tests/publishing/proof shows.
PROVING = ("release sign", "verify", "ledger head")
WITH_OUTPUT = ("feed draft", "feed quarantine", "code unmapped", "person review")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a release."""
    workshop = Workshop(tmp_path_factory.mktemp("published") / "home")
    workshop.publish("2025-01")
    workshop.home.person_index.parent.mkdir(parents=True)
    workshop.home.person_index.write_bytes(b"")
    return workshop.home.root


@pytest.fixture
def places(county_dir: Path, published: Path, tmp_path: Path) -> dict[str, str]:
    """A county, a home with a release, and a sample to draft from."""
    shutil.copytree(published, tmp_path / "home", symlinks=True)
    sample = tmp_path / "sample.csv"
    sample.write_text("就诊号,就诊时间\n1,2025-01-01\n", "utf-8")
    return {"county": str(county_dir), "home": str(tmp_path / "home"), "sample": str(sample)}


def call(name: str, places: dict[str, str], *more: str) -> tuple[int, str]:
    """Exit code and output; an error that nobody foresaw is raised."""
    words = [*name.split(), *(word.format(**places) for word in CALLS[name]), *more]
    result = CliRunner().invoke(main, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def require_named(found: tuple[int, str], place: str | Path) -> None:
    """One sentence that says which place is wrong; wrapped lines count as one."""
    code, output = found
    assert (code, "Traceback" in output) == (2, False), output
    assert str(place) in output.replace("\n", ""), output


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, which nothing is closed to."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_every_command_is_called_here() -> None:
    assert set(CALLS) == {" ".join(words) for words in commands(main)}


@pytest.mark.parametrize("name", READING)
def test_a_home_that_is_not_there_or_is_none(name: str, places: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    for wrong in ("nowhere", "letters", "file"):
        require_named(call(name, places | {"home": str(tmp_path / wrong)}), tmp_path / wrong)
        assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["run", "ui"])
def test_a_home_that_cannot_be_filled(name: str, places: dict[str, str]) -> None:
    for wrong in (places["county"], "/proc/home", "/dev/null/home"):
        if name == "ui" and wrong != places["county"]:
            continue  # it would take the place of this process
        month = ("--month", "2025-01") if name == "run" else ()
        require_named(call(name, places | {"home": wrong}, *month), wrong)


@pytest.mark.parametrize("name", [name for name in CALLS if "{county}" in CALLS[name]])
def test_a_county_that_is_not_there(name: str, places: dict[str, str]) -> None:
    require_named(call(name, places | {"county": "/proc/county"}), "/proc/county")


@pytest.mark.parametrize(
    "name", [name for name in CALLS if CALLS[name] and name not in ("ui", *MAKING_A_COUNTY)]
)
def test_what_may_not_be_read(name: str, places: dict[str, str], tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    for place in ("county", "home"):
        shutil.copytree(places[place], closed / place, symlinks=True)
    shutil.copy(places["sample"], closed / "sample")
    wrong = {name: str(closed / name) for name in places}
    closed.chmod(0)
    try:
        with as_nobody():
            require_named(call(name, wrong), closed)
    finally:
        closed.chmod(0o700)


@pytest.mark.parametrize("name", WITH_OUTPUT)
@pytest.mark.parametrize("wrong", ["/proc/x.xlsx", "/dev/null/x.xlsx", "/dev/full"])
def test_an_output_that_cannot_be_written(
    name: str, wrong: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    side = defaultdict(str)
    pair = ReviewPair("p1", 0.5, "可能是同一人", "姓名", side, side)
    monkeypatch.setattr("sources.identity.review.review_pairs", lambda *_: [pair])
    monkeypatch.setattr("sources.terminology.suggestions.suggest", lambda _, asked: [[] for _ in asked])
    monkeypatch.setattr("sources.mending.quarantine.quarantined_total", lambda *_: (0, 0))
    require_named(call(name, places, "--output", wrong), wrong.removesuffix("/x.xlsx"))


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in READING
        if name
        not in ("person review", "feed history", "feed replay", "feed withdraw", "feed retire", *PROVING)
    ],
)
def test_a_damaged_home(name: str, places: dict[str, str]) -> None:
    for path in Path(places["home"]).rglob("*.parquet"):
        path.write_bytes(b"PAR1 half of a file")
    code, output = call(name, places)
    assert ("Traceback" in output, code == 0 or ".parquet" in output) == (False, True), output


@pytest.mark.parametrize("name", ["feed history", "feed quarantine", "feed replay", "person review", "run"])
def test_a_home_filled_under_another_key(name: str, places: dict[str, str]) -> None:
    landing = Path(places["home"]) / "landing"
    landing.mkdir(exist_ok=True)
    (landing / "key_check.json").write_text('{"key_check": "another"}', "utf-8")
    month = ("--month", "2025-01") if name == "run" else ()
    require_named(call(name, places, *month), "YIGONGTI_PSEUDONYM_KEY")


@pytest.mark.parametrize("name", ["county check", *(name for name in WITH_HOME if "{county}" in CALLS[name])])
def test_a_home_of_another_county(name: str, places: dict[str, str], own_county: Path) -> None:
    settings = own_county / "county.yml"
    text = settings.read_text("utf-8").replace('region_code: "340621"', 'region_code: "340622"')
    assert '"340622"' in text
    settings.write_text(text, "utf-8")
    more = ("--home", places["home"]) if name == "county check" else ()
    more = ("--month", "2025-01") if name == "run" else more
    found = call(name, places | {"county": str(own_county)}, *more)
    for code in ("(340621)", "(340622)"):
        require_named(found, code)


@pytest.mark.parametrize("months", [("--month", "2025-02"), ()])
def test_a_clock_that_is_wrong(
    months: tuple[str, ...], places: dict[str, str], own_county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(own_county, f"{HOSPITAL}/2025-02/MZJZ_202502.csv")
    monkeypatch.setattr("time.time", lambda: 1.6e8)
    require_named(call("run", places | {"county": str(own_county)}, *months), "1975-01-")


def test_a_database_that_cannot_be_reached(places: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOWHERE", "postgresql://reader:secret-word@127.0.0.1:1/his")
    calls = [*["feed", "draft"], places["county"], HOSPITAL, "--database", "NOWHERE"]
    result = CliRunner().invoke(main, calls)
    assert isinstance(result.exception, SystemExit) and result.exit_code == 1
    assert "DATABASE_UNREACHABLE" in result.output and "secret-word" not in result.output


def test_a_port_that_is_taken(places: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        require_named(call("ui", places, "--port", str(port)), f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/x.parquet"),
        pa.ArrowInvalid(
            "Could not open Parquet input source '/data/x.parquet': Parquet magic bytes not found"
        ),
        OSError("Error creating '/data/x.parquet'. Detail: [errno 28] No space left on device"),
    ],
    ids=["disk", "damaged", "Arrow"],
)
def test_whoever_says_it_the_path_is_named(error: Exception) -> None:
    assert (exit_code(error), "/data/x.parquet: " in said(error)) == (2, True)


def test_what_nobody_foresaw_stays_a_traceback() -> None:
    assert exit_code(ValueError("'/data/x.parquet'")) is None
    assert exit_code(OSError(errno.ECHILD, "?")) is None
