// Gives a replacement the name and length of the function that it stands for, which applications may look at.

/** @returns `replacement` */
export function likeOriginal<Fn extends object>(replacement: Fn, original: object): Fn {
  const { name, length } = original as { name: string; length: number };
  Object.defineProperties(replacement, {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
  return replacement;
}
