"""LangChain on OpenAI's SDK, chat completions: python langchain_reader.py PACKAGE PLAN"""

from langchain_openai import ChatOpenAI
from lines import read_all


def read(url):
    model = ChatOpenAI(base_url=url, api_key="none", model="m", max_retries=0)
    for chunk in model.stream("a prompt"):
        if chunk.content:
            yield [chunk.content]


read_all(read)
