#!/usr/bin/env python3
"""Fills a server's disk and empties it: what then is refused, what is kept, and that it recovers by itself.

usage: full_disk.py PROGRAM FOLDER --disk MOUNT

MOUNT is an empty disk of some 48 MB, for nothing else. It is filled once until the server refuses by
its own reserve (storage.free_bytes_min) and once, without a reserve, until SQLite's writes fail.
"""

import contextlib
import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True
from trial_server import (
    Server, carry_out, examined, finished_once, long, short, signals, submit, wait_until, weights)


def fill(path):
    """Takes all that is free."""
    with open(path, "ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass


def trial(server, reserve):
    filler = server.database.parent / "filler"
    server.start(storage_free_bytes_min=reserve)
    observations = signals(server, 20)
    before = [submit(server, short(values)) for values in observations]
    finished_once(server, before, 60)
    running = [submit(server, long(observations[0], restarts=24)) for _ in range(2)]
    fill(filler)
    accepted, refused = [], {}

    def is_refused():
        # What is there takes the last bytes; they are taken again.
        fill(filler)
        answer = server.ask("POST", "/v1/inversions", short(observations[1]))
        if answer.status in (200, 202):
            accepted.append(answer.json["id"])
        else:
            refused[answer.status] = refused.get(answer.status, 0) + 1
        return answer.status == 507 and server.ask("GET", "/readyz").status == 503

    wait_until(is_refused, 60, "submissions are answered 507 and /readyz 503")
    upload = server.ask("POST", "/v1/generators", body=weights(1, 600)[0],
                        headers={"Content-Type": "application/x-safetensors"})
    upload.expect(507)
    for one in before:
        server.ask("GET", "/v1/inversions/" + one).expect(200)
    # For longer than what runs takes: its result has no room.
    end = time.monotonic() + 2
    while time.monotonic() < end:
        fill(filler)
        server.ask("GET", "/healthz").expect(200)
        time.sleep(0.1)
    filler.unlink()
    wait_until(lambda: server.ask("GET", "/readyz").status == 200, 60, "/readyz is 200 again")
    after = [wait_until(lambda: try_submit(server, short(values)), 30, "submissions are accepted again")
             for values in observations]
    finished_once(server, before + running + accepted + after, 120)
    if set(refused) - {507, 503}:
        raise AssertionError("answered %s where the disk was full" % refused)
    server.stop()
    examined(server)
    print("reserve %d bytes: refused %s, accepted %d while it filled; all %d finished once" % (
        reserve, refused, len(accepted), len(before + running + accepted + after)))


def try_submit(server, document):
    answer = server.ask("POST", "/v1/inversions", document)
    return answer.json["id"] if answer.status in (200, 202) else None


def main(arguments):
    for number, reserve in enumerate((4 << 20, 0)):
        server = Server(arguments.program, arguments.folder, jobs_checkpoint_seconds=0.2)
        server.database = arguments.disk / ("trial-%d.sqlite" % number)
        trial(server, reserve)
        for file in os.listdir(arguments.disk):
            os.unlink(arguments.disk / file)


if __name__ == "__main__":
    carry_out(main, __doc__, disk=pathlib.Path)
