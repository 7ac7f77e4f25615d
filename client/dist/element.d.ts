/** What both elements share. */
/** The base class of the elements. On a server, which has no DOM, importing an element must not fail. */
export declare const Base: {
    new (): HTMLElement;
    prototype: HTMLElement;
};
/** Defines an element, unless another copy of the script has done so or there is no DOM. */
export declare function define(name: string, element: CustomElementConstructor): void;
/** Whether a boolean attribute is on. React 18 writes "false" for an attribute that is off. */
export declare function isOn(element: Element, name: string): boolean;
/** Returns the language for numbers and dates: `locale` or the nearest `lang`, if it is valid. */
export declare function localeOf(element: Element): string[];
