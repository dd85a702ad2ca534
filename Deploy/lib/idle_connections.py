#!/usr/bin/env python3
"""Opens connections, has each answer once and leaves them idle; what they cost the server.

usage: idle_connections.py PID HOST PORT [COUNT [PATH]]

COUNT is 500 and PATH /healthz unless told. Fails when a connection takes more than 20 KB of resident
memory, or when there is a thread more for every tenth of them. The process PID must listen at HOST PORT.
"""

import re
import socket
import sys

BYTES_MAX = 20_000


def status(pid):
    """Resident bytes and threads of the process."""
    text = open("/proc/%d/status" % pid).read()
    return (int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024, int(re.search(r"Threads:\s+(\d+)", text)[1]))


def connect(host, port, path):
    connection = socket.create_connection((host, port), timeout=10)
    connection.sendall(("GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path).encode())
    if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
        sys.exit("the server did not answer 200")
    return connection


def main(pid, host, port, count=500, path="/healthz"):
    connect(host, port, path).close()
    bytes_before, threads_before = status(pid)
    held = [connect(host, port, path) for _ in range(count)]
    bytes_after, threads_after = status(pid)
    each = (bytes_after - bytes_before) / len(held)
    print("%d idle connections: %.0f bytes each, %d threads before, %d after"
          % (len(held), each, threads_before, threads_after))
    return each <= BYTES_MAX and threads_after - threads_before < count / 10


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    rest = sys.argv[4:]
    arguments = [int(rest[0])] + rest[1:] if rest else []
    sys.exit(0 if main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), *arguments) else 1)
