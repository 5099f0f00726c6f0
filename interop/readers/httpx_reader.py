"""httpx-sse, which leaves reconnecting to its caller: python httpx_reader.py BASE KEY"""

import sys
import time

import httpx
from httpx_sse import connect_sse

base, key = sys.argv[1:]
# Over TLS, with the certificate of a moment ago, HTTP/2.
client = httpx.Client(http2=base.startswith("https"), verify=False, timeout=20)


def events(path, headers=None, **parameters):
    """The events of one stream, up to the one that ends it."""
    parameters["key"] = key
    with connect_sse(client, "GET", f"{base}/{path}", params=parameters, headers=headers or {}) as source:
        if source.response.status_code == 204:
            return
        for event in source.iter_sse():
            if event.event == "end":
                return
            yield event


def reconnect(id):
    """Reads a stream that breaks off, until the server asks to stop."""
    read, headers, retry = [], {}, 3000
    while new := list(events("reconnect", headers, id=id)):
        for event in new:
            retry = event.retry if event.retry is not None else retry
            headers = {"Last-Event-ID": event.id.encode()} if event.id else headers
            read.append([event.data, event.id])
        time.sleep(retry / 1000)
    return read


streams = [
    [[event.event, event.data, event.id] for event in events(f"stream/{number}")]
    for number in range(client.get(f"{base}/plan").json()["streams"])
]
for accel in (0, 1):
    for event in events("live", accel=accel):
        client.post(f"{base}/seen", params={"key": key, "accel": accel})
client.post(
    f"{base}/report",
    params={"key": key},
    json={
        "streams": streams,
        "reconnect": [reconnect(0), reconnect(1)],
        "stopped": [True, True],
    },
)
