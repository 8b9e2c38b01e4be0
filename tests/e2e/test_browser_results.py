"""The pages about the results of runs in a real browser, on a real server with real runs."""

from tests.browser import keep
from tests.server_process import ServerProcess


def test_runs_are_compared_side_by_side(server: ServerProcess) -> None:
    keep("runs_are_compared_side_by_side", server)


def test_a_run_that_was_short_of_memory_gets_more_by_a_button(server: ServerProcess) -> None:
    keep("a_run_that_was_short_of_memory_gets_more_by_a_button", server)


def test_a_record_that_goes_out_and_comes_in_gives_the_same(server: ServerProcess) -> None:
    keep("a_record_that_goes_out_and_comes_in_gives_the_same", server)


def test_a_link_shows_a_run_to_another_account_until_it_is_revoked(server: ServerProcess) -> None:
    keep("a_link_shows_a_run_to_another_account_until_it_is_revoked", server)


def test_runs_are_starred_tagged_found_and_deleted_with_a_way_back(server: ServerProcess) -> None:
    keep("runs_are_starred_tagged_found_and_deleted_with_a_way_back", server)


def test_everybody_can_use_the_pages_of_runs(server: ServerProcess) -> None:
    keep("everybody_can_use_the_pages_of_runs", server)


def test_everybody_can_use_previews_links_and_comparisons(server: ServerProcess) -> None:
    keep("everybody_can_use_previews_links_and_comparisons", server)
