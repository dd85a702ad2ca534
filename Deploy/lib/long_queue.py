#!/usr/bin/env python3
"""Queues 100,000 inversions in batches of 10,000 and says what lists, claims and cancellations then take.

usage: long_queue.py PROGRAM FOLDER [--batches N]

Fails when a page of a list takes more than 100 ms (the median of 20, seen by a client), when inversions
of higher priority are not taken in between, or when what is in the batches is not all accounted for.
"""

import random
import statistics
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, carry_out, examined, finished_once, long, row, short, signals, submit, submit_batch,
    wait_until)

EACH = 10_000
PAGE_SECONDS_MAX = 0.1
#: A rectangle of the picture that is small, so that the observations are.
MEASUREMENT = {"type": "mask", "observed": {"rectangles": [[10, 10, 8, 8]]}}


def timed(work):
    began = time.monotonic()
    value = work()
    return time.monotonic() - began, value


def page_seconds(server, query):
    return statistics.median(
        timed(lambda: server.ask("GET", "/v1/inversions?" + query).expect(200))[0] for _ in range(20))


def counts(server, batch):
    return server.ask("GET", "/v1/batches/" + batch).expect(200).json["counts"]


def rate(server, observation, count):
    """Inversions a second, of a few milliseconds each, that come after all the others and go before."""
    document = {key: value for key, value in short(observation).items() if key != "observation"}
    seconds, batch = timed(
        lambda: submit_batch(server, {**document, "priority": 100}, [row(observation)] * count))
    taken, _ = timed(lambda: wait_until(
        lambda: counts(server, batch).get("succeeded", 0) == count, 300, "the batch that goes first is done"))
    return count / (seconds + taken)


def main(arguments):
    chance = random.Random(1)
    server = Server(
        arguments.program, arguments.folder, jobs_queue_length_max=1_000_000, jobs_batch_count_max=100_000,
        http_form_bytes_max=1 << 30, jobs_ageing_seconds=3600, log_level="error").start()
    (observation,) = signals(server, 1)
    before = rate(server, observation, 500)
    document = {key: value for key, value in long(observation, restarts=64).items() if key != "observation"}
    batches, took = [], []
    for _ in range(arguments.batches):
        rows = [chance.randbytes(64 * 4) for _ in range(EACH)]
        # Each number between 0.5 and 1.
        rows = [bytes(0x3F if at % 4 == 3 else byte & 0x7F if at % 4 == 2 else byte
                      for at, byte in enumerate(one)) for one in rows]
        seconds, batch = timed(lambda: submit_batch(server, {**document, "measurement": MEASUREMENT}, rows))
        batches.append(batch)
        took.append(seconds)
    print("   %d inversions queued; a batch of %d took %.1f s first and %.1f s last; %d MB resident"
          % (EACH * len(batches), EACH, took[0], took[-1], server.resident_bytes() >> 20))
    pages = {query: page_seconds(server, query) for query in (
        "page_size=50", "page_size=50&status=queued", "page_size=1000", "page_size=50&batch=" + batches[0])}
    for query, seconds in pages.items():
        print("   GET /v1/inversions?%s: %.1f ms" % (query, 1000 * seconds))
    seconds, _ = timed(lambda: finished_once(
        server, [submit(server, short(observation), priority=100)], 120))
    after = rate(server, observation, 500)
    print("   one that goes first: %.2f s; %.0f such a second before, %.0f beside the queue" % (seconds, before, after))
    canceled, _ = timed(lambda: server.ask("POST", "/v1/batches/%s/cancel" % batches[0], timeout=300).expect(200, 202))
    restarted, _ = timed(lambda: (server.kill(), server.start()))
    print("   cancel of %d: %.2f s; a start after kill -9: %.2f s" % (EACH, canceled, restarted))
    for batch in batches:
        server.ask("POST", "/v1/batches/%s/cancel" % batch, timeout=300).expect(200, 202)
    wait_until(lambda: not server.has_unfinished(), 120, "what ran is canceled")
    for batch in batches:
        ended = counts(server, batch)
        if sum(ended.values()) != EACH or set(one for one in ended if ended[one]) - {"canceled", "succeeded"}:
            raise AssertionError("a batch of %d ended as %s" % (EACH, ended))
    server.stop()
    examined(server)
    worst = max(seconds for query, seconds in pages.items() if "1000" not in query)
    print("slowest page of 50: %.1f ms" % (1000 * worst))
    if worst > PAGE_SECONDS_MAX:
        raise AssertionError("a page of a list takes more than %g s" % PAGE_SECONDS_MAX)


if __name__ == "__main__":
    carry_out(main, __doc__, batches=10)
