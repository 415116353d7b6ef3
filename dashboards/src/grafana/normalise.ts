// Straightens what Grafana's SDK leaves crooked in classic dashboards.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** Keys that the SDK writes into every variable though only interval variables know them. */
const INTERVAL_NOISE = ['auto', 'auto_min', 'auto_count', 'skipUrlSync', 'definition'];

/**
 * Plain JSON of a dashboard, with what the SDK does not do: panels get ids in their order (links to a panel and our
 * own API need them), links go beside the title and not into a menu, variables lose what is not theirs, and there is
 * a list of annotations, which Grafana expects even where it is empty.
 */
export function normalise(dashboard: Dashboard): JsonObject {
  const json = JSON.parse(JSON.stringify(dashboard)) as JsonObject;
  asList(json.panels).forEach((panel, index) => {
    panel.id = index + 1;
  });
  for (const link of asList(json.links)) delete link.placement;
  json.annotations = { list: [] };
  const variables = asList((json.templating as JsonObject | undefined)?.list);
  for (const variable of variables) for (const key of INTERVAL_NOISE) delete variable[key];
  return json;
}

function asList(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
