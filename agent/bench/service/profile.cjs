// Samples the main thread of the service, and says how long it was in each file, and in collections.
const inspector = require('node:inspector');

const intervalMicros = 200;
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
  const fileOf = (node) => {
    const { url, functionName } = node.callFrame;
    if (url !== '') return url.replace('file://', '');
    if (/^\((?:garbage collector|idle|program)\)$/.test(functionName)) return functionName;
    const parent = byId.get(parents.get(node.id));
    return parent === undefined ? '(program)' : fileOf(parent);
  };
  return new Map(nodes.map((node) => [node.id, fileOf(node)]));
}
