"""A server and its client in the same sandbox.

ends: succeeded
says: [hello]
"""

import socket
import threading

server = socket.create_server(("127.0.0.1", 23456))
threading.Thread(target=lambda: server.accept()[0].sendall(b"hello"), daemon=True).start()
print(socket.create_connection(("127.0.0.1", 23456), 3).recv(5).decode(), socket.gethostbyname("localhost"))
