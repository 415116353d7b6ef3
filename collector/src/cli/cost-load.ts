// Sends the same requests again and again over a few connections, and counts how they were answered.
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';

/** What a service is asked. */
export interface Load {
  urls: readonly string[];
  method: string;
  body: string;
  connections: number;
}

/** How a service has answered. */
export interface Answers {
  /** Milliseconds, in order of size. */
  latenciesMs: number[];
  /** Answers from 500 on, and connections that broke. */
  failed: number;
}

const answerMsMax = 30_000;

/** Sends `requests`, each connection its next one as soon as the last is answered. */
export async function drive(load: Load, requests: number): Promise<Answers> {
  const agents = {
    'http:': new Agent({ keepAlive: true, maxSockets: load.connections }),
    'https:': new TlsAgent({ keepAlive: true, maxSockets: load.connections }),
  };
  const answers: Answers = { latenciesMs: [], failed: 0 };
  let sent = 0;
  const connection = async (): Promise<void> => {
    while (sent < requests) {
      const url = new URL(load.urls[sent++ % load.urls.length] as string);
      const startMs = performance.now();
      const status = await ask(url, load, agents[url.protocol as keyof typeof agents]);
      answers.latenciesMs.push(performance.now() - startMs);
      if (status === 0 || status >= 500) answers.failed++;
    }
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
  for (const agent of Object.values(agents)) agent.destroy();
  answers.latenciesMs.sort((a, b) => a - b);
  return answers;
}

/** @returns the status, 0 where there was no answer */
export function ask(url: URL, { method, body }: Load, agent?: Agent): Promise<number> {
  return new Promise((resolve) => {
    const make = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = body === '' ? {} : { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(answerMsMax);
    const options = { method, headers, signal, ...(agent === undefined ? {} : { agent }) };
    const request = make(url, options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(0));
    });
    request.on('error', () => resolve(0));
    request.end(body);
  });
}
