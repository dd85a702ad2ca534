#!/usr/bin/env python3
"""What a server that is running bears: requests a second, processor time each, and a large upload.

usage: load_table.py PID URL [--seconds S] [--upload-megabytes N] [--folder PATH]

Needs wrk. PID is the server's process; its processor time over the requests says what one core could
do. The upload is a generator of one layer, sent as it lies on the disk, beside `dd conv=fdatasync` of
the same bytes to the folder. Fails when an answer is not 2xx.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
import idle_connections
import interleaved
import linear_weights

POST = """
local file = io.open("%s"); local body = file:read("*a"); file:close()
wrk.method = "POST"; wrk.body = body; wrk.headers["Content-Type"] = "application/json"
"""


def load(pid, url, seconds, connections, script=None):
    """Requests a second, microseconds of processor time each, the 99th percentile; whether all were 2xx."""
    command = ["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--latency"]
    command += ["-s", script] if script else []
    before = interleaved.processor_seconds([pid])
    told = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    used = interleaved.processor_seconds([pid]) - before
    count = int(re.search(r"(\d+) requests in", told)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])
    late = re.search(r"99%\s+(\S+)", told)[1]
    return rate, 1e6 * used / max(count, 1), late, "Non-2xx" not in told and count > 0


def post(url, document, **headers):
    """What the server answers to the document, as JSON both."""
    request = urllib.request.Request(
        url, data=json.dumps(document).encode(), headers={"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def weights(folder, megabytes):
    """A safetensors file of one linear layer with about so many megabytes of weights."""
    side = int((megabytes * 1e6 / 4) ** 0.5)
    path = pathlib.Path(folder) / "weights.safetensors"
    with open(path, "wb") as file:
        file.write(linear_weights.head(side, side))
        piece, left = linear_weights.small(os.urandom(1 << 20)), 4 * side * side
        while left:
            left -= file.write(piece[:min(left, len(piece))])
    return path


def upload(pid, url, path, folder):
    """Seconds of the copy, seconds of the upload, and the most memory above idle meanwhile."""
    target = pathlib.Path(folder) / "copy"
    start = time.monotonic()
    subprocess.run(
        ["dd", "if=%s" % path, "of=%s" % target, "bs=1M", "conv=fdatasync"], check=True, capture_output=True)
    copied = time.monotonic() - start
    target.unlink()
    idle, most, done = idle_connections.status(pid)[0], [0], threading.Event()

    def watch():
        while not done.wait(0.01):
            most[0] = max(most[0], idle_connections.status(pid)[0])

    watcher = threading.Thread(target=watch)
    watcher.start()
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=600)
    start = time.monotonic()
    with open(path, "rb") as file:
        connection.request(
            "POST", "/v1/generators", body=file,
            headers={"Content-Length": str(path.stat().st_size), "Content-Type": "application/x-safetensors"})
        answer = connection.getresponse()
        text = answer.read()
    seconds = time.monotonic() - start
    done.set()
    watcher.join()
    if answer.status != 201:
        sys.exit("the upload was answered %d: %s" % (answer.status, text[:500].decode()))
    return copied, seconds, most[0] - idle


def main(arguments):
    pid, url, is_fine = arguments.pid, arguments.url.rstrip("/"), True
    sample = post(url + "/v1/generators/fashion-mlp/samples", {"count": 1, "seed": 7})
    asked = {"generator": "fashion-mlp", "observation": {"values": sample["outputs"][0]}, "seed": 1}
    inversion = post(url + "/v1/inversions", asked, Prefer="wait=30")
    document = json.dumps(asked).encode()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        body = pathlib.Path(folder) / "body.json"
        body.write_bytes(document)
        script = pathlib.Path(folder) / "post.lua"
        script.write_text(POST % body)
        rows = [
            ("GET /healthz", "/healthz", 64, None),
            ("GET /v1/inversions/{id}, %d bytes" % len(json.dumps(inversion)),
             "/v1/inversions/" + inversion["id"], 16, None),
            ("POST /v1/inversions, %d bytes" % len(document), "/v1/inversions", 64, str(script)),
        ]
        for name, path, connections, lua in rows:
            rate, each, late, fine = load(pid, url + path, arguments.seconds, connections, lua)
            is_fine = is_fine and fine
            print("%-40s %8.0f a second, %6.1f us of a core each, 99%% within %s%s"
                  % (name, rate, each, late, "" if fine else ", NOT ALL 2xx"))
        if arguments.upload_megabytes:
            path = weights(folder, arguments.upload_megabytes)
            copied, seconds, memory = upload(pid, url, path, folder)
            print("upload of %.0f MB: %.2f s, dd conv=fdatasync %.2f s (%.2f of it), %.0f MB above idle"
                  % (path.stat().st_size / 1e6, seconds, copied, copied / seconds, memory / 1e6))
    return is_fine


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pid", type=int)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--upload-megabytes", type=int, default=1000)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    sys.exit(0 if main(parser.parse_args()) else 1)
