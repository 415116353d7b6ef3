// A service under test: node:http alone, which answers with the time after a moment of waiting.
const { createServer } = require('node:http');

const waitMs = 5;

const server = createServer((_request, response) => {
  setTimeout(() => response.end(new Date().toISOString()), waitMs);
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
