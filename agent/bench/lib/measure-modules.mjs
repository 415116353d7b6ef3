// Where in the agent the time of a request goes: a sampled profile of the service, by the files of the agent.
import { parts } from '../modules.mjs';

const warmupRequests = 10_000;
const profiledRequests = 20_000;
const roundsMax = 5;
const agentFolder = 'agent/dist/src/';
const collecting = '(garbage collector)';

/** @returns one element a round: µs a request by part of the agent, and in collections with the agent and without */
export async function measureModules(options, { workload, rig }) {
  const rounds = [];
  for (let round = 0; round < Math.min(options.rounds, roundsMax); round++) {
    const bare = await profile('bare', { workload, rig });
    const ours = await profile('venturi', { workload, rig });
    const modules = Object.fromEntries(parts.map(({ name }) => [name, 0]));
    for (const [file, micros] of Object.entries(ours)) {
      if (!file.startsWith(agentFolder)) continue;
      const path = file.slice(agentFolder.length);
      modules[parts.find(({ files }) => files.test(path)).name] += micros;
    }
    rounds.push({ modules, collecting: [bare[collecting] ?? 0, ours[collecting] ?? 0] });
    options.progress(`${workload} modules ${round + 1}`);
  }
  return rounds;
}

async function profile(name, { workload, rig }) {
  const service = await rig.start(name);
  try {
    await service.drive(workload, warmupRequests);
    await service.startProfile();
    await service.drive(workload, profiledRequests);
    const micros = await service.stopProfile();
    return Object.fromEntries(
      Object.entries(micros).map(([file, sum]) => [file, sum / profiledRequests]),
    );
  } finally {
    await service.stop();
  }
}
