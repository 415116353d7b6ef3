// The attributes of a span while it is open, in the order in which they were set.
//
// A chain and no array: an array grows by sixteen places at once, of which most spans use none, and V8 comes to make
// arrays from a literal in its old generation where those before them outlived a collection (see `trace/paid.ts`).

import type { AttributeValue } from './attribute.js';

/** One attribute, and the one that was set after it. */
export class Attribute {
  declare readonly name: string;
  declare readonly value: AttributeValue;
  declare next: Attribute | undefined;

  constructor(name: string, value: AttributeValue) {
    this.name = name;
    this.value = value;
    this.next = undefined;
  }
}

/** Names are not compared: one that is added twice is there twice. */
export class AttributeList {
  declare first: Attribute | undefined;
  declare private last: Attribute | undefined;
  declare size: number;

  constructor() {
    this.first = undefined;
    this.last = undefined;
    this.size = 0;
  }

  add(name: string, value: AttributeValue): void {
    const added = new Attribute(name, value);
    if (this.last === undefined) this.first = added;
    else this.last.next = added;
    this.last = added;
    this.size++;
  }

  /** The value that was set first under `name`. */
  get(name: string): AttributeValue | undefined {
    for (let at = this.first; at !== undefined; at = at.next) if (at.name === name) return at.value;
    return undefined;
  }

  /** Takes out those whose name `isLeftOut`. */
  deleteWhere(isLeftOut: (name: string) => boolean): void {
    const all = this.first;
    this.first = undefined;
    this.last = undefined;
    this.size = 0;
    for (let at = all; at !== undefined; at = at.next) {
      if (!isLeftOut(at.name)) this.add(at.name, at.value);
    }
  }
}
