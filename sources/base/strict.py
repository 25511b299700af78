"""The base of every model of a file that people write: an unknown key is an error, and what was read stays as it is.

Not here: reading the file (yamlfile), and how pydantic's errors are said (yaml_messages).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Fields whose name is no word of the file (`as_`) are given by their alias there, by their name in Python."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
