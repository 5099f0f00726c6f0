"""Anthropic's SDK, messages: python anthropic_reader.py PACKAGE PLAN"""

from anthropic import Anthropic
from lines import read_all


def read(url):
    client = Anthropic(base_url=url, api_key="none", max_retries=0)
    messages = [{"role": "user", "content": "a prompt"}]
    with client.messages.stream(model="m", messages=messages, max_tokens=100) as stream:
        for text in stream.text_stream:
            yield [text]


read_all(read)
