// The load generator, in a process of its own: raw keep-alive connections, so that it costs less than what it measures.
// It counts and checks every answer, and every loop of requests has an end.
import { connect } from 'node:net';

const body = JSON.stringify({ name: 'bench', tags: ['a', 'b', 'c'], price: 12.5 });
const pools = new Map();

process.on('message', async (job) => {
  try {
    process.send(job.ratePerS === undefined ? await closedLoop(job) : await openLoop(job));
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.on('disconnect', () => process.exit(0));

/** `total` requests over `connections`, each connection's next one as soon as its last is answered. */
async function closedLoop({ port, path, total, connections }) {
  const sockets = await poolOf(port, connections);
  const startMs = performance.now();
  let sent = 0;
  await Promise.all(
    sockets.map(async (socket) => {
      while (sent < total) {
        sent++;
        await ask(socket, request(port, path));
      }
    }),
  );
  return { requests: sent, elapsedMs: performance.now() - startMs };
}

/** Requests at fixed times, whether or not the ones before are answered; latency counts from when each was due. */
async function openLoop({ port, path, ratePerS, seconds, connections }) {
  const free = [...(await poolOf(port, connections))];
  const total = Math.round(ratePerS * seconds);
  const latenciesMs = new Float64Array(total);
  const startMs = performance.now();
  const due = (i) => startMs + (i * 1000) / ratePerS;
  const waiting = [];
  let started = 0;
  let done = 0;
  await new Promise((resolve, reject) => {
    const serve = (socket, i) =>
      ask(socket, request(port, path)).then(() => {
        latenciesMs[i] = performance.now() - due(i);
        done++;
        const next = waiting.shift();
        if (next === undefined) free.push(socket);
        else void serve(socket, next);
        if (done === total) resolve();
      }, reject);
    const tick = () => {
      for (; started < total && due(started) <= performance.now(); started++) {
        const socket = free.pop();
        if (socket === undefined) waiting.push(started);
        else void serve(socket, started);
      }
      // Not in every turn: that would take a whole core from what is measured, on a machine with two.
      if (started < total) setTimeout(tick, 1);
    };
    tick();
  });
  latenciesMs.sort();
  const at = (share) => latenciesMs[Math.min(total - 1, Math.floor(total * share))];
  return {
    requests: total,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    elapsedMs: performance.now() - startMs,
  };
}

function request(port, path) {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: venturi-bench\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

function poolOf(port, connections) {
  const key = `${port}/${connections}`;
  if (!pools.has(key)) {
    // A later service may be given the port of an earlier one.
    const onClose = () => pools.delete(key);
    pools.set(key, Promise.all(Array.from({ length: connections }, () => open(port, onClose))));
  }
  return pools.get(key);
}

function open(port, onClose) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      socket.text += chunk;
      const head = socket.text.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(socket.text)?.[1] ?? Number.NaN);
      if (socket.text.length < head + 4 + length) return;
      const answer = socket.text;
      socket.text = '';
      const { settle } = socket;
      socket.settle = undefined;
      settle?.(answer);
    });
    socket.on('error', (error) => (socket.fail ?? reject)(error));
    socket.on('close', () => {
      onClose();
      socket.fail?.(new Error('the service closed a connection'));
    });
  });
}

function ask(socket, text) {
  return new Promise((resolve, reject) => {
    socket.fail = reject;
    socket.settle = (answer) => {
      const isRight = answer.startsWith('HTTP/1.1 200') && answer.includes('"name":"bench"');
      if (isRight) resolve();
      else reject(new Error(`wrong answer: ${answer.slice(0, 300)}`));
    };
    socket.write(text);
  });
}
