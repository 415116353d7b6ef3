// What is done to copies of OpenTelemetry's API as they are loaded, and to those that were loaded before the agent.

import type { Context, TracerProvider } from '@opentelemetry/api';
import type { Implementation } from './implementation.js';
import type { LoggerProvider } from './logger-provider.js';

/** A change to one file of a package, as the module hook takes it. */
export interface CopyPatch {
  packageName: string;
  file: string;
  /** Whether it is worth making when the file was loaded before the agent. */
  isForLoaded: true;
  patch(exports: never): void;
}

interface ContextFile {
  ROOT_CONTEXT?: Context;
}

interface IndexFile {
  trace?: { _proxyTracerProvider?: { setDelegate?(provider: TracerProvider): void } };
}

/** The API of logs as a package of its own, before 1.10 of the API took it in. */
interface LogsIndexFile {
  logs?: {
    setGlobalLoggerProvider?(provider: LoggerProvider): unknown;
    _proxyLoggerProvider?: { _setDelegate?(provider: LoggerProvider): void };
  };
}

const PACKAGE = '@opentelemetry/api';
const LOGS_PACKAGE = '@opentelemetry/api-logs';
/** Up to 1.9, and from 1.10 on. ES modules of 1.10 are out of reach: they meet ours in the global alone. */
const CONTEXT_FILES = ['build/src/context/context.js', 'dist/context/context.cjs'];
const INDEX_FILES = ['build/src/index.js', 'dist/index.cjs'];

/** What a copy has to do with, loaded with the first of them. */
type Served = () => Implementation;

/** The changes, for the module hook. */
export function patchesOfCopies(served: Served): CopyPatch[] {
  const learnRoot = ({ ROOT_CONTEXT }: ContextFile): void => {
    if (ROOT_CONTEXT !== undefined) served().learnRoot(ROOT_CONTEXT);
  };
  // For tracers that an application got before there was any provider.
  const setDelegate = ({ trace }: IndexFile): void => {
    trace?._proxyTracerProvider?.setDelegate?.(served().tracers);
  };
  return [
    ...CONTEXT_FILES.map((file) => patchOf(PACKAGE, file, learnRoot)),
    ...INDEX_FILES.map((file) => patchOf(PACKAGE, file, setDelegate)),
    ...INDEX_FILES.map((file) => patchOf(LOGS_PACKAGE, file, (logs) => serveLogs(logs, served))),
  ];
}

/**
 * Gives the copy our provider behind its proxy. Its global stays free: a copy refuses to register where there is any,
 * and does not say so.
 */
function serveLogs({ logs }: LogsIndexFile, served: Served): void {
  const original = logs?.setGlobalLoggerProvider;
  if (logs === undefined || original === undefined) return;
  const { loggers } = served();
  logs._proxyLoggerProvider?._setDelegate?.(loggers);
  logs.setGlobalLoggerProvider = function setGlobalLoggerProvider(provider) {
    const result = Reflect.apply(original, this, [provider]);
    loggers.handOver(provider);
    return result;
  };
}

function patchOf(packageName: string, file: string, patch: (exports: never) => void): CopyPatch {
  return { packageName, file, isForLoaded: true, patch };
}
