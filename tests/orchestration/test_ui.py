"""What `yigongti ui` starts."""

import errno
import socket
from pathlib import Path

import pytest

from orchestration import ui


def test_our_web_server_stands_in_the_place_of_dagsters():
    started = []
    opened = ui._with_our_web_server(lambda arguments, **rest: started.append((arguments, rest)))
    opened(["python", "-m", "dagster_webserver", "--port", "1"], pass_fds=[3])
    opened(["python", "-m", "dagster._daemon", "run"])
    assert started[0] == (["python", "-m", "orchestration.web_server", "--port", "1"], {"pass_fds": [3]})
    assert started[1] == (["python", "-m", "dagster._daemon", "run"], {})


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind((ui.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)) as error:
            ui.start(tmp_path, tmp_path / "home", port)
    assert (error.value.errno, error.value.filename) == (errno.EADDRINUSE, f"{ui.HOST}:{port}")
    assert not (tmp_path / "home").exists()
