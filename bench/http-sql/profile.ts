// Prints where a profile says that the time went, by function of the source.
import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { SourceMap } from 'node:module';
import path from 'node:path';

/** The functions with the most time of their own, one line each. */
export function describeProfile(profile: Profiler.Profile, most = 25): readonly string[] {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<string, number>();
  let total = 0;
  const where = sourceFinder();
  samples.forEach((id, i) => {
    const time = timeDeltas[i] ?? 0;
    const frame = byId.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === '(idle)') return;
    total += time;
    const name = `${frame.functionName === '' ? '(anonymous)' : frame.functionName}  ${where(frame)}`;
    times.set(name, (times.get(name) ?? 0) + time);
  });
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
}

function sourceFinder(): (frame: Profiler.Profile['nodes'][number]['callFrame']) => string {
  const maps = new Map<string, SourceMap | undefined>();
  return ({ url, lineNumber, columnNumber }) => {
    if (!url.startsWith('file:')) return url;
    const file = new URL(url).pathname;
    if (!maps.has(file)) maps.set(file, mapOf(file));
    const entry = maps.get(file)?.findEntry(lineNumber, columnNumber);
    if (entry === undefined || !('originalSource' in entry)) return path.relative('.', file);
    const source = path.resolve(path.dirname(file), entry.originalSource);
    return `${path.relative('.', source)}:${String(entry.originalLine + 1)}`;
  };
}

function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
