"""A server of the Model Context Protocol with its Python SDK: python mcp_writer.py PACKAGE TEXTS

Its tool answers with all texts as notifications of progress, and with the last as its result."""

import json
import socket
import sys

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.streamable_http import EventMessage, EventStore

with open(sys.argv[2]) as file:
    TEXTS = json.load(file)


class Events(EventStore):
    def __init__(self):
        self.events = []

    async def store_event(self, stream_id, message):
        self.events.append((stream_id, message))
        return str(len(self.events) - 1)

    async def replay_events_after(self, last_event_id, send_callback):
        last = int(last_event_id)
        stream_id = self.events[last][0]
        for number, (stream, message) in enumerate(self.events):
            if number > last and stream == stream_id and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream_id


server = MCPServer("writer")


@server.tool()
async def answer(context: Context) -> str:
    for step, text in enumerate(TEXTS, 1):
        await context.report_progress(step, message=text)
    return TEXTS[-1]


app = server.streamable_http_app(event_store=Events(), retry_interval=10)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
