"""httpx-sse, which leaves reconnecting to its caller: python httpx_sse_reader.py PACKAGE PLAN"""

import httpx
from httpx_sse import connect_sse
from lines import read_all

# Over TLS, with the certificate of a moment ago, HTTP/2.
client = httpx.Client(http2=True, verify=False, timeout=20)


def read(url):
    with connect_sse(client, "GET", url) as source:
        for event in source.iter_sse():
            if event.event == "end":
                return "end"
            yield [event.event, event.data, event.id]
    return "closed"


read_all(read)
