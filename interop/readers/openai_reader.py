"""OpenAI's SDK, chat completions: python openai_reader.py PACKAGE PLAN"""

from lines import read_all
from openai import OpenAI


def read(url):
    client = OpenAI(base_url=url, api_key="none", max_retries=0)
    messages = [{"role": "user", "content": "a prompt"}]
    for chunk in client.chat.completions.create(model="m", messages=messages, stream=True):
        if text := chunk.choices[0].delta.content:
            yield [text]


read_all(read)
