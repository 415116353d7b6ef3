// What a walker needs to know of those who send.
import type { ResourceReader } from './resource.js';
import type { ResourceAnnouncer } from './resources-table.js';

export interface Senders {
  resources: ResourceReader;
  announcer: ResourceAnnouncer;
}
