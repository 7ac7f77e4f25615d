/** What both elements share. */

/** The base class of the elements. On a server, which has no DOM, importing an element must not fail. */
export const Base = globalThis.HTMLElement ?? (Object as unknown as typeof HTMLElement);

/** Defines an element, unless another copy of the script has done so or there is no DOM. */
export function define(name: string, element: CustomElementConstructor): void {
  const registry = globalThis.customElements;
  registry?.get(name) ?? registry?.define(name, element);
}

/** Whether a boolean attribute is on. React 18 writes "false" for an attribute that is off. */
export function isOn(element: Element, name: string): boolean {
  return (element.getAttribute(name) ?? "false") !== "false";
}

/** Returns the language for numbers and dates: `locale` or the nearest `lang`, if it is valid. */
export function localeOf(element: Element): string[] {
  const name = element.getAttribute("locale") ?? element.closest<HTMLElement>("[lang]")?.lang;
  try {
    return Intl.getCanonicalLocales(name);
  } catch {
    return [];
  }
}
