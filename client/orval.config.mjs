/** Browsers send preflights themselves, so the client needs no functions for them. */
function withoutPreflights(contract) {
  for (const operations of Object.values(contract.paths)) delete operations.options;
  return contract;
}

export default {
  client: {
    input: {
      target: "../openapi.yaml",
      override: { transformer: withoutPreflights },
    },
    output: {
      target: "src/generated/api.ts",
      client: "fetch",
      clean: true,
      urlEncodeParameters: true,
      override: {
        fetch: { includeHttpResponseReturnType: false },
        mutator: { path: "src/request.ts", name: "request", extension: ".js" },
      },
    },
  },
};
