// The SDK of the Model Context Protocol: node mcp_reader.mjs PACKAGE PLAN

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { readAll } from './lines.mjs'

await readAll(async function* (url) {
  const client = new Client({ name: 'reader', version: '0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  const items = []
  const onprogress = ({ message }) => items.push([message])
  const result = await client.callTool({ name: 'answer' }, undefined, { onprogress })
  await client.close()
  yield* items
  yield [result.content[0].text]
})
