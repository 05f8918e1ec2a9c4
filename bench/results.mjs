// What the benches measured, one JSON file a bench in bench/results, each with the commit and the machine it is of.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';

const folder = new URL('./results/', import.meta.url);
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();

/** Where and when: read it before measuring, since a commit may come in between. */
export function measuredAt() {
  const changed = git('status', '--porcelain', '--', 'src', 'package-lock.json') !== '';
  return {
    commit: git('rev-parse', '--short', 'HEAD') + (changed ? ' with changes' : ''),
    date: new Date().toISOString().slice(0, 10),
    processor: os.cpus()[0]?.model ?? 'unknown processor',
    cores: os.cpus().length,
    node: process.versions.node,
  };
}

/** Keeps what a bench measured, for bench/report.mjs. */
export function keep(name, result) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(result, undefined, 1)}\n`);
}

/** What a bench measured last; undefined where it never ran. */
export function kept(name) {
  const file = new URL(`${name}.json`, folder);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** A figure with about three digits: 1234, 56.7, 0.21. */
export function figure(value) {
  if (value === undefined || value === null) return '-';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
