// An EventSource for Node as a reader of the corpus, over HTTP on loopback:
// node event_source.mjs FOLDER-OF-MODULES eventsource|undici

import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { read } from './read.mjs'

const [modules, name] = process.argv.slice(2)
const { EventSource } = createRequire(`${modules}/`)(name)

let chunks = []
const server = createServer(async (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' })
  for (const chunk of chunks) {
    if (!response.write(Buffer.from(chunk, 'hex'))) await once(response, 'drain')
  }
  response.end()
})
await once(server.listen(0, '127.0.0.1'), 'listening')

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  chunks = request.chunks
  const source = new EventSource(`http://127.0.0.1:${server.address().port}/`)
  console.log(JSON.stringify({ events: await read(source, request.types) }))
}
process.exit()
