"""The SDK of the Model Context Protocol: python mcp_reader.py PACKAGE PLAN"""

import asyncio

from lines import read_all
from mcp.client import Client


async def call(url):
    items = []

    async def on_progress(progress, total, message):
        items.append([message])

    async with Client(url) as client:
        result = await client.call_tool("answer", {}, progress_callback=on_progress)
    return items + [[result.content[0].text]]


def read(url):
    yield from asyncio.run(call(url))


read_all(read)
