// What is done to copies of OpenTelemetry's API as they are loaded, and to those that were loaded before the agent.

import type { Context, TracerProvider } from '@opentelemetry/api';
import { root } from './api-context.js';

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

const PACKAGE = '@opentelemetry/api';
/** Up to 1.9, and from 1.10 on. ES modules of 1.10 are out of reach: they meet ours in the global alone. */
const CONTEXT_FILES = ['build/src/context/context.js', 'dist/context/context.cjs'];
const INDEX_FILES = ['build/src/index.js', 'dist/index.cjs'];

let isRootKnown = false;

/** @param provider given to tracers that an application has got from a copy before there was any provider */
export function patchesOfCopies(provider: TracerProvider): CopyPatch[] {
  const setDelegate = ({ trace }: IndexFile): void => {
    trace?._proxyTracerProvider?.setDelegate?.(provider);
  };
  return [
    ...CONTEXT_FILES.map((file) => patchOf(file, learnRoot)),
    ...INDEX_FILES.map((file) => patchOf(file, setDelegate)),
  ];
}

/** So that an application finds its own ROOT_CONTEXT active outside of everything; of several copies the first. */
function learnRoot({ ROOT_CONTEXT }: ContextFile): void {
  if (isRootKnown || ROOT_CONTEXT === undefined) return;
  isRootKnown = true;
  root.context = ROOT_CONTEXT;
}

function patchOf(file: string, patch: (exports: never) => void): CopyPatch {
  return { packageName: PACKAGE, file, isForLoaded: true, patch };
}
