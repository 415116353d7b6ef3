// The latest numbers of a kind that a request has seen, as a chain: see `otlp/attribute-list.ts` for why.

class NumberNode {
  declare readonly value: number;
  declare next: NumberNode | undefined;

  constructor(value: number) {
    this.value = value;
    this.next = undefined;
  }
}

/** Remembers so many numbers; beyond that the oldest are forgotten. */
export class RecentNumbers {
  declare private first: NumberNode | undefined;
  declare private last: NumberNode | undefined;
  declare private size: number;
  declare private readonly sizeMax: number;

  constructor(sizeMax: number) {
    this.first = undefined;
    this.last = undefined;
    this.size = 0;
    this.sizeMax = sizeMax;
  }

  has(value: number): boolean {
    for (let at = this.first; at !== undefined; at = at.next) if (at.value === value) return true;
    return false;
  }

  add(value: number): void {
    const added = new NumberNode(value);
    if (this.last === undefined) this.first = added;
    else this.last.next = added;
    this.last = added;
    if (this.size < this.sizeMax) this.size++;
    else this.first = this.first?.next;
  }
}
