"""Whatever is changed, added or taken away of a release or of the ledger is found and named; other programs agree."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from orchestration.publishing import manifest
from orchestration.publishing.proof import enter, envelope, head, ledger, statement
from orchestration.publishing.proof.verify import verify


def test_what_was_published_is_proven(publish, county, home) -> None:
    release = publish("2025-03.1")
    report = verify(release, [county.key], home)
    assert report.wrong == [] and len(report.holds) == 3


def test_every_byte_of_a_release_counts(publish, county, home) -> None:
    """One byte of every file, at a place drawn by chance; the file is named."""
    release, rng = publish("2025-03.1"), random.Random(7)
    for path in sorted(path for path in release.rglob("*") if path.is_file() and path.stat().st_size):
        whole = path.read_bytes()
        for place in {0, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(20))}:
            path.write_bytes(
                whole[:place] + bytes([whole[place] ^ (1 << rng.randrange(8))]) + whole[place + 1 :]
            )
            wrong = verify(release, [county.key], home).wrong
            assert any(path.name in line for line in wrong), (path, place, wrong)
        path.write_bytes(whole)
    assert verify(release, [county.key], home).wrong == []


def test_files_that_come_and_go_are_named(publish, county, home) -> None:
    release = publish("2025-03.1")
    (release / "marts" / "b.parquet").write_bytes(b"")
    (release / "marts" / "link").symlink_to("nowhere")
    (release / "marts" / "empty.csv").unlink()
    wrong = verify(release, [county.key], home).wrong
    assert [line.split(" ")[0] for line in wrong] == ["marts/b.parquet", "marts/empty.csv", "marts/link"]


def test_a_release_that_bears_anothers_proof_is_refused(publish, county, home) -> None:
    first = publish("2025-03.1")
    taken = home.releases / "2025-03.9"
    shutil.copytree(first, taken)
    assert any("2025-03.1" in line for line in verify(taken, [county.key], home).wrong)


def test_who_made_it_anew_with_another_key_is_found(publish, county, insurer, home) -> None:
    """All of it consistent, manifest, statement, ledger and head: but by a key that is not the county's."""
    release = publish("2025-03.1")
    (release / "marts" / "a.parquet").write_bytes(b"more money")
    (release / manifest.FILE).unlink(), (release / manifest.OWN_HASH).unlink()
    (home.root / ledger.FILE).unlink()
    shutil.rmtree(release)
    home.current.unlink()
    forged = publish("2025-03.1", signer=insurer.signer)
    wrong = verify(forged, [county.key], home).wrong
    assert any("没有密钥" in line for line in wrong) and any(head.FILE in line for line in wrong)


def test_a_release_without_signature_is_not_proven(publish, county, home) -> None:
    assert any(
        "not signed" in line for line in verify(publish("2025-03.1", signer=None), [county.key], home).wrong
    )


def test_two_signers_are_both_asked(publish, county, insurer, home) -> None:
    release = publish("2025-03.1")
    both = [county.key, insurer.key]
    assert [insurer.key.key_id in line for line in verify(release, both, home).wrong] == [True]
    enter.sign_too(release, insurer.signer)
    assert verify(release, both, home).wrong == []
    assert manifest.is_intact(release)


@pytest.mark.parametrize("line", range(3))
def test_every_line_of_the_ledger_counts(publish, county, home, line: int) -> None:
    publish("2025-03.1"), publish("2025-03.2", inputs_changed=1)
    release = publish("2025-03.3")
    path = home.root / ledger.FILE
    lines = path.read_bytes().split(b"\n")
    rng = random.Random(line)
    for _ in range(20):
        place = rng.randrange(len(lines[line]))
        changed = bytes([lines[line][place] ^ 1])
        if changed == b"\n":
            continue
        new = [*lines[:line], lines[line][:place] + changed + lines[line][place + 1 :], *lines[line + 1 :]]
        path.write_bytes(b"\n".join(new))
        assert verify(release, [county.key], home).wrong, (line, place)
    path.write_bytes(b"\n".join(lines))
    assert verify(release, [county.key], home).wrong == []


