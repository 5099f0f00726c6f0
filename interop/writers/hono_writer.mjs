// Hono's streamSSE on Node: node hono_writer.mjs PACKAGE CASES

import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'

const streams = JSON.parse(readFileSync(process.argv[3], 'utf8'))
const app = new Hono()
app.get('/:number', (context) =>
  streamSSE(context, async (stream) => {
    for (const { data, type, id, retry } of streams[context.req.param('number')]) {
      await stream.writeSSE({ data, event: type ?? undefined, id: id ?? undefined, retry: retry ?? undefined })
    }
  }),
)
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port))
