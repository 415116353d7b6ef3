// The logger provider that an application meets in OpenTelemetry's API: OpenTelemetry's SDK, loaded when the first record
// is emitted.

/** A logger of the API, as far as the agent passes it on. */
export interface Logger {
  emit(record: object): void;
  enabled?(options?: object): boolean;
}

/** What makes loggers. */
export interface LoggerProvider {
  getLogger(name: string, version?: string, options?: object): Logger;
}

/** Hands out loggers that have no SDK behind them yet, and hands them over to another provider. */
export class LazyLoggerProvider implements LoggerProvider {
  readonly #load: () => LoggerProvider | undefined;
  #real: { provider: LoggerProvider | undefined } | undefined;

  /** @param load asked once; undefined where there is no SDK */
  constructor(load: () => LoggerProvider | undefined) {
    this.#load = load;
  }

  getLogger(name: string, version?: string, options?: object): Logger {
    let logger: Logger | undefined;
    let maker: LoggerProvider | undefined;
    const real = (): Logger | undefined => {
      this.#real ??= { provider: this.#load() };
      const { provider } = this.#real;
      if (provider !== maker) {
        maker = provider;
        logger = provider?.getLogger(name, version, options);
      }
      return logger;
    };
    return {
      emit: (record) => real()?.emit(record),
      enabled: (asked) => real()?.enabled?.(asked) ?? this.#real?.provider !== undefined,
    };
  }

  /** From now on `provider` takes the records, also through loggers that were handed out before. */
  handOver(provider: LoggerProvider): void {
    this.#real = { provider };
  }
}
