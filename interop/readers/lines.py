"""How a reader is told what to read, and tells what it read: python READER.py PACKAGE PLAN"""

import json
import sys

plan = json.loads(sys.argv[2])


def read_all(read):
    """Calls read(url) for each stream: it yields what it reads, and returns how the stream ended."""
    for urls in plan["urls"]:
        for url in urls:
            say(url, read_one(read, url))


def read_one(read, url):
    items = read(url)
    try:
        while True:
            say(url, next(items))
    except StopIteration as end:
        return end.value or "end"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def say(url, what):
    print(json.dumps([url, what]), flush=True)
