// Reads and decompresses a request body within its limits, whatever the headers claim.
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { VenturiError } from '../self/errors.js';
import type { Reservation } from './semaphore.js';

export interface BodyLimits {
  requestBytesMax: number;
  decompressedBytesMax: number;
}

/** Reads a body. Throws BODY_TOO_LARGE, BODY_ABORTED or IN_FLIGHT_LIMIT; `held` holds its bytes. */
export async function readBody(
  stream: Readable,
  limits: BodyLimits,
  held: Reservation,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.requestBytesMax) {
        throw new VenturiError('BODY_TOO_LARGE', { detail: `${limits.requestBytesMax} bytes` });
      }
      held.hold(bytes);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof VenturiError
      ? error
      : new VenturiError('BODY_ABORTED', { cause: error });
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
}

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);

/** OTLP compresses about six to one; what claims more has to reserve the whole limit. */
const usualRatio = 32;
const usualBytesMin = 64 * 1024;

/**
 * Decompresses a body: `gzip`, `deflate`, `identity` or none. The output is reserved before it is made.
 * Throws ENCODING_UNSUPPORTED, BODY_UNCOMPRESSABLE, BODY_TOO_LARGE or IN_FLIGHT_LIMIT.
 */
export async function decompress(
  body: Buffer,
  encoding: string | undefined,
  about: { limits: BodyLimits; held: Reservation },
): Promise<Buffer> {
  const inflater = inflaterOf(encoding);
  if (!inflater || body.length === 0) return body;
  const { limits, held } = about;
  const most = limits.decompressedBytesMax;
  const usual = Math.min(most, Math.max(usualBytesMin, body.length * usualRatio));
  for (const outputMax of usual < most ? [usual, most] : [most]) {
    held.hold(body.length + outputMax);
    const output = await inflateWithin(inflater, body, outputMax);
    if (!output) continue;
    held.hold(output.length);
    return output;
  }
  throw new VenturiError('BODY_TOO_LARGE', { detail: `${most} bytes decompressed` });
}

type Inflater = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

function inflaterOf(encoding: string | undefined): Inflater | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return gunzipAsync;
    case 'deflate':
      return inflateAsync;
    default:
      throw new VenturiError('ENCODING_UNSUPPORTED', { detail: encoding?.slice(0, 40) });
  }
}

/** Undefined where the output is longer than `outputMax`. */
async function inflateWithin(
  inflater: Inflater,
  body: Buffer,
  outputMax: number,
): Promise<Buffer | undefined> {
  try {
    return await inflater(body, { maxOutputLength: outputMax });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw new VenturiError('BODY_UNCOMPRESSABLE', { cause });
  }
}
