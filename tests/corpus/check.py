#!/usr/bin/env python3
"""Runs readers against the corpus, and says which cases they read otherwise. See README.md."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FURTHER_KEYS = {"initialLastEventId", "limit", "chunksAfterReconnection"}


def cases():
    with open(HERE / "cases.jsonl", encoding="utf-8", newline="\n") as lines:
        every = [json.loads(line) for line in lines]
    return [case for case in every if not FURTHER_KEYS & case.keys()]


def stream(case):
    chunks = (
        bytes.fromhex(chunk["hex"]) if isinstance(chunk, dict) else chunk.encode()
        for chunk in case["chunks"]
    )
    return b"".join(chunks)


def expected(case):
    frames = (frame for frame in case["frames"] if "data" in frame)
    return [[frame["type"], frame["data"], frame["lastEventId"]] for frame in frames]


def types():
    """All types of events, for a reader that has to name what it listens for."""
    return sorted({event_type for case in cases() for event_type, _, _ in expected(case)})


class Reader:
    """A program that answers each stream with its events."""

    def __init__(self, command):
        self.command = command
        self.types = types()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def read(self, chunks):
        request = json.dumps({"chunks": [chunk.hex() for chunk in chunks], "types": self.types})
        print(request, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.command[0]} ended with status {self.process.wait()} without an answer")
        return json.loads(answer)

    def otherwise(self, case):
        """Whether it reads a case otherwise, whole or byte by byte."""
        whole = stream(case)
        ways = [[whole], [whole[at : at + 1] for at in range(len(whole))]]
        answers = [self.read(chunks) for chunks in ways]
        return any(answer["events"] != expected(case) for answer in answers)

    def all_otherwise(self):
        names = [(case["name"], case["clause"]) for case in cases() if self.otherwise(case)]
        self.process.stdin.close()
        if status := self.process.wait():
            sys.exit(f"{self.command[0]} ended with status {status}")
        return names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the reader and its arguments")
    command = parser.parse_args().command or parser.error("which reader?")
    otherwise = Reader(command).all_otherwise()
    print(f"read otherwise: {len(otherwise)} of {len(cases())}{':' if otherwise else ''}")
    for name, clause in otherwise:
        print(f"  {name} ({clause})")
    sys.exit(1 if otherwise else 0)


if __name__ == "__main__":
    main()
