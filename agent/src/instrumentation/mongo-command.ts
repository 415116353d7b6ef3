// Takes the values out of a MongoDB command and finds out what it does to which collection.

import { describeStatement, type Statement } from './sql.js';

const STATEMENTS_MAX = 1000;
/** A command may carry a hundred thousand documents. What is behind this does not tell statements apart. */
const TEXT_CHARS_MAX = 4096;
const ELEMENTS_MAX = 32;
const DEPTH_MAX = 16;
const VALUE = '"?"';

/** A command as the driver sends it: its first key says what it does. */
export type MongoCommand = Record<string, unknown>;

const statements = new Map<string, Statement>();

/** Describes a command. Those that differ in values only, or in how many documents they carry, are one statement. */
export function mongoStatementOf(command: MongoCommand): Statement {
  const operation = operationOf(command);
  const text = obfuscate(command, operation);
  const known = statements.get(text);
  if (known !== undefined) return known;
  const collection = collectionOf(command, operation);
  const statement = describeStatement({ text, operation, collection });
  if (statements.size >= STATEMENTS_MAX) statements.clear();
  statements.set(text, statement);
  return statement;
}

/** The first key of a command: `find`, `aggregate`, `getMore`. */
export function operationOf(command: MongoCommand): string {
  for (const key in command) return key;
  return '';
}

/** That which the operation names; `getMore` names a cursor, and its collection beside it. */
function collectionOf(command: MongoCommand, operation: string): string {
  const named = command[operation];
  if (typeof named === 'string') return named;
  if (typeof command.collection === 'string') return command.collection;
  if (typeof named !== 'object' || named === null || operation !== 'explain') return '';
  return collectionOf(named as MongoCommand, operationOf(named as MongoCommand));
}

function obfuscate(command: MongoCommand, operation: string): string {
  let text = '';
  for (const key in command) {
    const value = command[key];
    if (value === undefined) continue;
    if (text.length > TEXT_CHARS_MAX) break;
    const isName = (key === operation || key === 'collection') && typeof value === 'string';
    text += `${text === '' ? '' : ','}${quote(key)}:${isName ? quote(value) : shapeOf(value, 1)}`;
  }
  return `{${text}}`;
}

/** JSON of the keys, every value replaced. */
function shapeOf(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return VALUE;
  if (Array.isArray(value)) return shapeOfArray(value, depth);
  if ('_bsontype' in value || isAtom(value)) return VALUE;
  // What the driver puts in place of many documents, with their bytes beside them.
  if (isSequence(value)) return shapeOfArray(value.documents, depth);
  let text = '';
  for (const key in value) {
    const inner = (value as MongoCommand)[key];
    if (inner === undefined) continue;
    if (text.length > TEXT_CHARS_MAX) break;
    text += `${text === '' ? '' : ','}${quote(key)}:${shapeOf(inner, depth + 1)}`;
  }
  return `{${text}}`;
}

/** Neighbours of the same shape count once: lists of values and of documents differ in length from call to call. */
function shapeOfArray(values: readonly unknown[], depth: number): string {
  const end = Math.min(values.length, ELEMENTS_MAX);
  let text = '';
  let last = '';
  for (let i = 0; i < end && text.length <= TEXT_CHARS_MAX; i++) {
    const shape = shapeOf(values[i], depth + 1);
    if (shape === last) continue;
    text += text === '' ? shape : `,${shape}`;
    last = shape;
  }
  return `[${text}]`;
}

function isAtom(value: object): boolean {
  return value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value);
}

function isSequence(value: object): value is { documents: unknown[] } {
  const { documents, header } = value as { documents?: unknown; header?: unknown };
  return Array.isArray(documents) && ArrayBuffer.isView(header);
}

function quote(name: string): string {
  return /["\\\n]/.test(name) ? JSON.stringify(name) : `"${name}"`;
}
