"""The operators' page of images in a real browser, with a real registry and a real engine."""

from collections.abc import Iterator

import httpcore._sync  # noqa: F401  # before greenlets are about: an import that one of them breaks into may fail
import pytest

from tests.browser import keep
from tests.faults.private_engine import IMAGE
from tests.images.rig import PASSWORD, USER, Shelf, shelf
from tests.server_process import ServerProcess


@pytest.fixture(scope="module")
def stock() -> Iterator[Shelf]:
    """A registry with two sandbox images."""
    with shelf() as shelf_:
        for tag in ("one", "two"):
            shelf_.put("tests/sandbox", tag)
        yield shelf_


@pytest.fixture(scope="module")
def registry_server(stock: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    settings = {
        "BYTEME_SANDBOX_IMAGE": IMAGE, "BYTEME_REGISTRY": stock.registry.host, "BYTEME_REGISTRY_USER": USER,
        "BYTEME_REGISTRY_PASSWORD": PASSWORD, "BYTEME_HOST_NAME": "host-1",
    }  # fmt: skip
    with ServerProcess(tmp_path_factory.mktemp("images"), **settings) as process:
        yield process


def test_an_operator_pulls_an_image_activates_it_and_rolls_back(registry_server: ServerProcess) -> None:
    keep("an_operator_pulls_an_image_activates_it_and_rolls_back", registry_server)


def test_a_pull_that_can_not_be_is_explained(registry_server: ServerProcess) -> None:
    keep("a_pull_that_can_not_be_is_explained", registry_server)


def test_the_page_of_images_has_no_accessibility_breach(registry_server: ServerProcess) -> None:
    keep("the_page_of_images_has_no_accessibility_breach", registry_server)
