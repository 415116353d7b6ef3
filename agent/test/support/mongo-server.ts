// A small MongoDB: it speaks the wire protocol and keeps documents, because there is none that a test could install.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BSON } from 'mongodb';
import { type MongoDocument, MongoStore } from './mongo-store.js';

// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const DOCUMENT_SECTION = 0;
const CHECKSUM_BYTES = 4;
const HAS_CHECKSUM = 1;
const WIRE_VERSION_MAX = 21;

/** A running server. */
export interface MongoServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1. It knows `hello`, `ping`, `insert`, `find`, `getMore`, `killCursors`,
 * `update`, `delete` and `aggregate`, and answers with MongoDB's errors. A comment makes a command take its time
 * (`sleep 50`, in ms) or closes the connection (`hang up`).
 */
export async function startMongoServer(): Promise<MongoServer> {
  const store = new MongoStore();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(socket, store);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await close(server);
  };
  return { url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function serve(socket: Socket, store: MongoStore): void {
  let received = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= HEADER_BYTES) {
      const bytes = received.readInt32LE(0);
      if (received.length < bytes) return;
      void answer(socket, store, received.subarray(0, bytes));
      received = received.subarray(bytes);
    }
  });
}

async function answer(socket: Socket, store: MongoStore, message: Buffer): Promise<void> {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  const command = opCode === OP_QUERY ? readQuery(message) : readMessage(message);
  const [, what, ms] = /^(sleep|hang up) ?(\d*)$/.exec(String(command.comment)) ?? [];
  if (what === 'sleep') await sleep(Number(ms));
  if (what === 'hang up') {
    socket.destroy();
    return;
  }
  const reply = BSON.serialize(hello(command) ?? store.run(command));
  const isQuery = opCode === OP_QUERY;
  const prefix = Buffer.alloc(isQuery ? 20 : 5);
  // Of OP_REPLY: flags, cursor, first, count. Of OP_MSG: flags, and the kind of the one section.
  if (isQuery) prefix.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + prefix.length + reply.length, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
  socket.write(Buffer.concat([header, prefix, reply]));
}

/** Drivers greet a server of unknown age with the old OP_QUERY. */
function readQuery(message: Buffer): MongoDocument {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  return BSON.deserialize(message.subarray(nameEnd + 1 + 8));
}

function readMessage(message: Buffer): MongoDocument {
  const hasChecksum = (message.readUInt32LE(HEADER_BYTES) & HAS_CHECKSUM) !== 0;
  const end = message.length - (hasChecksum ? CHECKSUM_BYTES : 0);
  let command: MongoDocument = {};
  const sequences: MongoDocument = {};
  for (let at = HEADER_BYTES + 4; at < end; ) {
    const kind = message[at];
    const bytes = message.readInt32LE(at + 1);
    const section = message.subarray(at + 1, at + 1 + bytes);
    if (kind === DOCUMENT_SECTION) command = BSON.deserialize(section);
    else Object.assign(sequences, readSequence(section));
    at += 1 + bytes;
  }
  return { ...command, ...sequences };
}

function readSequence(section: Buffer): MongoDocument {
  const nameEnd = section.indexOf(0, 4);
  const documents: MongoDocument[] = [];
  for (let at = nameEnd + 1; at < section.length; at += section.readInt32LE(at)) {
    documents.push(BSON.deserialize(section.subarray(at, at + section.readInt32LE(at))));
  }
  return { [section.toString('utf8', 4, nameEnd)]: documents };
}

function hello(command: MongoDocument): MongoDocument | undefined {
  if (!('hello' in command || 'ismaster' in command || 'isMaster' in command)) return undefined;
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION_MAX,
    readOnly: false,
    ok: 1,
  };
}
