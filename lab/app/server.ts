// The small web app that the lab's pods serve: HOST, PORT, RESPONSE_MS (how long an answer takes).
// It ends as a well-behaved app does: on SIGTERM it takes no more connections, finishes what is in
// flight, closes idle connections and exits 0.
import { createServer } from 'node:http'

const { HOST = '127.0.0.1', PORT = '0', RESPONSE_MS = '0', POD_NAME = 'app' } = process.env
const responseMs = Number(RESPONSE_MS)

const server = createServer((request, response) => {
  const answer = () => {
    if (!server.listening) response.setHeader('connection', 'close')
    response.end(`${POD_NAME}\n`)
  }
  request.resume()
  if (request.url === '/healthz' || responseMs === 0) answer()
  else setTimeout(answer, responseMs)
})

// Longer than the load balancer keeps an idle connection (60 s), or it would send requests into
// connections that are being closed and answer 502.
server.keepAliveTimeout = 75_000

server.listen({ host: HOST, port: Number(PORT) }, () => {
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : PORT
  process.stdout.write(`listening on http://${HOST}:${port}\n`)
})

process.once('SIGTERM', () => server.close())
