// What the composition root takes from here: the dashboards and their queries.
export {
  createPanels,
  type PanelAnswer,
  type PanelReader,
  type PanelRequest,
  type Panels,
  type PanelsOptions,
  type VariableAnswer,
  type VariableRequest,
} from './panels.js';
