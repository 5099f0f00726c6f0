// Vercel's ai with its provider for APIs like OpenAI's: node ai_reader.mjs PACKAGE PLAN

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { streamText } from 'ai'
import { readAll } from './lines.mjs'

await readAll(async function* (url) {
  const provider = createOpenAICompatible({ name: 'here', baseURL: url })
  const { fullStream } = streamText({ model: provider('m'), prompt: 'a prompt', maxRetries: 0 })
  for await (const part of fullStream) {
    if (part.type === 'error') throw part.error
    if (part.type === 'text-delta') yield [part.text]
  }
})
