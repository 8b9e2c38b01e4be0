"""ByteMe's Python client. It speaks the public contract only and shares no code with the server.

from client import Client, run_request

with Client("http://127.0.0.1:8000", token) as byteme:
    run = byteme.submit(run_request("train.py", limits={"memory_mb": 2048}))
    for event in byteme.follow(run.id):
        ...
"""

from client.api import Client, run_request
from client.errors import (
    ApiError,
    BundleError,
    ByteMeError,
    Conflict,
    ConnectionFailed,
    ConnectionLost,
    IntegrityError,
    Invalid,
    NotFound,
    NotSignedIn,
    RateLimited,
    UnsafeName,
)
from client.live import Event, Figure, LiveRun, Metric, Output, Reconnecting, StateChange, Usage
from client.models import ApiKey, Artifact, Dataset, Run, Secret, Template, Tokens, User

__all__ = [
    "ApiError",
    "ApiKey",
    "Artifact",
    "BundleError",
    "ByteMeError",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "ConnectionLost",
    "Dataset",
    "Event",
    "Figure",
    "IntegrityError",
    "Invalid",
    "LiveRun",
    "Metric",
    "NotFound",
    "NotSignedIn",
    "Output",
    "RateLimited",
    "Reconnecting",
    "Run",
    "Secret",
    "StateChange",
    "Template",
    "Tokens",
    "UnsafeName",
    "Usage",
    "User",
    "run_request",
]
