"""httpx-sse as a reader of the corpus."""

import json
import sys

import httpx
from httpx_sse import EventSource


def read(chunks):
    response = httpx.Response(
        200, headers={"content-type": "text/event-stream"}, content=iter(chunks)
    )
    return [[event.event, event.data, event.id] for event in EventSource(response).iter_sse()]


for line in sys.stdin:
    chunks = [bytes.fromhex(chunk) for chunk in json.loads(line)["chunks"]]
    print(json.dumps({"events": read(chunks)}), flush=True)
