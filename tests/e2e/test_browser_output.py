"""A run's output in a real browser: long, fast, redrawn, searched, linked to; its figures, curves and use."""

from tests.browser import keep
from tests.server_process import ServerProcess


def test_ten_thousand_lines_a_second_never_hold_the_page_up(server: ServerProcess) -> None:
    keep("ten_thousand_lines_a_second_never_hold_the_page_up", server)


def test_a_million_lines_stay_small_and_all_of_them_are_searched(server: ServerProcess) -> None:
    keep("a_million_lines_stay_small_and_all_of_them_are_searched", server)


def test_a_link_leads_to_a_line_of_a_long_output(server: ServerProcess) -> None:
    keep("a_link_leads_to_a_line_of_a_long_output", server)


def test_a_reader_who_scrolls_up_is_left_alone(server: ServerProcess) -> None:
    keep("a_reader_who_scrolls_up_is_left_alone", server)


def test_nested_progress_bars_are_bars_and_not_thousands_of_lines(server: ServerProcess) -> None:
    keep("nested_progress_bars_are_bars_and_not_thousands_of_lines", server)


def test_a_program_asks_and_is_answered_to_the_end(server: ServerProcess) -> None:
    keep("a_program_asks_and_is_answered_to_the_end", server)


def test_figures_stand_between_the_lines_and_open_large_by_the_keyboard(server: ServerProcess) -> None:
    keep("figures_stand_between_the_lines_and_open_large_by_the_keyboard", server)


def test_figures_among_many_lines_leave_the_places_of_the_lines_right(server: ServerProcess) -> None:
    keep("figures_among_many_lines_leave_the_places_of_the_lines_right", server)


def test_curves_come_from_reports_and_from_what_is_printed(server: ServerProcess) -> None:
    keep("curves_come_from_reports_and_from_what_is_printed", server)
