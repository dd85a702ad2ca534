#!/usr/bin/env python3
"""Moves a server's wall clock by an hour, both ways: what runs and waits is finished, once.

usage: clock_jumps.py PROGRAM FOLDER --library FILE [--rounds N]

FILE is Deploy/lib/moved_clock.c, compiled.
"""

import argparse
import datetime
import pathlib
import struct
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, attempts_in_vain, examined, finished_once, long, run, short, signals, submit, wait_until)

HOUR = 3600


def seconds_ahead(server, inversion):
    """How far the server's wall clock was ahead of ours when it accepted the inversion."""
    told = server.ask("GET", "/v1/inversions/" + inversion).expect(200).json["created_at"]
    return datetime.datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() - time.time()


def main(arguments):
    clock = arguments.folder / "clock"
    clock.write_bytes(bytes(8))
    server = Server(
        arguments.program, arguments.folder, preload=arguments.library,
        environment={"MOVED_CLOCK": str(clock)}, jobs_lease_seconds=2, jobs_checkpoint_seconds=0.2).start()
    observations, inversions = signals(server, 10), []
    for offset in (HOUR, -HOUR, 0) * arguments.rounds:
        inversions += [submit(server, long(values, restarts=16), deadline_seconds=3 * HOUR)
                       for values in observations[:4]]
        inversions += [submit(server, short(values)) for values in observations]
        wait_until(
            lambda: server.ask("GET", "/v1/inversions?status=running").json["inversions"], 60, "one runs")
        with open(clock, "r+b") as file:
            file.write(struct.pack("=q", offset))
        inversions.append(submit(server, short(observations[0])))
        if abs(seconds_ahead(server, inversions[-1]) - offset) > HOUR / 2:
            raise AssertionError("the library does not move the server's clock")
        server.ask("GET", "/readyz").expect(200)
        finished_once(server, inversions[-3:], 60)
    documents = finished_once(server, inversions, 120)
    server.stop()
    examined(server)
    print("%d jumps: %d inversions finished once, %d attempts in vain"
          % (3 * arguments.rounds, len(documents), attempts_in_vain(documents)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parsed = parser.parse_args()
    run(lambda: main(parsed))
