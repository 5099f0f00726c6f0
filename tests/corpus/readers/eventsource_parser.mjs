// eventsource-parser as a reader of the corpus: node eventsource_parser.mjs FOLDER-OF-MODULES

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { createParser } = createRequire(`${process.argv[2]}/`)('eventsource-parser')

for await (const line of createInterface({ input: process.stdin })) {
  const events = []
  let lastEventId = ''
  const parser = createParser({
    onId(id) {
      lastEventId = id
    },
    onEvent({ event, data }) {
      events.push([event || 'message', data, lastEventId])
    },
  })
  // The parser drops a byte order mark. With its default a TextDecoder would drop another one.
  const text = new TextDecoder('utf-8', { ignoreBOM: true })
  for (const chunk of JSON.parse(line).chunks) {
    parser.feed(text.decode(Buffer.from(chunk, 'hex'), { stream: true }))
  }
  console.log(JSON.stringify({ events }))
}
