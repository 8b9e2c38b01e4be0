"""What listens on the host: the engine, databases, other people's servers.

ends: succeeded
in: [cold, warm, gvisor]
"""

import socket

from hostile import attempt, verdict

for address in ("172.17.0.1", "172.18.0.1", "10.0.0.1", "127.0.0.1"):
    for port in (22, 80, 2375, 2376, 5000, 5432, 6379, 8000, 8080):
        attempt(f"{address}:{port}", socket.create_connection, (address, port), 0.3)
for name in ("host.docker.internal", "gateway.docker.internal", "db", "redis", "api"):
    attempt(name, socket.gethostbyname, name)
interfaces = [name for _, name in socket.if_nameindex()]
verdict(
    not [name for name in interfaces if name.startswith(("eth", "en", "docker", "veth"))], "interfaces:", interfaces
)
