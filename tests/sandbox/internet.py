"""A small internet: a resolver, and a site that answers to every name. Runs as root in a container of the tests'.

Names and their addresses come as JSON in the first argument; of several, each answer has the next one. What was asked is
printed, a line each.
"""

import http.server
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading

NAMES = {name: list(addresses) for name, addresses in json.loads(sys.argv[1]).items()}
ASKED = {}


def resolve():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", 53))
    while True:
        query, peer = server.recvfrom(4096)
        server.sendto(answer(query), peer)


def answer(query):
    """The first question of `query`, and what there is to say to it (RFC 1035)."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    name, kind, question = ".".join(labels).lower(), query[at + 1 : at + 3], query[12 : at + 5]
    print("asked", name, flush=True)
    known = NAMES.get(name)
    if known is None:
        return query[:2] + b"\x81\x83" + struct.pack(">4H", 1, 0, 0, 0) + question
    if kind != b"\0\1":
        return query[:2] + b"\x81\x80" + struct.pack(">4H", 1, 0, 0, 0) + question
    turn = ASKED[name] = ASKED.get(name, -1) + 1
    chosen = known[turn % len(known)]
    addresses = chosen if isinstance(chosen, list) else [chosen]
    records = b"".join(b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 0, 4) + socket.inet_aton(one) for one in addresses)
    return query[:2] + b"\x81\x80" + struct.pack(">4H", 1, len(addresses), 0, 0) + question + records


class Site(http.server.BaseHTTPRequestHandler):
    """Says the host it was asked for; /large is 8 MiB."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"x" * (8 << 20) if self.path.endswith("/large") else f"hello from {self.headers['Host']}".encode()
        print("served", self.headers["Host"], self.path, flush=True)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", str(len(str(size))))
        self.end_headers()
        self.wfile.write(str(size).encode())

    def log_message(self, *_):
        pass


def serve(port, context=None):
    server = http.server.ThreadingHTTPServer(("0.0.0.0", port), Site)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def tls():
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mirror.example",
         "-keyout", "/tmp/key", "-out", "/tmp/cert"], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/tmp/cert", "/tmp/key")
    return context


threading.Thread(target=resolve, daemon=True).start()
threading.Thread(target=serve, args=(80,), daemon=True).start()
context = tls()
print("up", flush=True)
serve(443, context)
