#!/usr/bin/env node
import { runCli } from './run.js';

void runCli(process.argv.slice(2), process).then((code) => {
  // Not process.exit: what was written to a pipe must arrive.
  process.exitCode = code;
});
