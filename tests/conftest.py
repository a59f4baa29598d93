"""What all tests share: servers of their own, a closed network, the tools of outside programs."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import services

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["tests.app_fixtures"]


def pytest_configure(config: pytest.Config) -> None:
    # Under xdist the workers find the folder of the run in the environment of their parent.
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = services.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = config.stash.get(RUN, None)
    if folder is not None:
        services.end_run(folder)


RUN = pytest.StashKey[Path]()


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """Let nothing leave this machine: a test that needs the network is no test."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        try:
            inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            inside = False
        if not inside:
            raise PermissionError(f"tests stay on this machine; something connects to {host}")


sys.addaudithook(_refuse_outside)


@pytest.fixture(scope="session")
def worker() -> str:
    """The name of this test process: master, gw0, gw1 …"""
    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """The maintenance database of the tests' PostgreSQL; see tests.services for fresh databases."""
    return services.service("postgresql")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The tests' Redis; shared by all workers, so use keys of your own."""
    return services.service("redis")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one for each worker."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=services.chromium_path(), args=list(services.CHROMIUM_OPTIONS)
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def office() -> Callable[..., Path]:
    """`office(source, to="xlsx", folder=…)`: what LibreOffice makes of a file."""
    return services.office_convert
