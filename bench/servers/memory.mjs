// Tells the bench, over the channel of the process, how much memory is in use once garbage is gone (bytes).
process.on('message', () => {
  globalThis.gc?.();
  process.send?.(process.memoryUsage().heapUsed);
});
