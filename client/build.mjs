// Builds dist/, copies the elements to site/, and fails if visitor-counter.js exceeds its size limit.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { build, transform } from "esbuild";

const BUDGET = 2500;
const language = { format: "esm", target: "es2022" };
const common = { ...language, bundle: true, outdir: "dist" };

await build({ ...common, entryPoints: ["src/client.ts"] });
const elements = await build({
  ...common,
  entryPoints: ["src/visitor-counter.ts", "src/visitor-history.ts"],
  write: false,
});

// Pages may name the hash of a script, so its bytes must depend only on the code in it. esbuild
// would choose shorter names with regard to code that it leaves out, so it minifies afterwards.
for (const { path, text } of elements.outputFiles) {
  writeFileSync(path, (await transform(text, { ...language, minify: true })).code);
}

for (const file of ["visitor-counter.js", "visitor-history.js"]) {
  copyFileSync(`dist/${file}`, `../site/${file}`);
}

const size = gzipSync(readFileSync("dist/visitor-counter.js"), { level: 9 }).length;
console.log(`visitor-counter.js is ${size} bytes gzipped, of ${BUDGET}.`);
process.exit(size < BUDGET ? 0 : 1);
