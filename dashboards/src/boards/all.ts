// All boards, in the order of the navigation.
import type { Board } from '../model/board.js';
import { BOTTLENECKS } from './bottlenecks.js';
import { RUNTIME } from './runtime.js';
import { SERVICE_BOARD } from './service.js';
import { SERVICES } from './services.js';
import { TRACE_BOARD } from './trace.js';

export const BOARDS: Board[] = [BOTTLENECKS, SERVICES, SERVICE_BOARD, TRACE_BOARD, RUNTIME];
