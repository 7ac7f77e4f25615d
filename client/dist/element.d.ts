/** What both elements share. */
/** The base class of the elements. On a server, which has no DOM, importing an element must not fail. */
export declare const Base: {
    new (): HTMLElement;
    prototype: HTMLElement;
};
/** Defines an element, unless another copy of the script has done so or there is no DOM. */
export declare function define(name: string, element: CustomElementConstructor): void;
/** Returns the language for numbers and dates: `locale` or the nearest `lang`, if it is valid. */
export declare function localeOf(element: Element): string[];
