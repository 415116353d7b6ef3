// Receives what every variant exports, one port each, and counts the spans: OTLP, Datadog's and Elastic's protocols.
import { createServer } from 'node:http';
import { gunzipSync, inflateSync } from 'node:zlib';
import { decodeMulti } from '@msgpack/msgpack';
import { countSpans } from '../lib/otlp-count.mjs';

const counts = {};
let status = 200;

process.on('message', async ({ open, refuse }) => {
  if (refuse !== undefined) status = refuse ? 503 : 200;
  for (const name of open ?? []) counts[name] = { spans: 0, bytes: 0, requests: 0 };
  const ports = {};
  for (const name of open ?? []) ports[name] = await listen(name);
  process.send({ ports, counts });
});
process.on('disconnect', () => process.exit(0));

function listen(name) {
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      counts[name].requests++;
      counts[name].bytes += raw.length;
      if (status === 200) counts[name].spans += spansIn(request, raw);
      answer(request, response);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

function spansIn(request, raw) {
  try {
    const body = unpack(request.headers['content-encoding'], raw);
    if (request.url.endsWith('/v1/traces')) return countSpans(body);
    if (request.url.startsWith('/v0.4/traces')) {
      return [...decodeMulti(body)].flat(2).length;
    }
    if (request.url.startsWith('/intake/v2/events')) {
      return body.toString().match(/^\{"(?:transaction|span)"/gm)?.length ?? 0;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`sink: ${request.url}: ${error.message}\n`);
    return 0;
  }
}

function unpack(encoding, raw) {
  if (encoding === 'gzip') return gunzipSync(raw);
  return encoding === 'deflate' ? inflateSync(raw) : raw;
}

function answer(request, response) {
  if (status !== 200) {
    response.writeHead(status, { 'retry-after': '1' }).end();
  } else if (request.url.endsWith('/v1/traces')) {
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  } else {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ rate_by_service: {}, version: '8.15.0' }));
  }
}
