// Anthropic's SDK, messages: node anthropic_reader.mjs PACKAGE PLAN

import Anthropic from '@anthropic-ai/sdk'
import { readAll } from './lines.mjs'

await readAll(async function* (url) {
  const client = new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 })
  const messages = [{ role: 'user', content: 'a prompt' }]
  for await (const event of client.messages.stream({ model: 'm', messages, max_tokens: 100 })) {
    if (event.type === 'content_block_delta') yield [event.delta.text]
  }
})
