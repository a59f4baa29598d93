"""The world of the access probes, to throw things at."""

from tests.access.conftest import probed_app, prober, world

__all__ = ["probed_app", "prober", "world"]
