// Raw node:http with a ready buffer: the upper bound for any handler.
import http from 'node:http';
import { user } from '../data.mjs';
import './figures.mjs';

const body = Buffer.from(JSON.stringify({ ...user(1), id: '1' }));
const server = http
  .createServer((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/scim+json', 'content-length': body.length });
    res.end(body);
  })
  .listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
    console.log(JSON.stringify({ baseUrl: `http://127.0.0.1:${server.address().port}` }));
  });
process.on('SIGTERM', () => process.exit(0));
