/** <visitor-counter api="https://..." counter="resume" label="{n} visits"></visitor-counter> */
import { Base } from "./element.js";
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
export declare class VisitorCounter extends Base {
    #private;
    static readonly observedAttributes: string[];
    constructor();
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(): void;
    /** Called at each later view of the page; `isRoute` if only its path has changed. */
    reload(isRoute: boolean): void;
}
