// Asks an http2 server, as the tests need it.

import * as http2 from 'node:http2';

/** What came back; `status` 0 where no head did. */
export interface Http2Answer {
  status: number;
  body: string;
  /** The reset code; 0 where the stream ended well. */
  rstCode: number;
}

/** How to ask. */
export interface Http2Question {
  headers?: http2.OutgoingHttpHeaders;
  body?: string;
  session?: http2.SecureClientSessionOptions;
  scheme?: 'http' | 'https';
  /** Called when the request was sent; the stream can be closed here. */
  onSent?: (stream: http2.ClientHttp2Stream) => void;
}

/** Sends one request on a session of its own and reads the whole answer. */
export async function ask(
  port: number,
  path: string,
  question: Http2Question = {},
): Promise<Http2Answer> {
  const { headers, body, scheme = 'http', onSent } = question;
  const client = http2.connect(`${scheme}://127.0.0.1:${port}`, question.session);
  client.on('error', () => {});
  const method = body === undefined ? 'GET' : 'POST';
  const stream = client.request({ ':path': path, ':method': method, ...headers });
  const answer: Http2Answer = { status: 0, body: '', rstCode: 0 };
  stream.on('response', (head) => {
    answer.status = Number(head[':status']);
  });
  stream.on('data', (chunk) => {
    answer.body += String(chunk);
  });
  stream.on('error', () => {});
  stream.end(body);
  onSent?.(stream);
  await new Promise((resolve) => stream.on('close', resolve));
  answer.rstCode = stream.rstCode ?? 0;
  client.destroy();
  return answer;
}
