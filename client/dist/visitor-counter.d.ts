/** <visitor-counter api="https://..." counter="resume">Visits</visitor-counter> */
import type { Counter } from "./generated/api.js";
declare global {
    interface HTMLElementTagNameMap {
        "visitor-counter": VisitorCounter;
    }
    interface GlobalEventHandlersEventMap {
        "visitor-counter:update": CustomEvent<Counter>;
        "visitor-counter:failure": CustomEvent<unknown>;
    }
}
export declare class VisitorCounter extends HTMLElement {
    #private;
    static readonly contract: string;
    static readonly observedAttributes: string[];
    constructor();
    connectedCallback(): void;
    attributeChangedCallback(): void;
}
