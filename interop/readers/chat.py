"""Chat completions, which several SDKs read by the same calls."""


def texts(create):
    messages = [{"role": "user", "content": "a prompt"}]
    for chunk in create(model="m", messages=messages, stream=True):
        if text := chunk.choices[0].delta.content:
            yield [text]
