#!/usr/bin/env python3
"""Opens event streams of inversions that wait and of one that runs, beside busy connections; what they cost.

usage: event_streams.py PID URL [COUNT]

COUNT is 500 unless told; the server must allow as many (PREIMAGE_HTTP_EVENT_STREAMS_MAX). All streams
are read while 64 connections ask for /healthz as fast as they can, if there is wrk. Fails when a stream
takes more than 20 KB of resident memory, when there is a thread more for every tenth of them, or when one
of them ends. PID is the process that listens at URL.
"""

import select
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
from idle_connections import BYTES_MAX, status
from load_table import post

BUSY = 64
SECONDS = 5


def endless(url):
    """An inversion that takes minutes: of what the generator never draws, by many small steps."""
    sample = post(url + "/v1/generators/fashion-mlp/samples", {"count": 1, "seed": 7})
    values = [(value * 7919.13) % 1 for value in sample["outputs"][0]]
    return post(url + "/v1/inversions", {
        "generator": "fashion-mlp", "observation": {"values": values},
        "solver": {"type": "adam", "iterations_max": 100000, "restarts_max": 64}})["id"]


def listen(parts, inversion):
    stream = socket.create_connection((parts.hostname, parts.port), timeout=10)
    stream.sendall(b"GET /v1/inversions/%s/events HTTP/1.1\r\nHost: a\r\n\r\n" % inversion.encode())
    if not stream.recv(65536).startswith(b"HTTP/1.1 200"):
        sys.exit("the server did not open a stream")
    return stream


def read(streams, seconds):
    """Reads for a while; how many bytes came, and how many streams ended."""
    by_descriptor = {stream.fileno(): stream for stream in streams}
    poll = select.poll()
    for descriptor in by_descriptor:
        poll.register(descriptor, select.POLLIN)
    count, ended, end = 0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for descriptor, _ in poll.poll(100):
            bytes_read = by_descriptor[descriptor].recv(65536)
            count += len(bytes_read)
            if not bytes_read:
                poll.unregister(descriptor)
                ended += 1
    return count, ended


def main(pid, url, streams_count=500):
    parts = urllib.parse.urlsplit(url)
    # More than there are workers: the first runs, the last waits.
    inversions = [endless(url) for _ in range(4)]
    first = [listen(parts, inversion) for inversion in (inversions[0], inversions[-1])]
    read(first, 1)
    bytes_before, threads_before = status(pid)
    streams = [listen(parts, inversions[0 if place % 2 else -1]) for place in range(streams_count)]
    busy = None
    if shutil.which("wrk"):
        busy = subprocess.Popen(
            ["wrk", "-t1", "-c%d" % BUSY, "-d%ds" % SECONDS, url + "/healthz"], stdout=subprocess.DEVNULL)
    count, ended = read(streams, SECONDS)
    bytes_after, threads_after = status(pid)
    if busy:
        busy.wait()
    each = (bytes_after - bytes_before) / (streams_count + (BUSY if busy else 0))
    print("%d event streams and %d busy connections: %.0f bytes each, %d threads before, %d after, %d KB of events"
          % (streams_count, BUSY if busy else 0, each, threads_before, threads_after, count >> 10))
    for inversion in inversions:
        post("%s/v1/inversions/%s/cancel" % (url, inversion), {})
    return each <= BYTES_MAX and threads_after - threads_before < streams_count / 10 and count > 0 and not ended


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(0 if main(int(sys.argv[1]), sys.argv[2].rstrip("/"), *map(int, sys.argv[3:])) else 1)
