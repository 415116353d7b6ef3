// Renders docs/reference/*.md from the tables in the code: options of both packages, errors, supported libraries.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const load = (path) => import(new URL(path, root).href);

const agent = (path) =>
  createRequire(import.meta.url)(fileURLToPath(new URL(`agent/dist/src/${path}`, root)));
const { OPTIONS: agentOptions } = agent('config/options.js');
const { SUPPORT: libraries } = agent('instrumentation/support.js');
const { PROBLEMS: problems } = agent('self/errors.js');
const { SHED_STEPS: steps } = agent('self/shed.js');
const { DIFFERENCES: differences } = createRequire(import.meta.url)(
  fileURLToPath(new URL('agent/dist/test/oracle/differences.js', root)),
);
const { OPTIONS: collectorOptions } = await load('collector/dist/src/config/options.js');
const { ERRORS } = await load('collector/dist/src/self/errors.js');

const notice =
  'Generated from the code by `npm run generate`; edit the table there, not this page.';
const cell = (value) => String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells) => `| ${cells.map(cell).join(' | ')} |`;
const code = (value) => (value === '' || value === undefined ? '' : `\`${value}\``);

const pages = {
  'docs/reference/agent-options.md': [
    '# Options of the agent',
    notice,
    [
      row('environment variable', 'default', 'accepted', 'what it does'),
      row('---', '---', '---', '---'),
      ...Object.values(agentOptions).map((option) =>
        row(option.env.map(code).join(', '), code(option.default), accepted(option), option.about),
      ),
    ].join('\n'),
  ],
  'docs/reference/collector-options.md': [
    '# Options of the collector',
    notice,
    [
      row('environment variable', 'flag', 'default', 'accepted', 'what it does'),
      row('---', '---', '---', '---', '---'),
      ...Object.values(collectorOptions).map((option) =>
        row(
          code(option.env),
          code(`--${option.flag}`),
          code(option.default),
          accepted(option),
          option.doc,
        ),
      ),
    ].join('\n'),
  ],
  'docs/reference/support.md': [
    '# Libraries that the agent records',
    notice,
    'Of what `@venturi/agent` records itself both ends of each range run in the tests; a library outside of its range is left alone and named in one warning. The rest comes from instrumentations of OpenTelemetry that are installed beside the application, with `VENTURI_CONTRIB=true`: those here are tested so, any other may be used. See [docs/opentelemetry.md](../opentelemetry.md).',
    [
      row('library', 'versions', 'recorded by', 'wait for a connection', 'tested with'),
      row('---', '---', '---', '---', '---'),
      ...libraries.map(({ name, versions, recordedBy, poolWait, testedWith }) =>
        row(
          code(name),
          versions === '*' ? 'all' : code(versions),
          code(recordedBy),
          code(poolWait),
          testedWith,
        ),
      ),
    ].join('\n'),
  ],
  'docs/reference/differences.md': [
    "# What differs from OpenTelemetry's own instrumentations",
    notice,
    'The tests send the same traffic to the same services under the agent and under `@opentelemetry/sdk-node` with the instrumentations of the field, and compare what was recorded span for span: name, kind, parent, attributes, status and events. This is all that differs; anything else is a failure, and so is a row that no longer differs.',
    [
      row('where', 'the agent', 'OpenTelemetry', 'why'),
      row('---', '---', '---', '---'),
      ...differences.map(({ where, agent: ours, sdk, reason }) =>
        row(where.join(', '), ours, sdk, reason),
      ),
    ].join('\n'),
  ],
  'docs/reference/shedding.md': [
    '# What the agent leaves out when it costs too much',
    notice,
    'Every 5 s the agent estimates the CPU that it took itself. While that is, twice in a row, more than `VENTURI_CPU_SHARE_MAX` of what the whole process took, and at least 1 % of a core, it takes one more of these steps, in this order; six readings in a row below half of the limit give the last one back, twice as many each time that this turned out to be too early. The metrics `venturi.agent.shed_steps`, `venturi.agent.cpu.share` and `venturi.agent.cpu.time` by `venturi.module` tell of it, and one line on stderr at the first step. [Decision 8](../decisions/0008-the-agent-times-a-call-in-a-hundred.md) says what is measured and what is not.',
    [
      row('step', 'what is left out', 'effect'),
      row('---', '---', '---'),
      ...steps.map(({ name, about }, i) => row(i + 1, name, about)),
    ].join('\n'),
  ],
  'docs/reference/agent-problems.md': [
    '# Problems that the agent tells of',
    notice,
    'Each is one line on stderr, once in a process.',
    [
      row('code', 'message'),
      row('---', '---'),
      ...Object.entries(problems).map(([name, message]) => row(code(name), message)),
    ].join('\n'),
  ],
  'docs/reference/errors.md': [
    '# Errors of the collector',
    notice,
    'Every answer that is an error carries `{code, message, docs}`; OTLP answers carry the same text in a `Status`.',
    ...Object.entries(ERRORS).map(([name, entry]) =>
      [
        `## ${name}`,
        '',
        entry.message,
        '',
        `HTTP ${entry.httpStatus}${entry.retryAfterSeconds === undefined ? '' : `, Retry-After ${entry.retryAfterSeconds} s`}.`,
      ].join('\n'),
    ),
  ],
};

let stale = false;
for (const [path, parts] of Object.entries(pages)) {
  const file = new URL(path, root);
  const text = `${parts.join('\n\n')}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readOrEmpty(file) !== text) {
    process.stderr.write(`${path} is stale: run npm run generate\n`);
    stale = true;
  }
}
process.exit(stale ? 1 : 0);

function accepted(option) {
  if (option.oneOf) return option.oneOf.map(code).join(', ');
  if (option.min !== undefined) return `${option.min} to ${option.max}${unit(option)}`;
  return typeof option.default === 'boolean'
    ? '`true`, `false`'
    : (option.unit ?? option.format ?? 'text');
}

function unit(option) {
  return option.unit === undefined || option.unit === 'count' ? '' : ` ${option.unit}`;
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
