// Runs the WebAssembly build of this program: node run.mjs bare.wasm
import { readFile } from "node:fs/promises";

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]));
const failed = instance.exports.check();
console.log(failed === 0 ? "every check holds" : `check number ${failed} DOES NOT HOLD`);
process.exitCode = failed === 0 ? 0 : 1;
