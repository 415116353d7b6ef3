// A tiny builder for DOM elements: text is always text, never markup.

type Child = Node | string | null | undefined | false;

interface Properties {
  class?: string;
  /** Attributes as they are in HTML, such as `aria-label`; undefined and false leave them out. */
  attrs?: Record<string, string | number | boolean | undefined>;
  /** CSS properties, set one by one, which a strict content security policy allows. */
  style?: Record<string, string>;
  on?: { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };
}

/** Creates an HTML element with its children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (properties.class) element.className = properties.class;
  setAttributes(element, properties.attrs ?? {});
  for (const [name, value] of Object.entries(properties.style ?? {})) {
    element.style.setProperty(name, value);
  }
  for (const [name, listener] of Object.entries(properties.on ?? {})) {
    element.addEventListener(name, listener as EventListener);
  }
  element.append(
    ...children.filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Sets or removes attributes. */
export function setAttributes(
  element: Element,
  attrs: Record<string, string | number | boolean | undefined>,
): void {
  for (const [name, value] of Object.entries(attrs)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Sets an element's text only where it differs, so that a selection of the reader survives. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
