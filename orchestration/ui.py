"""`yigongti ui`: Dagster's web server and daemon on this machine only.

What `dagster dev` does, with our guarded web server and without its advice to use another command. Does not belong here: what
the server refuses (orchestration.web_server).
"""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from orchestration import settings
from orchestration.instance import ensure_dagster_home

HOST = "127.0.0.1"


def command(port: int) -> list[str]:
    """What this process becomes. OSS Dagster has no log-in: loopback, always."""
    return [sys.executable, "-m", "orchestration.ui", str(port)]


def start(county_dir: Path, home_dir: Path, port: int) -> None:
    """Become the services: this process is replaced, so that Ctrl-C and signals reach them and not us.

    Raises OSError if somebody listens on the port already.
    """
    _refuse_taken(port)
    settings.quiet_vendors()
    os.environ |= {
        settings.COUNTY_VARIABLE: str(county_dir),
        settings.HOME_VARIABLE: str(home_dir),
        "DAGSTER_HOME": str(ensure_dagster_home(home_dir)),
        # What lies in the folder where somebody calls us is not imported in the place of a library.
        "PYTHONSAFEPATH": "1",
    }
    # A shell that starts us in the background has SIGINT ignored, and what is ignored stays so through exec.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    arguments = command(port)
    os.execv(arguments[0], arguments)  # noqa: S606 — our own interpreter, no shell wanted


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{HOST}:{port}") from error


def serve(port: str) -> None:
    """Run code server, web server and daemon until interrupted."""
    from dagster._cli import dev
    from dagster_shared.cli import WorkspaceOpts

    print(f"http://{HOST}:{port}  (Ctrl-C 结束 ends it)", flush=True)
    opened = dev.open_ipc_subprocess  # type: ignore[attr-defined]  # imported there, not exported
    vars(dev)["open_ipc_subprocess"] = _with_our_web_server(opened)
    dev.dev_command_impl(
        code_server_log_level="warning",
        log_level="warning",
        log_format="colored",
        port=port,
        host=HOST,
        use_legacy_code_server_behavior=False,
        shutdown_pipe=None,
        verbose=False,
        workspace_opts=WorkspaceOpts(
            module_name=("orchestration.definitions",), working_directory=str(settings.PROJECT_ROOT)
        ),
    )


def _with_our_web_server(open_process: Any) -> Any:
    """Dagster's way to start a service, with our web server in the place of its own."""

    def opened(arguments: list[str], **rest: Any) -> Any:
        ours = ["orchestration.web_server" if each == "dagster_webserver" else each for each in arguments]
        return open_process(ours, **rest)

    return opened


if __name__ == "__main__":
    serve(sys.argv[1])
