#!/usr/bin/env python3
"""Kills a server whenever one certain inversion runs, as one would that takes all memory: that one fails,
with what happened to it, and its neighbours finish.

usage: deadly_job.py PROGRAM FOLDER [--attempts N]
"""

import sys

sys.dont_write_bytecode = True
from trial_server import (
    FINISHED, Server, carry_out, examined, exhausted, finished_once, long, short, signals, submit,
    wait_until)


def main(arguments):
    attempts_max = arguments.attempts
    server = Server(
        arguments.program, arguments.folder, jobs_attempts_max=attempts_max,
        jobs_checkpoint_seconds=0.1, jobs_workers=2).start()
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
    told = exhausted(document, deaths, attempts_max)
    finished_once(server, neighbours, 120)
    server.stop()
    examined(server)
    print("%s; %d neighbours finished once" % (told, len(neighbours)))


if __name__ == "__main__":
    carry_out(main, __doc__, attempts=3)
