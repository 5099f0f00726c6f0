"""requests-sse, which reconnects by itself: python requests_sse_reader.py PACKAGE PLAN"""

from lines import read_all
from requests_sse import EventSource, InvalidStatusCodeError


def read(url):
    try:
        with EventSource(url, timeout=20) as source:
            for event in source:
                if event.type == "end":
                    return "end"
                yield [event.type, event.data, event.last_event_id]
    except InvalidStatusCodeError:
        return "closed"


read_all(read)
