// A whole board as Grafana's classic JSON.
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Board } from '../model/board.js';
import { PAGES } from '../model/navigation.js';
import { normalise } from './normalise.js';
import { panelOf } from './panels.js';
import { datasourceVariable, variableOf } from './variables.js';

/**
 * Renders a board to classic dashboard JSON (schema 42), which Grafana 11.6 and later load from a file; `sqlOf` finds
 * a query by its name. Grafana refreshes no faster than every five seconds; the viewer has a pace of its own.
 */
export function renderDashboard(
  board: Board,
  sqlOf: (query: string) => string,
): { [key: string]: unknown } {
  const builder = new DashboardBuilder(`Venturi: ${board.title}`)
    .uid(board.uid)
    .description(board.description)
    .tags(['venturi'])
    .time({ from: 'now-15m', to: 'now' })
    .refresh('5s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly();
  for (const page of PAGES) builder.link(linkTo(page));
  builder.withVariable(datasourceVariable());
  for (const variable of board.variables) builder.withVariable(variableOf(variable, sqlOf));
  for (const panel of board.panels) builder.withPanel(panelOf(panel, sqlOf));
  return normalise(builder.build());
}

function linkTo(page: { uid: string; title: string }): DashboardLinkBuilder {
  return new DashboardLinkBuilder(page.title)
    .type(DashboardLinkType.Link)
    .url(`/d/${page.uid}`)
    .includeVars(true)
    .keepTime(true);
}
