"""OpenAI's SDK, chat completions: python openai_reader.py PACKAGE PLAN"""

from chat import texts
from lines import read_all
from openai import OpenAI


def read(url):
    client = OpenAI(base_url=url, api_key="none", max_retries=0)
    yield from texts(client.chat.completions.create)


read_all(read)
