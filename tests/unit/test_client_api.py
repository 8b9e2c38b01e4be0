"""The SDK's requests, against a peer on real sockets."""

import threading
from collections.abc import Iterator

import pytest
from client_peer import CuttingProxy, Peer, Script, serving

from client import Client, ConnectionFailed, Invalid, NotFound, NotSignedIn, Tokens, run_request
from client.cli.credentials import FileVault
from tests.waiting import eventually


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


@pytest.fixture
def client(peer: Peer) -> Iterator[Client]:
    pair = peer.sign_in()
    with Client(peer.url, pair["access_token"], refresh_token=pair["refresh_token"]) as client:
        yield client


def test_an_account_can_be_made_signed_in_to_and_left(peer):
    with Client(peer.url) as client:
        client.register("bob@example.org", "hunter2 hunter2")
        assert client.login("bob@example.org", "hunter2 hunter2").email == "bob@example.org"
        assert client.me().id == "u1"
        client.logout()
        with pytest.raises(NotSignedIn):
            client.me()


def test_a_wrong_password_is_told_in_the_server_s_words(peer):
    with Client(peer.url) as client, pytest.raises(NotSignedIn, match="Wrong email or password"):
        client.login("ada@example.org", "no")


def test_an_expired_token_is_renewed_unseen(peer, client):
    peer.expire()
    assert client.me().id == "u1"
    assert peer.refreshes == 1


