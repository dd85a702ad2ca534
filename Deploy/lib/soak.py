#!/usr/bin/env python3
"""Keeps a server under full load and watches its memory.

usage: soak.py PROGRAM FOLDER --seconds S

Clients submit inversions of several kinds, read them, list, search, draw samples and upload; retention
keeps the database at its size. Fails when the median of the resident memory over the last fifth of the
time is more than 5 % above that over the second fifth, or when anything is answered that it should not.
"""

import random
import statistics
import sys
import threading
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, carry_out, examined, long, short, side_by_side, signals, wait_until, weights)

CLIENTS = 6
GROWTH_MAX = 0.05


def load(server, observations, over, done):
    def client(number):
        chance, latest = random.Random(number), None
        while not over.is_set():
            draw, values = chance.random(), chance.choice(observations)
            if draw < 0.6:
                document = short(values, seed=chance.randrange(1000)) if draw < 0.5 else long(
                    values, chance.choice((2, 8, 20)), seed=chance.randrange(1000))
                answer = server.ask("POST", "/v1/inversions", document, {"Prefer": "wait=%d" % chance.choice((0, 0, 0, 5))})
                if answer.status == 503:
                    over.wait(0.2)
                    continue
                latest = answer.expect(200, 202).json["id"]
            elif draw < 0.8 and latest:
                server.ask("GET", "/v1/inversions/" + latest).expect(200, 404)
            elif draw < 0.9:
                server.ask("GET", "/v1/inversions?page_size=50").expect(200)
            elif draw < 0.95:
                server.ask("POST", "/v1/generators/fashion-mlp/samples",
                           {"count": 8, "seed": chance.randrange(1000)}).expect(200)
            elif draw < 0.97:
                # The same few again and again: what is known is not stored twice.
                server.ask("POST", "/v1/generators", body=weights(chance.randrange(20), 100)[0],
                           headers={"Content-Type": "application/x-safetensors"}).expect(200, 201)
            elif latest:
                server.ask("POST", "/v1/inversions/%s/cancel" % latest).expect(200, 202, 404, 409)
            done[number] += 1

    return side_by_side(CLIENTS, client)


def main(arguments):
    server = Server(
        arguments.program, arguments.folder, jobs_queue_length_max=200, jobs_checkpoint_seconds=0.5,
        storage_retention_seconds=20, storage_retention_seconds_min=0, storage_upkeep_seconds=5,
        log_level="error").start()
    observations, over, done = signals(server, 16), threading.Event(), [0] * CLIENTS
    join = load(server, observations, over, done)
    samples, end = [], time.monotonic() + arguments.seconds
    while time.monotonic() < end and not join.failures:
        samples.append(server.resident_bytes())
        over.wait(min(1, arguments.seconds / 100))
    over.set()
    join()
    fifth = len(samples) // 5
    early, late = statistics.median(samples[fifth:2 * fifth]), statistics.median(samples[-fifth:])
    size = server.database.stat().st_size
    wait_until(lambda: not server.has_unfinished(), 120, "everything is finished")
    server.stop()
    examined(server)
    print("%d s, %d requests, database %d MB: resident %.1f MB over the second fifth, %.1f MB over the last"
          " (%+.1f %%)" % (arguments.seconds, sum(done), size >> 20, early / 1e6, late / 1e6,
                           100 * (late / early - 1)))
    if late > early * (1 + GROWTH_MAX):
        raise AssertionError("memory grew by more than %g %%" % (100 * GROWTH_MAX))


if __name__ == "__main__":
    carry_out(main, __doc__, seconds=int)
