// The smallest server there is: one event by hand, and the end. node bye.mjs

import { createServer } from 'node:http'

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end('event: bye\ndata: bye-bye\n\n')
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
