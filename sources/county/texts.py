"""The texts a county is made of, as they stood for a run: county.yml, mappings and policy, kept beside what was read of them.

A release takes them with it, so that its mappings can be held line by line against another's. Not here: what they mean.
"""

from __future__ import annotations

from pathlib import Path

from sources.base.files import replacing
from sources.base.home import Home
from sources.county.policy_tables import PERSONAL

_PATTERNS = ("county.yml", "mappings/*.yml", "policy/*.csv")


def write_texts(folder: Path, home: Home) -> None:
    """Copy the texts of a county folder into the home, byte by byte; what the folder has no more goes there too."""
    texts = {path.relative_to(folder) for pattern in _PATTERNS for path in folder.glob(pattern)}
    for kept in home.county_texts.rglob("*"):
        if kept.is_file() and kept.relative_to(home.county_texts) not in texts:
            kept.unlink()
    for text in sorted(texts):
        with replacing(home.county_texts / text, private=text.stem in PERSONAL) as path:
            path.write_bytes((folder / text).read_bytes())
