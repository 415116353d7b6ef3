// Where the dashboards live and how they point at each other.

/** Every dashboard, in the order of the navigation. */
export const PAGES = [
  { uid: 'venturi-bottlenecks', title: 'Bottlenecks' },
  { uid: 'venturi-services', title: 'Services' },
  { uid: 'venturi-service', title: 'Service' },
  { uid: 'venturi-trace', title: 'Trace' },
  { uid: 'venturi-runtime', title: 'Runtime' },
] as const;

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own placeholder.
const KEEP = 'var-datasource=${datasource}&${__url_time_range}';

/** A link from a column with a trace id to the trace. */
export function traceLink(column: string): { title: string; url: string } {
  return {
    title: 'Open the trace',
    url: `/d/venturi-trace?var-trace_id=${fieldOf(column)}&${KEEP}`,
  };
}

/** A link from a column with a service's name to its page. */
export function serviceLink(column: string): { title: string; url: string } {
  return {
    title: 'Open the service',
    url: `/d/venturi-service?var-service=${fieldOf(column)}&${KEEP}`,
  };
}

function fieldOf(column: string): string {
  return `\${__data.fields["${column}"]:percentencode}`;
}
