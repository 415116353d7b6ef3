// The table of errors: every entry says what to do, and what goes away by itself says when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS, errorBody, toVenturiError, VenturiError } from '../../src/self/errors.js';

test('every message is a sentence, and 429 and 503 say when to come back', () => {
  for (const [code, entry] of Object.entries(ERRORS)) {
    assert.match(entry.message, /^[A-Z].*\.$/, code);
    const isPassing = entry.httpStatus === 429 || entry.httpStatus === 503;
    assert.equal('retryAfterSeconds' in entry, isPassing, code);
  }
});

test('an error carries its code, status and detail, and its body points to the docs', () => {
  const error = new VenturiError('SPOOL_FULL', { detail: '5 GB' });
  assert.equal(error.httpStatus, 429);
  assert.match(error.message, /\(5 GB\)$/);
  assert.deepEqual(errorBody(error), {
    code: 'SPOOL_FULL',
    message: error.message,
    docs: 'docs/reference/errors.md#spool-full',
  });
});

test('what is no error of ours is an internal one, with its cause', () => {
  const cause = new TypeError('x is undefined');
  const error = toVenturiError(cause);
  assert.equal(error.code, 'INTERNAL');
  assert.equal(error.cause, cause);
  assert.equal(toVenturiError(error), error);
});
