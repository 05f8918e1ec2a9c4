/** What a run loop does, and when. */
export interface RunLoopOptions {
  readonly intervalMilliseconds: number;
  /**
   * Carries out what is due, or a part of it. A run calls it again until it returns 0; while the loop `isStopping`, it
   * starts nothing new.
   *
   * @param nextCall resolves when `run` is called during the round: for a round that waits
   * @returns how many attempts have ended. 0: nothing is due, and nothing is under way
   */
  readonly round: (nextCall: Promise<void>) => Promise<number>;
  /** Called when a run fails that the interval or `nudge` has started. What it throws is ignored. */
  readonly onError: (error: unknown) => void;
}

/** Looks for work at an interval and whenever it is called, one run at a time. */
export class RunLoop {
  readonly #options: RunLoopOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<number> | undefined;
  #lookAgain = false;
  #isStopping = false;
  #resolveCall: () => void = () => undefined;

  constructor(options: RunLoopOptions) {
    this.#options = options;
  }

  /** True from `stop` until the current run has ended. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Runs now, and then at the interval. The timer does not keep the process alive. */
  start(): void {
    this.#isStopping = false;
    this.#timer ??= setInterval(() => this.nudge(), this.#options.intervalMilliseconds).unref();
    this.nudge();
  }

  /** Ends the interval, and waits for the current run. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isStopping = true;
    // Whoever started the run gets its error.
    await this.#running?.catch(() => undefined);
    this.#isStopping = false;
  }

  /** Runs now, if the loop is started. */
  nudge(): void {
    if (this.#timer !== undefined) void this.#runReported();
  }

  /**
   * Runs until nothing is due. A call during a run makes that run look again before it ends.
   *
   * @returns how many attempts the run made
   */
  run(): Promise<number> {
    this.#lookAgain = true;
    this.#resolveCall();
    this.#running ??= this.#runAll().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #runAll(): Promise<number> {
    let total = 0;
    while (this.#lookAgain) {
      this.#lookAgain = false;
      const nextCall = new Promise<void>((resolve) => (this.#resolveCall = resolve));
      const attempts = await this.#options.round(nextCall);
      total += attempts;
      if (attempts > 0) this.#lookAgain = true;
    }
    return total;
  }

  async #runReported(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      try {
        this.#options.onError(error);
      } catch {
        // A logger that throws must not end the process.
      }
    }
  }
}
