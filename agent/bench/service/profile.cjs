// Samples the main thread of the service, and says how long it was in each file, and in collections.
const { readFileSync } = require('node:fs');
const inspector = require('node:inspector');

const intervalMicros = 200;
/** What stands before each file in a bundle, and what the file's path begins with there. */
const heading = /^\/\/ (\S+\.js)$/;
let session;

exports.start = () => {
  session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: intervalMicros });
  session.post('Profiler.start');
};

/** Calls `done` with microseconds by file; native functions count for the file that has called them. */
exports.stop = (done) => {
  session.post('Profiler.stop', (error, { profile }) => {
    session.disconnect();
    if (error) throw error;
    const fileOf = filesByNode(profile.nodes);
    const micros = {};
    profile.samples.forEach((id, i) => {
      const file = fileOf.get(id);
      micros[file] = (micros[file] ?? 0) + profile.timeDeltas[i];
    });
    done(micros);
  });
};

function filesByNode(nodes) {
  const parents = new Map();
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const bundled = new Map();
  const fileOf = (node) => {
    const { url, functionName, lineNumber } = node.callFrame;
    const path = url.replace('file://', '');
    if (path.endsWith('/bundle/start.js')) {
      if (!bundled.has(path)) bundled.set(path, filesByLine(path));
      return bundled.get(path)[lineNumber];
    }
    if (path !== '') return path;
    if (/^\((?:garbage collector|idle|program)\)$/.test(functionName)) return functionName;
    const parent = byId.get(parents.get(node.id));
    return parent === undefined ? '(program)' : fileOf(parent);
  };
  return new Map(nodes.map((node) => [node.id, fileOf(node)]));
}

/** The file that each line of a bundle comes from. */
function filesByLine(path) {
  let file = path;
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => (file = heading.exec(line)?.[1] ?? file));
}
