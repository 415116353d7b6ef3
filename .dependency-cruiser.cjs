// Which file may import which: three rings per package, packages from left to right, one contract between two of them.
// Base knows nobody, stages know only the base and never each other, the root introduces stages to each other.
const rings = {
  agent: {
    base: ['place', 'self', 'config', 'otlp', 'context', 'trace', 'logs'],
    stages: ['instrumentation', 'api', 'runtime', 'export'],
    root: ['register', 'guard', 'start', 'sdk', 'on-sdk'],
  },
  collector: {
    base: ['self', 'config', 'schema', 'clickhouse'],
    stages: ['receive', 'decode', 'spool', 'insert', 'query', 'serve', 'engine'],
    root: ['main', 'app', 'pipeline', 'cli'],
  },
};
const flow = ['agent', 'collector', 'dashboards', 'deploy', 'docs'];
const contract = { agent: 'otlp', collector: 'schema' };

const any = (names) => `(${names.join('|')})(/|\\.ts$)`;
const error = (name, from, to) => ({ name, severity: 'error', from, to });

const forbidden = [
  error('no-circular', {}, { circular: true }),
  error('no-unresolvable', {}, { couldNotResolve: true }),
  error(
    'agent-loads-only-otel-api',
    { path: '^agent/src/' },
    { path: 'node_modules/', pathNot: 'node_modules/@(opentelemetry/api|types/node)/' },
  ),
];

for (const [pkg, { base, stages, root }] of Object.entries(rings)) {
  const src = `^${pkg}/src/`;
  forbidden.push(
    error(
      `${pkg}-base-knows-nobody`,
      { path: src + any(base) },
      { path: src + any([...stages, ...root]) },
    ),
    error(
      `${pkg}-stages-are-strangers`,
      { path: src + any(stages) },
      { path: src + any(stages), pathNot: `${src}$1/` },
    ),
    error(
      `${pkg}-stages-never-import-root`,
      { path: src + any(stages) },
      { path: src + any(root) },
    ),
    error(
      `${pkg}-has-no-stray-folder`,
      { path: src, pathNot: src + any([...base, ...stages, ...root]) },
      {},
    ),
  );
}

flow.forEach((pkg, i) => {
  const right = flow.slice(i + 1).join('|');
  if (right) {
    forbidden.push(
      error(`${pkg}-never-looks-downstream`, { path: `^${pkg}/` }, { path: `^(${right})/` }),
    );
  }
  if (contract[pkg]) {
    forbidden.push(
      error(
        `only-${pkg}-${contract[pkg]}-is-public`,
        { path: `^(${right})/`, pathNot: '/(test|bench)/' },
        { path: `^${pkg}/`, pathNot: `^${pkg}/(src|dist/src)/${contract[pkg]}/` },
      ),
    );
  }
});

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    // A bench, and applications on frameworks, have packages of their own, installed where they are run.
    exclude: { path: '(^|/)dist/(test|viewer)/|/bench/|/test/apps/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'require', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
