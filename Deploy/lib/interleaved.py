#!/usr/bin/env python3
"""Requests a second of several servers, in turns, with wrk; and the processor time each request took.

usage: interleaved.py [--rounds N] [--seconds S] [--depth N] [--nginx PORT] NAME=URL...

Each server should be pinned to core 0 and in a session of its own, so that the kernel's fair share is
the same for all: setsid taskset -c 0 PROGRAM. wrk is pinned to core 1 (64 connections). --depth sends so
many requests at a time on each connection (16 for the figure with pipelines). --nginx starts Debian's
nginx with one worker on PORT, answering the same, and puts it last. Prints medians; "of it" is the
median over the rounds of what the first server reached, or took, in parts of what this one did.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.parse

NGINX = """
worker_processes 1; worker_cpu_affinity 01; daemon off; pid nginx.pid; error_log nginx.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:%d backlog=1024;
    location = /healthz { default_type application/json; return 200 '{"status":"ok"}'; }
  }
}
"""

PIPELINE = """
init = function(arguments)
  local all = {}
  for i = 1, %d do all[i] = wrk.format(nil, "%s") end
  together = table.concat(all)
end
request = function() return together end
"""


def listeners(port):
    """The processes that listen at a port."""
    told = subprocess.run(["ss", "-ltnpH", "sport = :%d" % port], capture_output=True, text=True).stdout
    return [int(pid) for pid in re.findall(r"pid=(\d+)", told)]


def processor_seconds(pids):
    """User and system time of the processes."""
    total = 0
    for pid in pids:
        fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def measure(url, seconds, script):
    """Requests a second, and microseconds of the server's processor a request."""
    pids = listeners(urllib.parse.urlsplit(url).port)
    before = processor_seconds(pids)
    told = subprocess.run(
        ["setsid", "-w", "taskset", "-c", "1", "wrk", "-t1", "-c64", "-d%ds" % seconds]
        + (["-s", script] if script else []) + [url], capture_output=True, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit("%s did not answer as it should:\n%s" % (url, told))
    count = int(re.search(r"(\d+) requests in", told)[1])
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", told)[1])
    return rate, (processor_seconds(pids) - before) * 1e6 / count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--depth", type=int, default=1)
    parser.add_argument("--nginx", type=int, metavar="PORT")
    parser.add_argument("servers", nargs="+", metavar="NAME=URL")
    arguments = parser.parse_args()
    servers = [server.split("=", 1) for server in arguments.servers]
    folder = tempfile.mkdtemp()
    nginx = script = None
    try:
        if arguments.nginx:
            pathlib.Path(folder, "nginx.conf").write_text(NGINX % arguments.nginx)
            nginx = subprocess.Popen(["nginx", "-p", folder, "-c", folder + "/nginx.conf"],
                                     start_new_session=True, stderr=subprocess.DEVNULL)
            servers.append(["nginx", "http://127.0.0.1:%d/healthz" % arguments.nginx])
        if arguments.depth > 1:
            script = folder + "/pipeline.lua"
            path = urllib.parse.urlsplit(servers[0][1]).path
            pathlib.Path(script).write_text(PIPELINE % (arguments.depth, path))
        rounds = {name: [] for name, _ in servers}
        for name, url in servers:
            measure(url, 1, script)
        for _ in range(arguments.rounds):
            for name, url in servers:
                rounds[name].append(measure(url, arguments.seconds, script))
    finally:
        if nginx:
            nginx.terminate()
            nginx.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
    first = rounds[servers[0][0]]
    print("%-14s %12s %8s %14s %8s" % ("", "requests/s", "of it", "us a request", "of it"))
    for name, _ in servers:
        rates, costs = zip(*rounds[name])
        print("%-14s %12.0f %8.2f %14.2f %8.2f" % (
            name, statistics.median(rates),
            statistics.median(mine / other for (mine, _), other in zip(first, rates)),
            statistics.median(costs),
            statistics.median(mine / other for (_, mine), other in zip(first, costs))))


if __name__ == "__main__":
    main()
