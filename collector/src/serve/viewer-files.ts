// The viewer's files, held in memory: they are few and small, and so no path from outside ever reaches the disk.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { VenturiError } from '../self/errors.js';

interface ViewerFile {
  body: Buffer;
  type: string;
  etag: string;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Everything comes from here and nothing runs that is not a file of ours. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = 'index.html';

/**
 * Reads the built viewer: `dist/viewer` beside the folder of dashboards. By file name; empty where it was not built.
 */
export function loadViewer(dashboardsDir: string): Map<string, ViewerFile> {
  const folder = viewerFolder(dashboardsDir);
  let names: string[];
  try {
    names = folder === undefined ? [] : readdirSync(folder);
  } catch {
    return new Map();
  }
  const read = names.flatMap((name): [string, ViewerFile][] => {
    const type = TYPES[extname(name)];
    if (folder === undefined || type === undefined) return [];
    const body = readFileSync(join(folder, name));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    return [[name, { body, type, etag }]];
  });
  return new Map(read);
}

function viewerFolder(dashboardsDir: string): string | undefined {
  if (dashboardsDir !== '') return join(dashboardsDir, '..', 'dist', 'viewer');
  try {
    const manifest = createRequire(import.meta.url).resolve('@venturi/dashboards/package.json');
    return join(dirname(manifest), 'dist', 'viewer');
  } catch {
    return undefined;
  }
}

/** `/` and `/d/:uid` are one page; the files under `/assets/` have a hash in their name and never change. */
export function registerViewer(scope: FastifyInstance, files: Map<string, ViewerFile>): void {
  const page = async (request: FastifyRequest, reply: FastifyReply) =>
    send(files, { name: PAGE, cache: 'no-cache' }, { request, reply });
  scope.get('/', page);
  scope.get('/d/:uid', page);
  scope.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const cache = 'public, max-age=31536000, immutable';
    return send(files, { name: request.params.name, cache }, { request, reply });
  });
}

function send(
  files: Map<string, ViewerFile>,
  { name, cache }: { name: string; cache: string },
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  const file = files.get(name);
  if (file === undefined) throw new VenturiError('NOT_FOUND', { detail: name });
  reply
    .header('cache-control', cache)
    .header('etag', file.etag)
    .header('content-security-policy', POLICY)
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff');
  if (request.headers['if-none-match'] === file.etag) return reply.status(304).send();
  return reply.type(file.type).send(file.body);
}
