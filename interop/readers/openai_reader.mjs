// OpenAI's SDK, chat completions: node openai_reader.mjs PACKAGE PLAN

import OpenAI from 'openai'
import { readAll } from './lines.mjs'

await readAll(async function* (url) {
  const client = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 })
  const messages = [{ role: 'user', content: 'a prompt' }]
  const stream = await client.chat.completions.create({ model: 'm', messages, stream: true })
  for await (const chunk of stream) {
    const text = chunk.choices[0].delta.content
    if (text) yield [text]
  }
})
