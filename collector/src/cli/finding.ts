// What a check of the doctor comes to.

/** The outcome of one check; `advice` says what to do where there is a problem. */
export interface Finding {
  ok: boolean;
  text: string;
  advice?: string;
}
