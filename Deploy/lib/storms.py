#!/usr/bin/env python3
"""Storms of cancellations, of deadlines and of clients that poll; /healthz has to answer all the while.

usage: storms.py PROGRAM FOLDER [--size N]

N is 2000: so many inversions are canceled while others are submitted, a quarter as many expire, and half
as many clients wait for one inversion. Fails when one in a hundred answers to /healthz takes the server
more than 50 ms, when anything ends as it should not, or when memory grows by more than 400 MB.
"""

import pathlib
import re
import resource
import select
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    FINISHED, Server, carry_out, examined, finished_once, long, row, short, side_by_side, signals,
    submit, submit_batch, wait_until)

THREADS = 8
HEALTHZ_SECONDS_MAX = "0.05"
GROWTH_BYTES_MAX = 400 << 20


def statuses(server, inversions):
    """How many of the inversions ended how, once all have."""
    counts, left = {}, set(inversions)

    def all_finished():
        for one in list(left):
            status = server.ask("GET", "/v1/inversions/" + one).expect(200).json["status"]
            if status not in FINISHED:
                return False
            counts[status] = counts.get(status, 0) + 1
            left.remove(one)
        return True

    wait_until(all_finished, 120, "%d inversions have ended" % len(inversions))
    return counts


def cancellations(server, observations, count):
    document = {key: value for key, value in long(observations[0], restarts=32).items() if key != "observation"}
    rows = [row([(value * 7919.13 + place / count) % 1 for value in observations[0]]) for place in range(count)]
    batch = submit_batch(server, document, rows)
    queued = [one["id"] for one in server.every("/v1/inversions?batch=" + batch, "inversions")]
    others = []

    def client(number):
        for place, one in enumerate(queued[number::THREADS]):
            server.ask("POST", "/v1/inversions/%s/cancel" % one).expect(200, 202, 409)
            if place % 10 == 0:
                others.append(submit(server, short(observations[1])))

    began = time.monotonic()
    side_by_side(THREADS, client)()
    seconds = time.monotonic() - began
    counts = statuses(server, queued)
    if set(counts) - {"canceled", "succeeded"} or counts.get("canceled", 0) < count * 0.8:
        raise AssertionError("canceled inversions ended as %s" % counts)
    finished_once(server, others, 120)
    print("   %d cancellations beside %d submissions in %.1f s: %s" % (count, len(others), seconds, counts))


def deadlines(server, observations, count):
    accepted = []

    def client(_):
        for _ in range(count // THREADS):
            accepted.append(submit(server, long(observations[2], restarts=64), deadline_seconds=1))

    side_by_side(THREADS, client)()
    counts = statuses(server, accepted)
    # What had run for a while when its deadline came may end with what it has.
    if set(counts) - {"expired", "succeeded"} or counts.get("expired", 0) < count * 0.5:
        raise AssertionError("inversions with deadlines ended as %s" % counts)
    print("   %d deadlines of 1 s: %s" % (len(accepted), counts))


def pollers(server, observations, count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 65536),) * 2)
    one = submit(server, {**long(observations[3], restarts=4096)})
    wait_until(lambda: server.ask("GET", "/v1/inversions/" + one).json["status"] == "running", 60, "it runs")
    request = b"GET /v1/inversions/%s?wait=60 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % one.encode()
    waiting, answers = {}, []
    poll = select.poll()
    for _ in range(count):
        client = socket.create_connection(server.address, timeout=30)
        client.sendall(request)
        waiting[client.fileno()] = (client, bytearray())
        poll.register(client, select.POLLIN)
    server.ask("POST", "/v1/inversions/%s/cancel" % one).expect(200, 202)
    began = time.monotonic()
    while waiting and time.monotonic() < began + 60:
        for descriptor, _ in poll.poll(1000):
            client, text = waiting[descriptor]
            piece = client.recv(65536)
            text += piece
            if not piece:
                poll.unregister(descriptor)
                answers.append(bytes(text))
                client.close()
                del waiting[descriptor]
    fine = sum(text.startswith(b"HTTP/1.1 200") and b'"canceled"' in text for text in answers)
    if fine != count:
        raise AssertionError("%d of %d clients that waited were told of the end" % (fine, count))
    print("   %d clients that waited were told within %.2f s" % (count, time.monotonic() - began))


def healthz(server):
    """Share of the answers to /healthz that took the server no longer than they may."""
    text = server.ask("GET", "/metrics").expect(200).body.decode()
    name = 'preimage_http_request_duration_seconds_%s{route="/healthz"%s} (\\d+)'
    quick = re.search(name % ("bucket", ',le="%s"' % re.escape(HEALTHZ_SECONDS_MAX)), text)
    return int(quick[1]) / int(re.search(name % ("count", ""), text)[1])


def main(arguments):
    server = Server(
        arguments.program, arguments.folder, http_connections_max=4000, jobs_checkpoint_seconds=1,
        log_level="error").start()
    observations = signals(server, 4)
    finished_once(server, [submit(server, short(observations[0]))], 60)
    before, most = server.resident_bytes(), 0
    url = "http://%s:%d/healthz" % server.address
    probe = subprocess.Popen(
        [sys.executable, pathlib.Path(__file__).parent / "probe.py", url, str(arguments.size // 100)],
        stdout=subprocess.PIPE, text=True)
    for storm, count in (
            (cancellations, arguments.size), (deadlines, arguments.size // 4), (pollers, arguments.size // 2)):
        storm(server, observations, count)
        most = max(most, server.resident_bytes() - before)
    print("   /healthz, seen by a client beside all that: " + probe.communicate()[0].strip())
    share = healthz(server)
    server.stop()
    examined(server)
    print("/healthz within %s s of the server's time: %.2f %%; memory grew by %d MB"
          % (HEALTHZ_SECONDS_MAX, 100 * share, most >> 20))
    if share < 0.99 or most > GROWTH_BYTES_MAX:
        raise AssertionError("/healthz was slow, or memory grew too much")


if __name__ == "__main__":
    carry_out(main, __doc__, size=2000)
