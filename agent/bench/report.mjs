// Renders the figures: a plain table, and the section of docs/benchmarks.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { bootstrap, median, slope } from './lib/statistics.mjs';
import { parts } from './modules.mjs';
import { variants } from './variants.mjs';

const docs = new URL('../../docs/benchmarks.md', import.meta.url);
const marks = ['<!-- agent bench: begin -->', '<!-- agent bench: end -->'];
const ratioBars = { hello: 0.3, db: 0.2, mixed: 0.2 };
const memoryBarMb = 12;
const startupBarMs = 50;
const latencyBar = 0.05;

export function renderReport(results) {
  return `${sectionsOf(results).join('\n\n')}\n`;
}

function sectionsOf(results) {
  return Object.values(results.nodes).map((node) =>
    nodeSection(node, heading(node.runs ?? [results])),
  );
}

/** Renews the sections of the Node versions that were run, between the marks. */
export function renderDocs(results) {
  const page = readFileSync(docs, 'utf8');
  const [before, rest] = page.split(marks[0]);
  if (rest === undefined) throw new Error(`docs/benchmarks.md has no ${marks[0]}`);
  const [kept, after] = rest.split(marks[1]);
  const sections = new Map(
    [...kept.split(/^(?=### Node )/m).slice(1), ...sectionsOf(results)].map((section) => [
      /^### Node v(\d+)/.exec(section)[1],
      section.trim(),
    ]),
  );
  const all = [...sections.entries()].sort(([a], [b]) => a - b).map(([, section]) => section);
  writeFileSync(docs, `${before}${marks[0]}\n${all.join('\n\n')}\n${marks[1]}${after}`);
}

function heading(runs) {
  const line = ({ machine, date, command, rounds }) =>
    `\`${command}\` · ${date} · ${machine} · ${rounds} rounds`;
  return runs.map(line).join('  \n');
}

function nodeSection(measured, head) {
  const { version, peers, sameSpans, workloads, startup, accepted, refused } = measured;
  const sections = [`### Node ${version}`, head, peerLine(peers), spansLine(sameSpans)];
  for (const [workload, figures] of Object.entries(workloads)) {
    if (figures.cpu) sections.push(cpuTable(workload, figures.cpu));
    if (figures.latency) sections.push(latencyTable(workload, figures.latency));
    if (figures.memory) sections.push(memoryTable(workload, figures.memory));
    if (figures.modules) sections.push(modulesTable(workload, figures.modules));
  }
  if (startup)
    sections.push(...Object.entries(startup).map(([form, all]) => startupTable(form, all)));
  if (accepted) sections.push(slopeTable('One million requests, accepted', accepted));
  if (refused) sections.push(slopeTable('Load with every export refused', refused));
  return sections.join('\n\n');
}

function peerLine(peers) {
  const names = [
    '@opentelemetry/auto-instrumentations-node',
    '@opentelemetry/sdk-node',
    'dd-trace',
  ];
  return [...names, 'elastic-apm-node', 'newrelic', 'fastify', 'pg', 'ioredis']
    .map((name) => `${name} ${peers[name]}`)
    .join(' · ');
}

function spansLine(workloads) {
  return (
    `Before anything was timed, the spans of ${workloads.join(', ')} were equal to those of otel-lean, but for the ` +
    '[table of differences](reference/differences.md).'
  );
}

function cpuTable(workload, { rounds, counts, shares }) {
  const added = (name) => (all) => median(all.map((round) => round[name] - round.bare));
  const names = Object.keys(rounds[0]);
  const rows = names.map((name) => {
    const { value, low, high } = bootstrap(rounds, added(name));
    const arrived = shares[name] === undefined ? '' : percent(shares[name]);
    const own = median(rounds.map((round) => round[name]));
    return [name, own.toFixed(1), interval(value, low, high), arrived];
  });
  const peers = names.filter((name) => variants[name].isPeer && counts[name]);
  const lines = [table(['CPU, µs a request', 'in all', 'added to bare', 'spans arrived'], rows)];
  if (peers.length > 0) {
    const cheapest = peers.sort((a, b) => added(a)(rounds) - added(b)(rounds))[0];
    for (const name of names.filter((each) => each.startsWith('venturi'))) {
      const ratio = bootstrap(rounds, (all) => added(name)(all) / added(cheapest)(all));
      const bar = ratioBars[workload];
      lines.push(
        `${name}: ${ratio.value.toFixed(3)} of the cheapest peer that exports (${cheapest}), upper 95 % bound ` +
          `${ratio.upper95.toFixed(3)}; the bar is ${bar}: ${ratio.upper95 <= bar ? 'met' : 'missed'}.`,
      );
    }
  }
  return [`**${workload}**`, ...lines].join('\n\n');
}

function latencyTable(workload, { ratePerS, rounds }) {
  const names = Object.keys(rounds[0]);
  const relative = (name) => (all) =>
    median(all.map((round) => round[name].p99Ms / round.bare.p99Ms)) - 1;
  const control = names.includes('bare2') ? Math.abs(relative('bare2')(rounds)) : 0;
  const rows = names.map((name) => {
    const { value, low, high } = bootstrap(rounds, relative(name));
    const p99 = median(rounds.map((round) => round[name].p99Ms));
    return [name, p99.toFixed(2), `${percent(value)} (${percent(low)} to ${percent(high)})`];
  });
  const limit = Math.max(latencyBar, control);
  const ours = names.includes('venturi') ? relative('venturi')(rounds) : Number.NaN;
  const verdict = `The bar is ${percent(limit)}: ${ours <= limit ? 'met' : 'missed'}.`;
  const head = [`p99 at ${ratePerS} requests/s`, 'ms', 'against bare'];
  return [`**${workload}, latency**`, table(head, rows), verdict].join('\n\n');
}

function memoryTable(workload, rounds) {
  return differences(`${workload}, resident memory`, {
    rounds: rounds.map((round) => mapValues(round, (bytes) => bytes / 2 ** 20)),
    unit: 'MB',
    bar: memoryBarMb,
  });
}

/** What the agent's own functions take. The profiler itself makes all of it somewhat slower. */
function modulesTable(workload, rounds) {
  const micros = (of) => median(rounds.map(of)).toFixed(1);
  const rows = parts
    .map(({ name, why }) => [name, micros(({ modules }) => modules[name]), why])
    .filter(([, value]) => value !== '0.0');
  const total = micros(({ modules }) =>
    Object.values(modules).reduce((sum, value) => sum + value, 0),
  );
  const collecting = micros(({ collecting: [bare, ours] }) => ours - bare);
  return [
    `**${workload}, by part of the agent**`,
    table(['in functions of', 'µs a request', 'why not less'], rows),
    `In all ${total}; collections of garbage take ${collecting} more than in bare. What is left of the added CPU is ` +
      'in nobody’s functions: context that Node carries along, the kernel that sends the spans, and code and data that ' +
      'push each other out of the processor’s caches.',
  ].join('\n\n');
}

function startupTable(form, rounds) {
  return differences(`start-up, ${form}`, { rounds, unit: 'ms', bar: startupBarMs });
}

function differences(title, { rounds, unit, bar }) {
  const rows = Object.keys(rounds[0]).map((name) => {
    const added = (all) => median(all.map((round) => round[name] - round.bare));
    const { value, low, high } = bootstrap(rounds, added);
    const own = median(rounds.map((round) => round[name]));
    return [name, own.toFixed(0), interval(value, low, high)];
  });
  const ours = median(rounds.map((round) => (round.venturi ?? Number.NaN) - round.bare));
  const verdict = `The bar is +${bar} ${unit}: ${ours <= bar ? 'met' : 'missed'}.`;
  return [`**${title}**`, table(['', unit, 'added to bare'], rows), verdict].join('\n\n');
}

/**
 * Flat where it does not grow faster than bare, by more than both are known. The first third of the time is left out:
 * V8 still compiles, and what it compiles is in the heap.
 */
function slopeTable(title, samples) {
  const slopes = Object.entries(samples).map(([name, all]) => {
    const lastS = all.at(-1)[0];
    const late = all.filter(([seconds]) => seconds > lastS / 3);
    return {
      name,
      all,
      minutes: lastS / 60,
      heap: slope(late.map(([seconds, bytes]) => [seconds / 60, bytes / 1024])),
      resident: slope(late.map(([seconds, , bytes]) => [seconds / 60, bytes / 1024])),
    };
  });
  const text = ({ value, half }) => `${value.toFixed(1)} ± ${half.toFixed(1)}`;
  const rows = slopes.map(({ name, all, minutes, heap, resident }) => [
    ...[name, minutes.toFixed(0), String(all.length), (all.at(-1)[1] / 2 ** 20).toFixed(1)],
    ...[text(heap), text(resident)],
  ]);
  const [bare, ours] = slopes;
  const isFlat = (of) => ours[of].value - bare[of].value <= ours[of].half + bare[of].half;
  const verdict = `Slope within noise: heap ${isFlat('heap') ? 'met' : 'missed'}, resident ${isFlat('resident') ? 'met' : 'missed'}.`;
  const head = ['', 'minutes', 'samples', 'heap at the end, MB'];
  return [
    `**${title}**`,
    table([...head, 'heap after a collection, KB/min', 'resident, KB/min'], rows),
    verdict,
  ].join('\n\n');
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function interval(value, low, high) {
  return `${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
