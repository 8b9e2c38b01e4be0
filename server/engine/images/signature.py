"""Is an image signed by our key: cosign's "simple signing", as it lies in the registry beside the image.

A signature is a manifest with the tag `sha256-<digest>.sig`; each of its layers is a payload, and an annotation holds
the signature over it. The payload names the digest that was signed: a good signature of another image proves nothing.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from server.domain.errors import PullFailed
from server.domain.image import Why
from server.engine.images.http import RegistryHttp, parse_object

PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"
ANNOTATION = "dev.cosignproject.cosign/signature"
MAX_SIGNATURES = 32

Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey


def load_key(data: bytes) -> Key:
    """A public key in PEM or DER. Raises PullFailed."""
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        key = serialization.load_pem_public_key(data) if pem else serialization.load_der_public_key(data)
    except ValueError:
        key = None
    if not isinstance(key, Key):
        raise PullFailed(Why.ERROR, "The key for signatures (BYTEME_IMAGE_KEY) is no public key of a known kind.")
    return key


def check_signature(registry: RegistryHttp, digests: Iterable[str], key: Key) -> str:
    """One line on the signature of one of `digests` (the manifest, or the list that it is of). Raises PullFailed."""
    worst = "It is not signed."
    for digest in dict.fromkeys(digests):
        for payload, signature in _signatures(registry, digest):
            if not _is_by(key, payload, signature):
                worst = "It is signed, but not by our key."
            elif _signed_digest(payload) != digest:
                worst = "Its signature is of another image."
            else:
                return f"signature: of {digest[:19]}, by our key"
    raise PullFailed(Why.POLICY, worst)


def _signatures(registry: RegistryHttp, digest: str) -> list[tuple[bytes, bytes]]:
    """Payloads with their signatures; none when there is no such tag."""
    try:
        manifest = parse_object(registry.manifest(f"{digest.replace(':', '-')}.sig"))
    except PullFailed as error:
        if error.why == Why.NOT_FOUND:
            return []
        raise
    listed = manifest.get("layers")
    layers = [
        layer
        for layer in (listed if isinstance(listed, list) else [])
        if isinstance(layer, dict) and layer.get("mediaType") == PAYLOAD
    ]
    return [(registry.blob(str(layer.get("digest"))), _annotated(layer)) for layer in layers[:MAX_SIGNATURES]]


def _annotated(layer: Mapping[str, Any]) -> bytes:
    annotations = layer.get("annotations")
    said = annotations.get(ANNOTATION) if isinstance(annotations, dict) else None
    try:
        return base64.b64decode(str(said or ""), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_by(key: Key, payload: bytes, signature: bytes) -> bool:
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, payload, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, payload)
    except InvalidSignature:
        return False
    return True


def _signed_digest(payload: bytes) -> str:
    critical = parse_object(payload).get("critical")
    image = critical.get("image") if isinstance(critical, dict) else None
    return str(image.get("docker-manifest-digest")) if isinstance(image, dict) else ""
