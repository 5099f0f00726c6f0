"""sse-starlette on uvicorn: python sse_starlette_writer.py PACKAGE CASES"""

import json
import socket
import sys

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent

with open(sys.argv[2]) as file:
    STREAMS = json.load(file)


async def app(scope, receive, send):
    async def events():
        for case in STREAMS[int(scope["path"].rsplit("/")[-1])]:
            yield ServerSentEvent(
                data=case["data"],
                event=case["type"],
                id=case["id"],
                retry=case["retry"],
                comment=case["comment"],
            )

    await EventSourceResponse(events())(scope, receive, send)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning")).run(sockets=[listener])
