"""The workspace in a real browser, on a real server: see frontend/e2e/workspace.mjs."""

from tests.browser import keep, keep_over_a_kill
from tests.server_process import ServerProcess


def test_autosave_survives_a_killed_server_and_a_reload(own_server: ServerProcess) -> None:
    keep_over_a_kill("autosave_survives_a_killed_server_and_a_reload", own_server)


def test_a_conflict_between_two_tabs_is_offered_and_loses_nothing(server: ServerProcess) -> None:
    keep("a_conflict_between_two_tabs_is_offered_and_loses_nothing", server)


def test_files_are_made_moved_deleted_and_brought_back(server: ServerProcess) -> None:
    keep("files_are_made_moved_deleted_and_brought_back", server)


def test_a_folder_dropped_from_the_desktop_is_taken_with_all_that_is_in_it(server: ServerProcess) -> None:
    keep("a_folder_dropped_from_the_desktop_is_taken_with_all_that_is_in_it", server)


def test_a_failed_run_marks_the_lines_it_names(server: ServerProcess) -> None:
    keep("a_failed_run_marks_the_lines_it_names", server)


def test_everything_is_found_by_keyboard_in_the_palette(server: ServerProcess) -> None:
    keep("everything_is_found_by_keyboard_in_the_palette", server)


def test_python_is_completed_without_asking_the_server(server: ServerProcess) -> None:
    keep("python_is_completed_without_asking_the_server", server)
