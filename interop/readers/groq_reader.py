"""Groq's SDK, chat completions: python groq_reader.py PACKAGE PLAN"""

from chat import texts
from groq import Groq
from lines import read_all


def read(url):
    client = Groq(base_url=url, api_key="none", max_retries=0)
    yield from texts(client.chat.completions.create)


read_all(read)
