"""Both engines, with their fonts in one folder of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.documents.engines import EngineChoice, PdfEngine, choose_engine


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fonts")


@pytest.fixture(scope="session", params=[EngineChoice.WKHTMLTOPDF, EngineChoice.WEASYPRINT], ids=str)
def engine(request: pytest.FixtureRequest, fonts: Path) -> PdfEngine:
    return choose_engine(request.param, data=fonts)
