// The engine's configuration: memory and caches for a small machine, and a user who may only read until given a role.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineLimits } from './messages.js';

/** The role that writing connections keep and reading ones give up. */
const writerRole = 'venturi_writer';

/**
 * Writes `config.xml` and `users.xml` into `folder` and returns the path of the former.
 *
 * There is one user, since an embedded connection cannot choose another. Its own grants are to
 * read tables and nothing more: no SOURCES, so file(), url(), s3() and the like are refused
 * whatever settings a query brings along.
 */
export async function writeConfigFiles(folder: string, limits: EngineLimits): Promise<string> {
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'config.xml');
  const users = join(folder, 'users.xml');
  await writeFile(users, usersXml(limits));
  await writeFile(config, configXml(users, limits));
  return config;
}

const mib = 1024 * 1024;

function configXml(users: string, limits: EngineLimits): string {
  return `<clickhouse>
  <users_config>${escapeXml(users)}</users_config>
  <logger><level>fatal</level></logger>
  <max_server_memory_usage>${limits.memoryBytesMax}</max_server_memory_usage>
  <mark_cache_size>${64 * mib}</mark_cache_size>
  <index_mark_cache_size>${16 * mib}</index_mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <index_uncompressed_cache_size>0</index_uncompressed_cache_size>
  <mmap_cache_size>64</mmap_cache_size>
  <compiled_expression_cache_size>${16 * mib}</compiled_expression_cache_size>
</clickhouse>
`;
}

function usersXml(limits: EngineLimits): string {
  const query = Math.floor(limits.memoryBytesMax / 2);
  return `<clickhouse>
  <profiles><default>
    <async_insert>0</async_insert>
    <max_memory_usage>${query}</max_memory_usage>
    <max_execution_time>${limits.readSecondsMax}</max_execution_time>
    <constraints>
      <max_memory_usage><max>${query}</max></max_memory_usage>
      <max_execution_time><min>1</min><max>${limits.readSecondsMax}</max></max_execution_time>
    </constraints>
  </default></profiles>
  <users><default>
    <no_password/>
    <profile>default</profile>
    <networks><ip>::/0</ip></networks>
    <grants>
      <query>GRANT SELECT, SHOW ON *.*</query>
      <query>GRANT ${writerRole}</query>
    </grants>
  </default></users>
  <roles><${writerRole}><grants><query>GRANT ALL ON *.*</query></grants></${writerRole}></roles>
</clickhouse>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
