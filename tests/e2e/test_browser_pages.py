"""The gallery, the account and the operators' pages in a real browser."""

from tests.browser import keep
from tests.server_process import ServerProcess


def test_a_newcomer_comes_by_the_first_steps_to_a_green_run_and_its_model(server: ServerProcess) -> None:
    keep("a_newcomer_comes_by_the_first_steps_to_a_green_run_and_its_model", server)


def test_an_operator_disables_a_user_and_finds_it_in_the_audit_trail(server: ServerProcess) -> None:
    keep("an_operator_disables_a_user_and_finds_it_in_the_audit_trail", server)


def test_a_quota_that_an_operator_changes_is_seen_by_its_user(server: ServerProcess) -> None:
    keep("a_quota_that_an_operator_changes_is_seen_by_its_user", server)


def test_a_key_made_in_the_browser_works_until_it_is_revoked(server: ServerProcess) -> None:
    keep("a_key_made_in_the_browser_works_until_it_is_revoked", server)


def test_while_no_run_starts_new_ones_wait_and_everybody_is_told(own_server: ServerProcess) -> None:
    keep("while_no_run_starts_new_ones_wait_and_everybody_is_told", own_server)


def test_templates_and_account_have_no_accessibility_breach(server: ServerProcess) -> None:
    keep("templates_and_account_have_no_accessibility_breach", server)


def test_the_operators_pages_have_no_accessibility_breach(server: ServerProcess) -> None:
    keep("the_operators_pages_have_no_accessibility_breach", server)
