#!/usr/bin/env python3
"""Asks for a page again and again, a new connection each time, and says how long the answers took.

usage: probe.py URL SECONDS [MILLISECONDS_MAX]

Fails when an answer is not 200, or when one in a hundred takes longer than MILLISECONDS_MAX (50).
"""

import http.client
import sys
import time
import urllib.parse


def main(url, seconds, milliseconds_max):
    parts = urllib.parse.urlsplit(url)
    took, failures = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        try:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
            connection.request("GET", parts.path or "/")
            failures += connection.getresponse().status != 200
            connection.close()
        except OSError:
            failures += 1
        took.append((time.monotonic() - start) * 1000)
        time.sleep(0.02)
    took.sort()
    late = took[int(len(took) * 0.99)]
    print("%d answers, %d failed; ms: median %.1f, p99 %.1f, longest %.1f"
          % (len(took), failures, took[len(took) // 2], late, took[-1]))
    return failures == 0 and late <= milliseconds_max


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    limit = float(sys.argv[3]) if len(sys.argv) == 4 else 50
    sys.exit(0 if main(sys.argv[1], float(sys.argv[2]), limit) else 1)
