// Jest's global teardown. A test that leaves a connection, a timer or a process open would keep the run from ending, and
// with it whatever waits for the run. This ends such a run with a failure that names what is open.
const grace = 30_000;

export default function watchOpenHandles() {
  // Unreferenced: it fires only when something else keeps the process alive.
  setTimeout(() => {
    process.stderr.write(`Still open ${String(grace / 1000)} s after the last test:\n`);
    for (const handle of process._getActiveHandles()) {
      const { fd, pid, localPort, remotePort } = handle;
      process.stderr.write(
        `  ${String(handle.constructor?.name)} ${JSON.stringify({ fd, pid, localPort, remotePort })}\n`,
      );
    }
    process.stderr.write(`  resources: ${process.getActiveResourcesInfo().join(' ')}\n`);
    process.exit(1);
  }, grace).unref();
}
