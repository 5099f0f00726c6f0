// Node's readers with the platform's interface: node eventsource.mjs eventsource|undici PLAN

import * as undici from 'undici'
import { run } from './platform.mjs'

const [name, plan] = process.argv.slice(2)
// Over TLS, with the certificate of a moment ago, HTTP/2.
const dispatcher = new undici.Agent({ allowH2: plan.includes('"https:'), connect: { rejectUnauthorized: false } })
const fetch = (url, init) => undici.fetch(url, { ...init, dispatcher })

const { EventSource } = await import(name)
const options = name === 'undici' ? { node: { dispatcher } } : { fetch }
const open = (url) => new EventSource(url, options)

await run(JSON.parse(plan), open, (line) => console.log(JSON.stringify(line)))
