#!/usr/bin/env python3
"""Kills a server under load at random moments, again and again, and counts what was lost or done twice.

usage: kill_rounds.py PROGRAM FOLDER [--rounds N] [--seed N]

Clients submit (with ids and keys of their own, asking again where they saw no answer), cancel, delete
and upload. Some rounds end before the server listens, some begin from a database of an older schema.
After each the database is examined. At the end every inversion that was acknowledged has to be finished,
once, with the result that the same request has everywhere; every upload has to be there with its digest;
and nothing else may be.
"""

import hashlib
import os
import random
import sys
import threading
import time

sys.dont_write_bytecode = True
import older_database
from trial_server import (
    FINISHED, Server, carry_out, long, short, side_by_side, signals, wait_until, weights)

CLIENTS = 6
#: Inversions of companions equal those solved alone within this, relative; see the decisions of Jobs.
TOLERANCE = 1e-3


class Ledger:
    """What was asked and what was acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.inversions = {}   # id: (kind of request); acknowledged
        self.canceled = set()  # ids that somebody asked to cancel
        self.chosen = set()    # ids, of both, that one client is to delete
        self.deleted = set()   # ids whose deletion was acknowledged
        self.uploads = {}      # id: digest; acknowledged
        self.removed = set()   # ids of uploads whose deletion was acknowledged
        self.asked_again = 0
        self.doubled = []

    def acknowledge(self, inversion, kind):
        with self.lock:
            if inversion in self.inversions:
                self.doubled.append("%s was given to two requests" % inversion)
            self.inversions[inversion] = kind

    def to_cancel(self, chance):
        with self.lock:
            left = [one for one in self.inversions if one not in self.chosen][-50:]
            if not left:
                return None
            inversion = chance.choice(left)
            # Noted before it is asked: it may be done although nobody hears of it.
            self.canceled.add(inversion)
            return inversion

    def to_delete(self, chance, those):
        """One that no other client deletes."""
        with self.lock:
            left = [one for one in those if one not in self.chosen]
            if not left:
                return None
            one = chance.choice(left)
            self.chosen.add(one)
            return one


class Clients:
    def __init__(self, server, ledger, observations, seed):
        self.server, self.ledger, self.observations, self.seed = server, ledger, observations, seed
        self.over = threading.Event()

    def insist(self, *request, **more):
        """Asks until there is an answer that says what became of it. True where it was asked again."""
        again, end = False, time.monotonic() + 600
        while time.monotonic() < end:
            try:
                answer = self.server.ask(*request, timeout=30, **more)
                if answer.status not in (409, 503):
                    return answer, again
                if answer.status == 409 and "in_flight" not in answer.json.get("code", "in_flight"):
                    return answer, again
                # The queue is full.
                time.sleep(0.1)
            except OSError:
                again = True
                time.sleep(0.02)
        raise AssertionError("no answer within 10 minutes to %s %s" % request[:2])

    def work(self, number):
        chance, serial = random.Random(self.seed * 1000 + number), 0
        while not self.over.is_set():
            serial += 1
            mark, draw = "%d-%d-%d" % (self.seed, number, serial), chance.random()
            if number < 2 and draw < 0.3:
                self.upload(chance, number, serial)
            elif draw < 0.85:
                self.submit(chance, mark)
            elif draw < 0.93:
                self.cancel(chance)
            else:
                self.delete(chance)
            # A load, and not a flood: what waits at the end has to be solved.
            time.sleep(chance.random() * 0.04)

    def submit(self, chance, mark):
        place, restarts = chance.randrange(len(self.observations)), chance.choice((0,) * 28 + (2, 6))
        document = (
            long(self.observations[place], restarts) if restarts else short(self.observations[place]))
        if chance.random() < 0.5:
            request, headers = ("PUT", "/v1/inversions/put-" + mark), None
        else:
            request, headers = ("POST", "/v1/inversions"), {"Idempotency-Key": '"key-%s"' % mark}
        answer, again = self.insist(*request, document=document, headers=headers)
        answer.expect(200, 201, 202)
        self.ledger.asked_again += again
        self.ledger.acknowledge(answer.json["id"], (place, restarts))

    def cancel(self, chance):
        inversion = self.ledger.to_cancel(chance)
        if inversion:
            self.insist("POST", "/v1/inversions/%s/cancel" % inversion)[0].expect(200, 202, 404, 409)

    def delete(self, chance):
        inversion = self.ledger.to_delete(chance, self.ledger.inversions)
        if inversion:
            answer, again = self.insist("DELETE", "/v1/inversions/" + inversion)
            # It may have been deleted although nobody heard of it.
            answer.expect(204, 409, *([404] if again else []))
            if answer.status != 409:
                self.ledger.deleted.add(inversion)

    def upload(self, chance, number, serial):
        if chance.random() < 0.2:
            generator = self.ledger.to_delete(chance, self.ledger.uploads)
            if generator:
                answer, again = self.insist("DELETE", "/v1/generators/" + generator)
                answer.expect(204, *([404] if again else []))
                self.ledger.removed.add(generator)
            return
        content, digest = weights("%d-%d-%d" % (self.seed, number, serial), chance.choice((16, 100, 300)))
        answer, again = self.insist(
            "POST", "/v1/generators", body=content, headers={"Content-Type": "application/x-safetensors"})
        self.ledger.asked_again += again
        if answer.expect(200, 201).json["digest"] != digest:
            raise AssertionError("an upload was given another digest")
        self.ledger.uploads[answer.json["id"]] = digest


def examine(server, round_):
    complaints = server.complaints()
    if complaints:
        raise AssertionError("round %d: the database is damaged: %s" % (round_, complaints[:5]))


def rounds(server, clients, chance, count):
    older, within = 0, 0
    for round_ in range(1, count + 1):
        is_older = round_ % 10 == 4 and older_database.is_possible()
        if is_older:
            older_database.turn_back(server.database)
            older += 1
        # With companions and without: those have no checkpoints.
        server.begin(jobs_companions_max=chance.choice((0, 0, 64)))
        if is_older or chance.random() < 0.15:
            # A start takes about a tenth of a second.
            time.sleep(chance.random() ** 2 * 0.3)
        else:
            wait_until(server.listens, 120, "the server listens")
            time.sleep(chance.random() * 1.8)
        server.kill()
        examine(server, round_)
        within += is_older and older_database.is_between(server.folder / "examined.sqlite")
        if clients.join.failures:
            raise clients.join.failures[0]
    return older, within


def agree(first, second):
    """Whether two results of one request are the same, as far as companions are."""
    if first["verdict"] == "recovered" == second["verdict"]:
        pairs = zip(first["latent"], second["latent"], strict=True)
        return all(abs(a - b) <= TOLERANCE * max(1, abs(a)) for a, b in pairs)
    # Elsewhere latents may differ by more where they are not determined.
    a, b = first["residual"]["l2"], second["residual"]["l2"]
    return abs(a - b) <= TOLERANCE * max(1, a)


def results(server, ledger):
    """What was lost and what doubled, of all that was acknowledged."""
    lost, doubled, finished, by_kind = [], ledger.doubled, len(ledger.deleted), {}
    present = {item["id"] for item in server.every("/v1/inversions", "inversions")}
    expected = set(ledger.inversions) - ledger.deleted
    lost += ["%s is not there" % one for one in expected - present]
    doubled += ["%s was never acknowledged" % one for one in present - expected]
    for one in sorted(expected & present):
        inversion = server.ask("GET", "/v1/inversions/" + one).expect(200).json
        status = inversion["status"]
        ends = [attempt["ending"] for attempt in inversion["attempts"]]
        if status not in FINISHED:
            lost.append("%s is %s" % (one, status))
            continue
        finished += 1
        if ends.count("finished") > 1:
            doubled.append("%s was finished %d times" % (one, ends.count("finished")))
        if status == "canceled" and one in ledger.canceled:
            continue
        if status != "succeeded":
            lost.append("%s is %s: %s" % (one, status, inversion["error"]))
        elif not (inversion["result"] or {}).get("latent"):
            lost.append("%s has no result" % one)
        else:
            by_kind.setdefault(ledger.inversions[one], []).append((one, inversion["result"]))
    for kind, those in by_kind.items():
        for one, result in those[1:]:
            if not agree(those[0][1], result):
                lost.append("%s has another result than %s: %r" % (one, those[0][0], kind))
    resumed = sum(
        bool(result.get("resumed_from_iteration")) for those in by_kind.values() for _, result in those)
    return lost, doubled, finished, resumed


def uploads(server, ledger):
    present = {item["id"] for item in server.every("/v1/generators", "generators")}
    expected = {one: digest for one, digest in ledger.uploads.items() if one not in ledger.removed}
    lost = ["generator %s is not there" % one for one in set(expected) - present]
    for one in set(expected) & present:
        content = server.ask("GET", "/v1/generators/%s/weights" % one).expect(200).body
        if "sha256:" + hashlib.sha256(content).hexdigest() != expected[one]:
            lost.append("generator %s has another content" % one)
    return lost, [one for one in present if one in ledger.removed]


def main(arguments):
    chance = random.Random(arguments.seed)
    print("seed %d" % arguments.seed, flush=True)
    server = Server(
        arguments.program, arguments.folder, jobs_checkpoint_seconds=0.1, jobs_queue_length_max=60,
        jobs_attempts_max=100, jobs_lease_seconds=5)
    server.start()
    bundled = {item["id"] for item in server.every("/v1/generators", "generators")}
    ledger = Ledger()
    clients = Clients(server, ledger, signals(server, 8, seed=arguments.seed), arguments.seed)
    clients.join = side_by_side(CLIENTS, clients.work)
    server.kill()
    older, within = rounds(server, clients, chance, arguments.rounds)
    server.start()
    clients.over.set()
    clients.join()
    wait_until(lambda: not server.has_unfinished(), 600, "everything is finished")
    lost, doubled, finished, resumed = results(server, ledger)
    more_lost, more_doubled = uploads(server, ledger)
    known = bundled | set(ledger.uploads)
    doubled += ["generator %s came back" % one for one in more_doubled]
    doubled += ["generator %s was never acknowledged" % item["id"]
                for item in server.every("/v1/generators", "generators") if item["id"] not in known]
    lost += more_lost
    server.stop()
    examine(server, arguments.rounds)
    print("   %d asked again, %d canceled or about to be, %d deleted, %d uploads, %d resumed from a checkpoint,"
          " %d rounds from an older schema, %d of them ended before the present one" % (
              ledger.asked_again, len(ledger.canceled), len(ledger.deleted), len(ledger.uploads), resumed, older,
              within))
    for complaint in (lost + doubled)[:20]:
        print("   " + complaint)
    print("rounds %d, acknowledged %d, finished %d, lost %d, doubled %d"
          % (arguments.rounds, len(ledger.inversions), finished, len(lost), len(doubled)), flush=True)
    if lost or doubled:
        raise AssertionError("something was lost or doubled")


if __name__ == "__main__":
    carry_out(main, __doc__, rounds=200, seed=int.from_bytes(os.urandom(3), "big"))
