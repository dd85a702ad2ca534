#!/usr/bin/env python3
"""Kills servers that make their database, at random moments: the next start completes what is missing.

usage: first_starts.py PROGRAM FOLDER [--rounds N] [--seed N]
"""

import contextlib
import os
import random
import sys
import time

sys.dont_write_bytecode = True
from trial_server import Server, carry_out, examined


def forget(server):
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(str(server.database) + suffix)


def offered(server):
    return {one["name"] for one in server.every("/v1/generators", "generators")}


def main(arguments):
    chance = random.Random(arguments.seed)
    print("seed %d" % arguments.seed, flush=True)
    server = Server(arguments.program, arguments.folder)
    began = time.monotonic()
    expected = offered(server.start())
    taken = time.monotonic() - began
    missing = []
    for _ in range(arguments.rounds):
        server.kill()
        forget(server)
        server.begin()
        after = chance.random() * taken
        time.sleep(after)
        server.kill()
        examined(server)
        try:
            lacks = expected - offered(server.start())
        except AssertionError as failure:
            lacks = {"a start: " + " ".join(str(failure).split())}
        if lacks:
            missing.append("killed after %.3f s, the database never has %s" % (after, ", ".join(sorted(lacks))))
    server.stop()
    examined(server)
    for complaint in missing[:5]:
        print("   " + complaint)
    print("%d first starts of %.2f s killed, %d databases incomplete for good"
          % (arguments.rounds, taken, len(missing)))
    if missing:
        raise AssertionError("a start does not complete what an earlier one began")


if __name__ == "__main__":
    carry_out(main, __doc__, rounds=40, seed=1)
