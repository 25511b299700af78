"""What a run imports, imported: see processes."""

from __future__ import annotations

import dagster_dbt
import dbt.cli.main
import splink

import orchestration.cli
import orchestration.definitions
import orchestration.publishing.release
import orchestration.runner
import sources.identity.index
import tests.publishing.conftest
from expectations.gx_session import library

LOADED = (dagster_dbt, dbt, splink, orchestration, sources, tests, library())
