#!/usr/bin/env python3
"""Lets the kernel end a server, in a memory cgroup of its own, whenever one inversion takes more than
there is: that one fails, with what happened to it, and its neighbours finish.

usage: out_of_memory.py PROGRAM FOLDER

Nothing here sends a signal: every end is the kernel's, told by the cgroup's own count. The server is
started again each time, as systemd would. Ends with 2 where no memory cgroup can be made.
"""

import signal
import sys

sys.dont_write_bytecode = True
from memory_cgroup import MemoryCgroup, Unavailable
from trial_server import (
    FINISHED, Server, attempts_in_vain, carry_out, examined, exhausted, finished_once, long, short, signals,
    submit, wait_until, weights)

ATTEMPTS_MAX = 3
#: The server needs under 300 MB with the neighbours, and 1.1 GB with the large inversion: most of that
#: are the generator's outputs which an encoder is fitted to.
LIMIT_BYTES = 640 << 20
LATENTS, OUTPUTS = 8, 131072


def neighbours(server, observations):
    inversions = [submit(server, long(values, restarts=8)) for values in observations[:4]]
    return inversions + [submit(server, short(values)) for values in observations]


def too_large(server):
    upload = server.ask("POST", "/v1/generators?name=wide", body=weights(1, LATENTS, OUTPUTS)[0],
                        headers={"Content-Type": "application/x-safetensors"})
    upload.expect(201)
    return {"generator": "wide", "observation": {"values": [0.5] * OUTPUTS}, "seed": 1,
            "solver": {"type": "adam", "iterations_max": 2000}}


def trial(server, cgroup):
    # By itself it keeps within its cgroup.
    server.start(jobs_memory_bytes_max=0)
    observations = signals(server, 10)
    finished_once(server, neighbours(server, observations), 60)
    document = too_large(server)
    refused = server.ask("POST", "/v1/inversions", document).expect(422).json["code"]
    if refused != "memory_over_limit":
        raise AssertionError("what is too large for the cgroup is refused with %s" % refused)
    server.stop()
    server.start()
    if cgroup.kills or not server.is_alive:
        raise AssertionError("the server needs more than %d bytes without a large inversion" % LIMIT_BYTES)
    # One runs beside it, others wait.
    around = [submit(server, long(observations[4], restarts=64))]
    large = submit(server, document)
    around += neighbours(server, observations)
    deaths = 0

    def ended_or_finished():
        try:
            found = server.ask("GET", "/v1/inversions/" + large).expect(200).json
            return found if found["status"] in FINISHED else None
        except OSError:
            wait_until(lambda: not server.is_alive, 10, "the server that does not answer has ended")
            return "ended"

    while True:
        found = wait_until(ended_or_finished, 120, "the large inversion ends the process, or is finished")
        if found != "ended":
            break
        deaths += 1
        status, kills = server.process.returncode, cgroup.kills
        if status != -signal.SIGKILL or kills != deaths:
            raise AssertionError("end %d was with %d, and the kernel tells of %d kills:\n%s"
                                 % (deaths, status, kills, server.told()[-2000:]))
        if deaths > ATTEMPTS_MAX + 2:
            raise AssertionError("it was taken up again after %d deaths" % deaths)
        server.start()
    told = exhausted(found, deaths, ATTEMPTS_MAX)
    documents = finished_once(server, around, 120)
    server.stop()
    examined(server)
    print("the kernel ended the server each time: %s; %d neighbours finished once, with %d attempts in vain"
          % (told, len(around), attempts_in_vain(documents)))


def main(arguments):
    try:
        with MemoryCgroup(LIMIT_BYTES) as cgroup:
            # This lets it pass, as it does pass where others on the machine take what was free.
            server = Server(
                arguments.program, arguments.folder, started_by=cgroup.command,
                jobs_attempts_max=ATTEMPTS_MAX, jobs_checkpoint_seconds=0.1, jobs_workers=2,
                jobs_memory_bytes_max="64GiB")
            try:
                trial(server, cgroup)
            finally:
                server.kill()
    except Unavailable as why:
        print("   no memory cgroup can be made here: %s" % why)
        sys.exit(2)


if __name__ == "__main__":
    carry_out(main, __doc__)
