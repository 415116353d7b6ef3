// One line of a chart, as its drawing, its legend and its tooltip share it.

export interface Line {
  name: string;
  /** Name of a colour of the style sheet. */
  color: string;
  unit: string | undefined;
}