def test_many_threads_renew_once(peer, client):
    peer.expire()
    threads = [threading.Thread(target=client.me) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert peer.refreshes == 1
    assert client.me().id == "u1"


def test_two_commands_that_share_a_sign_in_renew_once(peer, tmp_path):
    pair = peer.sign_in()
    vault = FileVault(tmp_path / "credentials.json", peer.url)
    vault.save(Tokens(pair["access_token"], pair["refresh_token"]))
    with Client(peer.url, vault=vault) as first, Client(peer.url, vault=vault) as second:
        peer.expire()
        threads = [threading.Thread(target=one.me) for one in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert first.me() == second.me()
    assert peer.refreshes == 1
    with Client(peer.url, vault=FileVault(tmp_path / "credentials.json", peer.url)) as later:
        assert later.me().id == "u1"


def test_the_stored_sign_in_is_for_its_owner_and_its_server_only(tmp_path):
    vault = FileVault(tmp_path / "deep" / "credentials.json", "http://one")
    vault.save(Tokens("access", "refresh"))
    assert vault.path.stat().st_mode & 0o777 == 0o600
    assert FileVault(vault.path, "http://other").load() == Tokens("")


def test_a_pair_renewed_by_another_command_is_taken_instead_of_spending_the_old_one(peer, tmp_path):
    pair = peer.sign_in()
    vault = FileVault(tmp_path / "credentials.json", peer.url)
    vault.save(Tokens(pair["access_token"], pair["refresh_token"]))
    with Client(peer.url, vault=vault) as client:
        peer.expire()
        asking = threading.Thread(target=client.me)
        with vault.locked():  # as the other command holds it while it renews
            asking.start()
            eventually(lambda: "GET /api/v1/me" in peer.log, "the request with the dead token")
            pair = peer.sign_in()
            vault.save(Tokens(pair["access_token"], pair["refresh_token"]))
        asking.join()
        assert client.me().id == "u1"
    assert peer.refreshes == 0


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"url": ""}', "\x00"])
def test_a_damaged_sign_in_counts_as_none(tmp_path, content):
    path = tmp_path / "credentials.json"
    path.write_text(content)
    assert FileVault.stored(path) is None


def test_a_spent_refresh_token_asks_for_a_new_sign_in(peer, client):
    peer.expire()
    peer.refresh.clear()
    with pytest.raises(NotSignedIn):
        client.me()
    with pytest.raises(NotSignedIn):
        client.live("run-1")


def test_a_list_is_read_to_its_last_page_or_to_the_limit(peer, client):
    for _ in range(5):
        client.submit(run_request({"main.py": ""}))
    assert [run.id for run in client.runs()] == ["run-5", "run-4", "run-3", "run-2", "run-1"]
    assert [run.id for run in client.runs(limit=3)] == ["run-5", "run-4", "run-3"]


def test_a_submission_cut_off_before_its_answer_makes_one_run(peer):
    proxy = CuttingProxy(peer.port, cuts=[0, 10])
    with Client(proxy.url, peer.sign_in()["access_token"]) as client:
        assert client.submit(run_request({"main.py": ""})).id == "run-1"
    proxy.close()
    assert len(peer.runs) == 1
    assert len([line for line in peer.log if line == "POST /api/v1/runs"]) > 1


def test_the_same_key_answers_the_first_run(peer, client):
    request = run_request({"main.py": ""})
    assert client.submit(request, "key") == client.submit(request, "key")
    assert client.submit(request) != client.submit(request)


def test_a_request_says_only_what_was_chosen(tmp_path):
    (tmp_path / "train.py").write_text("1")
    assert run_request(tmp_path / "train.py") == {"files": {"train.py": "1"}, "entrypoint": "train.py"}
    request = run_request({"main.py": ""}, args=["-x"], limits={"cpus": 2}, network="egress", env={"A": ""})
    assert request == {
        "files": {"main.py": ""},
        "entrypoint": "main.py",
        "args": ["-x"],
        "limits": {"cpus": 2},
        "network": "egress",
        "env": {"A": ""},
    }


def test_a_problem_becomes_its_exception_with_the_fields_named(peer, client):
    with pytest.raises(NotFound, match="No such run"):
        client.run("nothing")
    with pytest.raises(Invalid) as caught, client.launch({"files": {"main.py": "refuse me"}}):
        pass
    assert caught.value.errors == [("limits.memory_mb", "above your quota of 1024")]
    assert "limits.memory_mb: above your quota of 1024" in str(caught.value)


def test_ids_cannot_reach_another_address(peer, client):
    with pytest.raises(NotFound):
        client.run("../me")
    assert peer.log[-1] != "GET /api/v1/me"


def test_a_server_that_is_not_there_is_named():
    with Client("http://127.0.0.1:9") as client:
        with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:9"):
            client.me()
        with pytest.raises(ConnectionFailed, match=r"127\.0\.0\.1:9"):
            client.live("run-1")


@pytest.mark.parametrize("url", ["", "example.org", "ftp://x", "http://", "http://user:pw@host"])
def test_what_is_not_a_server_s_url_is_refused(url):
    with pytest.raises(ValueError, match="not a server URL"):
        Client(url)


def test_a_dataset_is_sent_once(peer, client, tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(b"a,b\n\xff\n" * 50_000)
    seen: list[int] = []
    first = client.upload_dataset("train", path, seen.append)
    assert peer.uploads[first.id] == path.read_bytes()
    assert seen[-1] == path.stat().st_size
    assert client.upload_dataset("train", path) == first
    assert client.upload_dataset("other name", path) != first
    path.write_bytes(b"changed")
    assert client.upload_dataset("train", path).id not in {first.id}
    assert len(peer.uploads) == 3
    client.delete_dataset(first.id)
    assert first not in list(client.datasets())


def test_an_upload_survives_the_token_s_expiry(peer, client, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"x" * 300_000)
    list(client.datasets())
    peer.datasets.clear()
    peer.expire()
    assert peer.uploads[client.upload_dataset("x", path).id] == path.read_bytes()


def test_output_is_read_from_any_byte_over_cut_connections(peer):
    data = bytes(range(256)) * 4000
    run = peer.add_run({})
    run.script = Script(output=[("stdout", data)])
    proxy = CuttingProxy(peer.port, cuts=[300_000, 200, 400_000, 5])
    with Client(proxy.url, peer.sign_in()["access_token"]) as client:
        assert b"".join(client.output(run.id)) == data
        assert b"".join(client.output(run.id, 1_000_000)) == data[1_000_000:]
        assert list(client.output(run.id, len(data))) == []
    assert proxy.connections > 4
    proxy.close()


def test_templates_are_listed_and_read(peer, client):
    peer.templates = [{"name": n, "title": n.title(), "files": {"main.py": ""}, "new": 1} for n in ("a", "b", "c")]
    assert [t.name for t in client.templates()] == ["a", "b", "c"]
    assert client.template("b").raw["new"] == 1
