#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends photos to a board that runs vitro's firmware, over its serial console, and prints what the board says.

    vitro emit -m model.vitro --frames -i photo.jpg -o photo.frames
    python3 send_picture.py /dev/ttyUSB0 photo.frames

Exit codes: 0 the board named what is in every picture, 1 it refused one or did not answer, 2 wrong usage.
"""
import argparse
import os
import select
import struct
import sys
import termios
import time
import tty

MAGIC = b"VTPI"
HEAD_BYTES, CHECKSUM_BYTES = 40, 4  # magic, number of pixel bytes, name; CRC-32


class Refused(Exception):
    pass


def frames_of(path):
    with open(path, "rb") as file:
        data = file.read()
    frames = []
    while data:
        size = HEAD_BYTES + CHECKSUM_BYTES + (struct.unpack_from("<I", data, 4)[0] if len(data) >= HEAD_BYTES else 0)
        if not data.startswith(MAGIC) or len(data) < size:
            raise Refused(f"{path}: contains something other than whole frames; make it with 'vitro emit --frames'")
        frames.append(data[:size])
        data = data[size:]
    if not frames:
        raise Refused(f"{path}: is empty; make it with 'vitro emit --frames'")
    return frames


def is_end(frame):
    return len(frame) == HEAD_BYTES + CHECKSUM_BYTES


class Board:
    def __init__(self, port):
        self.fd = os.open(port, os.O_RDWR | os.O_NOCTTY)
        if not os.isatty(self.fd):
            raise Refused(f"{port}: is not a serial line; name one, for instance /dev/ttyUSB0")
        tty.setraw(self.fd)
        settings = termios.tcgetattr(self.fd)
        settings[2] |= termios.CLOCAL | termios.CREAD
        settings[4] = settings[5] = termios.B115200
        termios.tcsetattr(self.fd, termios.TCSANOW, settings)
        self.pending = b""

    def line(self, deadline):
        """The next line, or None at the deadline."""
        while b"\n" not in self.pending:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return None
            received = os.read(self.fd, 4096)
            if not received:
                return None
            self.pending += received
        line, self.pending = self.pending.split(b"\n", 1)
        text = line.decode("ascii", "replace").rstrip("\r")
        print(text, flush=True)
        return text

    def send(self, frame):
        while frame:
            frame = frame[os.write(self.fd, frame[:1024]) :]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", help="the serial line, for instance /dev/ttyUSB0")
    parser.add_argument("frames", nargs="+", help="files made by 'vitro emit --frames'")
    parser.add_argument("--wait", type=float, default=3, help="seconds to wait for 'ready' before the first picture is sent anyway, as the board may have said it earlier (default 3)")
    parser.add_argument("--timeout", type=float, default=120, help="seconds to wait for an answer (default 120)")
    options = parser.parse_args()
    frames = [frame for path in options.frames for frame in frames_of(path)]
    board = Board(options.port)
    all_named = True
    deadline = time.monotonic() + options.wait
    while (line := board.line(deadline)) is not None and not line.startswith("ready "):
        pass
    for frame in frames:
        board.send(frame)
        deadline = time.monotonic() + options.timeout
        last_word = "exit_code " if is_end(frame) else "ready "
        while (line := board.line(deadline)) is not None and not line.startswith(last_word):
            all_named &= not line.startswith("refused: ")
        if line is None:
            raise Refused(f"{options.port}: no answer within {options.timeout:g} seconds; is the board listening ('ready')?")
    return 0 if all_named else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Refused, OSError) as error:
        print(f"send_picture.py: {error}", file=sys.stderr)
        sys.exit(1)
