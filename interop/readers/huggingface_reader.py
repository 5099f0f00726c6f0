"""Hugging Face's client, chat completions: python huggingface_reader.py PACKAGE PLAN"""

from chat import texts
from huggingface_hub import InferenceClient
from lines import read_all


def read(url):
    client = InferenceClient(base_url=url, api_key="none")
    yield from texts(client.chat_completion)


read_all(read)
