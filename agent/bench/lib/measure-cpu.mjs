// CPU per request: rounds in which every variant is started anew, and driven in slices that alternate.
import { spansPerRequest, variants } from '../variants.mjs';

/** With fewer, what is measured is the JIT compiler at work, and not what a service pays from its second minute on. */
const warmupRequests = { hello: 16_000, db: 10_000, mixed: 6000 };
const slicesPerRound = 3;
/** Exporters that wait some seconds between two batches. */
const exportWaitMsMax = 30_000;
const exportShareMin = 0.98;

/**
 * @returns one element a round: CPU in µs a request by variant; and by variant the share of its spans that arrived
 */
export async function measureCpu(options, { workload, rig }) {
  const rounds = [];
  const exported = {};
  for (let round = 0; round < options.rounds; round++) {
    const { micros, shares } = await measureRound(options, { workload, rig });
    rounds.push(micros);
    for (const [name, share] of Object.entries(shares)) {
      exported[name] = Math.min(share, exported[name] ?? share);
    }
    options.progress(
      `${workload} ${round + 1}/${options.rounds}: ` +
        Object.entries(micros)
          .map(([name, value]) => `${name} ${value.toFixed(1)}`)
          .join(', '),
    );
  }
  return { rounds, shares: exported, counts: isCounted(exported) };
}

/** A peer counts only where its spans were really exported. */
function isCounted(shares) {
  return Object.fromEntries(
    Object.entries(shares).map(([name, share]) => [name, share >= exportShareMin]),
  );
}

async function measureRound(options, { workload, rig }) {
  const before = await rig.counts();
  const services = [];
  const requests = {};
  const sums = {};
  try {
    for (const name of options.variants) services.push(await rig.start(name));
    for (const service of services) await service.checkIdentity();
    for (const service of services) {
      await service.drive(workload, warmupRequests[workload]);
      requests[service.name] = warmupRequests[workload];
    }
    for (let slice = 0; slice < slicesPerRound; slice++) {
      for (const service of shuffled(services)) {
        const { micros } = await service.drive(workload, options.requests);
        sums[service.name] = (sums[service.name] ?? 0) + micros;
        requests[service.name] += options.requests;
      }
    }
    const shares = await waitForSpans({ workload, rig, before, requests });
    const micros = Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [name, sum / slicesPerRound]),
    );
    return { micros, shares };
  } finally {
    for (const service of services) await service.stop();
  }
}

async function waitForSpans({ workload, rig, before, requests }) {
  const names = Object.keys(requests).filter((name) => variants[name].agent !== 'none');
  const deadline = Date.now() + exportWaitMsMax;
  for (;;) {
    const now = await rig.counts();
    const shares = Object.fromEntries(
      names.map((name) => [
        name,
        (now[name].spans - before[name].spans) / (requests[name] * spansPerRequest[workload]),
      ]),
    );
    const isWaiting = Object.entries(shares).some(
      ([name, share]) => share < exportShareMin && name !== 'newrelic',
    );
    if (!isWaiting || Date.now() > deadline) return shares;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function shuffled(list) {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}
