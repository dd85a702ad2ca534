#!/usr/bin/env python3
"""Stops a server for longer than its leases and lets it go on: what ran is finished, once.

usage: paused_lease.py PROGRAM FOLDER [PAUSES]
"""

import signal
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, attempts_in_vain, examined, finished_once, long, run, short, signals, submit, wait_until)

LEASE_SECONDS = 1


def main(program, folder, pauses=5):
    server = Server(program, folder, jobs_lease_seconds=LEASE_SECONDS, jobs_checkpoint_seconds=0.2).start()
    observations, inversions = signals(server, 10), []
    for _ in range(pauses):
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
    print("%d pauses of %.1f s with leases of %d s: %d inversions finished once, %d attempts in vain"
          % (pauses, 2.5 * LEASE_SECONDS, LEASE_SECONDS, len(documents), attempts_in_vain(documents)))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    run(lambda: main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
