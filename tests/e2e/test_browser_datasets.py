"""Datasets in a real browser, on a real server: see frontend/e2e/datasets.mjs."""

from tests.browser import keep, keep_over_a_kill
from tests.server_process import ServerProcess


def test_an_upload_that_is_cut_goes_on_and_a_run_reads_it(own_server: ServerProcess) -> None:
    keep_over_a_kill("an_upload_that_is_cut_goes_on_and_a_run_reads_it", own_server)


def test_a_table_is_shown_with_what_its_columns_hold(server: ServerProcess) -> None:
    keep("a_table_is_shown_with_what_its_columns_hold", server)


def test_a_file_of_the_same_name_becomes_a_version_or_a_dataset_of_its_own(server: ServerProcess) -> None:
    keep("a_file_of_the_same_name_becomes_a_version_or_a_dataset_of_its_own", server)


def test_files_may_be_dropped_anywhere_on_the_page(server: ServerProcess) -> None:
    keep("files_may_be_dropped_anywhere_on_the_page", server)


def test_the_pages_about_datasets_have_no_accessibility_breach(server: ServerProcess) -> None:
    keep("the_pages_about_datasets_have_no_accessibility_breach", server)
