// Asks the supplier's API, over node:http with connections kept open.
import { Agent, get } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const TIMEOUT_MS = 5_000;

/** Fetches and parses one JSON answer; rejects on a network error, a timeout or a status above 299. */
export function askSupplier(url: string): Promise<{ quantity: number }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        if ((response.statusCode ?? 500) > 299) {
          reject(new Error(`The supplier answered ${response.statusCode}.`));
          return;
        }
        resolve(JSON.parse(text) as { quantity: number });
      });
    });
    request.on('timeout', () => request.destroy(new Error('The supplier did not answer in time.')));
    request.on('error', reject);
  });
}
