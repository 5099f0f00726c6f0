"""Google's SDK, content of a model: python genai_reader.py PACKAGE PLAN"""

from google import genai
from google.genai.types import HttpOptions
from lines import read_all


def read(url):
    client = genai.Client(api_key="none", http_options=HttpOptions(base_url=url))
    for chunk in client.models.generate_content_stream(model="m", contents="a prompt"):
        if text := chunk.text:
            yield [text]


read_all(read)
