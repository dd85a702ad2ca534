#!/usr/bin/env python3
"""Moves a server's wall clock by an hour, both ways, and starts it anew there: what runs and waits is
finished, once.

usage: clock_jumps.py PROGRAM FOLDER --library FILE [--rounds N]

FILE is Deploy/lib/moved_clock.c, compiled.
"""

import email.utils
import pathlib
import struct
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, attempts_in_vain, carry_out, examined, finished_once, long, short, signals, submit,
    wait_until)

HOUR = 3600


def seconds_ahead(server):
    """How far the server's wall clock is ahead of ours."""
    told = server.ask("GET", "/healthz").expect(200).headers["Date"]
    return email.utils.parsedate_to_datetime(told).timestamp() - time.time()


def main(arguments):
    clock = arguments.folder / "clock"
    clock.write_bytes(bytes(8))
    server = Server(
        arguments.program, arguments.folder, preload=arguments.library,
        environment={"MOVED_CLOCK": str(clock)}, jobs_lease_seconds=2, jobs_checkpoint_seconds=0.2).start()
    observations, inversions = signals(server, 10), []
    for offset in (HOUR, -HOUR, 0) * arguments.rounds:
        inversions += [submit(server, long(values, restarts=6), deadline_seconds=3 * HOUR)
                       for values in observations[:4]]
        inversions += [submit(server, short(values)) for values in observations]
        wait_until(
            lambda: server.ask("GET", "/v1/inversions?status=running").json["inversions"], 60, "one runs")
        with open(clock, "r+b") as file:
            file.write(struct.pack("=q", offset))
        wait_until(lambda: abs(seconds_ahead(server) - offset) < HOUR / 2, 10, "the server's clock is moved")
        server.ask("GET", "/readyz").expect(200)
        finished_once(server, inversions[-3:], 60)
        # Its own clock only goes forward while it runs: it has to be started to take over the other.
        inversions += [submit(server, long(values, restarts=6), deadline_seconds=3 * HOUR)
                       for values in observations[:4]]
        server.kill()
        server.start()
        inversions.append(submit(server, short(observations[0])))
    documents = finished_once(server, inversions, 120)
    server.stop()
    examined(server)
    print("%d jumps, each with a kill: %d inversions finished once, %d attempts in vain"
          % (3 * arguments.rounds, len(documents), attempts_in_vain(documents)))


if __name__ == "__main__":
    carry_out(main, __doc__, library=pathlib.Path, rounds=5)
