// Runs many commands of redocly in one process, because its start takes longer than most commands.
// Reads the arguments of each command as a line of JSON, and writes its output as a line of JSON.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const cli = process.argv[2]; // the module that redocly's bin/cli.js imports
const exit = process.exit;
let commands = 0;
let output;

for (const name of ["stdout", "stderr"]) {
  process[name].write = (text) => Boolean((output[name] += text));
}

createInterface({ input: process.stdin })
  .on("close", () => exit())
  .on("line", (line) => {
    process.stdin.unref(); // so that the command can end, which is when nothing is left to wait for
    output = { stdout: "", stderr: "" };
    process.argv = [process.argv0, cli, ...JSON.parse(line)];
    commands += 1;
    import(`${pathToFileURL(cli)}?${commands}`); // a new URL, so that Node runs the module again
  });

// redocly calls this at the end of a command.
process.exit = () => {
  writeSync(1, `${JSON.stringify(output)}\n`);
  process.stdin.ref();
};
