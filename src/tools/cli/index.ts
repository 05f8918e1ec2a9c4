#!/usr/bin/env node
import { runCli } from './run.js';

void runCli(process.argv.slice(2), process).then((code) => {
  // Not process.exit, which can lose output that is still in a pipe.
  process.exitCode = code;
});
