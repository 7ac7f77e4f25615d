/** <visitor-history api="https://..." counter="resume">Visits, day by day</visitor-history> */

import { type Counter, readHistory, type Totals } from "./generated/api.js";

declare global {
  interface HTMLElementTagNameMap {
    "visitor-history": VisitorHistory;
  }
}

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 40;

const STYLE = `
:host { display: block }
:host([hidden]) { display: none }
figure { margin: 0 }
svg { display: block; width: 100%; height: var(--visitor-history-height, 3rem) }
rect { fill: var(--visitor-history-color, currentColor) }
:host(:not([data-state])) figure { visibility: hidden }
ol { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }`;

/** Shows the visits of the last days as bars, and as a list for screen readers. */
export class VisitorHistory extends HTMLElement {
  readonly #bars = document.createElementNS(SVG, "svg");
  readonly #list = document.createElement("ol");
  readonly #caption = document.createElement("figcaption");
  #days: Totals[] = [];
  #today?: Totals;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    this.#bars.setAttribute("part", "bars");
    this.#bars.setAttribute("aria-hidden", "true");
    this.#bars.setAttribute("preserveAspectRatio", "none");
    this.#caption.part = "caption";
    this.#caption.append(document.createElement("slot"));
    const figure = document.createElement("figure");
    figure.append(this.#bars, this.#caption, this.#list);
    root.append(figure);
  }

  async connectedCallback(): Promise<void> {
    document.addEventListener("visitor-counter:update", this.#update);
    const api = this.getAttribute("api");
    const counter = this.getAttribute("counter");
    if (api === null || !counter) return;
    try {
      const { days } = await readHistory(counter, {}, { api });
      this.#days = days;
      this.#draw();
    } catch {
      // Without a history the element stays blank and must not break the page.
    }
  }

  disconnectedCallback(): void {
    document.removeEventListener("visitor-counter:update", this.#update);
  }

  /** Takes today's newer numbers from a counter element on the same page. */
  readonly #update = ({ detail }: CustomEvent<Counter>): void => {
    if (detail.counterId !== this.getAttribute("counter")) return;
    this.#today = detail.today;
    this.#draw();
  };

  #draw(): void {
    if (!this.#days.length) return;
    const days = this.#days.map((day) => (day.date === this.#today?.date ? this.#today : day));
    const most = Math.max(1, ...days.map((day) => day.visits));
    this.#bars.setAttribute("viewBox", `0 0 ${days.length} ${HEIGHT}`);
    this.#bars.replaceChildren(...days.map((day, place) => bar(day, place, most)));
    this.#list.replaceChildren(...days.map(item));
    this.dataset.state = "drawn";
  }
}

function bar(day: Totals, place: number, most: number): SVGRectElement {
  const height = Math.max(1, (day.visits / most) * HEIGHT); // a day without visits gets a line
  const rect = document.createElementNS(SVG, "rect");
  const shape = { x: place + 0.1, y: HEIGHT - height, width: 0.8, height };
  for (const [name, value] of Object.entries(shape)) rect.setAttribute(name, `${value}`);
  const title = document.createElementNS(SVG, "title");
  title.textContent = text(day);
  rect.append(title);
  return rect;
}

function item(day: Totals): HTMLLIElement {
  const item = document.createElement("li");
  item.textContent = text(day);
  return item;
}

function text({ date, visits }: Totals): string {
  const locale = document.documentElement.lang || undefined;
  const options = { day: "numeric", month: "long", timeZone: "UTC" } as const;
  return `${new Date(date).toLocaleDateString(locale, options)}: ${visits.toLocaleString(locale)}`;
}

if (!customElements.get("visitor-history")) {
  customElements.define("visitor-history", VisitorHistory);
}
