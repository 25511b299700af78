"""Paths for programs to which a character means something: a comma separates, a bracket or a star matches, a quote ends.

Here: another way to the same folder without such characters. Not here: texts inside a statement (engine).
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

_TELLING = re.compile(r"""[^\w./ ()+@~:-]""")


def plain(path: Path) -> Path:
    """The path itself; when a program would read it otherwise, the same place through a link in a folder of ours.

    The link lives as long as this process. A file has to have a plain name: what is written beside it must find it.
    """
    if _TELLING.search(path.name):
        return _link(path.absolute())
    return path if _TELLING.search(str(path)) is None else _link(path.parent.absolute()) / path.name


@cache
def _link(folder: Path) -> Path:
    link = _links() / str(len(list(_links().iterdir())))
    link.symlink_to(folder, target_is_directory=True)
    return link


@cache
def _links() -> Path:
    """A folder that nobody else may look into."""
    folder = Path(tempfile.mkdtemp(prefix="yigongti-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