def test_a_line_changed_in_the_middle_is_named(publish, county, home) -> None:
    release = publish("2025-03.1"), publish("2025-03.2"), publish("2025-03.3")
    path = home.root / ledger.FILE
    path.write_bytes(path.read_bytes().replace(b'"2025-03.2"', b'"2025-03.7"'))
    assert any("第 2 行" in line for line in verify(release[-1], [county.key], home).wrong)


def test_a_tail_that_was_cut_is_found_by_a_head_that_left_the_house(publish, county, home) -> None:
    first = publish("2025-03.1")
    kept = {name: (home.root / name).read_bytes() for name in (ledger.FILE, head.FILE)}
    publish("2025-03.2")
    sent = head.read((home.root / head.FILE).read_text())
    for name, text in kept.items():
        (home.root / name).write_bytes(text)
    # Nothing within the home tells: everything is as it was a month before.
    assert verify(first, [county.key], home).wrong == []
    assert any("截短" in line for line in verify(first, [county.key], home, sent).wrong)


def test_a_past_written_anew_is_found_by_a_head_that_left_the_house(publish, county, home) -> None:
    publish("2025-03.1")
    sent = head.read((home.root / head.FILE).read_text())
    (home.root / ledger.FILE).unlink()
    shutil.rmtree(home.releases / "2025-03.1")
    home.current.unlink()
    release = publish("2025-03.1", gates={"core": {"pass": 2}})
    assert verify(release, [county.key], home).wrong == []
    assert any("改写" in line for line in verify(release, [county.key], home, sent).wrong)


def test_a_head_by_somebody_else_proves_nothing(publish, county, insurer, home) -> None:
    release = publish("2025-03.1")
    forged = head.read(head.write("yigongti/340621", ledger.read(home).checkpoint(), [insurer.signer]))
    assert any("--against" in line for line in verify(release, [county.key], home, forged).wrong)


def test_openssl_and_sha256sum_say_the_same(publish, county, home, tmp_path: Path) -> None:
    """The commands that docs/verify-a-release.md prints, as they stand there."""
    release = publish("2025-03.1")
    page = Path("docs/verify-a-release.md").read_text("utf-8")
    commands = page.split("```sh\n# 不用本软件")[1].split("```")[0].split("\n", 1)[1]
    run = ["bash", "-euc", f"KEY={county.public}; cd {release}\n{commands}"]
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    done = subprocess.run(run, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout and "marts/a.parquet: OK" in done.stdout
    (release / "marts" / "a.parquet").write_bytes(b"other")
    done = subprocess.run(run, capture_output=True, text=True, env=environment)
    assert done.returncode != 0 and "marts/a.parquet: FAILED" in done.stdout


def test_another_library_agrees(publish, county, insurer, home) -> None:
    release = publish("2025-03.1")
    enter.sign_too(release, insurer.signer)
    read = Envelope.from_dict(json.loads((release / statement.FILE).read_text()))
    keys = [
        SSlibKey(each.key.key_id, "ed25519", "ed25519", {"public": each.key.octets.hex()})
        for each in (county, insurer)
    ]
    assert set(read.verify(keys, threshold=2)) == {each.key.key_id for each in (county, insurer)}
    assert read.payload == envelope.payload_of(envelope.read((release / statement.FILE).read_bytes()))


def test_the_statement_says_what_the_release_is_made_from(publish, county, home) -> None:
    publish("2025-03.1")
    before = ledger.read(home).checkpoint()
    release = publish("2025-03.2")
    sealed = json.loads((release / statement.FILE).read_text())
    said = json.loads(base64.b64decode(sealed["payload"]))
    assert {each["name"] for each in said["subject"]} == {
        "manifest.json",
        "manifest.sha256",
        "marts/a.parquet",
        "marts/empty.csv",
    }
    told = said["predicate"]
    assert told["previous"]["release_id"] == "2025-03.1"
    assert told["checkpoint"] == {"size": before.size, "root": before.root.hex()}
    assert told["gates"] == {"core": {"pass": 1}} and told["inputs"]["policy"] == {"kpi_target": "1"}
