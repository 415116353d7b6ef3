// Memory under load, and whether it grows: with the sink refusing everything, and over a million requests.
const loadRequests = 60_000;
const steadyRequests = 1_000_000;
const requestsPerSample = 10_000;
const sampleMs = 10_000;
const warmupRequests = 20_000;

/** @returns one element a round: resident bytes after the same load, by variant */
export async function measureMemory(options, { workload, rig }) {
  const rounds = [];
  for (let round = 0; round < options.rounds; round++) {
    const bytes = {};
    for (const name of options.variants) {
      const service = await rig.start(name);
      try {
        await service.drive(workload, loadRequests);
        bytes[name] = (await service.memory()).rss;
      } finally {
        await service.stop();
      }
    }
    rounds.push(bytes);
    options.progress(
      `${workload} memory ${round + 1}/${options.rounds}: ` +
        Object.entries(bytes)
          .map(([name, value]) => `${name} ${(value / 1e6).toFixed(0)} MB`)
          .join(', '),
    );
  }
  return rounds;
}

/** @returns `[seconds, heap bytes after a collection, resident bytes]` by variant, while the sink answers 503 */
export async function measureRefused(options, { workload, rig }) {
  const deadline = performance.now() + options.minutes * 60_000;
  await rig.refuse(true);
  try {
    const isDone = () => performance.now() > deadline;
    return await sampleBoth(options, { workload, rig, title: 'refused', isDone });
  } finally {
    await rig.refuse(false);
  }
}

/** @returns the same over one million requests that are accepted */
export function measureAccepted(options, { workload, rig }) {
  const isDone = (driven) => driven >= steadyRequests;
  return sampleBoth(options, { workload, rig, title: 'accepted', isDone });
}

/** Under load at the same time, because a bare service's heap is not flat either. */
async function sampleBoth(options, about) {
  const names = ['bare', 'venturi'];
  const all = await Promise.all(names.map((name) => sample(options, { ...about, name })));
  return Object.fromEntries(names.map((name, i) => [name, all[i]]));
}

async function sample(options, { workload, rig, title, isDone, name }) {
  const service = await rig.start(name, { nodeArgs: ['--expose-gc'], hasOwnLoad: true });
  const samples = [];
  const startMs = performance.now();
  let nextMs = 0;
  try {
    await service.checkIdentity();
    await service.drive(workload, warmupRequests);
    for (let driven = 0; !isDone(driven); driven += requestsPerSample) {
      await service.drive(workload, requestsPerSample);
      const atMs = performance.now() - startMs;
      if (atMs < nextMs) continue;
      nextMs = atMs + sampleMs;
      const { heapUsed, rss } = await service.memory();
      samples.push([atMs / 1000, heapUsed, rss]);
      options.progress(
        `${title} ${name} ${(atMs / 1000).toFixed(0)} s: ` +
          `heap ${(heapUsed / 1e6).toFixed(2)} MB, resident ${(rss / 1e6).toFixed(0)} MB`,
      );
    }
    return samples;
  } finally {
    await service.stop();
  }
}
