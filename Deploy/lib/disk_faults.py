#!/usr/bin/env python3
"""Lets flushes fail and tears writes: nothing is acknowledged that is not stored, and all that was is there.

usage: disk_faults.py PROGRAM FOLDER --library FILE [--rounds N] [--seed N]

FILE is Deploy/lib/faulty_disk.c, compiled. Each round has a failing flush, a write that is torn
under load, and one that is torn while the server stops.
"""

import pathlib
import random
import signal
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, carry_out, examined, finished_once, short, side_by_side, signals, submit, wait_until)

CLIENTS = 3


def failing_flushes(server, trigger, observations, accepted, mark):
    """How many submissions were refused while no flush succeeded; none may be accepted."""
    trigger.write_text("flush")
    refused = 0
    for place, values in enumerate(observations):
        try:
            answer = server.ask("PUT", "/v1/inversions/%s-%d" % (mark, place), short(values))
        except OSError:
            # A server that ends is restarted by whoever watches it.
            break
        if answer.status in (200, 202):
            raise AssertionError("an inversion was accepted (%d) while flushes failed" % answer.status)
        answer.expect(500, 503, 507)
        refused += 1
    trigger.unlink()
    if server.is_alive:
        wait_until(lambda: server.ask("GET", "/readyz").status == 200, 60, "/readyz is 200 again")
        accepted += [submit(server, short(values)) for values in observations]
    return refused


def torn_write(server, trigger, observations, accepted, place):
    """Clients submit until the server dies of a write that was torn."""
    trigger.write_text("tear %d" % place)

    def client(number):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                answer = server.ask("POST", "/v1/inversions", short(observations[number]))
            except OSError:
                return
            if answer.status in (200, 202):
                accepted.append(answer.json["id"])

    join = side_by_side(CLIENTS, client)
    server.process.wait(60)
    join()
    trigger.unlink()


def torn_checkpoint(server, trigger, observations, accepted, place):
    """The server drains, and dies of a torn write while the log goes into the database. Whether it did."""
    accepted += [submit(server, short(values)) for values in observations]
    trigger.write_text("tear %d" % place)
    server.signal(signal.SIGTERM)
    status = server.process.wait(60)
    trigger.unlink()
    return status == -signal.SIGKILL


def main(arguments):
    chance = random.Random(arguments.seed)
    print("seed %d" % arguments.seed)
    trigger = arguments.folder / "trigger"
    server = Server(
        arguments.program, arguments.folder, preload=arguments.library,
        environment={"FAULTY_DISK": str(trigger)}, jobs_attempts_max=100, jobs_checkpoint_seconds=0.2)
    accepted, refused, torn = [], 0, 0
    for round_ in range(arguments.rounds):
        server.start()
        observations = signals(server, 10)
        accepted += [submit(server, short(values)) for values in observations]
        refused += failing_flushes(server, trigger, observations, accepted, "round-%d" % round_)
        server.kill()
        examined(server)
        server.start()
        torn_write(server, trigger, observations, accepted, chance.randrange(1, 60))
        examined(server)
        server.start()
        torn += torn_checkpoint(server, trigger, observations, accepted, chance.randrange(1, 100))
        examined(server)
    server.start()
    documents = finished_once(server, accepted, 120)
    server.stop()
    examined(server)
    print("%d failing flushes, %d writes torn under load and %d while it stopped: %d refused, %d accepted and"
          " finished once" % (arguments.rounds, arguments.rounds, torn, refused, len(documents)))


if __name__ == "__main__":
    carry_out(main, __doc__, library=pathlib.Path, rounds=20, seed=1)
