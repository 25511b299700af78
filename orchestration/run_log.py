"""The full log of a run as a file in the home; the terminal shows our own progress instead."""

import logging
from pathlib import Path

import dagster as dg

LOGGER_NAME = "yigongti.run"


@dg.logger(
    {"path": dg.Field(str, description="file to append to")},
    description="运行日志文件 / the run's log as a file",
)
def run_log(context: dg.InitLoggerContext) -> logging.Logger:
    """A logger that appends to the file named in its configuration."""
    path = Path(context.logger_config["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.Logger(LOGGER_NAME, level=logging.DEBUG)  # not registered: it must not outlive the run
    logger.addHandler(handler)
    return logger
