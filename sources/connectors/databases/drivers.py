"""Opening a connection to whatever server an address means; drivers are loaded only when they are needed."""

from __future__ import annotations

import importlib
from types import ModuleType

from sources.base.refusal import RefusedError
from sources.connectors.databases.address import Address
from sources.connectors.databases.server import Limits, Server

_SERVERS = {
    "postgresql": ("postgresql", "PostgreSQL"),
    "mysql": ("mysql", "MySQL"),
    "sqlite": ("sqlite", "SQLite"),
    "oracle": ("oracle", "Oracle"),
    "sqlserver": ("sqlserver", "SQLServer"),
}


def connect(address: Address, limits: Limits) -> Server:
    """A read-only connection. Raises DatabaseError, RefusedError when the driver is not installed."""
    module, name = _SERVERS[address.kind]
    return getattr(importlib.import_module(f"sources.connectors.databases.{module}"), name)(address, limits)


def import_driver(package: str, server: str) -> ModuleType:
    """The driver of a server that few members have; it is not installed with the warehouse."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        pip = package.replace("_", "-")
        raise RefusedError(
            "DATABASE_DRIVER_MISSING",
            f"读取 {server} 需要驱动 {pip}:请在本环境中执行 pip install {pip}(版本见 requirements/dev.in)",
            f"reading {server} needs the driver {pip}: pip install {pip} here (version in requirements/dev.in)",
        ) from error
