import type {} from "visitor-counter/jsx";
import "visitor-counter/visitor-counter";
import "visitor-counter/visitor-history";

export const App = () => (
  <p>
    <visitor-counter api="/live" counter="resume" label="{n} visits" compact />
    <visitor-history api="/live" counter="resume" days={90}>Visits</visitor-history>
  </p>
);
