// A service under test: Fastify, ESM and TypeScript, which asks a slow service for what it serves.
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';

interface Price {
  cents: number;
}

const app = fastify();

app.get('/health', async () => ({ ok: true }));
app.get<{ Params: { id: string } }>('/quotes/:id', async (request) => {
  const response = await fetch(`${process.env.PRICES_URL}/prices/${request.params.id}`);
  const price = (await response.json()) as Price;
  return { id: request.params.id, total: price.cents / 100 };
});

await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`listening ${(app.server.address() as AddressInfo).port}`);

process.on('SIGTERM', async () => {
  await app.close();
  console.log('bye');
});
