// Asks the catalog: products by fetch, searches over node:http.
import { Agent, get } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const TIMEOUT_MS = 5_000;

/** One product as the catalog describes it, or undefined where there is none. */
export async function fetchProduct(catalogUrl: string, id: string): Promise<unknown> {
  const response = await fetch(`${catalogUrl}/products/${encodeURIComponent(id)}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status === 404) {
    await response.arrayBuffer();
    return undefined;
  }
  if (!response.ok) throw new Error(`The catalog answered ${response.status}.`);
  return response.json();
}

/** Products that match the words. */
export function searchCatalog(catalogUrl: string, words: string): Promise<unknown> {
  const url = `${catalogUrl}/products?q=${encodeURIComponent(words)}`;
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) {
          reject(new Error(`The catalog answered ${response.statusCode}.`));
          return;
        }
        resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      });
    });
    request.on('timeout', () => request.destroy(new Error('The catalog did not answer in time.')));
    request.on('error', reject);
  });
}
