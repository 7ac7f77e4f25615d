export default {
  client: {
    input: {
      target: "../openapi.yaml",
      filters: { mode: "exclude", tags: ["preflights", "elements"] },
    },
    output: {
      target: "src/generated/api.ts",
      client: "fetch",
      clean: true,
      urlEncodeParameters: true,
      override: {
        fetch: { includeHttpResponseReturnType: false },
        mutator: { path: "src/request.ts", name: "request", extension: ".js" },
        paramsSerializer: { path: "src/request.ts", name: "query", extension: ".js" },
      },
    },
  },
};
