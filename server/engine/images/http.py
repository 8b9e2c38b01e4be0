"""A registry over HTTP (the OCI distribution protocol), as far as resolving an image takes."""

import hashlib
import ipaddress
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from server.domain.errors import PullFailed
from server.domain.image import Why

TIMEOUT_S = (5.0, 20.0)  # to connect, and between two bytes
MAX_REDIRECTS = 3
MAX_BYTES = 4 << 20  # of a manifest, a configuration, a signature
_MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')

Credentials = tuple[str, str]


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def is_loopback(host: str) -> bool:
    """Is a registry at `host` spoken to without TLS, by the engine's rule and so by ours."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class RegistryHttp:
    """One repository at one registry. Raises PullFailed, which tells a refusal from what is absent from no answer."""

    def __init__(self, host: str, repository: str, credentials: Credentials | None) -> None:
        self._host, self._repository, self._credentials = host, repository, credentials
        self._base = f"{'http' if is_loopback(host) else 'https'}://{host}/v2/{repository}"
        self._token = ""

    def manifest(self, selector: str) -> bytes:
        """The bytes of a manifest, by tag or digest; of a digest they are checked."""
        data = self._get(f"{self._base}/manifests/{selector}", _MANIFESTS, f"{self._repository} has no {selector}")
        return _checked(data, selector) if selector.startswith("sha256:") else data

    def blob(self, digest: str) -> bytes:
        """A small blob, checked."""
        return _checked(self._get(f"{self._base}/blobs/{digest}", "*/*", f"The registry lost {digest}"), digest)

    def _get(self, url: str, accept: str, absent: str) -> bytes:
        response = self._send(url, accept)
        if response.status_code == requests.codes.unauthorized and (challenge := _bearer(response)):
            self._token = self._exchange(challenge)
            response = self._send(url, accept)
        if response.status_code in {401, 403}:
            who = "without credentials" if self._credentials is None else f"as {self._credentials[0]}"
            raise PullFailed(Why.AUTH, f"The registry {self._host} refuses {self._repository} {who}.")
        if response.status_code == requests.codes.not_found:
            raise PullFailed(Why.NOT_FOUND, f"{absent} at {self._host}.")
        if not response.ok:
            raise PullFailed(Why.UNREACHABLE, f"The registry {self._host} answered {response.status_code}.")
        return self._body(response)

    def _send(self, url: str, accept: str) -> requests.Response:
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        basic = None if self._token else self._credentials
        return self._request(url, headers=headers, auth=basic)

    def _request(self, url: str, **options: Any) -> requests.Response:
        try:
            with requests.Session() as session:
                session.trust_env = not is_loopback(self._host)  # no proxy stands between us and this machine
                session.max_redirects = MAX_REDIRECTS
                session.hooks["response"].append(self._check_redirect)
                return session.get(url, timeout=TIMEOUT_S, stream=True, **options)
        except requests.RequestException as error:
            raise PullFailed(Why.UNREACHABLE, f"The registry {self._host} does not answer: {_short(error)}") from None

    def _check_redirect(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Registries send us to where they keep blobs: over TLS, so never to what answers on this host or beside it."""
        if response.is_redirect and not self._may_ask(urljoin(response.url, response.headers["Location"])):
            response.close()
            raise PullFailed(Why.POLICY, f"The registry {self._host} sends us to a place without TLS.")

    def _may_ask(self, url: str) -> bool:
        """Over TLS; without it only where the registry itself is on this machine, and nowhere else."""
        parts = urlsplit(url)
        return parts.scheme == "https" or (is_loopback(self._host) and is_loopback(parts.netloc))

    def _body(self, response: requests.Response) -> bytes:
        data = bytearray()
        try:
            for piece in response.iter_content(1 << 16):
                data += piece
                if len(data) > MAX_BYTES:
                    raise PullFailed(Why.POLICY, f"The registry {self._host} sent more than {MAX_BYTES >> 20} MiB.")
        except requests.RequestException as error:
            raise PullFailed(Why.UNREACHABLE, f"The registry {self._host} broke off: {_short(error)}") from None
        finally:
            response.close()
        return bytes(data)

    def _exchange(self, challenge: Mapping[str, str]) -> str:
        """A token from the realm that the registry names; over TLS only, for it is shown our password."""
        realm = challenge.get("realm", "")
        if not self._may_ask(realm):
            raise PullFailed(Why.AUTH, f"The registry {self._host} wants our password sent without TLS.")
        asked = {"scope": f"repository:{self._repository}:pull"} | {
            key: challenge[key] for key in ("service",) if key in challenge
        }
        response = self._request(realm, params=asked, auth=self._credentials)
        if not response.ok:
            raise PullFailed(Why.AUTH, f"The registry {self._host} gives us no token ({response.status_code}).")
        answer = parse_object(self._body(response))
        return str(answer.get("token") or answer.get("access_token") or "")


def parse_object(data: bytes) -> dict[str, Any]:
    """A JSON object. Raises PullFailed for anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise PullFailed(Why.DIGEST, "The registry sent something that is no manifest.")
    return value


def _checked(data: bytes, digest: str) -> bytes:
    if digest_of(data) != digest:
        raise PullFailed(Why.DIGEST, f"The registry sent other bytes than those of {digest[:19]}….")
    return data


def _bearer(response: requests.Response) -> dict[str, str]:
    kind, _, rest = response.headers.get("WWW-Authenticate", "").partition(" ")
    return dict(_PARAMETER.findall(rest)) if kind.lower() == "bearer" else {}


def _short(error: Exception) -> str:
    reason = getattr(error.args[0], "reason", error) if error.args else error
    return str(reason).rpartition(": ")[2][:200]
