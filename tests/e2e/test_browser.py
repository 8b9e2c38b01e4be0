"""The application in a real browser, on a real server with real runs.

The browser is driven by the front end's own tool chain (frontend/e2e, playwright-core in Node) in a process of its
own: its lock file pins it beside the axe rules it is used with, and it needs no event loop here, where gevent has its.
"""

from tests.browser import keep, keep_over_a_kill
from tests.server_process import ServerProcess


def test_the_sign_in_page_does_not_wait_for_the_workspace(server: ServerProcess) -> None:
    keep("the_sign_in_page_does_not_wait_for_the_workspace", server)


def test_a_newcomer_trains_a_model_and_downloads_it(server: ServerProcess) -> None:
    keep("a_newcomer_trains_a_model_and_downloads_it", server)


def test_a_reload_in_the_middle_of_a_run_loses_nothing(server: ServerProcess) -> None:
    keep("a_reload_in_the_middle_of_a_run_loses_nothing", server)


def test_a_lost_connection_comes_back_without_a_gap_or_a_repeat(server: ServerProcess) -> None:
    keep("a_lost_connection_comes_back_without_a_gap_or_a_repeat", server)


def test_a_run_outlives_the_server_it_is_watched_on(own_server: ServerProcess) -> None:
    keep_over_a_kill("a_run_outlives_the_server_it_is_watched_on", own_server)


def test_stop_ends_a_program_that_never_would(server: ServerProcess) -> None:
    keep("stop_ends_a_program_that_never_would", server)


def test_a_failure_is_explained_and_leads_to_its_line(server: ServerProcess) -> None:
    keep("a_failure_is_explained_and_leads_to_its_line", server)


def test_a_word_is_found_anywhere_in_a_long_output(server: ServerProcess) -> None:
    keep("a_word_is_found_anywhere_in_a_long_output", server)


def test_nothing_typed_is_lost_when_the_session_ends(server: ServerProcess) -> None:
    keep("nothing_typed_is_lost_when_the_session_ends", server)


def test_the_pages_have_no_accessibility_breach_in_light_dark_or_on_a_phone(server: ServerProcess) -> None:
    keep("the_pages_have_no_accessibility_breach_in_light_dark_or_on_a_phone", server)


def test_a_run_can_be_made_with_the_keyboard_alone(server: ServerProcess) -> None:
    keep("a_run_can_be_made_with_the_keyboard_alone", server)
