// An open-loop load: requests leave when they are due, whether or not earlier ones were answered.
import { Agent, type ClientRequest, type IncomingMessage, request as send } from 'node:http';
import { createRandom, type Random } from '../scenario/random.js';
import { LatencyRecorder, type RouteLatency } from './latency.js';
import { type LoadPlan, nextRequest, type Stream } from './mix.js';

/** Requests open at once per stream; beyond it a due request is counted as failed and not sent. */
const OPEN_MAX = 100;
const TIMEOUT_MS = 15_000;

export interface LoadGenerator {
  /** Forgets what was measured so far: the warm-up is over. */
  mark(): void;
  summary(): RouteLatency[];
  stop(): void;
}

interface RunningStream {
  stream: Stream;
  recorder: LatencyRecorder;
  stop(): void;
}

/** Starts every stream of the plan against the services' base URLs. */
export function startLoad(plan: LoadPlan, urls: Readonly<Record<string, string>>): LoadGenerator {
  const agent = new Agent({ keepAlive: true });
  const running = plan.streams.map((stream, index) =>
    startStream(stream, {
      agent,
      baseUrl: urls[stream.service] ?? '',
      random: createRandom(plan.seed * 1000 + index),
      errorShare: plan.errorShare,
    }),
  );
  const listeners = Array.from({ length: plan.eventStreams }, () =>
    listenToEvents(`${urls.storefront}/events`),
  );
  return {
    mark: () => {
      for (const { recorder } of running) recorder.reset();
    },
    summary: () =>
      running.map(({ stream, recorder }) => recorder.summary(stream.service, stream.route)),
    stop: () => {
      for (const stream of running) stream.stop();
      for (const listener of listeners) listener.destroy();
      agent.destroy();
    },
  };
}

interface StreamOptions {
  agent: Agent;
  baseUrl: string;
  random: Random;
  errorShare: number;
}

function startStream(stream: Stream, options: StreamOptions): RunningStream {
  const recorder = new LatencyRecorder();
  const { random } = options;
  let open = 0;
  let dueAt = performance.now();
  let timer: NodeJS.Timeout | undefined;

  const schedule = (): void => {
    dueAt += random.exponential(stream.rate) * 1000;
    timer = setTimeout(fire, Math.max(0, dueAt - performance.now()));
  };
  const fire = (): void => {
    schedule();
    if (open >= OPEN_MAX) {
      recorder.recordFailure();
      return;
    }
    open += 1;
    ask(stream, options).then(
      ({ latencyMs, status }) => {
        open -= 1;
        recorder.record(latencyMs, status);
      },
      () => {
        open -= 1;
        recorder.recordFailure();
      },
    );
  };
  schedule();
  return { stream, recorder, stop: () => clearTimeout(timer) };
}

function ask(
  stream: Stream,
  { agent, baseUrl, random, errorShare }: StreamOptions,
): Promise<{ latencyMs: number; status: number }> {
  const { method, path, body } = nextRequest(stream, random, random.chance(errorShare));
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const options = { method, agent, headers, timeout: TIMEOUT_MS };
    const request = send(`${baseUrl}${path}`, options, (response: IncomingMessage) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        resolve({ latencyMs: performance.now() - begin, status: response.statusCode ?? 0 });
      });
    });
    request.on('timeout', () => request.destroy(new Error('No answer in time.')));
    request.on('error', reject);
    request.end(body);
  });
}

/** Opens an event stream and reads whatever comes, as a browser tab that nobody looks at. */
function listenToEvents(url: string): ClientRequest {
  const request = send(url, { agent: false }, (response) => {
    response.resume();
    response.on('error', () => {});
  });
  request.on('error', () => {});
  request.end();
  return request;
}
