// Tells the bench, over the channel of the process, what it asks for.
const figures = {
  /** Bytes in use on the heap once garbage is gone. */
  memory() {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  },
  /** Microseconds of processor time so far, of all threads. */
  processor() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};
process.on('message', (name) => process.send?.(figures[name]()));
// A bench that ends early leaves no server behind.
process.on('disconnect', () => process.exit(0));
