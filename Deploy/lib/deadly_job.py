#!/usr/bin/env python3
"""Kills a server whenever one certain inversion runs, as one would that takes all memory: that one fails,
with what happened to it, and its neighbours finish.

usage: deadly_job.py PROGRAM FOLDER [ATTEMPTS_MAX]
"""

import sys

sys.dont_write_bytecode = True
from trial_server import (
    FINISHED, Server, examined, finished_once, long, run, short, signals, submit, wait_until)


def main(program, folder, attempts_max=3):
    server = Server(
        program, folder, jobs_attempts_max=attempts_max, jobs_checkpoint_seconds=0.1, jobs_workers=2).start()
    observations = signals(server, 10)
    deadly = submit(server, long(observations[0], restarts=4096))
    neighbours = [submit(server, long(values, restarts=8)) for values in observations[1:5]]
    neighbours += [submit(server, short(values)) for values in observations]
    deaths = 0

    def status():
        return server.ask("GET", "/v1/inversions/" + deadly).expect(200).json["status"]

    while True:
        if wait_until(lambda: status() in ("running", *FINISHED) and status(), 60, "it is taken") in FINISHED:
            break
        if deaths > attempts_max + 2:
            raise AssertionError("it was taken up again after %d deaths" % deaths)
        server.kill()
        deaths += 1
        server.start()
    document = server.ask("GET", "/v1/inversions/" + deadly).expect(200).json
    code = (document["error"] or {}).get("code")
    ends = [attempt["ending"] for attempt in document["attempts"]]
    counted = sum(attempt["counted"] for attempt in document["attempts"])
    if (document["status"], code) != ("failed", "attempts_exhausted"):
        raise AssertionError("it is %s with %s after %s" % (document["status"], code, ends))
    if counted != attempts_max or set(ends) != {"process_died"} or len(ends) != deaths:
        raise AssertionError("its history tells %s, of which %d count, of %d deaths" % (ends, counted, deaths))
    finished_once(server, neighbours, 120)
    server.stop()
    examined(server)
    print("failed with %s after %d deaths, of which %d count; %d neighbours finished once"
          % (code, deaths, counted, len(neighbours)))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    run(lambda: main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
