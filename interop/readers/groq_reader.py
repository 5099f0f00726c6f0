"""Groq's SDK, chat completions: python groq_reader.py PACKAGE PLAN"""

from groq import Groq
from lines import read_all


def read(url):
    client = Groq(base_url=url, api_key="none", max_retries=0)
    messages = [{"role": "user", "content": "a prompt"}]
    for chunk in client.chat.completions.create(model="m", messages=messages, stream=True):
        if text := chunk.choices[0].delta.content:
            yield [text]


read_all(read)
