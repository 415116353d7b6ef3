// Severities of log records.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { severityOfName, severityOfNumber } from '../../src/logs/severity.js';

describe('a severity', () => {
  it("follows the number of pino's levels, and falls between where a level does", () => {
    const levels = [1, 10, 20, 30, 35, 40, 50, 60, 75, 1000];
    assert.deepEqual(levels.map(severityOfNumber), [1, 1, 5, 9, 11, 13, 17, 21, 24, 24]);
    assert.equal(severityOfNumber(Number.NaN), 0);
  });

  it("rises with the levels of winston's three scales", () => {
    const scales = [
      ['silly', 'debug', 'verbose', 'http', 'info', 'warn', 'error'],
      ['silly', 'input', 'prompt', 'debug', 'info', 'data', 'help', 'warn', 'error'],
      ['debug', 'info', 'notice', 'warning', 'error', 'crit', 'alert', 'emerg'],
    ];
    for (const scale of scales) {
      const severities = scale.map(severityOfName);
      assert.ok(
        severities.every((severity, i) => severity > (severities[i - 1] ?? 0)),
        `${scale}`,
      );
    }
  });

  it('is not specified for a name that says nothing', () => {
    assert.equal(severityOfName('gossip'), 0);
    assert.equal(severityOfName('constructor'), 0);
  });
});
