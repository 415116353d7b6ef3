// A set whose members carry its links, for what comes and goes with every request: no hashing, nothing allocated.

/** What a member must hold. Only the set writes to it. */
export interface Linked<Member> {
  older: Member | undefined;
  newer: Member | undefined;
  isLinked: boolean;
}

/** Iterates from the oldest member to the newest. A member may be in one such set at a time. */
export class LinkedSet<Member extends Linked<Member>> {
  #oldest: Member | undefined;
  #newest: Member | undefined;
  #size = 0;
  readonly #sizeMax: number;

  /** @param sizeMax beyond it the oldest are forgotten */
  constructor(sizeMax: number = Number.POSITIVE_INFINITY) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#size;
  }

  has(member: Member): boolean {
    return member.isLinked;
  }

  /** Appends a member that is in no set. */
  add(member: Member): void {
    if (this.#oldest !== undefined && this.#size >= this.#sizeMax) this.delete(this.#oldest);
    member.isLinked = true;
    member.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = member;
    else this.#newest.newer = member;
    this.#newest = member;
    this.#size++;
  }

  /** Takes a member out, if it is in. */
  delete(member: Member): void {
    if (!member.isLinked) return;
    const { older, newer } = member;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    member.older = undefined;
    member.newer = undefined;
    member.isLinked = false;
    this.#size--;
  }

  /** The member that is being visited may be deleted meanwhile. */
  *[Symbol.iterator](): Generator<Member, void> {
    let member = this.#oldest;
    while (member !== undefined) {
      const { newer } = member;
      yield member;
      member = newer;
    }
  }
}
