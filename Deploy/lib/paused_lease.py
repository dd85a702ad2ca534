#!/usr/bin/env python3
"""Stops a server for longer than its leases and lets it go on: what ran is finished, once, in
its first attempt.

usage: paused_lease.py PROGRAM FOLDER [--pauses N]
"""

import signal
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, attempts_in_vain, carry_out, examined, finished_once, long, short, signals, submit,
    wait_until)

LEASE_SECONDS = 1


def main(arguments):
    server = Server(
        arguments.program, arguments.folder, jobs_lease_seconds=LEASE_SECONDS,
        jobs_checkpoint_seconds=0.2).start()
    observations, inversions = signals(server, 10), []
    for _ in range(arguments.pauses):
        inversions += [submit(server, long(values, restarts=12)) for values in observations[:4]]
        inversions += [submit(server, short(values)) for values in observations]
        wait_until(
            lambda: server.ask("GET", "/v1/inversions?status=running").json["inversions"], 60, "one runs")
        server.signal(signal.SIGSTOP)
        time.sleep(2.5 * LEASE_SECONDS)
        server.signal(signal.SIGCONT)
    documents = finished_once(server, inversions, 300)
    server.stop()
    examined(server)
    in_vain = attempts_in_vain(documents)
    if in_vain:
        raise AssertionError("%d attempts were in vain: a pause is no reason to begin again" % in_vain)
    print("%d pauses of %.1f s with leases of %d s: %d inversions finished once, no attempt in vain"
          % (arguments.pauses, 2.5 * LEASE_SECONDS, LEASE_SECONDS, len(documents)))


if __name__ == "__main__":
    carry_out(main, __doc__, pauses=5)
