// A server of the Model Context Protocol with its TypeScript SDK: node mcp_writer.mjs PACKAGE TEXTS
// Its tool answers with all texts as notifications of progress, and with the last as its result.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

const texts = JSON.parse(readFileSync(process.argv[3], 'utf8'))

const events = []
const eventStore = {
  storeEvent: async (streamId, message) => String(events.push({ streamId, message }) - 1),
  getStreamIdForEventId: async (id) => events[id]?.streamId,
  replayEventsAfter: async (last, { send }) => {
    const { streamId } = events[last]
    for (const [number, event] of events.entries()) {
      if (number > last && event.streamId === streamId) await send(String(number), event.message)
    }
    return streamId
  },
}

const server = new McpServer({ name: 'writer', version: '0' })
server.registerTool('answer', {}, async ({ _meta, sendNotification }) => {
  for (const [step, message] of texts.entries()) {
    const params = { progressToken: _meta.progressToken, progress: step + 1, message }
    await sendNotification({ method: 'notifications/progress', params })
  }
  return { content: [{ type: 'text', text: texts.at(-1) }] }
})

const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => '1', eventStore, retryInterval: 10 })
await server.connect(transport)
const http = createServer((request, response) => transport.handleRequest(request, response))
http.listen(0, '127.0.0.1', () => console.log(http.address().port))
