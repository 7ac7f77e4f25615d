// Builds dist/, copies the elements to site/, and fails if visitor-counter.js exceeds its size limit.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const BUDGET = 2000;
const common = { bundle: true, format: "esm", target: "es2022", outdir: "dist" };
const elements = (code, write) =>
  build({
    ...common,
    entryPoints: ["src/visitor-counter.ts", "src/visitor-history.ts"],
    minify: true,
    define: { CODE: JSON.stringify(code) },
    write,
  });

await build({ ...common, entryPoints: ["src/client.ts"] });
const [counter] = (await elements("", false)).outputFiles;
await elements(createHash("sha256").update(counter.contents).digest("hex").slice(0, 16), true);

for (const file of ["visitor-counter.js", "visitor-history.js"]) {
  copyFileSync(`dist/${file}`, `../site/${file}`);
}

const size = gzipSync(readFileSync("dist/visitor-counter.js"), { level: 9 }).length;
console.log(`visitor-counter.js is ${size} bytes gzipped, of ${BUDGET}.`);
process.exit(size < BUDGET ? 0 : 1);
