"""Who may reach what: lists of domains, the names of sets of them, and what is refused when a run is submitted."""

import pytest

from server.domain.egress import PRESETS, check_network, domains, is_domain, objection, unknown_preset, with_presets
from server.domain.errors import Invalid
from server.domain.run import Network
from tests.unit.test_egress_rules import rules


@pytest.mark.parametrize(
    "entry", ["example.org", ".example.org", "a-b.example.org", "xn--bcher-kva.example", "a.b.c.d.example"]
)
def test_a_domain_is_one_that_a_list_may_hold_and_the_proxy_knows(entry: str) -> None:
    assert is_domain(entry)
    assert rules.is_allowed(entry.removeprefix("."), [entry])


@pytest.mark.parametrize(
    "entry",
    [
        "", ".", "..", "org", ".org", "example.org.", "Example.org", "*.example.org", "example..org", "-a.org", "a-.org",
        "a_b.org", "example.org:443", "https://example.org", "example.org/x", "u@example.org", "10.0.0.1", "1.2",
        "[::1]", "::1", "exa mple.org", "example.org\n", "bücher.example", f"{'a' * 64}.org", f"{'a.' * 130}org", "0x7f.1",
    ],
)  # fmt: skip
def test_what_is_no_domain_is_none(entry: str) -> None:
    assert not is_domain(entry)
    assert not rules.is_name(entry.removeprefix("."))


def test_a_list_holds_domains_and_names_of_presets() -> None:
    assert objection(["example.org", ".example.net", "huggingface", "our-mirror"]) is None
    assert objection(()) is None


@pytest.mark.parametrize(
    "entries", [None, 1, "example.org", {"a": 1}, [1], [None], [["a.b"]], ["http://a.b"], ["A"], ["a"] * 201]
)
def test_what_is_no_list_is_told(entries: object) -> None:
    assert objection(entries)


def test_presets_stand_for_their_domains_and_each_comes_once() -> None:
    presets = with_presets({"mirror": ["mirror.example.org"]})
    found = domains(["mirror", "example.org", "huggingface", "mirror.example.org"], presets)
    assert found == ("mirror.example.org", "example.org", *PRESETS["huggingface"])


def test_a_preset_that_is_gone_stands_for_nothing() -> None:
    assert domains(["gone", "example.org"], PRESETS) == ("example.org",)
    assert unknown_preset(["example.org", "gone", "huggingface"], PRESETS) == "gone"
    assert unknown_preset(["example.org", "huggingface"], PRESETS) is None


def test_an_operators_preset_takes_the_place_of_one_of_ours() -> None:
    assert with_presets({"huggingface": ["hub.example.org"]})["huggingface"] == ("hub.example.org",)


@pytest.mark.parametrize(
    "own", [{"a.b": ["a.b"]}, {"A": ["a.b"]}, {"a": "a.b"}, {"a": ["huggingface"]}, {"a": ["a.b."]}]
)
def test_a_preset_holds_domains_only_and_has_a_plain_name(own: dict[str, object]) -> None:
    with pytest.raises(Invalid) as error:
        with_presets(own)
    assert error.value.fields[0].field in own


def test_a_run_without_the_network_is_nobodys_affair() -> None:
    check_network(Network.NONE, (), is_offered=False)


def test_a_run_may_use_the_network_where_it_is_offered_and_its_owner_has_a_list() -> None:
    check_network(Network.EGRESS, ("example.org",), is_offered=True)


@pytest.mark.parametrize(("entries", "is_offered", "said"), [((), True, "quota"), (("a.b",), False, "not offered")])
def test_else_it_is_refused_and_told_why(entries: tuple[str, ...], is_offered: bool, said: str) -> None:
    with pytest.raises(Invalid, match=said) as error:
        check_network(Network.EGRESS, entries, is_offered=is_offered)
    assert error.value.fields[0].field == "network"


@pytest.mark.parametrize("preset", PRESETS.values())
def test_our_presets_hold_domains(preset: tuple[str, ...]) -> None:
    assert all(map(is_domain, preset))
