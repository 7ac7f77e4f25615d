import { readFileSync } from "node:fs";

import { parse } from "yaml";

// A lost response may be one of a request that has worked, so only requests that change nothing, or
// nothing more when they are repeated, are sent again.
const { paths } = parse(readFileSync("../openapi.yaml", "utf8"));
const once = Object.values(paths)
  .flatMap((item) => Object.entries(item))
  .filter(([method, operation]) => method !== "get" && !operation["x-idempotent"])
  .map(([, { operationId }]) => [
    operationId,
    { mutator: { path: "src/request.ts", name: "requestOnce", extension: ".js" } },
  ]);

export default {
  client: {
    input: {
      target: "../openapi.yaml",
      filters: { mode: "exclude", tags: ["elements"] },
    },
    output: {
      target: "src/generated/api.ts",
      client: "fetch",
      clean: true,
      urlEncodeParameters: true,
      override: {
        operations: Object.fromEntries(once),
        fetch: { includeHttpResponseReturnType: false },
        mutator: { path: "src/request.ts", name: "request", extension: ".js" },
        paramsSerializer: { path: "src/request.ts", name: "query", extension: ".js" },
      },
    },
  },
};
