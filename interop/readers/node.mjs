// Node's readers: node node.mjs FOLDER-OF-MODULES eventsource|eventsource-4|undici BASE KEY

import { createRequire } from 'node:module'
import { run } from './read.mjs'

const [modules, reader, base, key] = process.argv.slice(2)
const require = createRequire(`${modules}/`)
const undici = require('undici')

// Over TLS, with the certificate of a moment ago, HTTP/2.
const dispatcher = new undici.Agent({ allowH2: base.startsWith('https'), connect: { rejectUnauthorized: false } })
const fetch = (url, init) => undici.fetch(url, { ...init, dispatcher })

const { EventSource } = require(reader)
const options = reader === 'undici' ? { node: { dispatcher } } : { fetch }
const open = (url) => new EventSource(url, options)

await run({ base, key, open, fetch })
process.exit()
