#!/usr/bin/env python3
"""Blackens the rows of a grey 8-bit PNG from one row on, so that one sees what was observed.

usage: picture.py INPUT OUTPUT FIRST_HIDDEN_ROW
"""
import struct
import sys
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def read_chunks(data):
    """The chunks of a PNG as (type, contents)."""
    at = len(SIGNATURE)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at:at + 4])
        yield data[at + 4:at + 8], data[at + 8:at + 8 + length]
        at += 12 + length


def paeth(left, up, corner):
    """The predictor of filter type 4 [PNG, section 9.4]."""
    estimate = left + up - corner
    return min((left, up, corner), key=lambda neighbour: abs(estimate - neighbour))


def unfilter(raw, width, height):
    """The rows of a picture with one byte a pixel [PNG, section 9.2]."""
    rows, above = [], bytes(width)
    for i in range(height):
        kind, row = raw[i * (width + 1)], bytearray(raw[i * (width + 1) + 1:(i + 1) * (width + 1)])
        for j in range(width):
            left, corner = (row[j - 1], above[j - 1]) if j else (0, 0)
            predicted = (0, left, above[j], (left + above[j]) // 2, paeth(left, above[j], corner))
            row[j] = (row[j] + predicted[kind]) & 0xFF
        above = bytes(row)
        rows.append(above)
    return rows


def chunk(kind, contents):
    check = struct.pack(">I", zlib.crc32(kind + contents))
    return struct.pack(">I", len(contents)) + kind + contents + check


def main():
    source, target, first_hidden_row = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with open(source, "rb") as file:
        data = file.read()
    chunks = list(read_chunks(data)) if data.startswith(SIGNATURE) else []
    header = dict(chunks).get(b"IHDR", bytes(13))
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", header)
    if (depth, colour, interlace) != (8, 0, 0):
        sys.exit("%s: not a grey PNG of 8 bits a pixel" % source)
    raw = zlib.decompress(b"".join(contents for kind, contents in chunks if kind == b"IDAT"))
    rows = unfilter(raw, width, height)
    seen = [row if i < first_hidden_row else bytes(width) for i, row in enumerate(rows)]
    pixels = zlib.compress(b"".join(b"\0" + row for row in seen))
    with open(target, "wb") as file:
        file.write(SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


if __name__ == "__main__":
    main()
