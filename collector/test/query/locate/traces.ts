// Writes traces as the agent would record them: requests with statements, calls, waits and stalls inside.
import type { SpanRow } from './engine.js';

let nextPrefix = 1;

export interface RequestShape {
  service: string;
  route: string;
  atMs: number;
  ms: number;
  [column: string]: unknown;
}

/** One request of a service; `child` adds to it, `rows` has everything. */
export class TestRequest {
  readonly rows: SpanRow[];
  readonly prefix: number;
  readonly trace: string;
  readonly #shape: RequestShape;
  #seq = 1;

  constructor(shape: RequestShape, parent?: { trace: string; prefix: number; seq: number }) {
    const { service, route, atMs, ms, ...columns } = shape;
    this.#shape = shape;
    this.prefix = nextPrefix++;
    this.trace = parent?.trace ?? String(this.prefix).padStart(16, '0');
    const [method, path] = route.split(' ');
    const entry = {
      ...this.#base(atMs, ms),
      name: route,
      kind: 'server',
      is_entry: true,
      http_method: method,
      http_route: path,
      span_seq: 1,
      parent_prefix: parent?.prefix ?? 0,
      parent_seq: parent?.seq ?? 0,
      ...columns,
    };
    this.rows = [entry];
  }

  child(
    offsetMs: number,
    ms: number,
    columns: SpanRow,
  ): { trace: string; prefix: number; seq: number } {
    this.#seq += 1;
    this.rows.push({
      ...this.#base(this.#shape.atMs + offsetMs, ms),
      span_seq: this.#seq,
      parent_prefix: this.prefix,
      parent_seq: 1,
      ...columns,
    });
    return { trace: this.trace, prefix: this.prefix, seq: this.#seq };
  }

  #base(atMs: number, ms: number): SpanRow {
    return {
      tenant: 'default',
      service: this.#shape.service,
      ts: new Date(atMs).toISOString().replace('T', ' ').replace('Z', ''),
      duration_ns: Math.round(ms * 1e6),
      trace_id: this.trace,
      span_prefix: this.prefix,
      resource_id: 1,
    };
  }
}

export const statement = (text: string, busyMs = 0): SpanRow => ({
  kind: 'client',
  name: 'SELECT t',
  db_system: 'postgresql',
  db_query: text,
  loop_busy_ms: busyMs,
  code_function: 'load',
  code_file: '/srv/app/queries.js',
  code_line: 7,
});

export const call = (port: number, busyMs = 0): SpanRow => ({
  kind: 'client',
  name: 'GET',
  http_method: 'GET',
  server_address: '127.0.0.1',
  server_port: port,
  loop_busy_ms: busyMs,
});

/** A queue of `ms` while `holder` had the connections, `idle` (0 to 1) of the time without running a statement. */
export const poolWait = (ms: number, holder: string, idle: number): SpanRow => ({
  kind: 'internal',
  name: 'pg-pool.connect',
  pool_wait_ms: ms,
  attrs: {
    'db.client.connection.pool.name': 'main',
    'venturi.pool.outcome': 'queued',
    'venturi.pool.holder': holder,
  },
  attrs_num: { 'venturi.pool.size': 2, 'venturi.pool.holder_idle': idle },
});

export const stall = (route: string, kind: 'js' | 'gc', victimMs = 0): SpanRow => ({
  kind: 'internal',
  name: 'event loop blocked',
  http_method: route.split(' ')[0],
  http_route: route.split(' ')[1],
  code_function: 'hashAll',
  code_file: '/srv/app/hash.js',
  code_line: 12,
  attrs: { 'venturi.stall.kind': kind },
  attrs_num: { 'venturi.stall.victim_ms': victimMs },
});
