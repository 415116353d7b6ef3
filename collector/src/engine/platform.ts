// Whether the embedded ClickHouse can run here: its binding is a binary for a few platforms, and an optional dependency.
import { createRequire } from 'node:module';
import { VenturiError } from '../self/errors.js';

/** Platforms for which chdb publishes a binding. */
const PLATFORMS: ReadonlySet<string> = new Set([
  'linux-x64',
  'linux-arm64',
  'darwin-x64',
  'darwin-arm64',
]);

export interface PlatformSupport {
  supported: boolean;
  /** One sentence on why not; empty where it is supported. */
  reason: string;
}

/** Looks without loading anything: half a gigabyte of library is not loaded to answer a question. */
export function platformSupport(): PlatformSupport {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.has(platform)) {
    return { supported: false, reason: `chdb has no build for ${platform}` };
  }
  try {
    createRequire(import.meta.url).resolve('chdb');
  } catch {
    return {
      supported: false,
      reason: 'the optional dependency chdb is not installed: npm install --include=optional',
    };
  }
  if (process.platform === 'linux' && !hasGlibc()) {
    return { supported: false, reason: 'chdb needs glibc, and this system has musl' };
  }
  return { supported: true, reason: '' };
}

/** Throws PLATFORM_UNSUPPORTED where the engine cannot run. */
export function checkPlatform(): void {
  const support = platformSupport();
  if (!support.supported) {
    throw new VenturiError('PLATFORM_UNSUPPORTED', { detail: support.reason });
  }
}

function hasGlibc(): boolean {
  const report: { header?: { glibcVersionRuntime?: string } } = JSON.parse(
    JSON.stringify(process.report.getReport()),
  );
  return report.header?.glibcVersionRuntime !== undefined;
}
