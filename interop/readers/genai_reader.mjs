// Google's SDK, content of a model: node genai_reader.mjs PACKAGE PLAN

import { GoogleGenAI } from '@google/genai'
import { readAll } from './lines.mjs'

await readAll(async function* (url) {
  const client = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: url } })
  const stream = await client.models.generateContentStream({ model: 'm', contents: 'a prompt' })
  for await (const chunk of stream) {
    if (chunk.text) yield [chunk.text]
  }
})
