"""FastAPI's own event streams on uvicorn: python fastapi_writer.py PACKAGE CASES"""

import json
import socket
import sys
from collections.abc import AsyncIterable

import uvicorn
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent

with open(sys.argv[2]) as file:
    STREAMS = json.load(file)

app = FastAPI()


@app.get("/{number}", response_class=EventSourceResponse)
async def events(number: int) -> AsyncIterable[ServerSentEvent]:
    for case in STREAMS[number]:
        yield ServerSentEvent(
            raw_data=case["data"],
            event=case["type"],
            id=case["id"],
            retry=case["retry"],
            comment=case["comment"],
        )


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning")).run(sockets=[listener])
