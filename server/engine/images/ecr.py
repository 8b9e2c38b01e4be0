"""Amazon's registry: who we are there, and what its scans found. Region, keys and endpoints are boto3's to find.

A token lasts twelve hours. It is kept until shortly before its end, and fetched anew when somebody says that it was not
accepted.
"""

import base64
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from server.domain.errors import PullFailed
from server.domain.image import Findings, Why
from server.engine.images.http import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

EARLY = timedelta(minutes=30)
_REFUSED = frozenset(
    {
        "AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "InvalidSignatureException",
        "ExpiredTokenException", "InvalidClientTokenId", "MissingAuthenticationToken", "InvalidAccessKeyId",
    }
)  # fmt: skip
_STATES = {"COMPLETE": "complete", "ACTIVE": "complete", "IN_PROGRESS": "running", "PENDING": "running"}
_ABSENT = frozenset({"ScanNotFoundException"})
_MISSING = frozenset({"RepositoryNotFoundException", "ImageNotFoundException", "NotFoundException"})


def _now() -> datetime:
    return datetime.now(UTC)


class Ecr:
    """The account that boto3 finds credentials for. Every call raises PullFailed."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._clients: dict[str, Any] = {}
        self._token: Credentials | None = None
        self._endpoint = ""
        self._until = datetime.min.replace(tzinfo=UTC)

    def login(self, *, fresh: bool = False) -> tuple[str, Credentials]:
        """The registry's host, and user and password for it. `fresh`: not those that were just refused."""
        if fresh or self._token is None or self._clock() >= self._until:
            with _translated():
                answer = self._client("ecr").get_authorization_token()["authorizationData"][0]
            user, _, password = base64.b64decode(answer["authorizationToken"]).decode().partition(":")
            self._endpoint = answer["proxyEndpoint"].rpartition("://")[2]
            self._token, self._until = (user, password), answer["expiresAt"].astimezone(UTC) - EARLY
        return self._endpoint, self._token

    def findings(self, repository: str, digest: str) -> Findings:
        """What the last scan of an image found."""
        with _translated() as refused:
            answer = self._client("ecr").describe_image_scan_findings(
                repositoryName=repository, imageId={"imageDigest": digest}
            )
        if refused.code:
            return Findings("none")
        state = _STATES.get(answer["imageScanStatus"]["status"], "failed")
        return Findings(state, answer.get("imageScanFindings", {}).get("findingSeverityCounts", {}))

    def public_key(self, key_id: str) -> bytes:
        """A signing key of KMS, in DER."""
        with _translated():
            key: bytes = self._client("kms").get_public_key(KeyId=key_id)["PublicKey"]
        return key

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import boto3
            from botocore.config import Config

            config = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
            self._clients[service] = boto3.client(service, config=config)
        return self._clients[service]


class _Refused:
    """Whether there was no scan."""

    code = ""


@contextmanager
def _translated() -> "Iterator[_Refused]":
    """boto3's errors as ours: refused, absent, or not to be reached."""
    from botocore import exceptions

    told = _Refused()
    try:
        yield told
    except exceptions.ClientError as error:
        told.code = error.response["Error"]["Code"]
        if told.code not in _ABSENT:
            raise PullFailed(_why(told.code), f"AWS answered: {str(error)[:300]}") from None
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError):
        raise PullFailed(Why.AUTH, "There are no credentials for AWS on this host.") from None
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise PullFailed(Why.UNREACHABLE, f"AWS does not answer: {str(error)[:300]}") from None
    except exceptions.BotoCoreError as error:  # no region, say
        raise PullFailed(Why.ERROR, f"AWS can't be asked: {str(error)[:300]}") from None


def _why(code: str) -> Why:
    if code in _REFUSED:
        return Why.AUTH
    return Why.NOT_FOUND if code in _MISSING else Why.ERROR
