// The meter provider that an application meets in OpenTelemetry's API: OpenTelemetry's SDK, loaded when the first value
// is recorded. Instrumentations make instruments that nobody may ever use, and the SDK is not small.

import type {
  BatchObservableCallback,
  BatchObservableResult,
  Context,
  Counter,
  Gauge,
  Histogram,
  Meter,
  MeterOptions,
  MeterProvider,
  MetricAttributes,
  MetricOptions,
  Observable,
  ObservableCallback,
  UpDownCounter,
} from '@opentelemetry/api';

type Instrument = Partial<Counter & Gauge & Observable>;
type Real<Thing> = () => Thing | undefined;
type Make = 'createCounter' | 'createUpDownCounter' | 'createHistogram' | 'createGauge';
type MakeObservable =
  | 'createObservableCounter'
  | 'createObservableUpDownCounter'
  | 'createObservableGauge';

/** Hands out meters that have no SDK behind them yet. */
export class LazyMeterProvider implements MeterProvider {
  readonly #real: Real<MeterProvider>;

  /** @param load asked once; undefined where there is no SDK */
  constructor(load: () => MeterProvider | undefined) {
    this.#real = once(load);
  }

  getMeter(name: string, version?: string, options?: MeterOptions): Meter {
    return new LazyMeter(once(() => this.#real()?.getMeter(name, version, options)));
  }
}

class LazyMeter implements Meter {
  readonly #real: Real<Meter>;
  readonly #callbacks = new Map<BatchObservableCallback, BatchObservableCallback>();

  constructor(real: Real<Meter>) {
    this.#real = real;
  }

  createCounter(name: string, options?: MetricOptions): Counter {
    return this.#make('createCounter', name, options);
  }

  createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter {
    return this.#make('createUpDownCounter', name, options);
  }

  createHistogram(name: string, options?: MetricOptions): Histogram {
    return this.#make('createHistogram', name, options);
  }

  createGauge(name: string, options?: MetricOptions): Gauge {
    return this.#make('createGauge', name, options);
  }

  createObservableCounter(name: string, options?: MetricOptions): Observable {
    return this.#make('createObservableCounter', name, options);
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    return this.#make('createObservableUpDownCounter', name, options);
  }

  createObservableGauge(name: string, options?: MetricOptions): Observable {
    return this.#make('createObservableGauge', name, options);
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    const real = this.#real();
    if (real === undefined) return;
    const onReal: BatchObservableCallback = (result) => callback(resultFor(result));
    this.#callbacks.set(callback, onReal);
    real.addBatchObservableCallback(onReal, observables.map(realOf));
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, all: Observable[]): void {
    const onReal = this.#callbacks.get(callback);
    if (onReal === undefined) return;
    this.#callbacks.delete(callback);
    this.#real()?.removeBatchObservableCallback(onReal, all.map(realOf));
  }

  #make(method: Make | MakeObservable, ...args: [string, MetricOptions?]): LazyInstrument {
    // Older SDKs have no gauge.
    return new LazyInstrument(once(() => this.#real()?.[method]?.(...args) as Instrument));
  }
}

class LazyInstrument implements Counter, Gauge, Observable {
  readonly #real: Real<Instrument>;

  constructor(real: Real<Instrument>) {
    this.#real = real;
  }

  get real(): Instrument | undefined {
    return this.#real();
  }

  add(value: number, attributes?: MetricAttributes, context?: Context): void {
    this.#real()?.add?.(value, attributes, context);
  }

  record(value: number, attributes?: MetricAttributes, context?: Context): void {
    this.#real()?.record?.(value, attributes, context);
  }

  addCallback(callback: ObservableCallback): void {
    this.#real()?.addCallback?.(callback);
  }

  removeCallback(callback: ObservableCallback): void {
    this.#real()?.removeCallback?.(callback);
  }
}

function realOf(observable: Observable): Observable {
  return observable instanceof LazyInstrument ? (observable.real as Observable) : observable;
}

/** The SDK knows its own instruments only. */
function resultFor(result: BatchObservableResult): BatchObservableResult {
  return {
    observe: (metric, value, attributes) => result.observe(realOf(metric), value, attributes),
  };
}

function once<Thing>(make: () => Thing | undefined): Real<Thing> {
  let made: { thing: Thing | undefined } | undefined;
  return () => {
    made ??= { thing: make() };
    return made.thing;
  };
}
