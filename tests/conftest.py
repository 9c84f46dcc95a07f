"""What every test may use: the option that rewrites golden files, and patience of hypothesis on busy machines."""

import pytest
from hypothesis import settings

settings.register_profile("kartoteka", deadline=None)
settings.load_profile("kartoteka")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden files anew, from what the code gives")


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew instead of compared."""
    return bool(request.config.getoption("--regenerate"))
