// Latency at half of what the bare service can do, by a schedule that does not wait for answers.
const saturationRequests = 12_000;
const warmupRequests = 6000;
const secondsPerRun = 10;

/** @returns the rate, and one element a round: `{name: {p50Ms, p99Ms}}` */
export async function measureLatency(options, { workload, rig }) {
  const names = options.variants.filter((name) => /^(bare|venturi)/.test(name));
  const services = [];
  const rounds = [];
  try {
    for (const name of names) services.push(await rig.start(name));
    for (const service of services) await service.drive(workload, warmupRequests);
    const { perS } = await services[0].drive(workload, saturationRequests);
    const ratePerS = Math.floor(perS / 2);
    for (let round = 0; round < options.rounds; round++) {
      const latencies = {};
      // Forwards and backwards, so that drift falls on all alike.
      for (const service of round % 2 === 0 ? services : [...services].reverse()) {
        latencies[service.name] = await service.latencies(workload, {
          ratePerS,
          seconds: secondsPerRun,
        });
      }
      rounds.push(latencies);
      options.progress(
        `${workload} latency ${round + 1}/${options.rounds}: ` +
          names.map((name) => `${name} p99 ${latencies[name].p99Ms.toFixed(2)} ms`).join(', '),
      );
    }
    return { ratePerS, rounds };
  } finally {
    for (const service of services) await service.stop();
  }
}
