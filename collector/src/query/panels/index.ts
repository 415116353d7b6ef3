// What the composition root takes from here: the dashboards and their queries.
export { createPanels, type PanelAnswer, type Panels } from './panels.js';
