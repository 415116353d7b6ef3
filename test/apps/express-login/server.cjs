// A service under test: Express and CommonJS, with a password hash that blocks the event loop.
const express = require('express');

/** Slow on purpose and synchronous: what an unwary author of a login writes. It takes 90 ms of a processor. */
function hashPassword(password) {
  const begin = process.cpuUsage();
  let hash = 5381;
  while (cpuMs(begin) < 90) {
    for (let round = 0; round < 1000; round++) {
      for (const char of password) hash = (hash * 33 + char.charCodeAt(0)) >>> 0;
    }
  }
  return hash.toString(16);
}

function cpuMs(begin) {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

const app = express();
app.get('/health', (_request, response) => response.json({ ok: true }));
app.get('/login/:user', (request, response) => {
  response.json({
    user: request.params.user,
    token: hashPassword(`${request.params.user}-secret`),
  });
});

const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
process.on('SIGTERM', () => {
  server.close(() => {
    console.log('bye');
    process.exitCode = 7;
  });
  server.closeIdleConnections();
});
