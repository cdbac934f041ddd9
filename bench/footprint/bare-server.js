/** What any sidecar on Node.js has at least: an HTTP server and nothing else. */
import { createServer } from 'node:http'

const server = createServer((_request, response) => response.end('{"status":"ok"}'))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  process.stdout.write(`{"url":"http://127.0.0.1:${port}"}\n`)
})
