"""Hugging Face's client, chat completions: python huggingface_reader.py PACKAGE PLAN"""

from huggingface_hub import InferenceClient
from lines import read_all


def read(url):
    client = InferenceClient(base_url=url, api_key="none")
    messages = [{"role": "user", "content": "a prompt"}]
    for chunk in client.chat_completion(model="m", messages=messages, stream=True):
        if text := chunk.choices[0].delta.content:
            yield [text]


read_all(read)
