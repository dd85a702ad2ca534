"""A server of a trial's own, on loopback with a database in the trial's folder, and what is asked of it.

Trials import this; it is never run. The servers end with the trial that started them.
"""

import argparse
import atexit
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import time

import linear_weights

LISTENING = re.compile(r"http://([0-9.]+):([0-9]+)")
FINISHED = ("succeeded", "failed", "canceled", "expired")
#: Tables that are STRICT, which the databases have, can be read from here on.
SQLITE_MIN = (3, 37, 0)

# A trial that is told to stop still ends its servers.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def expect(self, *statuses):
        if self.status not in statuses:
            raise AssertionError("answered %d and not %s: %s" % (self.status, statuses, self.body[:500]))
        return self


class Server:
    """`preimage serve`, which may be killed and started again on the same database.

    Settings are named as in the environment, without PREIMAGE_ and in lower case. `started_by` is a
    command that becomes the program that follows it.
    """

    def __init__(self, program, folder, preload=None, environment=None, started_by=(), **settings):
        self.program, self.folder = program, pathlib.Path(folder)
        self.started_by = list(started_by)
        self.database, self.log = self.folder / "trial.sqlite", self.folder / "trial.log"
        self.preload, self.environment = preload, environment or {}
        self.settings = {"log_level": "warning", **settings}
        self.process, self.address = None, None
        atexit.register(self.kill)

    def begin(self, **settings):
        """Starts the process and does not wait until it listens."""
        assert not self.is_alive, "one server a database"
        environment = {**os.environ, **self.environment}
        for name, value in {**self.settings, **settings}.items():
            environment["PREIMAGE_" + name.upper()] = str(value)
        if self.preload:
            environment["LD_PRELOAD"] = str(self.preload)
        with open(self.log, "ab") as log:
            self.told_from = log.tell()
            self.process = subprocess.Popen(
                [*self.started_by, self.program, "serve", "--port", "0", "--database", str(self.database)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self.folder)

    def listens(self):
        """Whether it has told its address; fails when the process has ended."""
        ended = self.process.poll()
        told = self.told()
        match = LISTENING.search(told)
        if match:
            self.address = (match[1], int(match[2]))
        elif ended is not None:
            raise AssertionError("the server ended with %d before it listened:\n%s" % (ended, told[-2000:]))
        return match is not None

    def told(self):
        with open(self.log, "rb") as log:
            log.seek(self.told_from)
            return log.read().decode(errors="replace")

    def start(self, **settings):
        self.begin(**settings)
        wait_until(self.listens, 120, "the server listens")
        return self

    @property
    def pid(self):
        return self.process.pid

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.address = None
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()

    def stop(self):
        """Drains; fails when that takes longer than a minute or ends with anything but 0."""
        self.signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.address = None
        if status:
            raise AssertionError("the server ended with %d:\n%s" % (status, self.told()[-2000:]))

    def ask(self, method, path, document=None, headers=None, body=None, timeout=60):
        """One request on a connection of its own. Raises OSError when there is no whole answer."""
        address = self.address
        if address is None:
            raise ConnectionError("the server is away")
        headers = dict(headers or {})
        if document is not None:
            body = json.dumps(document).encode()
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(*address, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except http.client.HTTPException as failure:
            raise ConnectionError("no whole answer: %r" % failure) from failure
        finally:
            connection.close()

    def every(self, path, members):
        """All items of a list, page by page."""
        items, token = [], ""
        while True:
            separator = "&" if "?" in path else "?"
            page = self.ask("GET", "%s%spage_size=1000%s" % (path, separator, token)).expect(200).json
            items += page[members]
            if not page.get("next_page_token"):
                return items
            token = "&page_token=" + page["next_page_token"]

    def has_unfinished(self):
        return any(
            self.ask("GET", "/v1/inversions?page_size=1&status=" + status).expect(200).json["inversions"]
            for status in ("queued", "running"))

    def resident_bytes(self):
        text = pathlib.Path("/proc/%d/status" % self.pid).read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024

    def complaints(self):
        """What is wrong with the database of a server that does not run, found on a copy of it."""
        copy = self.folder / "examined.sqlite"
        for suffix in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(str(copy) + suffix)
            if os.path.exists(str(self.database) + suffix):
                shutil.copyfile(str(self.database) + suffix, str(copy) + suffix)
        if not copy.exists():
            return []
        with contextlib.closing(sqlite3.connect(copy)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += ["foreign key: %r" % (row,) for row in database.execute("PRAGMA foreign_key_check")]
        return found


def wait_until(holds, seconds, what):
    """Asks again and again; fails when it does not hold within the time."""
    end, pause = time.monotonic() + seconds, 0.005
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("not within %g s: %s" % (seconds, what))
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def signals(server, count, seed=1):
    """So many signals that `fashion-mlp` draws."""
    answer = server.ask("POST", "/v1/generators/fashion-mlp/samples", {"count": count, "seed": seed})
    return answer.expect(200).json["outputs"]


def short(values, seed=1):
    """An inversion of some milliseconds."""
    return {"generator": "fashion-mlp", "observation": {"values": values}, "seed": seed}


def long(values, restarts, seed=1):
    """One of what the generator never draws: about 50 ms for each restart."""
    noisy = [round((value * 7919.13) % 1, 4) for value in values]
    return {"generator": "fashion-mlp", "observation": {"values": noisy}, "seed": seed,
            "solver": {"type": "adam", "iterations_max": 2000, "restarts_max": restarts}}


def weights(seed, latents, outputs=None):
    """A safetensors file of one linear layer, square or to so many outputs, the same for the same
    seed, and its digest."""
    outputs = outputs or latents
    numbers = random.Random(seed).randbytes(4 * latents * outputs)
    content = linear_weights.head(latents, outputs) + linear_weights.small(numbers)
    return content, "sha256:" + hashlib.sha256(content).hexdigest()


def side_by_side(count, work):
    """Threads that do `work(number)`, started; the first failure of any is raised by `join_all`."""
    failures = []

    def guarded(number):
        try:
            work(number)
        except BaseException as failure:  # told by join_all
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()

    def join_all(seconds=300):
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0, end - time.monotonic()))
        if failures:
            raise failures[0]
        if any(thread.is_alive() for thread in threads):
            raise AssertionError("clients did not come to an end within %g s" % seconds)

    join_all.failures = failures
    return join_all


def run(trial):
    """Runs the trial; what it finds wrong is told in one line, and is status 1. SystemExit passes."""
    if sqlite3.sqlite_version_info < SQLITE_MIN:
        print("   python3's SQLite is %s; 3.37 reads the databases" % sqlite3.sqlite_version)
        sys.exit(2)
    try:
        trial()
    except (AssertionError, OSError) as failure:
        print("   FAILED: %s: %s" % (type(failure).__name__, failure))
        sys.exit(1)


def carry_out(main, documentation, **options):
    """Runs `main` with the program and the folder of the command line, and with options that have
    these defaults; one that is a type has none, and must be given."""
    parser = argparse.ArgumentParser(description=documentation.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    for name, default in options.items():
        if isinstance(default, type):
            parser.add_argument("--" + name, type=default, required=True)
        else:
            parser.add_argument("--" + name, type=type(default), default=default)
    arguments = parser.parse_args()
    run(lambda: main(arguments))


def submit(server, document, **more):
    """The id of an inversion that was accepted."""
    return server.ask("POST", "/v1/inversions", {**document, **more}).expect(200, 202).json["id"]


def finished_once(server, inversions, seconds):
    """Waits until all are finished; each has to have succeeded, by one attempt. The documents."""
    documents = {}

    def all_finished():
        for one in inversions:
            if one not in documents:
                document = server.ask("GET", "/v1/inversions/" + one).expect(200).json
                if document["status"] not in FINISHED:
                    return False
                documents[one] = document
        return True

    wait_until(all_finished, seconds, "%d inversions are finished" % len(inversions))
    for one, document in documents.items():
        ends = [attempt["ending"] for attempt in document["attempts"]]
        if document["status"] != "succeeded" or ends.count("finished") != 1 or not document["result"]["latent"]:
            raise AssertionError("%s is %s after %s: %s" % (one, document["status"], ends, document["error"]))
    return documents


def attempts_in_vain(documents):
    """How many attempts did not finish, of all of the documents."""
    return sum(attempt["ending"] != "finished" for one in documents.values() for attempt in one["attempts"])


def exhausted(document, deaths, attempts_max):
    """Fails unless an inversion that ended the process so often has failed for that, as its history tells."""
    code = (document["error"] or {}).get("code")
    ends = [attempt["ending"] for attempt in document["attempts"]]
    counted = sum(attempt["counted"] for attempt in document["attempts"])
    if (document["status"], code) != ("failed", "attempts_exhausted"):
        raise AssertionError("it is %s with %s after %s" % (document["status"], code, ends))
    if counted != attempts_max or set(ends) != {"process_died"} or len(ends) != deaths:
        raise AssertionError("its history tells %s, of which %d count, of %d deaths" % (ends, counted, deaths))
    return "failed with %s after %d deaths, of which %d count" % (code, deaths, counted)


def examined(server):
    """Fails when the database of a server that does not run is damaged."""
    complaints = server.complaints()
    if complaints:
        raise AssertionError("the database is damaged: %s" % complaints[:5])


def submit_batch(server, document, rows):
    """The id of a batch with one inversion a row of 32-bit numbers, given as their bytes, of one length."""
    width = len(rows[0]) // 4
    shape = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (len(rows), width)
    shape += " " * (-(len(shape) + 11) % 64) + "\n"
    observations = b"\x93NUMPY\x01\x00" + len(shape).to_bytes(2, "little") + shape.encode() + b"".join(rows)
    part = b"--end\r\nContent-Disposition: form-data; name=\"%s\"%s\r\nContent-Type: %s\r\n\r\n"
    body = part % (b"request", b"", b"application/json") + json.dumps(document).encode() + b"\r\n"
    body += part % (b"observations", b"; filename=\"o.npy\"", b"application/octet-stream")
    body += observations + b"\r\n--end--\r\n"
    answer = server.ask(
        "POST", "/v1/batches", body=body, timeout=300,
        headers={"Content-Type": "multipart/form-data; boundary=end"})
    return answer.expect(200, 201, 202).json["id"]


def row(values):
    return struct.pack("<%df" % len(values), *values)
