#!/usr/bin/env python3
"""The wire cases of the tests, for fuzzers. Their format is told in the file itself.

usage: wire_cases.py corpus FOLDER       one file a case, as the fuzz target `http` reads them
       wire_cases.py dictionary FILE     words of HTTP, as libFuzzer reads them
"""

import collections
import pathlib
import re
import sys

FILE = pathlib.Path(__file__).parents[2] / "Tests/HTTPTests/Fixtures/wire-cases.txt"

Case = collections.namedtuple("Case", "name statuses closes bytes finishes")

WORDS = [
    b"GET ", b"POST ", b"HEAD ", b"OPTIONS * ", b"CONNECT a:80 ", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n",
    b"HTTP/2.0", b"http://", b"Host: a\r\n", b"Host:", b"Content-Length: ", b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: ", b"chunked", b"identity", b"gzip, chunked",
    b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Expect: 100-continue\r\n", b"Upgrade: h2c\r\n",
    b"0\r\n\r\n", b"5\r\nhello\r\n", b"\r\n\r\n", b"\r\n", b"\n", b"\r", b"\0", b"\t", b" :", b"\r\n ", b";a=\"b\"",
    b";a", b"+5", b"-1", b"0x5", b"007", b"18446744073709551621", b"7fffffffffffffff", b"\xe2\x84\xaa", b"\xa0",
    b"\x85", b"%2e%2e", b"%00", b"%c0%af", b"/../", b"//", b"?", b"#", b"\\", b"@", b"[::1]", b",",
]


def unescaped(text):
    """The bytes that a line of a case stands for."""
    known = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
    parts = re.split(r"\\(x[0-9a-fA-F]{2}|.)", text)
    made = b""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            made += part.encode()
        elif part[0] == "x":
            made += bytes([int(part[1:], 16)])
        else:
            made += known[part]
    return made


def read(path=FILE):
    """Every case of the file."""
    cases, inside = [], False
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line:
            inside = False
        elif inside:
            case = cases[-1]
            repeated = re.match(r"\*(\d+) (.*)", line)
            if line == "!fin":
                cases[-1] = case._replace(finishes=True)
            elif repeated:
                cases[-1] = case._replace(
                    bytes=case.bytes + int(repeated[1]) * unescaped(repeated[2]))
            else:
                cases[-1] = case._replace(bytes=case.bytes + unescaped(line))
        elif line.startswith("["):
            name, statuses, end = re.match(r"\[(.*?)\] (.*?)\s*(open|close) \|", line).groups()
            codes = []
            for word in statuses.split():
                code, _, count = word.partition("*")
                codes += [int(code)] * int(count or 1)
            cases.append(Case(name, codes, end == "close", b"", False))
            inside = True
    return cases


def write_corpus(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for index, case in enumerate(read()):
        # The target's first byte is the length of the pieces, less one.
        (folder / ("seed-%03d" % index)).write_bytes(bytes([index % 16]) + case.bytes[:4096])


def write_dictionary(path):
    lines = ['"%s"' % "".join("\\x%02x" % byte for byte in word) for word in WORDS]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("corpus", "dictionary"):
        sys.exit(__doc__)
    write = write_corpus if sys.argv[1] == "corpus" else write_dictionary
    write(pathlib.Path(sys.argv[2]))
